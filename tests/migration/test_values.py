"""Every kind of value arrives as it is, and kinds that change on the way are noticed by name."""

from typing import Any, LiteralString, cast
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from ecosystem.database.engines import Address
from ecosystem.migration.ends import Ends
from ecosystem.migration.moves import Moves
from ecosystem.migration.plan import TABLES, Refused
from ecosystem.migration.readiness import ready
from tests.migration.roles import another_role
from tests.migration.sides import ADDONS, EXCLUSIONS, GROUP, Sides

KINDS = {
    "moments": "timestamptz",
    "local": "timestamp",
    "day": "date",
    "hour": "timetz",
    "span": "interval",
    "amount": "numeric",
    "small": "real",
    "large": "double precision",
    "words": "text[]",
    "grid": "integer[]",
    "units": "addon_unit[]",
    "doc": "jsonb",
    "written": "json",
    "raw": "bytea",
    "letters": "character(5)",
    "folded": "citext",
    "address": "inet",
    "between": "tstzrange",
    "many": "int4multirange",
    "bits": "bit varying",
    "coded": "code",
    "place": "spot",
    "places": "spot[]",
}
VALUES: list[dict[str, Any]] = [
    # Empty is not nothing.
    {"words": "{}", "letters": "", "folded": "", "raw": b"", "doc": "{}", "bits": ""},
    {"moments": "infinity", "local": "-infinity", "day": "infinity", "span": "infinity"},
    {"moments": "-infinity", "day": "-infinity", "between": "[,infinity)", "span": "-infinity"},
    {"moments": "2026-03-29 02:30:00+02", "local": "2026-03-29 02:30", "hour": "24:00:00-15:59"},
    {"moments": "2026-10-25 02:30:00 Europe/Rome", "local": "0044-03-15 12:00 BC", "day": "4713-01-01 BC"},
    {"moments": "294276-12-31 23:59:59.999999+00", "span": "1 mon -31 days 24:00:00.000001"},
    {"span": "30 days"}, {"span": "1 mon"}, {"span": "720:00:00"},
    {"amount": "NaN", "small": "NaN", "large": "NaN"},
    {"amount": "Infinity", "small": "-Infinity", "large": "Infinity"},
    {"amount": "1.10"}, {"amount": "1.1000"}, {"amount": "1e-900"}, {"amount": "-1e900"},
    {"small": "-0", "large": "-0"}, {"small": "1e-45", "large": "5e-324"},
    {"small": "0.1", "large": "0.30000000000000004"},
    {"words": '{NULL,"",NULL,"NULL","{}","a\\"b"}', "grid": "{{1,NULL},{NULL,4}}"},
    {"words": "[-1:1]={a,NULL,c}", "units": "{night,NULL,booking}"},
    {"doc": '{"b": 1.0, "a": {"z": null, "y": [1.50, "\\u0007"]}, "b": 2}'},
    {"doc": '{"a": {"y": [1.50, "\\u0007"], "z": null}, "b": 2}'}, {"doc": "null"},
    {"written": '{ "b" : 1,\n"a": 1, "b":2 }'}, {"written": '{"a": 1}'}, {"written": '{"a":1}'},
    {"raw": bytes(range(256)), "letters": "a", "bits": "0101"}, {"letters": "a  b "},
    {"folded": "STRASSE"}, {"folded": "strasse"}, {"folded": "Éa\u0301\U0001f30d"},
    {"address": "10.0.0.1/8"}, {"address": "10.0.0.0/8"}, {"address": "::1"},
    {"between": "empty"}, {"between": "(2026-01-01,2026-02-01]"}, {"many": "{[1,3),[5,)}"},
    {"coded": "ABC", "place": "(1.5,)", "places": '{"(1,a)",NULL,"(,\\"b,c\\")"}'},
    {"place": "(,)"},
]  # fmt: skip

Side = psycopg.Connection[Any]


def extend(side: Side) -> None:
    """A column of each kind, of types that both databases number differently."""
    if side.info.dbname.endswith("_rds"):
        side.execute("create type elsewhere as enum ('shifts', 'the', 'numbers')")
    side.execute("create domain code as text check (value ~ '^[A-Z]+$')")
    side.execute("create type spot as (height double precision, name text)")
    for name, kind in KINDS.items():
        side.execute(f"alter table {ADDONS} add column {name} {kind}")  # type: ignore[arg-type]


def put(side: Side, values: dict[str, Any]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, values))
    places = sql.SQL(", ").join(
        sql.SQL("%s::") + sql.SQL(cast("LiteralString", KINDS[name])) for name in values
    )
    side.execute(
        sql.SQL(
            "insert into {} (package_id, name, price, {}) values (gen_random_uuid(), 'x', 1, {})"
        ).format(sql.Identifier(ADDONS), names, places),
        list(values.values()),
    )


def test_values_of_every_kind_go_and_come_back(sides: Sides) -> None:
    for side in (sides.source, sides.target):
        extend(side)
    # Neither how a database shows things nor where it thinks it is makes a difference.
    for side, settings in (
        (sides.source, ("timezone = 'Asia/Kathmandu'", "datestyle = 'German'", "bytea_output = escape")),
        (sides.target, ("timezone = 'America/St_Johns'", "intervalstyle = iso_8601", "extra_float_digits = -5")),
    ):  # fmt: skip
        for setting in settings:
            side.execute(f"alter database {side.info.dbname} set {setting}")  # type: ignore[arg-type]
    half = len(VALUES) // 2
    for values in VALUES[:half]:
        put(sides.source, values)
    moves = sides.moves()
    moves.prepare(GROUP)
    for values in VALUES[half:]:
        put(sides.source, values)
    moves.copy(GROUP)
    for turn in (moves.switch, moves.rollback):
        assert len(sides.rows("rds")) == len(VALUES)
        assert sides.equal
        for deep in (False, True):
            assert all(one.equal and not one.waiting for one in moves.verify(GROUP, deep=deep))
        turn(GROUP)
        side = sides.target if turn == moves.switch else sides.source
        side.execute(f"update {ADDONS} set position = position + 1")  # type: ignore[arg-type]
        moves.copy(GROUP)
    assert sides.equal


@pytest.mark.parametrize("storage", ["external", "extended"])
def test_rows_of_megabytes_are_carried(sides: Sides, storage: str) -> None:
    """Kept beside the table, compressed or not: and an update that leaves them where they are."""
    for side in (sides.source, sides.target):
        side.execute(f"alter table {EXCLUSIONS} alter column text set storage {storage}")  # type: ignore[arg-type]
    moves = sides.moves()
    moves.prepare(GROUP)
    for letter in "ab":
        sides.source.execute(
            f"insert into {EXCLUSIONS} (package_id, text) select gen_random_uuid(),"  # type: ignore[arg-type]
            " repeat(%s, 1000000) || string_agg(md5(n::text), '') from generate_series(1, 40000) n",
            (letter,),
        )
        moves.copy(GROUP)
    sides.source.execute(f"update {EXCLUSIONS} set position = 7")  # type: ignore[arg-type]
    sides.source.execute(f"update {EXCLUSIONS} set text = 'c' || text where text like 'b%'")  # type: ignore[arg-type]
    moves.copy(GROUP)
    digest = f"select id, position, length(text), md5(text) from {EXCLUSIONS} order by id"
    assert (
        sides.source.execute(digest).fetchall()  # type: ignore[arg-type]
        == sides.target.execute(digest).fetchall()  # type: ignore[arg-type]
    )
    assert all(one.equal for one in moves.verify(GROUP))


# --- what changes on the way -------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("alter type addon_unit add value 'hour'", "unit: .*/hour in Supabase, .* in RDS"),
        ("alter domain code drop constraint code_check", "coded: code text in Supabase, code text CHECK"),
        (f"alter table {ADDONS} alter column price type numeric(14,2)", r"price: numeric\(14,2\)"),
        (f"alter table {ADDONS} rename column name to label", "label: .* in Supabase, missing in RDS"),
    ],
)  # fmt: skip
def test_a_change_of_one_side_stops_it_and_of_both_begins_again(
    sides: Sides, change: str, told: str
) -> None:
    for side in (sides.source, sides.target):
        side.execute("create domain code as text check (value ~ '^[A-Z]+$')")
        side.execute(f"alter table {ADDONS} add column coded code")  # type: ignore[arg-type]
    sides.add(8)
    moves = sides.moves()
    moves.prepare(GROUP)
    moves.copy(GROUP)
    sides.source.execute(change)  # type: ignore[arg-type]
    for step in (moves.prepare, moves.copy, moves.verify, moves.switch):
        with pytest.raises(Refused, match=told):
            step(GROUP)
    sides.target.execute(change)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="have changed since it was prepared"):
        moves.switch(GROUP)
    moves.prepare(GROUP)
    moves.copy(GROUP)
    moves.switch(GROUP)
    assert sides.rows("supabase") == sides.rows("rds")


def test_a_row_that_the_other_side_does_not_take_is_named(sides: Sides) -> None:
    """Rules of a table are each database's own: who breaks one stops the move, by its name."""
    sides.target.execute(f"alter table {ADDONS} add constraint cheap check (price < 50)")  # type: ignore[arg-type]
    sides.add(8)
    moves = sides.moves()
    moves.prepare(GROUP)
    moves.copy(GROUP)
    sides.source.execute(f"update {ADDONS} set price = 90")  # type: ignore[arg-type]
    with pytest.raises(Refused, match='violates check constraint "cheap"'):
        moves.copy(GROUP)
    with pytest.raises(Refused):
        moves.switch(GROUP)
    sides.source.execute(f"update {ADDONS} set price = 40")  # type: ignore[arg-type]
    moves.copy(GROUP)
    assert sides.equal


# --- policies ----------------------------------------------------------------------------


def test_a_role_from_which_policies_hide_rows_moves_nothing(
    sides: Sides, postgres: dict[str, str]
) -> None:
    sides.add(8)
    owner = sides.addresses["supabase"].user
    with another_role(
        sides.addresses["supabase"],
        postgres,
        "",
        "grant set on parameter {silence} to {role}",
        "grant create on schema public to {role}",
        # Whoever owns a table is above its policies, unless that is asked for.
        f"grant {owner} to {{role}}",
        f"alter table {ADDONS} force row level security",
    ) as stranger:
        moves_nothing(sides, stranger)


def moves_nothing(sides: Sides, stranger: Address) -> None:
    with pytest.raises(Refused, match="BYPASSRLS"):
        Moves(stranger, sides.addresses["rds"]).prepare(GROUP)
    with (
        Ends.connect(stranger, sides.addresses["rds"]) as ends,
        pytest.raises(Refused, match=f"policies hide rows of {ADDONS} from our role in Supabase"),
    ):
        ready(ends, TABLES[GROUP])
    assert sides.rows("rds") == []


def add_operator(side: Side, operator: UUID, person: UUID, package: UUID) -> None:
    side.execute("insert into auth.users (id, email) values (%s, 'a@example.com')", (person,))
    side.execute(
        "insert into users (id, email, full_name) values (%s, 'a@example.com', 'A')", (person,)
    )
    side.execute(
        "insert into operators (id, user_id, slug, name, country, city, contact_email)"
        " values (%s, %s, 'a', 'A', 'IT', 'Rome', 'a@example.com')",
        (operator, person),
    )
    side.execute(
        "insert into multi_city_hotel_packages (id, operator_id, slug, title, currency,"
        " base_price) values (%s, %s, 'a', 'A', 'EUR', 1)",
        (package, operator),
    )


def test_an_operators_own_client_is_logged_and_kept_out_like_everybody(sides: Sides) -> None:
    """Who writes with a token of hers, under policies and without a right on the log."""
    operator, person, package = uuid4(), uuid4(), uuid4()
    with sides.source.transaction():
        add_operator(sides.source, operator, person, package)
    moves = sides.moves()
    moves.prepare(GROUP)
    moves.copy(GROUP)

    def add(name: str) -> None:
        with sides.source.transaction():
            sides.source.execute("set local role authenticated")
            sides.source.execute(
                "select set_config('request.jwt.claims', json_build_object('sub', %s::text)::text,"
                " true)",
                (str(person),),
            )
            sides.source.execute(
                f"insert into {ADDONS} (package_id, name, price) values (%s, %s, 1)",  # type: ignore[arg-type]
                (package, name),
            )

    add("hers")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), sides.source.transaction():
        sides.source.execute("set local role authenticated")
        sides.source.execute(
            f"insert into {ADDONS} (package_id, name, price) values (%s, 'not hers', 1)",  # type: ignore[arg-type]
            (package,),
        )
    moves.copy(GROUP)
    assert sides.equal
    assert len(sides.rows("rds")) == 1
    moves.switch(GROUP)
    with pytest.raises(psycopg.Error, match="not written in this database any more") as refused:
        add("late")
    assert refused.value.sqlstate == "MG001"
