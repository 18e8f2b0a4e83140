"""A vendor that hangs takes its own places, not every thread of the product."""

import threading
import time
from typing import Any, cast

import pytest

from ecosystem.adapters.bulkhead import Bulkhead
from ecosystem.domain.errors import Unavailable
from ecosystem.services.health import Health, Probe


class Queue:
    """``callers`` who ask at once while the vendor says nothing, and what becomes of them."""

    def __init__(self, bulkhead: Bulkhead, callers: int) -> None:
        self.became: list[str] = []
        self._bulkhead, self._hang = bulkhead, threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(callers)]
        for thread in self._threads:
            thread.start()
        while len(self.became) < callers:
            time.sleep(0.01)

    def _ask(self) -> None:
        try:
            with self._bulkhead.place():
                self.became.append("inside")
                self._hang.wait(60)
        except Unavailable:
            self.became.append("refused")

    def ends(self) -> None:
        self._hang.set()
        for thread in self._threads:
            thread.join()


@pytest.mark.parametrize(("places", "free"), [(3, 7), (10, 0)], ids=["as it is", "control"])
def test_a_hanging_vendor_leaves_the_other_threads_alone(places: int, free: int) -> None:
    queue = Queue(Bulkhead("Away.", code="away", places=places, silent=0.2), 10)
    queue.ends()
    assert queue.became.count("refused") == free


def test_who_comes_while_it_hangs_is_told_at_once() -> None:
    now = [0.0]
    bulkhead = Bulkhead("Away.", code="away", places=1, clock=lambda: now[0])
    first = Queue(bulkhead, 1)
    now[0] += 3
    # By a clock that stands still nobody who waits at all ever comes back.
    with pytest.raises(Unavailable, match="Away"), bulkhead.place():
        pass
    first.ends()
    with bulkhead.place():
        pass


def test_a_busy_vendor_refuses_nobody() -> None:
    """Calls come back all the time: a queue of eight seconds is worth waiting in."""
    now = [0.0]
    bulkhead = Bulkhead("Away.", code="away", places=2, silent=0.5, clock=lambda: now[0])
    done: list[int] = []

    def ask(number: int) -> None:
        with bulkhead.place():
            now[0] += 0.2
            time.sleep(0.01)
            done.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 40


def test_one_part_that_hangs_is_found_alone() -> None:
    """However often it is asked about, the others still answer: nobody is sent away for it."""
    hang = threading.Event()
    asked: list[int] = []

    def hanging() -> None:
        asked.append(0)
        hang.wait(60)

    probes = (Probe("files", hanging, needed=False), Probe("rds", lambda: None, needed=True))
    health = Health(cast(Any, None), probes, patience=1)
    try:
        for _ in range(3):
            assert [found.ok for found in health.check()] == [False, True]
        assert len(asked) == 1
    finally:
        hang.set()
    while not health.check()[0].ok:  # the answer it still owed comes first
        time.sleep(0.01)
