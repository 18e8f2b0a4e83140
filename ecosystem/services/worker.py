"""The background worker: inbox, outbox, search index, reconciling, housekeeping.

Any number of workers may run: work is leased row by row, every step is
idempotent, and one that dies loses nothing.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from ecosystem.domain.errors import EcosystemError

SOON = 0.01
"""Seconds. Work seldom comes alone: after some, a duty looks again this soon, then twice as late
each time, until it is back at its own pace."""
LONG_IDLE = 20
MOST_TROUBLE = 20
"""Doublings of a duty's pace that count, however often it has failed: more are no number."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Duty:
    """``step`` is called every ``every`` seconds, at once again while it returns work done.

    ``threads`` do it at once, where it leases what it works on and most of its time is waiting.
    ``stop`` is told that the worker ends, where one step may take long.
    """

    name: str
    step: Callable[[], int]
    every: float
    greedy: bool = True
    threads: int = 1
    stop: Callable[[], None] = lambda: None


class Worker:
    """Runs each duty in threads of its own until ``stop``."""

    def __init__(self, duties: tuple[Duty, ...]) -> None:
        self._duties = duties
        self._stopping = threading.Event()
        self._wake = {duty.name: threading.Event() for duty in duties}
        self._threads: list[threading.Thread] = []

    def start(self, *names: str) -> None:
        """Begin with every duty, or with those of these names."""
        self._threads = [
            threading.Thread(
                target=self._run, args=(duty,), name=f"worker-{duty.name}-{number}", daemon=True
            )
            for duty in self._duties
            if not names or duty.name in names
            for number in range(duty.threads)
        ]
        for thread in self._threads:
            thread.start()

    def nudge(self, name: str) -> None:
        """Something has just arrived for a duty: do not wait for its turn."""
        self._wake[name].set()

    def stop(self, patience: float = 5.0) -> None:
        """Finish the step under way and end. What is not done stays for the next worker."""
        self._stopping.set()
        for duty in self._duties:
            duty.stop()
        for event in self._wake.values():
            event.set()
        deadline = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def run_once(self) -> int:
        """One step of every duty, in order, in this thread; returns the work done."""
        return sum(duty.step() for duty in self._duties)

    def _run(self, duty: Duty) -> None:
        trouble, idle = 0, LONG_IDLE
        while not self._stopping.is_set():
            try:
                done = duty.step()
                trouble = 0
            except EcosystemError as error:
                done, trouble = 0, min(trouble + 1, MOST_TROUBLE)
                log.warning("worker %s: %s", duty.name, error.detail)
            except Exception:
                # The loop outlives any bug in a step; the step is tried again.
                done, trouble = 0, min(trouble + 1, MOST_TROUBLE)
                log.exception("worker %s: step failed", duty.name)
            if done and duty.greedy:
                idle = 0
                continue
            idle = min(idle + 1, LONG_IDLE)
            soon = SOON * 2**idle if duty.greedy and not trouble else duty.every * 2**trouble
            self._wake[duty.name].wait(min(soon, max(duty.every, 60.0) if trouble else duty.every))
            self._wake[duty.name].clear()
