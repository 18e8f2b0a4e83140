"""All tables of a group at once: each range in the hands of one of a few threads."""

import threading
import time
from collections.abc import Sequence
from typing import Final

from ecosystem.migration.carrier import BATCH, Carrier
from ecosystem.migration.ends import Ends
from ecosystem.migration.progress import Progress

WORKERS: Final = 2
_IDLE_SECONDS: Final = 0.05


def copy_all(ends: Ends, carriers: Sequence[Carrier], progress: Progress) -> None:
    """Copy until every chunk is there and the log short; what a thread raises ends all of them.

    Raises:
        Fenced: another process has claimed a table. Nothing was written since.
    """
    hands: list[list[tuple[Carrier, int]]] = [[] for _ in range(WORKERS)]
    ranges = [(one, number) for one in carriers for number in range(len(one.parts))]
    for index, work in enumerate(ranges):
        hands[index % WORKERS].append(work)
    crew = _Crew(ends, carriers, progress)
    threads = [threading.Thread(target=crew.work, args=(hand,)) for hand in hands if hand]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    finally:
        crew.stop.set()
        for thread in threads:
            thread.join()
    if crew.errors:
        raise crew.errors[0]


class _Crew:
    """What the threads share."""

    def __init__(self, ends: Ends, carriers: Sequence[Carrier], progress: Progress) -> None:
        self._ends = ends
        self._carriers = carriers
        self._progress = progress
        self.stop = threading.Event()
        self.errors: list[BaseException] = []

    def work(self, hand: Sequence[tuple[Carrier, int]]) -> None:
        try:
            with self._ends.again() as ends:
                self._work([one.over(ends, [one.parts[number]]) for one, number in hand])
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            self.errors.append(error)
            self.stop.set()

    def _work(self, mine: Sequence[Carrier]) -> None:
        while not self.stop.is_set():
            # Who has finished goes on following the log until the last one has.
            behind = not all(one.finished for one in self._carriers)
            moved = 0
            for one in mine:
                # A batch that was not full leaves nothing but what came while it was applied.
                applied, copied = one.batch(), one.chunk()
                self._progress.add(one.table, copied, applied)
                behind |= applied == BATCH
                moved += applied + copied
            if not behind:
                return
            if not moved:
                time.sleep(_IDLE_SECONDS)
