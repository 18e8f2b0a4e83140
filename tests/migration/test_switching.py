"""Authority goes to RDS and comes back: nothing is lost, whoever is killed, asleep or in the way."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text

from ecosystem.database.placement import PACKAGE_EXTRAS
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.errors import Unavailable
from ecosystem.migration import gates, turning
from ecosystem.migration.plan import Refused, Who
from ecosystem.migration.settling import settle
from tests.migration.sides import ADDONS, GROUP, Killed, Sides

BEFORE = ("switch begun", "captured back", "verified", "closing")
CLOSED = ("closed", "drained", "compared", "sequences", "complete")
AFTER = ("final", "opened", "flipped")

ADD = f"insert into {ADDONS} (id, package_id, name, price) values (:id, :id, :name, 1)"


def in_sync(sides: Sides, rows: int = 40) -> None:
    sides.add(rows)
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)


def authority(sides: Sides) -> tuple[str, str]:
    return next((one.authority, one.phase) for one in sides.moves().groups() if one.group == GROUP)


def takes(side: psycopg.Connection[Any]) -> bool:
    """Whether somebody who knows nothing of moves may write there."""
    try:
        side.execute(f"update {ADDONS} set price = price")  # type: ignore[arg-type]
    except psycopg.Error as error:
        assert error.sqlstate == "MG001"
        return False
    return True


def where_it_is_written(sides: Sides) -> list[str]:
    return [n for n, s in (("supabase", sides.source), ("rds", sides.target)) if takes(s)]


def time_passes(sides: Sides) -> None:
    """Longer than a gate stays closed that nobody makes final."""
    for side in (sides.source, sides.target):
        side.execute(
            "update migration_gates set closed_until = clock_timestamp()"
            " where closed_until > clock_timestamp()"
        )


@contextmanager
def product(database: Database, count: int = 3) -> Iterator[set[UUID]]:
    """People of the product who add one row after the other; what was acknowledged.

    Nobody of them may ever see an error.
    """
    stop, lock = threading.Event(), threading.Lock()
    known: set[UUID] = set()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            while not stop.is_set():
                new = uuid4()
                with database.unit(PACKAGE_EXTRAS) as session:
                    session.execute(text(ADD), {"id": new, "name": "kept"})
                with lock:
                    known.add(new)
                with database.unit(PACKAGE_EXTRAS) as session:
                    found = session.execute(
                        text(f"select 1 from {ADDONS} where id = :i"), {"i": new}
                    )
                    assert found.first(), "what was written can be read at once"
        except BaseException as error:  # noqa: BLE001  (a thread's failure is the test's)
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield known
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]


def there_and_back(sides: Sides, database: Database, pauses: list[int]) -> set[UUID]:
    """Switched, rolled back and switched again while people write; what was acknowledged."""
    with product(database) as known:
        for step in ("switch", "rollback", "switch"):
            had = len(known)
            while len(known) < had + 20:
                time.sleep(0.01)
            pauses.append(getattr(sides.moves(), step)(GROUP))
    return known


def kept(sides: Sides, name: str, known: set[UUID]) -> bool:
    return known <= {key for key, _ in sides.rows(name)}


def test_people_go_on_while_authority_goes_and_comes_back(sides: Sides, database: Database) -> None:
    in_sync(sides)
    pauses: list[int] = []
    known = there_and_back(sides, database, pauses)
    assert authority(sides) == ("rds", "switched")
    assert kept(sides, "rds", known)
    sides.moves().copy(GROUP)
    assert sides.equal
    assert all(0 < pause < 1_000 for pause in pauses)
    assert next(one.pause_ms for one in sides.moves().groups()) in pauses


def no_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weakened: nobody is kept out, authority just flips."""

    def close(
        side: Any, group: str, _tables: Any, epoch: int, _meanwhile: Any
    ) -> tuple[UUID, float]:
        token = uuid4()
        side.execute(
            "update migration_gates set token = %s, closed_at = clock_timestamp(),"
            " closed_until = clock_timestamp() + interval '9 s' where move_group = %s",
            (token, group),
        )
        return token, time.monotonic()

    monkeypatch.setattr(gates, "close", close)


def late_writer(sides: Sides) -> bool:
    """A legacy writer is in the middle of a transaction when authority goes. Whether equal after."""
    in_sync(sides)
    key = sides.key(3)
    with sides.another() as slow:
        slow.execute(f"update {ADDONS} set name = 'late' where id = %s", (key,))  # type: ignore[arg-type]

        def step(name: str) -> None:
            if name == "closing":
                commits.start()

        commits = threading.Timer(0.5, slow.commit)
        sides.moves(on_step=step).switch(GROUP)
        commits.join()
    return sides.equal


def test_a_writer_in_the_middle_is_waited_for(sides: Sides) -> None:
    assert late_writer(sides)


def test_the_control_without_a_gate_its_change_is_lost(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_gate(monkeypatch)
    assert not late_writer(sides)


@pytest.mark.parametrize("way", ["switch", "rollback"])
def test_killed_at_any_step_the_group_is_in_one_place_and_the_next_command_goes_on(
    sides: Sides, database: Database, way: str, soak: bool
) -> None:
    in_sync(sides)
    home, away = "supabase", "rds"
    if way == "rollback":
        home, away = away, home
        sides.moves().switch(GROUP)
    # In Supabase it is decided by then; in RDS that is part of a transaction.
    decided_in = (*AFTER, "deciding") if way == "switch" else AFTER
    steps = (*BEFORE, *CLOSED, "deciding", *AFTER)
    for deadly in steps if soak else ("closed", "deciding", "final", "opened"):

        def step(name: str, deadly: str = deadly) -> None:
            if name == deadly:
                raise Killed(name)

        with product(database, 1) as known:
            while not known:
                time.sleep(0.005)
            with pytest.raises(Killed):
                getattr(sides.moves(on_step=step), way)(GROUP)
            if deadly in (*CLOSED, "deciding"):
                assert where_it_is_written(sides) == []
            time_passes(sides)
            decided = deadly in decided_in
            assert sides.moves().settle() is (decided and deadly != "flipped")
            assert authority(sides)[0] == (away if decided else home)
            assert where_it_is_written(sides) == [away if decided else home]
            getattr(sides.moves(), way)(GROUP)
            assert authority(sides)[0] == away
        assert kept(sides, away, known)
        getattr(sides.moves(), "rollback" if way == "switch" else "switch")(GROUP)
    sides.moves().copy(GROUP)
    assert sides.equal


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
    monkeypatch.setattr(gates, "LEASE_SECONDS", 1.5)
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
            time.sleep(1.6)
            writer.start()
            time.sleep(0.4)

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


def test_a_snapshot_from_before_the_switch_does_not_help_a_writer(sides: Sides) -> None:
    in_sync(sides)
    with sides.another() as old:
        old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        old.execute("select 1 from pg_class limit 1")
        sides.moves().switch(GROUP)
        with pytest.raises(psycopg.Error) as met:
            old.execute(f"update {ADDONS} set price = 3")  # type: ignore[arg-type]
        assert met.value.sqlstate in ("MG001", "40001")


def test_what_a_legacy_writer_is_told(sides: Sides) -> None:
    in_sync(sides)
    sides.moves().switch(GROUP)
    for statement in (
        f"insert into {ADDONS} (package_id, name, price) values (gen_random_uuid(), 'x', 1)",
        f"update {ADDONS} set price = 1",
        f"delete from {ADDONS}",
        f"truncate {ADDONS}",
    ):
        with pytest.raises(psycopg.Error, match="is not written in this database") as met:
            sides.source.execute(statement)  # type: ignore[arg-type]
        assert met.value.sqlstate == "MG001"
        assert met.value.diag.message_detail == (
            "The tables of package_extras have moved to RDS. Nothing was changed here."
        )
    sides.moves().rollback(GROUP)
    with pytest.raises(psycopg.Error) as met:
        sides.target.execute(f"delete from {ADDONS}")  # type: ignore[arg-type]
    assert met.value.diag.message_hint == "Connect to Supabase and write there."


def test_a_long_transaction_is_not_waited_for_for_ever(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_sync(sides)
    monkeypatch.setattr(gates, "_PATIENCE_SECONDS", 0.6)
    with sides.another() as slow:
        slow.execute(f"update {ADDONS} set price = 9 where id = %s", (sides.key(),))  # type: ignore[arg-type]
        with pytest.raises(Refused, match="a long transaction"):
            sides.moves().switch(GROUP)
        slow.commit()
    assert where_it_is_written(sides) == ["supabase"]
    sides.moves().switch(GROUP)


def test_a_row_that_differs_keeps_the_group_where_it_is(sides: Sides) -> None:
    in_sync(sides)
    wrong = sides.key(7)
    with sides.target.transaction():
        sides.target.execute("set local migration.origin = 'applier'")
        sides.target.execute(f"delete from {ADDONS} where id = %s", (wrong,))  # type: ignore[arg-type]
    with pytest.raises(Refused, match=f"{wrong} missing in RDS"):
        sides.moves().switch(GROUP)
    assert where_it_is_written(sides) == ["supabase"]
    last = next(one.last_verify for one in sides.moves().status() if one.table == ADDONS)
    assert last
    assert last["differing"] == 1


def test_a_row_that_differs_only_since_it_was_compared_is_seen_as_well(sides: Sides) -> None:
    """The look at the gate: the row came by after everything had been compared."""
    in_sync(sides)
    wrong = sides.key(7)

    def spoil(step: str) -> None:
        if step == "verified":
            sides.rename(wrong, "later")
        elif step == "drained":
            with sides.target.transaction():
                sides.target.execute("set local migration.origin = 'applier'")
                sides.target.execute(
                    f"update {ADDONS} set name = 'spoiled' where id = %s",  # type: ignore[arg-type]
                    (wrong,),
                )

    with pytest.raises(Refused, match=f"{wrong} different in RDS"):
        sides.moves(on_step=spoil).switch(GROUP)
    assert where_it_is_written(sides) == ["supabase"]


def test_numbers_go_on_with_a_gap(sides: Sides) -> None:
    for side in (sides.source, sides.target):
        side.execute(
            f"alter table {ADDONS} add column number"  # type: ignore[arg-type]
            " bigint generated by default as identity"
        )
    in_sync(sides, 60)
    sides.moves().switch(GROUP)
    new = sides.target.execute(
        f"insert into {ADDONS} (package_id, name, price) values (gen_random_uuid(), 'x', 1)"  # type: ignore[arg-type]
        " returning number"
    ).fetchone()
    assert new == (60 + 1_000 + 1,)


def test_a_unit_of_work_waits_and_gives_up_in_the_end(
    sides: Sides, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_sync(sides)
    monkeypatch.setattr("ecosystem.database.unit_of_work._PATIENCE_SECONDS", 0.1)
    ends = sides.ends()
    token, _ = gates.close(ends.source, GROUP, (ADDONS,), 1)
    with pytest.raises(Unavailable) as met, database.unit(PACKAGE_EXTRAS):
        pytest.fail("the gate is closed")
    assert met.value.code == "being_moved"
    gates.reopen(ends.source, GROUP, token)
    with database.unit(PACKAGE_EXTRAS) as session:
        assert session.execute(text(f"select count(*) from {ADDONS}")).scalar() == 40


def test_product_code_that_meets_the_trigger_is_told_that_nothing_was_changed(
    sides: Sides, database: Database
) -> None:
    """It can't by chance; a unit that was let in by mistake is refused all the same."""
    in_sync(sides)
    sides.source.execute("update migration_gates set final = true where move_group = %s", (GROUP,))
    sides.source.execute(f"alter table {ADDONS} enable always trigger migration_moved")  # type: ignore[arg-type]
    sides.source.execute(
        "create or replace function migration_open(asked text) returns boolean language sql as 'select true'"
    )
    with pytest.raises(Unavailable) as met, database.unit(PACKAGE_EXTRAS) as session:
        session.execute(text(ADD), {"id": uuid4(), "name": "x"})
    assert met.value.code == "being_moved"


def test_few_rows_are_left_for_the_pause(
    sides: Sides, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many came by while everything was compared."""
    in_sync(sides, 400)
    monkeypatch.setattr(turning, "FEW", 50)
    compared: list[int] = []
    real = turning.Turn._compare_unsure

    def counting(self: turning.Turn, **more: bool) -> None:
        compared.append(sum(map(len, self._unsure.values())))
        real(self, **more)

    monkeypatch.setattr(turning.Turn, "_compare_unsure", counting)

    def busy(step: str) -> None:
        if step == "captured back":
            sides.source.execute(f"update {ADDONS} set price = price + 1")  # type: ignore[arg-type]

    sides.moves(on_step=busy).switch(GROUP)
    assert compared[-1] <= turning.FEW
    assert sides.equal
