"""A vendor that hangs takes its own places, not every thread of the product."""

import threading
import time

import pytest

from ecosystem.adapters.bulkhead import Bulkhead
from ecosystem.domain.errors import Unavailable


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
