"""The way back is taken off: nobody waits for Supabase, and who was killed goes on."""

from typing import Any

import psycopg
import pytest

from ecosystem.migration import retiring
from ecosystem.migration.capture import release
from ecosystem.migration.plan import TABLES, Fenced, Refused
from tests.migration.sides import ADDONS, GROUP, Killed, Sides
from tests.migration.whereabouts import authority, in_sync, where_it_is_written


def test_after_retirement_there_is_no_way_back(sides: Sides) -> None:
    in_sync(sides)
    kept_before: list[str] = []
    with pytest.raises(Refused, match="switch it first"):
        sides.moves().retire(GROUP)
    sides.moves(keep=kept_before.append).switch(GROUP)
    sides.target.execute(f"update {ADDONS} set name = 'in RDS'")  # type: ignore[arg-type]
    sides.moves(keep=kept_before.append).retire(GROUP)
    assert kept_before == [GROUP, GROUP]
    assert sides.equal
    assert authority(sides) == ("rds", "retired")
    sides.target.execute(f"update {ADDONS} set name = 'only in RDS'")  # type: ignore[arg-type]
    for table in ("migration_changes",):
        left = sides.target.execute(
            f"select count(*) from {table} where consumer = 'supabase'"  # type: ignore[arg-type]
        ).fetchone()
        assert left == (0,)
    assert where_it_is_written(sides) == ["rds"]
    with pytest.raises(Refused, match="retired: it is in RDS alone"):
        sides.moves().rollback(GROUP)
    sides.moves().retire(GROUP)


def logs(sides: Sides) -> int:
    """Triggers that log, and rows that are logged, in both databases."""
    found = 0
    for side in (sides.source, sides.target):
        row = side.execute(
            "select (select count(*) from pg_trigger where tgname like 'migration\\_%%'"
            " and tgname <> 'migration_moved' and tgrelid = any(%s::regclass[]))"
            " + (select count(*) from migration_changes where consumer in ('rds', 'supabase'))",
            (list(TABLES[GROUP]),),
        ).fetchone()
        assert row
        found += row[0]
    return found


def writer_waits_at(sides: Sides) -> list[str]:
    """The steps of a retirement at which somebody who writes in RDS would stand still."""
    in_sync(sides)
    sides.moves().switch(GROUP)
    waited: list[str] = []

    def write(step: str) -> None:
        try:
            with sides.target.transaction():
                sides.target.execute("set local lock_timeout = '50ms'")
                sides.target.execute(f"update {ADDONS} set price = price + 1")  # type: ignore[arg-type]
        except psycopg.errors.LockNotAvailable:
            waited.append(step)

    sides.moves(on_step=write).retire(GROUP)
    assert logs(sides) == 0
    return waited


def test_nobody_who_writes_waits_for_supabase(sides: Sides) -> None:
    assert writer_waits_at(sides) == []


def test_the_control_who_carries_before_the_commit_keeps_them_waiting(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    end_log, made = retiring.release, list[Any]()

    def and_carry(side: Any, tables: Any) -> None:
        end_log(side, tables)
        for carrier in made[-len(TABLES[GROUP]) :]:
            carrier.drain()

    class Noted(retiring.Carrier):
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            made.append(self)

    monkeypatch.setattr(retiring, "release", and_carry)
    in_between = sides.moves
    monkeypatch.setattr(sides, "moves", lambda **more: in_between(carrier=Noted, **more))
    assert "applying" in writer_waits_at(sides)


@pytest.mark.parametrize("deadly", ["retiring", "retired", "rows read", "applied"])
def test_killed_at_any_step_the_next_one_goes_on(sides: Sides, deadly: str) -> None:
    in_sync(sides)
    sides.moves().switch(GROUP)
    reached: list[str] = []

    def killed(step: str) -> None:
        if step == "retiring":
            sides.target.execute(f"update {ADDONS} set name = 'last'")  # type: ignore[arg-type]
        reached.append(step)
        if step == deadly:
            raise Killed

    with pytest.raises(Killed):
        sides.moves(on_step=killed).retire(GROUP)
    assert authority(sides)[1] == ("switched" if deadly == "retiring" else "retired")
    sides.moves().retire(GROUP)
    assert logs(sides) == 0
    assert sides.equal
    assert where_it_is_written(sides) == ["rds"]


def test_who_has_lost_the_tables_meanwhile_retires_nothing(sides: Sides) -> None:
    in_sync(sides)
    sides.moves().switch(GROUP)

    def taken_over(step: str) -> None:
        if step == "retiring":
            with sides.moves().following(GROUP):
                pass

    with pytest.raises(Fenced):
        sides.moves(on_step=taken_over).retire(GROUP)
    assert authority(sides) == ("rds", "switched")
    sides.moves().rollback(GROUP)


def test_the_triggers_of_supabase_go_as_well_when_it_was_killed_before(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_sync(sides)
    sides.moves().switch(GROUP)
    done: list[object] = []

    def killed(side: Any, tables: Any) -> None:
        if done:
            raise Killed
        release(side, tables)
        done.append(side)

    monkeypatch.setattr(retiring, "release", killed)
    with pytest.raises(Killed):
        sides.moves().retire(GROUP)
    monkeypatch.setattr(retiring, "release", release)
    sides.moves().retire(GROUP)
    assert logs(sides) == 0


def test_a_change_whose_place_was_taken_since_does_not_keep_it_from_its_end(sides: Sides) -> None:
    """The log has ended when another row gets what a logged one frees."""
    for side in (sides.source, sides.target):
        side.execute(f"create unique index on {ADDONS} (name)")  # type: ignore[arg-type]
    in_sync(sides)
    sides.moves().switch(GROUP)
    first, second = sides.key(0), sides.key(1)
    said: list[str] = []

    def rename(key: object, name: str) -> None:
        sides.target.execute(f"update {ADDONS} set name = %s where id = %s", (name, key))  # type: ignore[arg-type]

    def swap(step: str) -> None:
        if step == "retiring":
            rename(first, "wanted")
        elif step == "retired":
            names = dict(sides.target.execute(f"select id, name from {ADDONS}"))  # type: ignore[arg-type]
            rename(second, "free")
            rename(first, names[second])

    sides.moves(on_step=swap, say=said.append).retire(GROUP)
    assert logs(sides) == 0
    assert any("1 changes of the last moment are not in Supabase's tables" in one for one in said)
    assert authority(sides) == ("rds", "retired")
    with pytest.raises(Refused):
        sides.moves().rollback(GROUP)
