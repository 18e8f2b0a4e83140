"""The day's exchange rates: fetched once a day, kept, and given to who shows amounts."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ecosystem.database.placement import RDS
from ecosystem.database.queries import exchange as queries
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.currencies import DayRates
from ecosystem.domain.errors import Unavailable
from ecosystem.domain.language import _
from ecosystem.services.ports import Clock, ExchangeRates

PUBLISHED = timedelta(hours=16)
"""After midnight UTC. The bank publishes at about 16:00 Central European Time, which is 14:00
or 15:00 UTC: https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates"""
AHEAD = timedelta(days=1)
REMEMBERED_SECONDS = 60.0


class Exchange:
    """``source`` is asked by the worker alone; readers get what is kept."""

    def __init__(
        self,
        database: Database,
        source: ExchangeRates,
        clock: Clock,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._source = source
        self._clock = clock
        self._ticks = ticks
        self._lock = threading.Lock()
        self._known: DayRates | None = None
        self._known_at = float("-inf")

    def latest(self) -> DayRates:
        """The newest rates there are, at most a minute old, with the day they are of.

        Raises:
            Unavailable: none came in yet, or the database does not answer.
        """
        with self._lock:
            known = self._known
            if known is not None and self._ticks() - self._known_at < REMEMBERED_SECONDS:
                return known
        with self._database.unit(RDS) as session:
            known = queries.latest(session)
        if known is None:
            raise Unavailable(
                _("There are no exchange rates yet. Amounts are shown as they are charged."),
            )
        with self._lock:
            self._known, self._known_at = known, self._ticks()
        return known

    def step(self) -> int:
        """Fetch the rates if the day's can be out and were not fetched; 1 when it did.

        Safe to repeat and to run in several workers at once. When the bank does not answer,
        the rates of the day before stay, and the worker asks again.

        Raises:
            Unavailable: no answer, or one that can't be right.
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            last = queries.last_fetch(session)
        if last is not None and last >= _last_publication(now):
            return 0
        rates = self._source.fetch()
        if rates.day > (now + AHEAD).date():
            raise Unavailable(
                _("The exchange rates that came in are of a day to come; the last ones stay."),
            )
        with self._database.unit(RDS) as session:
            queries.put(session, rates, now)
        with self._lock:
            self._known_at = float("-inf")
        return 1


def _last_publication(now: datetime) -> datetime:
    """The last moment at which a day's rates were out."""
    today = datetime(now.year, now.month, now.day, tzinfo=UTC) + PUBLISHED
    return today if now >= today else today - timedelta(days=1)
