"""What agencies' days look like, kept for a moment and shared by all of an agency's people.

Two hundred open desks look anew every five seconds. Without this each look would be a dozen
statements; with it an agency is read once in ``KEPT``, whoever asks, and a page that has seen a
look's version has nothing to draw.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from ecosystem.domain.desks import AgencyToday
from ecosystem.services.ports import Clock

KEPT = timedelta(seconds=2)
MOST = 1_000
"""Agencies remembered: those that were not asked for longest are forgotten first."""


@dataclass(frozen=True)
class Look:
    """An agency's day as it was at ``at``. ``version`` changes with what it says."""

    today: AgencyToday
    at: datetime
    version: str


class Looks:
    """``read`` reads an agency's day from the database."""

    def __init__(self, read: Callable[[UUID], AgencyToday], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._known: dict[UUID, Look] = {}
        self._reading: dict[UUID, threading.Lock] = {}
        self._lock = threading.Lock()

    def read(self, agency_id: UUID) -> Look:
        """How it is now. A look that says the same keeps its version."""
        at = self._clock.now()
        today = self._read(agency_id)
        with self._lock:
            known = self._known.pop(agency_id, None)
            if known is not None and known.today == today:
                look = replace(known, at=max(at, known.at))
            elif known is not None and known.at > at:
                look = known  # somebody else has read it later, and was quicker
            else:
                look = Look(today, at, uuid4().hex)
            self._known[agency_id] = look
            while len(self._known) > MOST:
                forgotten = next(iter(self._known))
                del self._known[forgotten]
                self._reading.pop(forgotten, None)
        return look

    def kept(self, agency_id: UUID) -> Look | None:
        """A look that is at most ``KEPT`` old; None without one."""
        look = self._known.get(agency_id)
        if look is None or not -KEPT < self._clock.now() - look.at < KEPT:
            return None
        return look

    def lately(self, agency_id: UUID) -> Look:
        """A look at most ``KEPT`` old: who asks while it is read waits for that reading."""
        look = self.kept(agency_id)
        if look is not None:
            return look
        with self._lock:
            reading = self._reading.setdefault(agency_id, threading.Lock())
        with reading:
            return self.kept(agency_id) or self.read(agency_id)
