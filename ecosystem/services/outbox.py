"""Delivering what commits left in the outbox: at least once, handlers idempotent."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from ecosystem.database.queries import messages
from ecosystem.database.statements import Statement
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.errors import EcosystemError
from ecosystem.services.ports import Clock

log = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(minutes=15)
AT_ONCE = 20
LEASED_AT_ONCE = 1

Handler = Callable[[dict[str, Any]], None]


class Outbox:
    """``handlers`` maps a topic to what carries it out."""

    def __init__(self, database: Database, handlers: Mapping[str, Handler], clock: Clock) -> None:
        self._database = database
        self._handlers = handlers
        self._clock = clock

    def step(self) -> int:
        """Deliver messages that are due; returns how many were taken.

        Each is leased when its turn comes: the lease of one that waits behind slow ones
        would run out, and another worker would send the same e-mail.
        """
        taken = 0
        became: list[Statement] = []
        while taken < AT_ONCE:
            # What became of the last is written when the next is leased.
            lease = messages.leasing_outbox(self._clock.now(), LEASED_AT_ONCE)
            leased = self._database.together(*became, lease)[-1]
            if not leased:
                return taken
            became = [self._deliver(message) for message in leased]
            taken += len(leased)
        self._database.together(*became)
        return taken

    def _deliver(self, message: Any) -> Statement:
        """Carry a message out; what writes down what became of it."""
        try:
            self._handlers[message.topic](message.payload)
        except EcosystemError as error:
            return self._later(message, error.detail)
        except Exception as error:
            # One broken message must not hold up the others; it keeps its error.
            log.exception("outbox %s (%s) failed", message.id, message.topic)
            return self._later(message, f"{type(error).__name__}: {error}")
        return messages.delivered(message.id, self._clock.now())

    def _later(self, message: Any, error: str) -> Statement:
        wait = min(timedelta(seconds=2 ** min(message.attempts, 12)), LONGEST_WAIT)
        return messages.delivering_later(message.id, self._clock.now() + wait, error)
