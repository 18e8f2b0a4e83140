"""People who write at full speed and remember what was acknowledged.

Each has rows of its own, so that it knows to the letter what they have to be, a diary that counts
its acknowledged transactions, and adds to rows that all share. What a database has afterwards is
held against their memory: a row is *lost*, a *ghost* or *stale*, or all is well.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from ecosystem.domain.errors import Unavailable
from tests.migration.books import Book, Door, MovedAway, Rows, Run, new_key


class _Regret(Exception):
    """The writer changes its mind: everything is rolled back."""


class Witness:
    """One writer and its memory.

    Attributes:
        acknowledged, regretted, moved_away: transactions that were committed, rolled back by the
            writer, refused because the group is elsewhere.
        slowest: seconds of the longest transaction that was acknowledged.
        wrong: what it saw that contradicts its memory.
        errors: what it was told besides; a user would have seen it.
    """

    def __init__(self, door: Door, book: Book, seed: int, shared: Sequence[UUID] = ()) -> None:
        self._door, self._book, self._shared = door, book, shared
        self._dice = random.Random(seed)
        self.owner, self.diary = new_key(self._dice), new_key(self._dice)
        self.rows: Rows = {}
        self.added: Counter[UUID] = Counter()
        self.acknowledged = self.regretted = self.moved_away = 0
        self.slowest = 0.0
        self.wrong: list[str] = []
        self.errors: list[str] = []

    def begin(self) -> None:
        """Open the diary."""
        with self._door() as run:
            self._book.begin(run, self.owner, self.diary)

    def once(self, *, pause: float = 0.0) -> bool:
        """One transaction of some changes; whether it was acknowledged. ``pause``: seconds that it
        stays open at its end."""
        after, added = dict(self.rows), Counter(self.added)
        regret = self._dice.random() < 0.12
        began = time.monotonic()
        try:
            with self._door() as run:
                page = self._book.turn_page(run, self.diary)
                if page != self.acknowledged + 1:
                    self.wrong.append(f"page {page} after {self.acknowledged} were acknowledged")
                for _ in range(self._dice.randint(1, 3)):
                    self._book.change(run, self._dice, self.owner, after)
                if self._shared and self._dice.random() < 0.3:
                    key = self._dice.choice(self._shared)
                    self._book.turn_page(run, key)
                    added[key] += 1
                if pause:
                    time.sleep(pause)
                if regret:
                    raise _Regret
        except _Regret:
            self.regretted += 1
            return False
        except MovedAway:
            self.moved_away += 1
            return False
        except Unavailable as error:
            self.errors.append(error.detail)
            return False
        self.rows, self.added = after, added
        self.acknowledged += 1
        self.slowest = max(self.slowest, time.monotonic() - began)
        return True

    def differences(self, run: Run) -> list[str]:
        """What a database has otherwise than was acknowledged: lost, ghost and stale rows."""
        found = self._book.read(run, self.owner, self.diary)
        told = list(self.wrong)
        for where in self.rows.keys() | found.keys():
            if where not in found:
                told.append(f"lost: {where}")
            elif where not in self.rows:
                told.append(f"ghost: {where}")
            elif found[where] != self.rows[where]:
                told.append(f"stale: {where} is {found[where]}, not {self.rows[where]}")
        page = self._book.value(run, self.diary)
        if page != self.acknowledged:
            told.append(f"diary has {page}, {self.acknowledged} were acknowledged")
        return told


class Crowd:
    """Witnesses who write at once, each in a thread, over rows that they share."""

    def __init__(self, book: Book, doors: Sequence[Door], seed: int, shared: int = 3) -> None:
        self._book = book
        dice = random.Random(seed)
        self._shared = [new_key(dice) for _ in range(shared)]
        self.witnesses = [Witness(door, book, dice.getrandbits(32), self._shared) for door in doors]
        with doors[0]() as run:
            for key in self._shared:
                book.begin(run, new_key(dice), key)
        for one in self.witnesses:
            one.begin()

    @contextmanager
    def at_work(self, rest: float = 0.0) -> Iterator[None]:
        """All of them write until the block ends, with ``rest`` seconds between two transactions."""
        stop = threading.Event()
        failures: list[BaseException] = []

        def run(one: Witness, seed: int) -> None:
            dice = random.Random(seed)
            try:
                while not stop.is_set():
                    # Now and then somebody keeps a transaction open.
                    slow = dice.random() < 0.01
                    done = one.once(pause=dice.uniform(0.02, 0.15) if slow else 0.0)
                    time.sleep(rest if done else 0.002)
            except BaseException as error:  # noqa: BLE001  (a thread's failure is the test's)
                failures.append(error)

        threads = [
            threading.Thread(target=run, args=(one, seed), name=f"witness {seed}")
            for seed, one in enumerate(self.witnesses)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert not failures, failures

    def differences(self, run: Run) -> list[str]:
        """Of all of them, and of what they share."""
        told = [line for one in self.witnesses for line in one.differences(run)]
        for key in self._shared:
            expected = sum(one.added[key] for one in self.witnesses)
            if (value := self._book.value(run, key)) != expected:
                told.append(f"shared row has {value}, {expected} were acknowledged")
        return told

    @property
    def acknowledged(self) -> int:
        return sum(one.acknowledged for one in self.witnesses)

    @property
    def errors(self) -> list[str]:
        return [line for one in self.witnesses for line in one.errors]
