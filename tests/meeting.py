"""Threads that have to be at the same point at the same time, or a race proves nothing."""

import threading
from contextlib import suppress


class Meeting:
    """Each thread waits, once, until all have come; when a lock keeps them apart, not for long.

    ``kept_apart`` says that a lock is expected to: then those who come wait a moment for the
    others. Else they wait as long as a busy machine may need.
    """

    def __init__(self, people: int, *, kept_apart: bool) -> None:
        self._barrier = threading.Barrier(people, timeout=0.2 if kept_apart else 60)
        self._been = threading.local()

    def come(self) -> None:
        if getattr(self._been, "here", False):
            return
        self._been.here = True
        with suppress(threading.BrokenBarrierError):
            self._barrier.wait()
