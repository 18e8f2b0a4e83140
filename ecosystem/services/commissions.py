"""What an agency earns, booking by booking, from the ledger alone."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ecosystem.database.placement import RDS
from ecosystem.database.queries import commissions as queries
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.money import Money
from ecosystem.services.agency_access import earning
from ecosystem.services.paging import decode_cursor, encode_cursor


@dataclass(frozen=True)
class Commission:
    """Of one booking: ``earned`` as it is after every change, ``sent`` of it to the agency's
    account, ``owed`` the rest (negative: more was sent than is earned by now)."""

    reference: str
    status: str
    title: str
    lead_name: str
    starts_on: date
    ends_on: date
    booked_at: datetime
    percent: Decimal
    total: Money
    earned: Money
    sent: Money

    @property
    def owed(self) -> Money:
        return self.earned - self.sent


@dataclass(frozen=True)
class CommissionPage:
    """``next`` is the cursor of the next page; None on the last one."""

    items: tuple[Commission, ...]
    next: str | None


class Commissions:
    """Only the caller's own agency is ever read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rows(self, actor: Actor, *, cursor: str = "", limit: int = 25) -> CommissionPage:
        """The agency's sold bookings, newest first.

        Raises:
            Forbidden: no travel agent, or one who does not see what the agency earns.
            Invalid: the cursor is not from this list.
        """
        agency_id = earning(actor)
        before = decode_cursor(cursor)
        with self._database.unit(RDS) as session:
            found = queries.rows(session, agency_id, before, limit + 1)
        items = tuple(
            Commission(
                reference=row.reference,
                status=row.status,
                title=row.title,
                lead_name=row.lead_name,
                starts_on=row.starts_on,
                ends_on=row.ends_on,
                booked_at=row.created_at,
                percent=row.commission_percent,
                total=Money(row.total_minor, row.currency),
                earned=Money(row.earned, row.currency),
                sent=Money(row.sent, row.currency),
            )
            for row in found[:limit]
        )
        last = found[limit - 1] if len(found) > limit else None
        return CommissionPage(
            items, None if last is None else encode_cursor(last.created_at, last.id)
        )
