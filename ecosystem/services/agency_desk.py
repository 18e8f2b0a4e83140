"""An agency and its people."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agencies as queries
from ecosystem.database.queries import agency_today
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
    Unnamed,
    WaitingPayment,
)
from ecosystem.domain.errors import NotFound
from ecosystem.domain.money import Money
from ecosystem.services.agency_access import agency_of
from ecosystem.services.agency_looks import Look, Looks
from ecosystem.services.ports import Clock

SOON_DAYS = 7
BALANCES_AHEAD = timedelta(days=14)
LINES = 20
NEWS_FOR = timedelta(days=2)
"""How long an opened or accepted proposal stands among what is new."""
QUOTE_ENDS_SOON = timedelta(days=3)
PASSPORTS_AHEAD = timedelta(days=180)
PASSPORT_LINES = 6
UNNAMED_AHEAD = timedelta(days=60)
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
        self._looks = Looks(self._read, clock)

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
        """The day of the actor's agency: :meth:`look`, without its version."""
        return self.look(actor).today

    def look(self, actor: Actor) -> Look:
        """What the agency sold this month, who travels, and what waits for somebody: read now.

        Months are UTC; "leaving soon" is within seven days, balances are those due within
        fourteen and the overdue; an assistant is not told what the agency earns or owes. Raises
        ``Forbidden``.
        """
        return _told(actor, self._looks.read(agency_of(actor)))

    def again(self, actor: Actor) -> Look:
        """The same, at most ``KEPT`` old: all of an agency's people share one look."""
        return _told(actor, self._looks.lately(agency_of(actor)))

    def seen(self, actor: Actor) -> Look | None:
        """What ``again`` would answer without waiting for anything; None if it has to."""
        look = self._looks.kept(agency_of(actor))
        return None if look is None else _told(actor, look)

    def _read(self, agency_id: UUID) -> AgencyToday:
        now = self._clock.now()
        first = month_start(now)
        year = months_back(first, 11)
        today = now.date()
        asked = agency_today.day(
            agency_id,
            agency_today.Span(
                now=now,
                month=first,
                before=months_back(first, 1),
                year=year,
                travel_days=SOON_DAYS,
                balances_until=today + BALANCES_AHEAD,
                news_since=now - NEWS_FOR,
                quotes_soon=today + QUOTE_ENDS_SOON,
                passports_last=today + PASSPORTS_AHEAD,
                passport_months=PASSPORT_MONTHS,
                without_last=today + timedelta(days=WITHOUT_PASSPORT_DAYS),
                unnamed_last=today + UNNAMED_AHEAD,
            ),
            lines=LINES,
            passport_lines=PASSPORT_LINES,
        )
        found = dict(zip(asked, self._database.together(*asked.values()), strict=True))
        return AgencyToday(
            today=today,
            sold=sold_by_currency(found["sold"]),
            sold_before=sold_by_currency(found["sold_before"]),
            travel=Travel(**found["travel"][0]._asdict()),
            months=twelve_months(found["months"], year),
            waiting=tuple(
                WaitingPayment(
                    r.reference, r.title, r.lead_name, r.people, r.expires_at, r.timezone
                )
                for r in found["waiting"]
            ),
            balances=tuple(
                Balance(
                    r.reference,
                    r.title,
                    r.lead_name,
                    Money(r.amount_minor, r.currency),
                    r.due_on,
                    r.owed,
                )
                for r in found["balances"]
            ),
            quotes=tuple(
                QuoteNews(
                    r.id,
                    r.number,
                    r.title,
                    r.client_name,
                    r.status,
                    r.valid_until,
                    r.unread,
                    r.unpaid,
                )
                for r in found["quotes"]
            ),
            passports=tuple(
                PassportNeeded(r.client_id, r.client_name, r.title, r.starts_on, r.ends_on, r.until)
                for r in found["passports"]
            ),
            without_passport=found["without"][0].clients,
            pipeline=Pipeline(**found["pipeline"][0]._asdict()),
            unnamed=tuple(Unnamed(**r._asdict()) for r in found["unnamed"]),
            latest=tuple(str(tuple(r)) for r in found["latest"]),
        )


def _told(actor: Actor, look: Look) -> Look:
    """A look as the actor may know it."""
    if actor.sees_commission:
        return look
    today = look.today
    hidden = replace(
        today,
        sold=tuple(replace(entry, share=None) for entry in today.sold),
        sold_before=tuple(replace(entry, share=None) for entry in today.sold_before),
        balances=tuple(one for one in today.balances if not one.owed),
    )
    return replace(look, today=hidden, version=f"{look.version}-")


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
