"""Packages and accounts: keys between their tables, unique columns, and what stays in Supabase."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors as pg

from ecosystem.migration.plan import TABLES, Refused
from ecosystem.migration.verify import orphans
from tests.migration.sides import Sides

Side = psycopg.Connection[Any]

PACKAGES, CITIES = TABLES["packages"]


def run(side: Side, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    cursor = side.execute(statement, values)  # type: ignore[arg-type]
    return cursor.fetchall() if cursor.description else []


def rows(side: Side, group: str) -> list[tuple[Any, ...]]:
    return [
        row
        for table in TABLES[group]
        for row in run(side, f"select id, t::text from {table} t order by id")
    ]


def in_order(sides: Sides, group: str) -> None:
    """Both sides have the same rows, by the rows themselves and by the verification; no orphans."""
    found = rows(sides.source, group)
    assert found == rows(sides.target, group)
    for one in sides.moves().verify(group, deep=True):
        assert one.equal
        assert not one.waiting
    for side in (sides.source, sides.target):
        assert orphans(side, TABLES[group]) == []


# --- packages ----------------------------------------------------------------------------


def add_packages(side: Side, count: int) -> None:
    """Packages with two cities each."""
    run(
        side,
        f"with made as (insert into {PACKAGES} (operator_id, slug, title, currency, base_price,"
        " nights, cancellation_policy, tags) select gen_random_uuid(), 'p-' || gen_random_uuid(),"
        " 'Trip ' || n, 'EUR', n, mod(n, 9), '[{\"b\": 1, \"a\": 2}]', '{rail,food}'"
        " from generate_series(1, %s) n returning id)"
        f" insert into {CITIES} (package_id, position, city, country, latitude, longitude,"
        " timezone, nights) select id, place, 'Rome', 'IT', 41.9, 12.5, 'Europe/Rome', 3"
        " from made, generate_series(1, 2) place",
        count,
    )


def change_packages(side: Side) -> None:
    """Slugs and places that change hands, a package that goes with its cities, keys that change."""
    (one, first), (two, second), (gone, _), (alone, _), *_ = run(
        side,
        f"select id, slug from {PACKAGES} p where slug <> 'again' and exists"
        f" (select from {CITIES} where package_id = p.id) order by id",
    )
    with side.transaction():
        for slug, key in (("between", one), (first, two), (second, one)):
            run(side, f"update {PACKAGES} set slug = %s where id = %s", slug, key)
        for place, other in ((9, 1), (1, 2), (2, 9)):
            run(
                side,
                f"update {CITIES} set position = %s where package_id = %s and position = %s",
                place,
                one,
                other,
            )
    run(side, f"delete from {PACKAGES} where id = %s", gone)
    run(side, f"delete from {CITIES} where package_id = %s", alone)
    # A slug that is free again is taken at once by another, whose key changes as well.
    run(side, f"delete from {PACKAGES} where slug = 'again'")
    run(
        side,
        f"update {PACKAGES} set id = %s, slug = 'again', base_price = 90, nights = 3 where id = %s",
        uuid4(),
        alone,
    )
    add_packages(side, 3)


# --- accounts ----------------------------------------------------------------------------


def sign_up(side: Side, *, at_supabase: bool = True) -> UUID:
    """Somebody with an operator; whose sign-in is at Supabase Auth, or elsewhere."""
    key = uuid4()
    if at_supabase:
        run(side, "insert into auth.users (id, email) values (%s, %s)", key, f"{key}@example.com")
    run(
        side,
        "insert into users (id, email, full_name, last_seen_at)"
        " values (%s, %s, 'Gaia Rossi', 'infinity')",
        key,
        f"{key}@example.com",
    )
    run(
        side,
        "insert into operators (user_id, slug, name, country, city, contact_email, languages,"
        " settings) values (%s, %s, 'Via Appia', 'IT', 'Rome', 'a@example.com', '{it,NULL}',"
        ' \'{"z": 1, "a": {"c": [null], "b": 1.50}}\')',
        key,
        f"o-{key}",
    )
    return key


def add_accounts(side: Side, count: int) -> None:
    at_supabase = bool(run(side, "select 1 from pg_namespace where nspname = 'auth'"))
    for _ in range(count):
        sign_up(side, at_supabase=at_supabase)


def change_accounts(side: Side) -> None:
    """Addresses and slugs that change hands, case included; somebody without an operator goes.

    Of those who were there first: a row that is changed twice in one transaction is held against
    ``auth.users``, which knows nobody who came after the move.
    """
    (one, first, ours), (two, second, theirs), (gone, *_), *_ = run(
        side,
        "select u.id, email, slug from users u join operators on user_id = u.id"
        " order by u.created_at, u.id",
    )
    with side.transaction():
        for email, slug, key in (
            ("between@example.com", "between", one),
            (first.upper(), ours, two),
            (second, theirs, one),
        ):
            run(side, "update users set email = %s where id = %s", email, key)
            run(side, "update operators set slug = %s where user_id = %s", slug, key)
    run(side, "delete from operators where user_id = %s", gone)
    run(side, "delete from users where id = %s", gone)
    add_accounts(side, 1)


GROUPS: dict[str, tuple[Callable[[Side, int], None], Callable[[Side], None]]] = {
    "packages": (add_packages, change_packages),
    "accounts": (add_accounts, change_accounts),
}


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_goes_comes_back_and_goes_again(sides: Sides, group: str) -> None:
    add, change = GROUPS[group]
    moves = sides.moves(chunk_rows=5)
    add(sides.source, 12)
    moves.prepare(group)
    change(sides.source)
    moves.copy(group)
    in_order(sides, group)
    change(sides.source)
    moves.copy(group)
    in_order(sides, group)
    change(sides.source)
    moves.switch(group)
    for wrong, right in ((sides.source, sides.target), (sides.target, sides.source)):
        before = rows(wrong, group)
        with pytest.raises(psycopg.Error) as refused:
            change(wrong)
        assert refused.value.sqlstate == "MG001"
        wrong.rollback()
        assert rows(wrong, group) == before
        change(right)
        moves.copy(group)
        in_order(sides, group)
        change(right)
        (moves.rollback if right is sides.target else moves.switch)(group)
        in_order(sides, group)


def test_what_is_computed_is_computed_on_arrival(sides: Sides) -> None:
    add_packages(sides.source, 4)
    for side in (sides.source, sides.target):
        with pytest.raises(pg.GeneratedAlways):
            run(side, f"update {PACKAGES} set price_per_night = 1")
    sides.moves().prepare("packages")
    sides.moves().copy("packages")
    run(sides.source, f"update {PACKAGES} set base_price = 1234.56, nights = 5")
    sides.moves().copy("packages")
    prices = run(sides.target, f"select distinct price_per_night::text from {PACKAGES}")
    assert prices == [("246.91",)]


def test_a_person_that_supabase_auth_deletes_is_deleted_in_the_copy(sides: Sides) -> None:
    key = sign_up(sides.source)
    sides.moves().prepare("accounts")
    sides.moves().copy("accounts")
    run(sides.source, "delete from operators")
    run(sides.source, "delete from auth.users where id = %s", key)
    stays = sign_up(sides.source)
    sides.moves().copy("accounts")
    assert len(rows(sides.target, "accounts")) == 2
    # Afterwards that would be a change of a table that has left: it is refused, she is blocked there.
    sides.moves().switch("accounts")
    with pytest.raises(psycopg.Error, match="users is not written in this database any more"):
        run(sides.source, "delete from auth.users where id = %s", stays)


def test_people_that_supabase_auth_does_not_know_come_back_with_the_rest(sides: Sides) -> None:
    """Who signs up after the move has an account at Cognito only."""
    sign_up(sides.source)
    moves = sides.moves()
    moves.prepare("accounts")
    moves.copy("accounts")
    moves.switch("accounts")
    sign_up(sides.target, at_supabase=False)
    moves.copy("accounts")
    moves.rollback("accounts")
    in_order(sides, "accounts")
    assert len(rows(sides.source, "accounts")) == 4


def test_a_row_without_its_parent_keeps_the_group_where_it_is(sides: Sides) -> None:
    """Keys are not checked when rows are copied: an orphan, however it came, is looked for."""
    add_packages(sides.source, 3)
    moves = sides.moves()
    moves.prepare("packages")
    moves.copy("packages")
    with sides.source.transaction():
        run(sides.source, "set local session_replication_role = 'replica'")
        run(sides.source, f"update {CITIES} set package_id = gen_random_uuid() where position = 2")
    moves.copy("packages")
    with pytest.raises(Refused, match=f"3 rows of {CITIES} .* {PACKAGES}"):
        moves.switch("packages")
    add_packages(sides.source, 1)
