"""A vendor that hangs takes its own places, not every thread of the product."""

import threading
import time
from typing import Any, cast

import pytest

from ecosystem.adapters.bulkhead import Bulkhead
from ecosystem.domain.errors import Unavailable
from ecosystem.services.health import Health, Probe


def waited(bulkhead: Bulkhead, callers: int, hang: threading.Event) -> list[str]:
    """What becomes of ``callers`` who ask at once while the vendor says nothing."""
    became: list[str] = []

    def ask() -> None:
        try:
            with bulkhead.place():
                hang.wait(10)
                became.append("answered")
        except Unavailable:
            became.append("refused")

    threads = [threading.Thread(target=ask) for _ in range(callers)]
    for thread in threads:
        thread.start()
    time.sleep(0.6)
    refused_meanwhile = list(became)
    hang.set()
    for thread in threads:
        thread.join()
    return refused_meanwhile


@pytest.mark.parametrize(("places", "free"), [(3, 7), (10, 0)], ids=["as it is", "control"])
def test_a_hanging_vendor_leaves_the_other_threads_alone(places: int, free: int) -> None:
    bulkhead = Bulkhead("Away.", code="away", places=places, silent=0.2)
    assert waited(bulkhead, 10, threading.Event()) == ["refused"] * free


def test_who_comes_while_it_hangs_is_told_at_once() -> None:
    hang = threading.Event()
    bulkhead = Bulkhead("Away.", code="away", places=1, silent=0.1)
    first = threading.Thread(target=waited, args=(bulkhead, 1, hang))
    first.start()
    time.sleep(0.3)
    before = time.perf_counter()
    with pytest.raises(Unavailable, match="Away"), bulkhead.place():
        pass
    assert time.perf_counter() - before < 0.1
    hang.set()
    first.join()
    with bulkhead.place():
        pass


def test_a_busy_vendor_refuses_nobody() -> None:
    """Calls come back all the time: a long queue is worth waiting in."""
    bulkhead = Bulkhead("Away.", code="away", places=2, silent=0.5)
    done: list[int] = []

    def ask(number: int) -> None:
        with bulkhead.place():
            time.sleep(0.05)
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
        hang.wait(10)

    probes = (Probe("files", hanging, needed=False), Probe("rds", lambda: None, needed=True))
    health = Health(cast(Any, None), probes, patience=0.2)
    try:
        for _ in range(3):
            assert [found.ok for found in health.check()] == [False, True]
        assert len(asked) == 1
    finally:
        hang.set()
    while not health.check()[0].ok:  # the answer it still owed comes first
        time.sleep(0.01)
