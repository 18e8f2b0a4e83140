"""A move that was begun is given up: as if it had never been, whoever is killed or in the way."""

from collections.abc import Callable
from typing import Any

import pytest

from ecosystem.migration import fence, giving_up
from ecosystem.migration.plan import TABLES, Fenced, Refused
from tests.migration.sides import ADDONS, GROUP, Killed, Sides, writers
from tests.migration.whereabouts import authority, in_sync, where_it_is_written

STEPS = ("claimed", "giving up", "released", "given up")


def left(sides: Sides) -> list[str]:
    """What is still there of a move, in either database."""
    found = []
    asked = {
        "a trigger that logs": "select 1 from pg_trigger t join pg_class c on c.oid = t.tgrelid"
        " where relname = any(%s) and tgname ~ '^migration_(insert|update|delete|no_truncate)$'",
        "a trigger that is on": "select 1 from pg_trigger t join pg_class c on c.oid = t.tgrelid"
        " where relname = any(%s) and tgname = 'migration_moved' and tgenabled <> 'D'",
        "an entry of the log": "select 1 from migration_changes where tbl = any(%s)"
        " and consumer in ('rds', 'supabase')",
    }
    for name, one in (("supabase", sides.source), ("rds", sides.target)):
        for what, query in asked.items():
            if one.execute(query, (list(TABLES[GROUP]),)).fetchone():  # type: ignore[arg-type]
                found.append(f"{what} in {name}")
    found += [
        table
        for table in ("migration_state", "migration_ranges")
        if sides.target.execute(f"select 1 from {table}").fetchone()  # type: ignore[arg-type]
    ]
    if sides.rows("rds"):
        found.append("rows in rds")
    gate = sides.target.execute(
        "select final or token is not null from migration_gates where move_group = %s", (GROUP,)
    ).fetchone()
    return [*found, "a gate"] if gate and gate[0] else found


def dies_at(wanted: str) -> Callable[[str], None]:
    def on_step(step: str) -> None:
        if step == wanted:
            raise Killed

    return on_step


def prepared(sides: Sides) -> None:
    sides.add(40)
    sides.moves().prepare(GROUP)
    sides.rename(sides.key(), "logged")


def half_copied(sides: Sides) -> None:
    sides.add(400)
    sides.moves().prepare(GROUP)
    with pytest.raises(Killed):
        sides.moves(on_step=dies_at("chunk copied")).copy(GROUP)


def copied(sides: Sides) -> None:
    in_sync(sides)
    sides.rename(sides.key(), "logged")


def there_and_back(sides: Sides) -> None:
    in_sync(sides)
    sides.moves().switch(GROUP)
    sides.moves().rollback(GROUP)


@pytest.mark.parametrize("begun", [prepared, half_copied, copied, there_and_back])
def test_nothing_is_left_of_it_and_it_can_begin_again(
    sides: Sides, begun: Callable[[Sides], None]
) -> None:
    begun(sides)
    rows = sides.rows("supabase")
    assert left(sides)
    sides.moves().give_up(GROUP)
    assert (left(sides), authority(sides)) == ([], ("supabase", "planned"))
    assert sides.rows("supabase") == rows
    told = sides.target.execute(
        "select count(*) from audit_log where action = 'migration.given_up'"
    ).fetchone()
    sides.moves().give_up(GROUP)
    assert told == (1,)
    sides.rename(sides.key(1), "written while nothing is moved")
    assert left(sides) == []
    in_sync(sides)
    assert sides.equal
    sides.moves().switch(GROUP)
    assert where_it_is_written(sides) == ["rds"]


@pytest.mark.parametrize("step", STEPS)
def test_what_a_killed_one_left_is_finished_or_begun_again(sides: Sides, step: str) -> None:
    with writers(sides, 2):
        in_sync(sides)
        for finish in (lambda: sides.moves().give_up(GROUP), lambda: None):
            with pytest.raises(Killed):
                sides.moves(on_step=dies_at(step)).give_up(GROUP)
            finish()
            sides.moves().prepare(GROUP)
            sides.moves().copy(GROUP)
    sides.moves().copy(GROUP)
    assert sides.equal
    assert all(one.equal for one in sides.moves().verify(GROUP))
    sides.moves().give_up(GROUP)
    assert left(sides) == []


def test_it_takes_the_copy_from_whoever_carries_it(sides: Sides) -> None:
    in_sync(sides)
    with sides.moves().following(GROUP) as following:
        sides.rename(sides.key(), "on its way")

        def carried(step: str) -> None:
            if step == "claimed":
                with pytest.raises(Fenced):
                    following.step()

        sides.moves(on_step=carried).give_up(GROUP)
        assert following.step() == 0
    assert left(sides) == []


def test_one_that_slept_over_another_claim_gives_nothing_up(sides: Sides) -> None:
    in_sync(sides)

    def wakes(step: str) -> None:
        if step == "claimed":
            sides.moves().copy(GROUP)

    with pytest.raises(Fenced):
        sides.moves(on_step=wakes).give_up(GROUP)
    assert authority(sides) == ("supabase", "in_sync")
    assert sides.equal


@pytest.mark.parametrize("step", ["switch begun", "verified", "closing", "compared"])
def test_a_switch_that_is_overtaken_by_it_does_not_happen(sides: Sides, step: str) -> None:
    in_sync(sides)
    rows = sides.rows("supabase")

    def overtaken(now: str) -> None:
        if now == step:
            sides.moves().give_up(GROUP)

    with pytest.raises(Refused):
        sides.moves(on_step=overtaken).switch(GROUP)
    assert authority(sides) == ("supabase", "planned")
    assert sides.rows("supabase") == rows
    assert where_it_is_written(sides)[0] == "supabase"
    sides.moves().give_up(GROUP)
    assert left(sides) == []


def switched_at(sides: Sides, wanted: str) -> Callable[[str], None]:
    def on_step(step: str) -> None:
        if step == wanted:
            sides.moves().switch(GROUP)

    return on_step


def test_what_was_switched_meanwhile_is_not_given_up(sides: Sides) -> None:
    in_sync(sides)
    with pytest.raises(Refused, match="has left Supabase already"):
        sides.moves(on_step=switched_at(sides, "claimed")).give_up(GROUP)
    assert authority(sides) == ("rds", "switched")
    assert sides.equal
    for _ in range(2):
        with pytest.raises(Refused, match="has left Supabase already"):
            sides.moves().give_up(GROUP)
        sides.moves().retire(GROUP)


def test_the_control_without_a_look_at_the_group_what_people_write_is_thrown_away(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_sync(sides)
    known: list[Any] = []

    def only_once(*asked: Any, **_more: Any) -> Any:
        known.append(known[0] if known else giving_up.plan.group_row(asked[0].rds, GROUP))
        return known[0]

    monkeypatch.setattr(giving_up, "at_home", only_once)
    monkeypatch.setattr(giving_up, "steady", lambda *_: None)
    monkeypatch.setattr(fence, "hold", lambda *_: None)
    sides.moves(on_step=switched_at(sides, "claimed")).give_up(GROUP)
    assert sides.target.execute(f"select count(*) from {ADDONS}").fetchone() == (0,)  # type: ignore[arg-type]


def test_who_decides_at_the_same_moment_is_first_or_refused(sides: Sides) -> None:
    """A switch that died with its decision is finished before anything is given up."""
    in_sync(sides)
    with pytest.raises(Killed):
        sides.moves(on_step=dies_at("final")).switch(GROUP)
    with pytest.raises(Refused, match="has left Supabase already"):
        sides.moves().give_up(GROUP)
    assert where_it_is_written(sides) == ["rds"]
