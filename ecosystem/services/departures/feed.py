"""The calendar of an operator's departures that other programs subscribe to.

Its address is the key: whoever has it sees dates, titles and seats, and no person. Each of the
team has one of her own, which ends when she leaves the team.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from ecosystem.database.placement import ACCOUNTS, PACKAGES, RDS
from ecosystem.database.queries import audit, calendar_feeds, catalogue, team
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
        """Where the actor finds the operator's calendar; empty until addresses were made.

        Raises ``Forbidden``.
        """
        operator_id = operator_of(actor)
        with self._database.unit(RDS) as session:
            feed = calendar_feeds.of_operator(session, operator_id)
        return self._address(operator_id, actor.user_id, feed.token) if feed else ""

    def renew(self, actor: Actor) -> str:
        """Make new addresses for the team and give the actor's; the old ones end at once.

        Raises ``Forbidden``.
        """
        operator_id = editing(actor)
        token = secret_token()
        with self._database.unit(RDS) as session:
            calendar_feeds.replace(session, operator_id, token, self._clock.now())
            audit.record(session, actor, "calendar.renewed", "operator", operator_id)
        return self._address(operator_id, actor.user_id, token)

    def file(self, token: str) -> Feed:
        """The calendar at this address.

        Raises:
            NotFound: there is none, its address was replaced, or whose it is has left the team.
        """
        operator_id = self._opened(token)
        since = self._clock.now().date() - KEPT
        with self._database.unit(RDS) as session:
            rows = calendar_feeds.events(session, operator_id, since, MOST_EVENTS)
        with self._database.unit(PACKAGES) as session:
            packages = catalogue.packages(session, sorted({row.package_id for row in rows}))
        with self._database.unit(ACCOUNTS) as session:
            operator = catalogue.operator(session, operator_id=operator_id)
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

    def _opened(self, token: str) -> UUID:
        """The operator whose calendar somebody of its team may read here."""
        try:
            raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            operator_id, user_id = UUID(bytes=raw[:16]), UUID(bytes=raw[16:32])
        except (ValueError, NotBase64):
            raise _no_calendar() from None
        with self._database.unit(RDS) as session:
            feed = calendar_feeds.of_operator(session, operator_id)
        if feed is None or not hmac.compare_digest(
            _token(operator_id, user_id, feed.token).encode(), token.encode()
        ):
            raise _no_calendar()
        if not self._works_there(operator_id, user_id):
            raise _no_calendar()
        return operator_id

    def _works_there(self, operator_id: UUID, user_id: UUID) -> bool:
        with self._database.unit(RDS) as session:
            member = team.member_of(session, user_id)
        if member is not None and member.operator_id == operator_id:
            return member.disabled_at is None
        with self._database.unit(ACCOUNTS) as session:
            operator = catalogue.operator(session, operator_id=operator_id)
        return operator is not None and operator.user_id == user_id

    def _address(self, operator_id: UUID, user_id: UUID | None, secret: str) -> str:
        if user_id is None:
            return ""
        return f"{self._origin}/api/calendars/{_token(operator_id, user_id, secret)}.ics"


def _token(operator_id: UUID, user_id: UUID, secret: str) -> str:
    """Both ids, and what only who knows the operator's ``secret`` can make of them."""
    ids = operator_id.bytes + user_id.bytes
    sealed = hmac.digest(secret.encode(), b"calendar " + ids, "sha256")
    return urlsafe_b64encode(ids + sealed).decode().rstrip("=")


def _no_calendar() -> NotFound:
    return NotFound("This calendar does not exist any more.", code="calendar_not_found")
