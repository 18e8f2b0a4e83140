"""How fast tables are carried: rest when somebody asks, wait while a database is busy."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from ecosystem.database.placement import RDS, SUPABASE
from ecosystem.database.queries import moving
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.errors import Unavailable
from ecosystem.domain.moving import WAITS

_LOOK_SECONDS: Final = 1.0
_WAIT_SECONDS: Final = 0.25
_RATE_SECONDS: Final = 10.0


class Step(Protocol):
    """What was just done with ``rows`` of a ``table``: a ``chunk`` copied, a ``batch`` of changes
    carried over, a ``range`` compared."""

    @property
    def table(self) -> str: ...

    @property
    def what(self) -> str: ...

    @property
    def rows(self) -> int: ...


class Stopped(Exception):
    """Somebody wants this to end; what was committed stays, and the next one goes on there."""


@dataclass(frozen=True)
class Limits:
    """When copying waits.

    Attributes:
        load: statements that the database with authority works on at this moment.
        latency: seconds that the smallest commit takes in the database that is written.
    """

    load: int
    latency: float


class Pace:
    """Asked between two steps, from several threads; returns when the next one may begin.

    It rests while the group is paused, and lets chunks and comparisons wait while a database is
    busy: changes that follow are never held back by that, for they would only become more.

    Args:
        group_of: the group of a table.
        stopped: says that the work shall end.
        rests: False for a change of authority, which must not stand still half way.
    """

    def __init__(
        self,
        database: Database,
        limits: Limits,
        group_of: Callable[[str], str],
        *,
        stopped: Callable[[], bool] = lambda: False,
        rests: bool = True,
        say: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self._database = database
        self._limits = limits
        self._group_of = group_of
        self._stopped = stopped
        self._rests = rests
        self._say = say
        self._lock = threading.Lock()
        self._looked = float("-inf")
        self._why = ""
        # What an earlier one has told may stand there still.
        self._told: tuple[str, dict[str, float]] | None = None
        self._rows: deque[tuple[float, str, int]] = deque()

    def __call__(self, step: Step) -> None:
        """Returns at once, or when the group may go on.

        Raises:
            Stopped: the work shall end.
        """
        if step.what == "chunk" and step.rows:
            self._rows.append((time.monotonic(), step.table, step.rows))
        if self._stopped():
            raise Stopped
        if not self._rests:
            return
        group = self._group_of(step.table)
        # The other threads wait here while one looks, and while the group rests.
        with self._lock:
            while why := self._why_to_wait(group, step.what != "batch"):
                if why != self._why:
                    self._say(f"{group}: {why}")
                self._why = why
                time.sleep(_WAIT_SECONDS)
                if self._stopped():
                    raise Stopped
            self._why = ""

    def _why_to_wait(self, group: str, bulk: bool) -> str:
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return self._why
        try:
            with self._database.unit(RDS) as session:
                now = moving.group(session, group)
            if now is None:
                return ""
            why = "it is paused" if now.paused else ""
            if bulk and not why:
                why = self._busy(now.authority)
            told = ("" if now.paused else why, self._rates())
            if told != self._told:
                with self._database.unit(RDS) as session:
                    moving.keep_pace(session, group, *told)
                self._told = told
        except Unavailable:
            # What carries will meet the same and knows how often to try again.
            why = ""
        self._looked = time.monotonic()
        return why

    def _busy(self, authority: str) -> str:
        """Which database is too busy for copying, in words."""
        other = SUPABASE if authority == RDS else RDS
        with self._database.at(authority) as connection:
            load = moving.load(connection)
        if load > self._limits.load:
            return (
                f"{WAITS}: {_NAMES[authority]} works on {load} statements"
                f" (more than {self._limits.load})"
            )
        began = time.monotonic()
        with self._database.at(other) as connection:
            moving.write_something(connection)
        took = time.monotonic() - began
        if took > self._limits.latency:
            return (
                f"{WAITS}: a commit takes {took * 1000:,.0f} ms in {_NAMES[other]}"
                f" (more than {self._limits.latency * 1000:,.0f} ms)"
            )
        return ""

    def _rates(self) -> dict[str, float]:
        """Rows a second of each table, over the last seconds."""
        now = time.monotonic()
        while self._rows and self._rows[0][0] < now - _RATE_SECONDS:
            self._rows.popleft()
        if not self._rows:
            return {}
        seconds = max(now - self._rows[0][0], _LOOK_SECONDS)
        rates: dict[str, float] = {}
        for _, table, rows in list(self._rows):
            rates[table] = rates.get(table, 0.0) + rows / seconds
        return rates


_NAMES = {RDS: "RDS", SUPABASE: "Supabase"}
