"""How a copy gets on, told to a person every other second."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from ecosystem.migration.ends import Ends
from ecosystem.migration.fence import copied as already
from ecosystem.migration.shape import count

_EVERY: Final = 2.0


class Progress:
    """Rows and changes per table, with the rate since this process began and what is left.

    Any thread may tell what it has done.
    """

    def __init__(self, ends: Ends, tables: Sequence[str], say: Callable[[str], None]) -> None:
        self._say = say
        self._lock = threading.Lock()
        self._copied = dict.fromkeys(tables, 0)
        self._applied = dict.fromkeys(tables, 0)
        self._there = {table: already(ends.target, table) for table in tables}
        # Counted once: on a large table it takes as long as many chunks.
        self._whole = {table: count(ends.source, table) for table in tables}
        self._began = self._told = time.monotonic()

    def add(self, table: str, copied: int, applied: int) -> None:
        """A chunk and a batch of a table are done."""
        with self._lock:
            self._copied[table] += copied
            self._applied[table] += applied
            if time.monotonic() - self._told < _EVERY:
                return
            self._told = time.monotonic()
            line = self._line(table)
        self._say(line)

    def end(self) -> None:
        """Say what was done in all."""
        for table, copied in self._copied.items():
            self._say(f"{table}: {copied:,} rows copied, {self._applied[table]:,} changes followed")

    def _line(self, table: str) -> str:
        done = self._there[table] + self._copied[table]
        whole = max(self._whole[table], done)
        rate = self._copied[table] / (time.monotonic() - self._began)
        left = f", about {(whole - done) / rate:,.0f} s left" if rate else ""
        return (
            f"{table}: {done:,} of {whole:,} rows, {rate:,.0f} rows/s{left},"
            f" {self._applied[table]:,} changes followed"
        )
