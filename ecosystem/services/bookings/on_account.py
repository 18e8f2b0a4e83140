"""Bookings of an agency that collects from its client itself and owes the net price.

They are confirmed at once: there is nobody here who pays first. What the agency may owe is
limited by its contract.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from ecosystem.database import statements
from ecosystem.database.queries import agency_accounts, agency_contracts, ledger, messages, seats
from ecosystem.database.statements import Statement
from ecosystem.database.tables import Booking
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain import formats
from ecosystem.domain import ledger as postings
from ecosystem.domain.errors import Conflict
from ecosystem.domain.money import Money
from ecosystem.domain.split import split

BOOKED = "email.booked_on_account"


def may_owe(
    session: RoutedSession, operator_id: UUID, agency_id: UUID, more: Money, now: datetime
) -> None:
    """Let an agency owe an operator ``more``, or refuse it. One booking at a time asks: the second
    waits until the first is committed. Call with the departures locked.

    Raises:
        Conflict: ``account_overdue``, ``credit_used`` or ``credit_currency``.
    """
    agency_contracts.lock(session, operator_id, agency_id)
    found = agency_accounts.owed(session, operator_id, agency_id)
    if any(row.due_on < now.date() for row in found):
        raise Conflict(
            "Your agency owes this operator something that was due already. Pay it first, under"
            " Commissions, What you owe.",
            code="account_overdue",
        )
    terms = agency_contracts.terms(
        session,
        operator_id=operator_id,
        agency_id=agency_id,
        day=now.date(),
        package_percent=Decimal(0),
    )
    if terms.credit is None:
        return
    if terms.credit.currency != more.currency:
        raise Conflict(
            f"Your contract with this operator lets you owe {terms.credit.currency} only, and this"
            f" trip is sold in {more.currency}. Ask the operator.",
            code="credit_currency",
        )
    open_ = next((row.amount_minor for row in found if row.currency == more.currency), 0)
    left = Money(max(0, terms.credit.minor - open_), more.currency)
    if left < more:
        raise Conflict(
            f"Your contract lets you owe this operator {formats.money(terms.credit)}, of which"
            f" {formats.money(left)} is left; this booking comes to {formats.money(more)}."
            " Pay something first, under Commissions, What you owe.",
            code="credit_used",
            left=left.minor,
        )


def confirming(booking: Booking, now: datetime) -> list[Statement]:
    """What confirms a booking that was just made: call with its departure locked."""
    total = Money(booking.total_minor, booking.currency)
    parts = split(total, booking.commission_percent, by_agency=True)
    return [
        seats.sold(booking.claim_id, now),
        statements.change(Booking, booking.id, status="confirmed", confirmed_at=now),
        messages.sending(
            "email.booking_confirmed",
            {"booking_id": str(booking.id)},
            dedupe_key=f"booking:{booking.id}:confirmed",
        ),
        messages.sending(
            BOOKED,
            {"booking_id": str(booking.id)},
            dedupe_key=f"booking:{booking.id}:on_account",
        ),
        *ledger.posting(booking.id, [postings.sold(booking.id, total, parts)], now),
    ]
