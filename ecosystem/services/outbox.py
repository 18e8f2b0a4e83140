"""Delivering what commits left in the outbox: at least once, handlers idempotent."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from ecosystem.database.placement import RDS
from ecosystem.database.queries import messages
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
        while taken < AT_ONCE:
            with self._database.unit(RDS) as session:
                leased = messages.lease_outbox(session, self._clock.now(), LEASED_AT_ONCE)
            for message in leased:
                self._deliver(message)
            if not leased:
                break
            taken += len(leased)
        return taken

    def _deliver(self, message: Any) -> None:
        try:
            self._handlers[message.topic](message.payload)
        except EcosystemError as error:
            self._later(message, error.detail)
        except Exception as error:
            # One broken message must not hold up the others; it keeps its error.
            log.exception("outbox %s (%s) failed", message.id, message.topic)
            self._later(message, f"{type(error).__name__}: {error}")
        else:
            with self._database.unit(RDS) as session:
                messages.finish_outbox(session, message.id, self._clock.now())

    def _later(self, message: Any, error: str) -> None:
        wait = min(timedelta(seconds=2 ** min(message.attempts, 12)), LONGEST_WAIT)
        with self._database.unit(RDS) as session:
            messages.retry_outbox(session, message.id, self._clock.now() + wait, error)
