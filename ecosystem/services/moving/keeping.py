"""The worker keeps both sides of a group in step, and finishes what a killed switch left."""

import logging
import time
from contextlib import AbstractContextManager, suppress
from typing import Any, Final

from ecosystem.database.placement import RDS
from ecosystem.database.queries import moving
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import SYSTEM
from ecosystem.domain.errors import EcosystemError, Unavailable
from ecosystem.services.moving.engine import (
    Engine,
    Engines,
    Following,
    NotDone,
    TakenOver,
    unsaid,
)
from ecosystem.services.moving.pace import Limits, Pace, Stopped

log = logging.getLogger(__name__)

QUIET_SECONDS: Final = 10.0
"""A group whose keeper gave no sign of life for so long is carried on by this worker."""

_IN_STEP: Final = ("in_sync", "switched")
_LOOK_SECONDS: Final = 1.0
"""How often we ask where the group is, and whether a switch was decided whose process is gone."""
_AWAY_SECONDS: Final = 2.0
_REFUSED_SECONDS: Final = 10.0


class GroupKeeping:
    """One group in a thread of its own; any number of workers may run.

    Nothing here holds a lock for longer than a batch: the fence inside the database that is
    written decides who carries the group, and who has lost it leaves.

    Args:
        name: of this process.
    """

    def __init__(
        self, database: Database, engines: Engines, limits: Limits, group: str, name: str
    ) -> None:
        self._database = database
        self._engines = engines
        self._limits = limits
        self._group = group
        self._name = name
        self._stopped = False
        self._open: AbstractContextManager[Following] | None = None
        self._following: Following | None = None
        self._authority = ""
        self._troubled = False
        self._looked = self._not_before = float("-inf")

    def stop(self) -> None:
        """This process ends: leave at the next step."""
        self._stopped = True

    def step(self) -> int:
        """One batch of what has changed; returns how many changes.

        A database that does not answer is asked again each second: people may wait for a switch
        to be settled.
        """
        try:
            done = self._step()
        except Unavailable as error:
            self._let_go()
            self._authority = ""
            if not self._troubled:
                # People read what became of it in our words; the driver's are only here.
                log.warning("moving %s: %s %s", self._group, error.detail, error.__cause__)
            self._troubled = True
            return 0
        self._troubled = False
        return done

    def _step(self) -> int:
        if time.monotonic() - self._looked >= _LOOK_SECONDS or self._stopped:
            self._looked = time.monotonic()
            self._authority = self._look()
            if not self._authority:
                self._let_go()
        return self._follow(self._authority) if self._authority else 0

    def _look(self) -> str:
        """Which database has authority; empty: there is nothing to follow now."""
        if self._stopped:
            return ""
        with self._database.unit(RDS) as session:
            now = moving.group(session, self._group)
        if now is None or now.phase not in _IN_STEP:
            return ""
        with self._database.at(now.authority) as connection:
            given_up = moving.given_up(connection, self._group)
        try:
            if given_up and self._engine().settle(self._group):
                # It has changed hands just now: look again.
                self._looked = float("-inf")
                return ""
        except NotDone as error:
            self._tell(error.detail)
            return ""
        # A job that carries the group claims its tables for itself.
        return "" if now.paused or now.busy else now.authority

    def _follow(self, authority: str) -> int:
        try:
            if self._following is None:
                self._following = self._begin(authority)
            return self._following.step() if self._following is not None else 0
        except Stopped:
            self._let_go()
        except TakenOver:
            # Somebody's command has it now; we are back when it has left.
            self._let_go()
            self._not_before = time.monotonic() + _AWAY_SECONDS
        except NotDone as error:
            self._let_go()
            self._not_before = time.monotonic() + _REFUSED_SECONDS
            self._tell(error.detail)
        except EcosystemError:
            self._let_go()
            raise
        return 0

    def _begin(self, authority: str) -> Following | None:
        """Claim the group's tables, unless somebody else carries them."""
        if time.monotonic() < self._not_before:
            return None
        owner, quiet = self._engines.carried_by(self._group, authority)
        if owner not in ("", self._name) and quiet < QUIET_SECONDS:
            self._not_before = time.monotonic() + _AWAY_SECONDS
            return None
        self._open = self._engine().following(self._group)
        following = self._open.__enter__()
        self._tell("")
        return following

    def _let_go(self) -> None:
        opened, self._open = self._open, None
        if opened is not None and self._following is not None:
            with suppress(EcosystemError):
                opened.__exit__(None, None, None)
        self._following = None

    def _tell(self, why: str) -> None:
        with self._database.unit(RDS) as session:
            moving.keep_pace(session, self._group, why, {})

    def _engine(self) -> Engine:
        pace: Any = Pace(
            self._database,
            self._limits,
            self._engines.group_of,
            stopped=lambda: self._stopped,
            rests=False,
        )
        return self._engines.engine(unsaid, pace, self._name, SYSTEM, "worker")
