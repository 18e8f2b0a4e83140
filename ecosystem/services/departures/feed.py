"""The calendar of an operator's departures that other programs subscribe to.

Its address is the key: whoever has it sees dates, titles and seats, and no person.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ecosystem.database.placement import ACCOUNTS, PACKAGES, RDS
from ecosystem.database.queries import audit, calendar_feeds, catalogue
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.calendar_text import AllDay, calendar
from ecosystem.domain.errors import NotFound
from ecosystem.domain.ids import secret_token
from ecosystem.services.operator_access import editing, operator_of
from ecosystem.services.ports import Clock

KEPT = timedelta(days=90)
"""How long a departure stays in the calendar after its end."""
MOST_EVENTS = 5000
REFRESH = timedelta(hours=1)


@dataclass(frozen=True)
class Feed:
    """A calendar file. ``etag`` changes when anything in it does."""

    text: str
    etag: str


class CalendarFeeds:
    """``origin`` is the product's address."""

    def __init__(self, database: Database, clock: Clock, origin: str) -> None:
        self._database = database
        self._clock = clock
        self._origin = origin

    def address(self, actor: Actor) -> str:
        """Where the operator's calendar is; empty until one was made. Raises ``Forbidden``."""
        operator_id = operator_of(actor)
        with self._database.unit(RDS) as session:
            feed = calendar_feeds.of_operator(session, operator_id)
        return self._address(feed.token) if feed else ""

    def renew(self, actor: Actor) -> str:
        """Make a new address and give it; the old one ends at once. Raises ``Forbidden``."""
        operator_id = editing(actor)
        token = secret_token()
        with self._database.unit(RDS) as session:
            calendar_feeds.replace(session, operator_id, token, self._clock.now())
            audit.record(session, actor, "calendar.renewed", "operator", operator_id)
        return self._address(token)

    def file(self, token: str) -> Feed:
        """The calendar at this address.

        Raises:
            NotFound: there is none, or its address was replaced.
        """
        with self._database.unit(RDS) as session:
            feed = calendar_feeds.by_token(session, token)
            if feed is None:
                raise NotFound("This calendar does not exist any more.", code="calendar_not_found")
            since = self._clock.now().date() - KEPT
            rows = calendar_feeds.events(session, feed.operator_id, since, MOST_EVENTS)
        with self._database.unit(PACKAGES) as session:
            packages = catalogue.packages(session, sorted({row.package_id for row in rows}))
        with self._database.unit(ACCOUNTS) as session:
            operator = catalogue.operator(session, operator_id=feed.operator_id)
        titles = {package.id: package.title for package in packages}
        name = f"Departures, {operator.name}" if operator else "Departures"
        events = [self._event(row, titles.get(row.package_id, "Trip")) for row in rows]
        made = calendar(name, events, refresh=REFRESH)
        return Feed(made, hashlib.sha256(made.encode()).hexdigest()[:32])

    def _event(self, row: Any, title: str) -> AllDay:
        return AllDay(
            uid=f"departure-{row.id}@ecosystem",
            first=row.starts_on,
            last=row.ends_on,
            summary=f"{title} · {row.sold} of {row.capacity} seats sold",
            changed=row.changed,
            # Whole seconds since it was made: it grows with each change and needs no column.
            sequence=max(int((row.changed - row.created_at).total_seconds()), 0),
            description="Closed: nobody can book it." if row.status == "closed" else "",
            url=f"{self._origin}/provider/departures?package={row.package_id}"
            f"&month={row.starts_on:%Y-%m}",
            cancelled=row.status == "closed",
        )

    def _address(self, token: str) -> str:
        return f"{self._origin}/api/calendars/{token}.ics"
