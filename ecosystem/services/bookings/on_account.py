"""Bookings of an agency that collects from its client itself and owes the net price.

They are confirmed at once: there is nobody here who pays first. What the agency may owe is
limited by its contract.
"""

from datetime import datetime

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


def may_owe(session: RoutedSession, booking: Booking, more: Money, now: datetime) -> None:
    """Let the agency of a booking on account owe its operator ``more``, or refuse it. One at a
    time asks: the second waits until the first is committed. Call with the departures locked.

    The credit is that of the contract the booking was made by, which may have been replaced
    since its seats were held: no booking on account escapes its limit.

    Raises:
        Conflict: ``account_overdue``, ``credit_used`` or ``credit_currency``.
    """
    assert booking.agency_id is not None  # only an agency has such terms
    assert booking.contract_id is not None
    agency_contracts.lock(session, booking.operator_id, booking.agency_id)
    found = agency_accounts.owed(session, booking.operator_id, booking.agency_id)
    if any(row.due_on < now.date() for row in found):
        raise Conflict(
            "Your agency owes this operator something that was due already. Pay it first, under"
            " Commissions, What you owe.",
            code="account_overdue",
        )
    contract = agency_contracts.contract(session, booking.contract_id, agency_id=booking.agency_id)
    assert contract is not None  # contracts are never deleted
    terms = agency_contracts.of(contract)
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
