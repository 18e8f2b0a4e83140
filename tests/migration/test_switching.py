"""Authority goes to RDS and comes back: nothing is lost, whoever is killed, asleep or in the way."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from ecosystem.database.placement import PACKAGE_EXTRAS
from ecosystem.database.unit_of_work import Database
from ecosystem.migration import gates, turning
from tests.migration.sides import ADDONS, GROUP, Killed, Sides
from tests.migration.whereabouts import authority, in_sync, time_passes, where_it_is_written

BEFORE = ("switch begun", "captured back", "verified", "closing")
CLOSED = ("closed", "drained", "compared", "sequences", "complete")
AFTER = ("final", "opened", "flipped")

ADD = f"insert into {ADDONS} (id, package_id, name, price) values (:id, :id, :name, 1)"


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
