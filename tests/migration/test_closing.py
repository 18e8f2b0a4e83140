"""A gate is closed among people who write: who is waited for, who waits, and what is left behind."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, LiteralString

import psycopg
import pytest

from ecosystem.migration import following, gates
from ecosystem.migration.plan import TABLES, Refused
from ecosystem.migration.standing import standing
from tests.migration.sides import ADDONS, EXCLUSIONS, GROUP, Killed, Sides


def in_sync(sides: Sides) -> None:
    sides.add(20)
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)


def closing_beside_a_vacuum(sides: Sides) -> int:
    """How often closing had to begin anew because a vacuum was at work for a second."""
    in_sync(sides)
    again: list[None] = []
    with sides.another() as vacuum, ThreadPoolExecutor(1) as pool:
        vacuum.execute(f"lock table {ADDONS} in share update exclusive mode")  # type: ignore[arg-type]
        closing = pool.submit(
            gates.close, sides.ends().source, GROUP, TABLES[GROUP], 1, lambda: again.append(None)
        )
        until = time.monotonic() + 1.0
        while time.monotonic() < until:
            # Nobody who writes stands behind it.
            with sides.source.transaction():
                sides.source.execute("set local lock_timeout = '50ms'")
                sides.source.execute(f"update {ADDONS} set price = price")  # type: ignore[arg-type]
            time.sleep(0.02)
        assert not closing.done()
        vacuum.commit()
        closing.result(20)
    assert gates.look(sides.source, GROUP).closed
    return len(again)


def test_a_vacuum_is_waited_for_without_keeping_writers(sides: Sides) -> None:
    """Long enough for PostgreSQL to end one that it has begun itself (`deadlock_timeout`)."""
    assert closing_beside_a_vacuum(sides) == 0


def test_the_control_who_asks_shortly_never_outlasts_it(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gates, "_VACUUM_LOCK_MS", 100)
    assert closing_beside_a_vacuum(sides) > 1


def test_changes_are_carried_while_a_long_transaction_is_waited_for(sides: Sides) -> None:
    in_sync(sides)

    def waiting() -> bool:
        left = sides.source.execute(
            "select count(*) from migration_changes where consumer = 'rds' and tbl = %s",
            (EXCLUSIONS,),
        ).fetchone()
        return left != (0,)

    with sides.another() as slow, ThreadPoolExecutor(1) as pool:

        def begin(step: str) -> None:
            if step == "closing":
                slow.execute(f"update {ADDONS} set price = 3 where id = %s", (sides.key(),))  # type: ignore[arg-type]

        switching = pool.submit(sides.moves(on_step=begin).switch, GROUP)
        while not gates_tried(sides) and not switching.done():
            time.sleep(0.01)
        sides.source.execute(f"update {EXCLUSIONS} set text = 'meanwhile'")  # type: ignore[arg-type]
        until = time.monotonic() + 10
        while waiting() and time.monotonic() < until:
            time.sleep(0.02)
        carried = not waiting()
        slow.commit()
        switching.result(30)
    assert carried
    assert sides.equal


def gates_tried(sides: Sides) -> bool:
    """Whether somebody waits for a lock of the table at this moment."""
    return lock_wanted(sides, "relation = %s::regclass", ADDONS)


def readers_waited_for(sides: Sides) -> bool:
    """Whether a closing waits for those who read or write the group at this moment."""
    return lock_wanted(sides, "locktype = 'advisory' and objid = hashtext(%s)::oid", GROUP)


def lock_wanted(sides: Sides, what: LiteralString, value: str) -> bool:
    row = sides.source.execute(
        # A clone's tables have the same numbers in every database of the server.
        "select exists (select from pg_locks join pg_database on pg_database.oid = database"
        f" where datname = current_database() and not granted and {what})",
        (value,),
    ).fetchone()
    return row == (True,)


def guards(side: psycopg.Connection[Any]) -> set[str]:
    rows = side.execute(
        "select distinct tgenabled::text from pg_trigger where tgname = 'migration_moved'"
        " and tgrelid = any(%s::regclass[])",
        (list(TABLES[GROUP]),),
    )
    return {row[0] for row in rows}


def test_what_a_killed_closing_left_is_tidied_away(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_sync(sides)
    monkeypatch.setattr(following, "_LOOK_SECONDS", 0.0)

    def killed(step: str) -> None:
        if step == "closed":
            raise Killed

    with pytest.raises(Killed):
        sides.moves(on_step=killed).switch(GROUP)
    # It may still be alive.
    assert not gates.rest(sides.source, GROUP, TABLES[GROUP])
    assert guards(sides.source) == {"A"}
    sides.source.execute("update migration_gates set closed_until = clock_timestamp()")
    with sides.moves().following(GROUP) as carrying:
        carrying.step()
    assert guards(sides.source) == {"D"}
    assert gates.look(sides.source, GROUP).since_ms is None
    # Who slept over that decides nothing.
    assert sides.moves().switch(GROUP)


def test_doctor_sees_a_closed_side_whose_trigger_was_taken_off(sides: Sides) -> None:
    in_sync(sides)
    sides.moves().switch(GROUP)
    sides.source.execute(f"alter table {ADDONS} disable trigger migration_moved")  # type: ignore[arg-type]
    with pytest.raises(Refused, match=f"out of {ADDONS} in Supabase: its trigger is off"):
        standing(sides.ends())


def test_the_pause_that_is_told_begins_when_people_are_asked_to_wait(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_sync(sides)
    monkeypatch.setattr(gates, "_LOCK_MS", 60_000)
    with sides.another() as reader, ThreadPoolExecutor(1) as pool:
        reader.execute("select pg_advisory_xact_lock_shared(7204114, hashtext(%s))", (GROUP,))
        closing = pool.submit(gates.close, sides.ends().source, GROUP, TABLES[GROUP], 1)
        while not readers_waited_for(sides) and not closing.done():
            time.sleep(0.01)
        waited = sides.source.execute("select clock_timestamp()").fetchall()
        reader.commit()
        closing.result(60)
    told = sides.source.execute(
        "select closed_at from migration_gates where move_group = %s", (GROUP,)
    ).fetchall()
    assert told < waited
