"""What the worker sees of moving tables, kept so that any number of people can watch it."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ecosystem.database.placement import ACCOUNTS, MOVING, RDS
from ecosystem.database.queries import moving
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.moving import SINK
from ecosystem.services.account_moves import AccountMoves
from ecosystem.services.marketplace import ReadModelCheck, ReadModelKeeping
from ecosystem.services.moving.engine import Engines
from ecosystem.services.ports import Clock

_BUSY_SECONDS: Final = 2.0
_IN_STEP_SECONDS: Final = 5.0
_IDLE_SECONDS: Final = 10.0
_SHARE: Final = 20.0
"""Counting a large table takes time: it is done at most one twentieth of the time."""
_PEOPLE_SECONDS: Final = 600.0
_PEOPLE_SHARE: Final = 100.0

_LOOKING: Final = "looking"
Seen = Mapping[str, Sequence[Mapping[str, Any]]]


class Looks:
    """``step`` is a duty of the worker; of several workers one looks at a time.

    Args:
        people: counts operators' people when their sign-in moves; None when it does not.
        read_model: None where there is none.
    """

    def __init__(
        self,
        database: Database,
        engines: Engines,
        clock: Clock,
        people: AccountMoves | None,
        read_model: tuple[ReadModelKeeping, ReadModelCheck] | None,
    ) -> None:
        self._database = database
        self._engines = engines
        self._clock = clock
        self._people = people
        self._read_model = read_model
        self._every = _BUSY_SECONDS
        self._people_every = _PEOPLE_SECONDS

    def step(self) -> int:
        """Look at everything when it is time; returns how many groups were looked at."""
        with self._database.unit(RDS) as session:
            if not moving.due(session, MOVING[0], _LOOKING, self._every):
                return 0
        began = time.monotonic()
        seen = self._engines.look()
        for group, tables in seen.items():
            keeper, quiet = self._engines.carried_by(group, tables[0]["authority"])
            self._keep(
                group,
                {"tables": list(tables), "keeper": keeper if quiet < _IDLE_SECONDS else ""},
            )
        if self._read_model is not None:
            keeping, check = self._read_model
            waiting = check.backlog()
            self._keep(
                SINK,
                {
                    "phase": keeping.progress(),
                    "pending": waiting.rows,
                    "lag_seconds": round(waiting.lag_seconds, 3),
                },
            )
        self._every = max(self._pace(seen), _SHARE * (time.monotonic() - began))
        self._count_people()
        return len(seen)

    def alive(self) -> int:
        """Say that a worker runs; a duty of its own, for counting may take long."""
        with self._database.unit(RDS) as session:
            moving.alive(session)
        return 0

    def _keep(self, group: str, seen: dict[str, Any]) -> None:
        seen = {**seen, "at": self._clock.now().isoformat()}
        with self._database.unit(RDS) as session:
            moving.keep_seen(session, group, seen)

    def _pace(self, seen: Seen) -> float:
        phases = {table["phase"] for tables in seen.values() for table in tables}
        with self._database.unit(RDS) as session:
            working = any(row.finished_at is None for row in moving.latest_jobs(session))
        if working or phases & {"capturing", "copying"}:
            return _BUSY_SECONDS
        return _IN_STEP_SECONDS if phases & {"in_sync", "switched"} else _IDLE_SECONDS

    def _count_people(self) -> None:
        if self._people is None:
            return
        with self._database.unit(RDS) as session:
            if not moving.due(session, ACCOUNTS, "counting", self._people_every):
                return
        began = time.monotonic()
        counts = self._people.count()
        self._people_every = max(_PEOPLE_SECONDS, _PEOPLE_SHARE * (time.monotonic() - began))
        kept = {**counts.as_json(), "at": self._clock.now().isoformat()}
        with self._database.unit(RDS) as session:
            moving.keep_seen(session, ACCOUNTS, {"sign_in": kept})


def look_soon(session: RoutedSession) -> None:
    """Something has changed that people wait to see: look at the next step."""
    moving.again_soon(session, MOVING[0], _LOOKING)
