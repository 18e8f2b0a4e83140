"""What an agency earns, booking by booking, from the ledger alone; and what it owes."""

from collections.abc import Mapping
from datetime import UTC, date
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import commissions as queries
from ecosystem.database.queries.commissions import Wanted
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.agency_terms import ON_ACCOUNT
from ecosystem.domain.commissions import (
    STATES,
    Commission,
    CommissionPage,
    CommissionSum,
    OwedPayment,
)
from ecosystem.domain.csv_text import rows_to_csv
from ecosystem.domain.money import Money
from ecosystem.domain.statements import Month
from ecosystem.services.agency_access import earning
from ecosystem.services.agency_sales import public_total
from ecosystem.services.paging import decode_cursor, encode_cursor
from ecosystem.services.ports import Clock

SHOWN = 500
IN_A_FILE = 100_000
HEADER = (
    "booking", "booked", "trip", "operator", "traveller", "departure", "model", "percent", "state",
    "expected", "currency", "total", "earned", "sent", "back", "owed", "kept",
)  # fmt: skip


def asked_for(given: Mapping[str, str]) -> Wanted:
    """What an address asks for: ``state``, ``month`` (2026-11, UTC) and ``operator`` (an id);
    what is none of them is not asked for."""
    month = Month.read(given.get("month", ""))
    state = given.get("state", "")
    try:
        operator = UUID(given.get("operator", ""))
    except ValueError:
        operator = None
    return Wanted(
        first=month.first if month else None,
        end=month.end if month else None,
        operator=operator,
        state=state if state in STATES else None,
    )


class Commissions:
    """Only the caller's own agency is ever read."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def rows(
        self,
        actor: Actor,
        wanted: Wanted = Wanted(),  # noqa: B008 - it never changes
        *,
        cursor: str = "",
        limit: int = 25,
        with_sums: bool = False,
    ) -> CommissionPage:
        """The agency's sold bookings, newest first.

        Raises:
            Forbidden: no travel agent, or one who does not see what the agency earns.
            Invalid: the cursor is not from this list.
        """
        agency_id = earning(actor)
        before = decode_cursor(cursor)
        today = self._today()
        with self._database.unit(RDS) as session:
            found = queries.rows(session, agency_id, today, wanted, before, limit + 1)
            sums = queries.totals(session, agency_id, today, wanted) if with_sums else ()
        last = found[limit - 1] if len(found) > limit else None
        return CommissionPage(
            tuple(_commission(row) for row in found[:limit]),
            None if last is None else encode_cursor(last.created_at, last.id),
            tuple(_sum(row) for row in sums),
        )

    def csv(self, actor: Actor, wanted: Wanted) -> bytes:
        """The same list, whole, for a spreadsheet: amounts in major units."""
        found = self.rows(actor, wanted, limit=IN_A_FILE).items
        rows = (
            (
                one.reference,
                one.booked_at,
                one.title,
                one.operator_name,
                one.lead_name,
                one.starts_on,
                one.model,
                one.percent,
                one.state,
                one.expected_on,
                one.total.currency,
                one.total.decimal,
                one.earned.decimal,
                one.sent.decimal,
                one.back.decimal,
                one.owed.decimal,
                None if one.outside is None else one.outside.decimal,
            )
            for one in found
        )
        return rows_to_csv(HEADER, rows).encode("utf-8-sig")

    def operators(self, actor: Actor) -> dict[UUID, str]:
        """The operators whose trips the agency sold, by name. Raises ``Forbidden``."""
        agency_id = earning(actor)
        with self._database.unit(RDS) as session:
            found = queries.operators(session, agency_id)
        return dict(sorted(found.items(), key=lambda item: (item[1].casefold(), item[0])))

    def owed(self, actor: Actor) -> list[OwedPayment]:
        """What the agency has still to pay for what it collects itself, the soonest first, at
        most ``SHOWN``.

        Raises:
            Forbidden: no travel agent, or one who does not see what trips cost.
        """
        agency_id = earning(actor)
        today = self._today()
        with self._database.unit(RDS) as session:
            found = queries.owed(session, agency_id, SHOWN)
        return [
            OwedPayment(
                reference=row.reference,
                lead_name=row.lead_name,
                title=row.title,
                operator_id=row.operator_id,
                operator_name=row.operator_name or "",
                starts_on=row.starts_on,
                amount=Money(row.amount_minor, row.currency),
                due_on=row.due_on,
                overdue=row.due_on < today,
                pay_path="" if row.status == "processing" else f"/pay/{row.pay_token}",
            )
            for row in found
        ]

    def _today(self) -> date:
        return self._clock.now().astimezone(UTC).date()


def _commission(row: Any) -> Commission:
    total = Money(row.total_minor, row.currency)
    return Commission(
        reference=row.reference,
        status=row.status,
        title=row.title,
        lead_name=row.lead_name,
        operator_name=row.operator_name or "",
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        booked_at=row.created_at,
        model=row.agency_model,
        percent=row.percent,
        state=row.state,
        expected_on=row.expected_on,
        total=total,
        paid=row.whole,
        earned=Money(row.earned, row.currency),
        sent=Money(row.sent, row.currency),
        back=Money(row.back, row.currency),
        outside=_outside(row, total),
    )


def _outside(row: Any, total: Money) -> Money | None:
    """What an agency that collects keeps of its client's money: nothing of a cancelled trip."""
    if row.agency_model != ON_ACCOUNT:
        return None
    if row.status == "cancelled":
        return Money.zero(total.currency)
    return public_total(row) - total


def _sum(row: Any) -> CommissionSum:
    return CommissionSum(
        state=row.state,
        bookings=row.bookings,
        earned=Money(row.earned, row.currency),
        sent=Money(row.sent, row.currency),
        back=Money(row.back, row.currency),
        owed=Money(row.owed, row.currency),
        outside=Money(row.outside if row.state == "outside" else 0, row.currency),
    )
