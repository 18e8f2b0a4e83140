"""How often the worker looks: at once while there is work, soon after it, at its pace else."""

import threading

from ecosystem.domain.errors import Unavailable
from ecosystem.services.worker import Duty, Worker


def test_after_work_it_looks_again_long_before_its_turn() -> None:
    came = iter([1, 0, 0, 0, 1])
    again = threading.Event()
    calls: list[int] = []

    def step() -> int:
        calls.append(next(came, 0))
        if sum(calls) == 2:
            again.set()
        return calls[-1]

    worker = Worker((Duty("inbox", step, every=3600),))
    worker.start()
    try:
        assert again.wait(60), "work that came just after other work waits for an hour"
    finally:
        worker.stop()


def test_without_work_it_keeps_its_pace() -> None:
    calls: list[int] = []
    first = threading.Event()

    def step() -> int:
        calls.append(0)
        first.set()
        return 0

    worker = Worker((Duty("inbox", step, every=3600),))
    worker.start()
    assert first.wait(60)
    worker.stop()
    assert len(calls) <= 2


def test_it_goes_on_after_a_night_of_failures() -> None:
    """What fails for hours waits as long as may be, and its thread does not end of it."""
    failures, over = 1_100, threading.Event()
    calls: list[int] = []

    def step() -> int:
        calls.append(0)
        worker.nudge("inbox")  # no waiting here
        if len(calls) <= failures:
            raise Unavailable("Nobody answers.")
        over.set()
        return 0

    worker = Worker((Duty("inbox", step, every=0.5),))
    worker.start()
    try:
        assert over.wait(60), f"it has ended after {len(calls)} failures"
    finally:
        worker.stop()
