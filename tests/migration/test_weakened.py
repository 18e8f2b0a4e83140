"""What each part of a change of authority is for: without it, the same course of events loses."""

from contextlib import suppress
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import psycopg
import pytest

from ecosystem.database.placement import PACKAGE_EXTRAS
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.errors import Unavailable
from ecosystem.migration import fence, gates, turning
from ecosystem.migration.capture import capture
from ecosystem.migration.carrier import Carrier
from ecosystem.migration.ends import Ends
from ecosystem.migration.moves import Moves
from ecosystem.migration.plan import Fenced, Refused
from ecosystem.migration.shape import read_shape
from tests.migration.sides import ADDONS, GROUP, Killed, Sides


def in_sync(sides: Sides) -> UUID:
    """A group that can be switched; the key of one of its rows."""
    sides.add(20)
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)
    return sides.key(3)


def authority(sides: Sides) -> str:
    return next(one.authority for one in sides.moves().groups() if one.group == GROUP)


def name_of(side: psycopg.Connection[Any], key: UUID) -> str:
    row = side.execute(f"select name from {ADDONS} where id = %s", (key,)).fetchone()  # type: ignore[arg-type]
    assert row
    return row[0]


def rename(side: psycopg.Connection[Any], key: UUID, name: str) -> None:
    side.execute(f"update {ADDONS} set name = %s where id = %s", (name, key))  # type: ignore[arg-type]


# --- the tables are held while it is decided ------------------------------------------------


def sleeper_over_the_switch(sides: Sides, way: str) -> bool:
    """Another process claims the table when a batch of the switch is applied and not forgotten, reads
    the log, and sleeps until people have written on the other side. Whether that is still there."""
    key = in_sync(sides)
    there, other = sides.target, sides.source
    if way == "rollback":
        sides.moves().switch(GROUP)
        there, other = other, there
    rename(other, key, "before")
    asleep: list[tuple[Carrier, list[UUID]]] = []

    def claims(step: str) -> None:
        if step == "applied" and not asleep:
            ends = sides.ends() if way == "switch" else sides.ends().turned()
            one = Carrier(ends, read_shape(ends.source, ADDONS))
            asleep.append((one, [key for _, key in one._pending()]))

    with suppress(Refused):
        getattr(sides.moves(on_step=claims), way)(GROUP)
    one, keys = asleep[0]
    assert keys == [key]
    if moved := authority(sides) == ("rds" if way == "switch" else "supabase"):
        rename(there, key, "after")
    with suppress(Fenced):
        one._apply(keys)
    return name_of(there, key) == ("after" if moved else "before")


@pytest.mark.parametrize("way", ["switch", "rollback"])
def test_who_claimed_a_table_in_the_middle_stops_the_change(sides: Sides, way: str) -> None:
    assert sleeper_over_the_switch(sides, way)


@pytest.mark.parametrize("way", ["switch", "rollback"])
def test_the_control_without_holding_the_tables_it_brings_what_is_stale(
    sides: Sides, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    unheld = SimpleNamespace(begin=fence.begin, hold=lambda *_: None)
    monkeypatch.setattr(turning, "fence", unheld)
    assert not sleeper_over_the_switch(sides, way)


# --- it is decided in time ------------------------------------------------------------------


def writes_while_the_switch_sleeps(sides: Sides) -> bool:
    """The gate has opened by itself when the switch wakes up. Whether the write is kept."""
    key = in_sync(sides)

    def sleeps(step: str) -> None:
        if step != "sequences":
            return
        sides.source.execute("update migration_gates set closed_until = clock_timestamp()")
        rename(sides.source, key, "meanwhile")
        sides.source.execute("delete from migration_changes where consumer = 'rds'")

    with suppress(Refused):
        sides.moves(on_step=sleeps).switch(GROUP)
    return name_of(sides.target if authority(sides) == "rds" else sides.source, key) == "meanwhile"


def test_a_decision_after_its_time_is_none(sides: Sides) -> None:
    assert writes_while_the_switch_sleeps(sides)


def test_the_control_whoever_decides_late_loses_a_write(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    def whenever(side: psycopg.Connection[Any], group: str, _token: UUID, epoch: int) -> bool:
        return bool(
            side.execute(
                "update migration_gates set final = true, epoch = %s where move_group = %s",
                (epoch, group),
            ).rowcount
        )

    monkeypatch.setattr(gates, "make_final", whenever)
    assert not writes_while_the_switch_sleeps(sides)


# --- the way back is made before the first write ----------------------------------------------


def first_write_comes_back(sides: Sides) -> bool:
    """Somebody writes in RDS at once; the group goes back. Whether the write is kept."""
    key = in_sync(sides)

    def writes(step: str) -> None:
        if step == "flipped":
            rename(sides.target, key, "first")

    sides.moves(on_step=writes).switch(GROUP)
    with suppress(Refused):
        sides.moves().rollback(GROUP)
    return authority(sides) == "supabase" and name_of(sides.source, key) == "first"


def test_what_is_written_first_comes_back(sides: Sides) -> None:
    assert first_write_comes_back(sides)


def test_the_control_without_it_there_is_no_way_back(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comparison finds what was not logged, and keeps the group where the write is."""

    class Later(Moves):
        def switch(self, group: str) -> int:
            monkeypatch.setattr(turning, "capture", lambda *_: None)
            pause = super().switch(group)
            with Ends.connect(*self._addresses) as ends:
                capture(ends.rds, turning.TABLES[group], "supabase")
            return pause

    monkeypatch.setattr("tests.migration.sides.Moves", Later)
    assert not first_write_comes_back(sides)
    assert authority(sides) == "rds"


# --- the product asks the gate ----------------------------------------------------------------


def product_error(sides: Sides, database: Database) -> bool:
    """A unit of work begins with an old idea of where the group is. Whether it sees an error."""
    key = in_sync(sides)
    with database.unit(PACKAGE_EXTRAS):
        pass
    sides.moves().switch(GROUP)
    try:
        with database.unit(PACKAGE_EXTRAS) as session:
            session.connection().exec_driver_sql(
                f"update {ADDONS} set name = 'new' where id = %s", (key,)
            )
    except Unavailable:
        return True
    assert name_of(sides.target, key) == "new"
    return False


def test_a_unit_of_work_finds_its_group(sides: Sides, database: Database) -> None:
    assert not product_error(sides, database)


def test_the_control_a_unit_that_does_not_ask_is_refused(
    sides: Sides, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RoutedSession, "enter", lambda _self: True)
    assert product_error(sides, database)


# --- nobody throws a copy away that is about to be the truth ----------------------------------


def test_a_decided_switch_is_finished_before_a_copy_begins_again(sides: Sides) -> None:
    key = in_sync(sides)

    def dies(step: str) -> None:
        if step == "final":
            raise Killed(step)

    with pytest.raises(Killed):
        sides.moves(on_step=dies).switch(GROUP)
    sides.source.execute(f"alter table {ADDONS} disable trigger migration_update")  # type: ignore[arg-type]
    # It finds the group in RDS, from where nothing is thrown away.
    sides.moves().prepare(GROUP)
    assert authority(sides) == "rds"
    assert name_of(sides.target, key)
