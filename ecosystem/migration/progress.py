"""How a copy gets on, told to a person every other second."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from ecosystem.migration.ends import Ends
from ecosystem.migration.shape import count

_EVERY: Final = 2.0


class Progress:
    """Rows and changes per table, with the rate since this process began and what is left."""

    def __init__(self, ends: Ends, tables: Sequence[str], say: Callable[[str], None]) -> None:
        self._ends = ends
        self._say = say
        self._began = time.monotonic()
        self._told = self._began
        self._copied = dict.fromkeys(tables, 0)
        self._applied = dict.fromkeys(tables, 0)
        self._there = {table: count(ends.target, table) for table in tables}

    def add(self, table: str, copied: int, applied: int) -> None:
        """A chunk and a batch of a table are done."""
        self._copied[table] += copied
        self._applied[table] += applied
        if time.monotonic() - self._told > _EVERY:
            self._told = time.monotonic()
            self._tell(table)

    def end(self) -> None:
        """Say what was done in all."""
        for table, copied in self._copied.items():
            self._say(f"{table}: {copied:,} rows copied, {self._applied[table]:,} changes followed")

    def _tell(self, table: str) -> None:
        done = self._there[table] + self._copied[table]
        whole = max(count(self._ends.source, table), done)
        rate = self._copied[table] / (time.monotonic() - self._began)
        left = f", about {(whole - done) / rate:,.0f} s left" if rate else ""
        self._say(
            f"{table}: {done:,} of {whole:,} rows, {rate:,.0f} rows/s{left},"
            f" {self._applied[table]:,} changes followed"
        )
