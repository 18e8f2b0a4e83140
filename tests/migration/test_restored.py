"""A database comes back from an earlier time: nobody is given authority over rows that are gone."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Literal

import psycopg
import pytest

from ecosystem.database.engines import Address
from ecosystem.migration import settling
from ecosystem.migration.plan import Refused
from ecosystem.migration.standing import standing
from tests.migration.sides import ADDONS, GROUP, Killed, Sides
from tests.migration.test_command import environment, told
from tests.migration.whereabouts import authority, in_sync, takes, where_it_is_written

assert environment
RUNBOOK = Path("docs/runbooks/moving/restored.md")
Side = Literal["rds", "supabase"]
Snapshot = Callable[[Side], None]


@pytest.fixture
def snapshot(sides: Sides, postgres: dict[str, str]) -> Iterator[Snapshot]:
    """Keeps a database as it is now; :func:`restore` brings it back."""
    with ExitStack() as kept:
        yield lambda side: kept.enter_context(_copy(sides, side, postgres["superuser"]))


@contextmanager
def _copy(sides: Sides, side: Side, superuser: str) -> Iterator[None]:
    now = sides.addresses[side]
    name = f"{now.database}_before"
    _connection(sides, side).close()
    with psycopg.connect(superuser, autocommit=True) as server:
        server.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s",
            (now.database,),
        )
        server.execute(
            f'create database "{name}" template "{now.database}" owner "{now.user}"'.encode()
        )
        _enter(sides, side, now)
        try:
            yield
        finally:
            server.execute(f'drop database "{name}" with (force)'.encode())


def restore(sides: Sides, side: Side) -> None:
    """From here on everybody finds that database as it was."""
    now = sides.addresses[side]
    _connection(sides, side).close()
    _enter(sides, side, replace(now, database=f"{now.database}_before"))


def _connection(sides: Sides, side: Side) -> "psycopg.Connection[tuple[object, ...]]":
    return sides.source if side == "supabase" else sides.target


def _enter(sides: Sides, side: Side, address: Address) -> None:
    sides.addresses = {**sides.addresses, side: address}
    opened = psycopg.connect(address.libpq, autocommit=True)
    if side == "supabase":
        sides.source = opened
    else:
        sides.target = opened


def names(side: psycopg.Connection[tuple[object, ...]]) -> set[object]:
    return {row[0] for row in side.execute(f"select name from {ADDONS}")}  # type: ignore[arg-type]


def switched_and_restored(sides: Sides, snapshot: Snapshot) -> None:
    """RDS is as it was before the last rows came and authority with them."""
    in_sync(sides)
    snapshot("rds")
    sides.rename(sides.key(), "last in Supabase")
    sides.moves().copy(GROUP)
    sides.moves().switch(GROUP)
    restore(sides, "rds")


def test_an_earlier_rds_gets_no_authority(
    sides: Sides, snapshot: Snapshot, environment: dict[str, str]
) -> None:
    switched_and_restored(sides, snapshot)
    wrong = r"package_extras: RDS is from a time before .* Supabase knows change 2, RDS 1"
    for ask in (sides.moves().settle, lambda: sides.moves().switch(GROUP)):
        with pytest.raises(Refused, match=wrong):
            ask()
    with pytest.raises(Refused, match=wrong):
        standing(sides.ends())
    code, said = told(
        {**environment, "AWS_RDS_DATABASE": sides.addresses["rds"].database}, "status"
    )
    assert code == 1
    assert "package_extras: in sync, written in Supabase" in said
    assert re.search(f"ecosystem: {wrong}", said)
    assert str(RUNBOOK) in said
    assert where_it_is_written(sides) == []
    # The other groups do not mind.
    sides.moves().prepare("packages")


def test_the_control_who_does_not_ask_for_the_mark_loses_rows(
    sides: Sides, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "_complete", lambda _home, _away: True)
    switched_and_restored(sides, snapshot)
    assert sides.moves().settle()
    assert authority(sides) == ("rds", "switched")
    assert "last in Supabase" not in names(sides.target)


@pytest.mark.parametrize("way", ["switch", "rollback"])
def test_one_from_between_the_decision_and_its_end_has_everything(
    sides: Sides, snapshot: Snapshot, way: str
) -> None:
    in_sync(sides)
    copy: Side = "rds"
    if way == "rollback":
        sides.moves().switch(GROUP)
        copy = "supabase"
    source = sides.source if way == "switch" else sides.target
    source.execute(f"update {ADDONS} set name = 'last'")  # type: ignore[arg-type]

    def died(step: str) -> None:
        if step == "final":
            raise Killed(step)

    with pytest.raises(Killed):
        getattr(sides.moves(on_step=died), way)(GROUP)
    snapshot(copy)
    restore(sides, copy)
    assert sides.moves().settle()
    assert where_it_is_written(sides) == [copy]
    assert names(sides.target) == names(sides.source) == {"last"}


def test_an_rds_that_has_forgotten_a_rollback_is_closed(sides: Sides, snapshot: Snapshot) -> None:
    """By itself it would be written on, beside Supabase."""
    in_sync(sides)
    sides.moves().switch(GROUP)
    snapshot("rds")
    sides.moves().rollback(GROUP)
    restore(sides, "rds")
    asks = "select migration_open(%s)"
    assert sides.target.execute(asks, (GROUP,)).fetchone() == (True,)
    with pytest.raises(Refused, match=r"RDS is from a time before .* change 3, RDS 2"):
        sides.moves().settle()
    assert sides.target.execute(asks, (GROUP,)).fetchone() == (False,)
    assert takes(sides.source)


def again_until_it_is_done(sides: Sides, keep: Side, killed: str) -> None:
    """Who is killed after a step leaves what nothing else moves, and what is asked for again."""

    def died(step: str) -> None:
        if keep == "supabase":
            assert "rds" not in where_it_is_written(sides)
        if step == killed:
            raise Killed(step)

    with pytest.raises(Killed):
        sides.moves(on_step=died).put_right(GROUP, keep)
    earlier = "RDS" if keep == "supabase" else "Supabase"
    with pytest.raises(Refused, match=f"{earlier} is from a time before the last change"):
        sides.moves().settle()
    sides.moves().put_right(GROUP, keep)
    assert where_it_is_written(sides) == [keep]
    assert sides.moves().consequences(GROUP, keep) == []


@pytest.mark.parametrize("killed", ["closed", "opened"])
@pytest.mark.parametrize("forgotten", ["switch", "rollback"])
def test_supabase_takes_over(sides: Sides, snapshot: Snapshot, forgotten: str, killed: str) -> None:
    if forgotten == "switch":
        switched_and_restored(sides, snapshot)
    else:
        test_an_rds_that_has_forgotten_a_rollback_is_closed(sides, snapshot)
        sides.rename(sides.key(), "last in Supabase")
    with pytest.raises(Refused, match="What can be kept is Supabase; nothing was changed"):
        sides.moves().put_right(GROUP, "rds")
    again_until_it_is_done(sides, "supabase", killed)
    sides.rename(sides.key(2), "written at once")
    with pytest.raises(Refused, match="planned: prepare it first"):
        sides.moves().copy(GROUP)
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)
    sides.moves().switch(GROUP)
    assert sides.equal
    assert {"last in Supabase", "written at once"} <= names(sides.target)
    assert where_it_is_written(sides) == ["rds"]
    sides.moves().rollback(GROUP)
    assert "package_extras in sync, in Supabase" in standing(sides.ends())


def test_an_earlier_supabase_is_brought_up_to_date(sides: Sides, snapshot: Snapshot) -> None:
    in_sync(sides)
    snapshot("supabase")
    sides.moves().switch(GROUP)
    sides.target.execute(f"update {ADDONS} set name = 'in RDS'")  # type: ignore[arg-type]
    sides.moves().copy(GROUP)
    restore(sides, "supabase")
    with pytest.raises(Refused, match=r"Supabase is from a time before .* change 1, RDS 2"):
        sides.moves().settle()
    with pytest.raises(Refused, match="What can be kept is RDS; nothing was changed"):
        sides.moves().put_right(GROUP, "supabase")
    again_until_it_is_done(sides, "rds", "noted")
    with pytest.raises(Refused, match=r"has to be prepared anew: .* carries every row again"):
        sides.moves().rollback(GROUP)
    sides.moves().prepare(GROUP)
    sides.moves().rollback(GROUP)
    assert sides.equal
    assert names(sides.source) == {"in RDS"}


@pytest.mark.parametrize("keep", ["supabase", "rds"])
def test_who_slept_over_what_came_afterwards_moves_nothing(
    sides: Sides, snapshot: Snapshot, keep: Side
) -> None:
    if keep == "supabase":
        switched_and_restored(sides, snapshot)
    else:
        in_sync(sides)
        snapshot("supabase")
        sides.moves().switch(GROUP)
        restore(sides, "supabase")

    def asleep(step: str) -> None:
        if step == ("closed" if keep == "supabase" else "noted"):
            awake = sides.moves()
            awake.put_right(GROUP, keep)
            awake.prepare(GROUP)
            if keep == "supabase":
                awake.copy(GROUP)
            (awake.switch if keep == "supabase" else awake.rollback)(GROUP)

    agreed = "both databases agree that package_extras is written in RDS"
    with pytest.raises(Refused, match=agreed) if keep == "supabase" else nullcontext():
        sides.moves(on_step=asleep).put_right(GROUP, keep)
    assert where_it_is_written(sides) == ["rds" if keep == "supabase" else "supabase"]
    assert sides.moves().verify(GROUP)


def test_rows_that_nobody_misses_are_kept_as_the_runbook_says(
    sides: Sides, snapshot: Snapshot, environment: dict[str, str]
) -> None:
    """RDS comes back from a time after the switch: both agree that it is written there."""
    in_sync(sides)
    sides.moves().switch(GROUP)
    snapshot("rds")
    sides.target.execute(f"update {ADDONS} set name = 'since lost'")  # type: ignore[arg-type]
    sides.moves().copy(GROUP)
    restore(sides, "rds")
    restored = ("restored", GROUP, "--keep", "supabase")
    environment = {**environment, "AWS_RDS_DATABASE": sides.addresses["rds"].database}
    code, said = told(environment, *restored)
    assert code == 1
    assert "both databases agree that package_extras is written in RDS; nothing was" in said
    (statement,) = re.findall("```sql\n-- in Supabase.*?\n(.*?)```", RUNBOOK.read_text(), re.DOTALL)
    sides.source.execute(statement.replace("GROUP", GROUP).encode())
    code, said = told(environment, *restored)
    assert code == 1, "nobody typed its name"
    assert "will be read and written in Supabase, with the rows that Supabase has" in said
    assert where_it_is_written(sides) == ["rds"]
    code, said = told(environment, *restored, "--yes")
    assert code == 0
    assert (
        "package_extras is written in Supabase; `ecosystem migrate prepare package_extras`" in said
    )
    assert names(sides.source) == {"since lost"}
    assert where_it_is_written(sides) == ["supabase"]
    kept = "select data ->> 'authority' from audit_log where action = 'migration.kept'"
    assert sides.target.execute(kept).fetchall() == [("supabase",)]
    # Nobody has to move it again.
    sides.moves().give_up(GROUP)
    assert names(sides.target) == set()
    assert where_it_is_written(sides)[0] == "supabase"
