"""An agency and its people."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agencies as queries
from ecosystem.database.queries import agency_today, desks
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.desks import (
    WITHOUT_PASSPORT_DAYS,
    AgencyToday,
    Balance,
    MonthSales,
    PassportNeeded,
    Pipeline,
    QuoteNews,
    Sold,
    Travel,
    WaitingPayment,
)
from ecosystem.domain.errors import NotFound
from ecosystem.domain.money import Money
from ecosystem.services.agency_access import agency_of
from ecosystem.services.ports import Clock

SOON_DAYS = 7
BALANCES_AHEAD = timedelta(days=14)
LINES = 20
NEWS_FOR = timedelta(days=2)
"""How long an opened or accepted proposal stands among what is new."""
QUOTE_ENDS_SOON = timedelta(days=3)
PASSPORTS_AHEAD = timedelta(days=180)
PASSPORT_LINES = 6
PASSPORT_MONTHS = 6
"""Many countries let in only passports valid for six months beyond the stay."""


@dataclass(frozen=True)
class AgentView:
    """A person of an agency. ``role``: owner, agent or assistant."""

    id: UUID
    name: str
    email: str
    role: str
    agency_slug: str
    agency_name: str

    def as_json(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "name": self.name,
            "email": self.email,
            "role": self.role,
            "owner": self.role == "owner",
            "agency": {"slug": self.agency_slug, "name": self.agency_name},
        }


class AgencyDesk:
    """Only the caller's own agency is ever read."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def people(self, actor: Actor) -> list[AgentView]:
        """The people of the caller's agency, by name."""
        agency_id = agency_of(actor)
        with self._database.unit(RDS) as session:
            agency = queries.agency(session, agency_id)
            agents = queries.people(session, agency_id)
        if agency is None:
            raise NotFound("This agency does not exist.")
        return [
            AgentView(a.id, a.full_name, a.email, a.role, agency.slug, agency.name) for a in agents
        ]

    def me(self, actor: Actor) -> AgentView:
        """The caller herself. Raises ``Forbidden`` for anybody who is no agent."""
        for person in self.people(actor):
            if person.id == actor.user_id:
                return person
        raise NotFound("This agent does not exist.")

    def today(self, actor: Actor) -> AgencyToday:
        """What the agency sold this month, who travels, and what waits for somebody.

        Months are UTC; "leaving soon" is within seven days, balances are those due within
        fourteen; an assistant is not told what the agency earns. Raises ``Forbidden``.
        """
        agency_id = agency_of(actor)
        now = self._clock.now()
        first = month_start(now)
        year = months_back(first, 11)
        with self._database.unit(RDS) as session:
            sold = desks.sold(session, "agency", agency_id, first, now)
            travel = desks.travel(session, "agency", agency_id, now, SOON_DAYS)
            months = desks.months(session, "agency", agency_id, year)
            waiting = desks.waiting_payments(session, agency_id, now, LINES)
            balances = desks.balances(session, agency_id, now.date() + BALANCES_AHEAD, LINES)
            before = months_back(first, 1)
            sold_before = desks.sold(session, "agency", agency_id, before, before + (now - first))
            news = agency_today.quote_news(
                session,
                agency_id,
                since=now - NEWS_FOR,
                soon=now.date() + QUOTE_ENDS_SOON,
                limit=LINES,
            )
            passports = agency_today.passports(
                session,
                agency_id,
                first=now.date(),
                last=now.date() + PASSPORTS_AHEAD,
                months=PASSPORT_MONTHS,
                limit=PASSPORT_LINES,
            )
            without = agency_today.without_passport(
                session,
                agency_id,
                first=now.date(),
                last=now.date() + timedelta(days=WITHOUT_PASSPORT_DAYS),
            )
            pipeline = agency_today.pipeline(session, agency_id, first)
        return AgencyToday(
            today=now.date(),
            sold=_told(actor, sold_by_currency(sold)),
            sold_before=_told(actor, sold_by_currency(sold_before)),
            travel=Travel(**travel._mapping),
            months=twelve_months(months, year),
            waiting=tuple(
                WaitingPayment(
                    row.reference,
                    row.title,
                    row.lead_name,
                    row.people,
                    row.expires_at,
                    row.timezone,
                )
                for row in waiting
            ),
            balances=tuple(
                Balance(
                    row.reference,
                    row.title,
                    row.lead_name,
                    Money(row.amount_minor, row.currency),
                    row.due_on,
                )
                for row in balances
            ),
            quotes=tuple(
                QuoteNews(
                    row.id,
                    row.number,
                    row.title,
                    row.client_name,
                    row.status,
                    row.valid_until,
                    row.unread,
                    row.unpaid,
                )
                for row in news
            ),
            passports=tuple(
                PassportNeeded(
                    row.client_id, row.client_name, row.title, row.starts_on, row.ends_on, row.until
                )
                for row in passports
            ),
            without_passport=without,
            pipeline=Pipeline(**pipeline._mapping),
        )


def _told(actor: Actor, sold: tuple[Sold, ...]) -> tuple[Sold, ...]:
    """Sales as the actor may know them."""
    if actor.sees_commission:
        return sold
    return tuple(replace(entry, share=None) for entry in sold)


def month_start(now: datetime) -> datetime:
    """The first instant of the month, in UTC."""
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def sold_by_currency(rows: Iterable[Any]) -> tuple[Sold, ...]:
    """Rows of ``desks.sold`` as they came: largest first, never added together."""
    return tuple(
        Sold(
            row.bookings,
            Money(row.total_minor, row.currency),
            Money(row.share_minor, row.currency),
        )
        for row in rows
    )


def months_back(first: datetime, months: int) -> datetime:
    """The first instant of the month that many months earlier; later for a negative number."""
    index = first.year * 12 + first.month - 1 - months
    return first.replace(year=index // 12, month=index % 12 + 1)


def twelve_months(rows: Iterable[Any], first: datetime) -> tuple[MonthSales, ...]:
    """The twelve months from ``first`` in the currency that was sold in most of them."""
    sums: dict[str, dict[date, int]] = {}
    for row in rows:
        sums.setdefault(row.currency, {})[row.month] = row.total_minor
    if not sums:
        return ()
    currency = max(sums, key=lambda code: (len(sums[code]), sum(sums[code].values())))
    return tuple(
        MonthSales(month, Money(sums[currency].get(month, 0), currency))
        for month in (months_back(first, -n).date() for n in range(12))
    )
