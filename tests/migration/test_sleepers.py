"""Who sleeps over a change of authority, or does it twice: nothing is decided late or undone."""

import threading
import time

import psycopg
import pytest

from ecosystem.migration import gates, turning
from ecosystem.migration.plan import Refused, Who
from ecosystem.migration.settling import settle
from tests.migration.sides import ADDONS, GROUP, Killed, Sides
from tests.migration.whereabouts import (
    authority,
    in_sync,
    somebody_waits,
    time_passes,
    where_it_is_written,
)


def test_two_commands_at_once_change_hands_once(sides: Sides) -> None:
    in_sync(sides)
    told: list[str] = []

    def double(step: str) -> None:
        if step == "captured back" and not told:
            told.append("begun")
            sides.moves().switch(GROUP)

    said: list[str] = []
    sides.moves(on_step=double, say=said.append).switch(GROUP)
    assert said == [f"{GROUP} is written in RDS already"]
    assert authority(sides) == ("rds", "switched")
    assert next(one.epoch for one in sides.moves().groups()) == 2
    assert where_it_is_written(sides) == ["rds"]


def test_a_process_that_slept_over_later_changes_opens_nothing(sides: Sides) -> None:
    """It had found the decision of the first switch; the group has come back and gone since."""
    in_sync(sides)

    def asleep(step: str) -> None:
        if step == "final":
            raise Killed(step)

    with pytest.raises(Killed):
        sides.moves(on_step=asleep).switch(GROUP)
    late = sides.ends()
    sides.moves().settle()
    sides.moves().rollback(GROUP)
    gates.open_for(late.rds, GROUP, 2)
    assert where_it_is_written(sides) == ["supabase"]
    assert not settle(late, GROUP, Who())
    # Its closing is as late.
    with pytest.raises(Refused, match="another process has moved"):
        gates.close(late.source, GROUP, (ADDONS,), 1)
    assert where_it_is_written(sides) == ["supabase"]


def test_a_decision_that_comes_too_late_is_none(sides: Sides) -> None:
    """The process sleeps with the gate closed; the gate opens, people write, it wakes up."""
    in_sync(sides)

    def asleep(step: str) -> None:
        if step == "sequences":
            time_passes(sides)
            sides.rename(sides.key(2), "written meanwhile")

    with pytest.raises(Refused, match="nothing was changed"):
        sides.moves(on_step=asleep).switch(GROUP)
    assert authority(sides) == ("supabase", "in_sync")
    assert where_it_is_written(sides) == ["supabase"]
    assert sides.moves().switch(GROUP)
    sides.moves().copy(GROUP)
    assert sides.equal


def asleep_while_deciding(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> tuple[bool, str]:
    """Back from RDS, where the decision is a transaction: it sleeps before its commit.

    Its time runs out meanwhile and somebody writes. Whether that was taken, and whether it is there
    in the end.
    """
    in_sync(sides)
    sides.moves().switch(GROUP)
    monkeypatch.setattr(gates, "LEASE_SECONDS", 3)
    monkeypatch.setattr(turning, "HURRY_SECONDS", 9)
    key = sides.key(4)
    told: list[str] = []

    def write() -> None:
        with psycopg.connect(sides.addresses["rds"].libpq, autocommit=True) as legacy:
            try:
                legacy.execute(f"update {ADDONS} set name = 'here' where id = %s", (key,))  # type: ignore[arg-type]
                told.append("taken")
            except psycopg.Error as error:
                told.append(str(error.sqlstate))

    writer = threading.Thread(target=write)

    def asleep(step: str) -> None:
        if step == "deciding":
            time.sleep(3.1)
            writer.start()
            while writer.is_alive() and not somebody_waits(sides.source, sides.target):
                time.sleep(0.01)

    assert sides.moves(on_step=asleep).rollback(GROUP)
    writer.join()
    assert authority(sides) == ("supabase", "in_sync")
    name = sides.source.execute(
        f"select name from {ADDONS} where id = %s",  # type: ignore[arg-type]
        (key,),
    ).fetchone()
    return told == ["taken"], "kept" if name == ("here",) else "not there"


def test_who_writes_while_the_decision_sleeps_waits_for_it(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asleep_while_deciding(sides, monkeypatch) == (False, "not there")


def test_the_control_who_does_not_wait_loses_what_was_taken(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides.target.execute(
        "create or replace function migration_moved() returns trigger language plpgsql as $$"
        " declare gate public.migration_gates; begin"
        " if current_setting('migration.origin', true) = 'applier' then return null; end if;"
        " select * into gate from public.migration_gates g where g.move_group = tg_argv[0];"
        " if gate.final or gate.closed_until > clock_timestamp()"
        " then raise exception 'moved' using errcode = 'MG001'; end if; return null; end $$"
    )
    assert asleep_while_deciding(sides, monkeypatch) == (True, "not there")


def test_who_is_stopped_after_the_decision_is_not_waited_for_long(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds the group's row; whoever comes next gets it when the server ends the sleeper."""
    in_sync(sides)
    monkeypatch.setattr(turning, "HURRY_SECONDS", 1)
    finished: list[bool] = []

    def stopped(step: str) -> None:
        if step == "deciding":
            finished.append(sides.moves().settle())

    assert sides.moves(on_step=stopped).switch(GROUP) > 1_000
    assert finished == [True]
    assert authority(sides) == ("rds", "switched")
    assert where_it_is_written(sides) == ["rds"]
