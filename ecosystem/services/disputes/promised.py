"""Refunds that were promised and cross a dispute: Stripe refuses them while the bank decides.

What the bank gives the buyer is not given a second time. A refund of a dispute that was won is
still owed: a person tries it again.
"""

from datetime import datetime

from ecosystem.database.queries import audit, ledger, refunds
from ecosystem.database.tables import Payment, Refund
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain import ledger as postings
from ecosystem.domain.actor import SYSTEM
from ecosystem.domain.money import Money


def given_by_bank(session: RoutedSession, payment: Payment, lost: Money, now: datetime) -> Money:
    """Settle promised refunds of a payment that a lost dispute has paid; returns their sum.

    The bank took ``lost``: beyond what was left of the payment that is money we had promised
    back and not sent. Only whole refunds are settled so. Call with the booking locked, before
    the payment is said to have lost anything.
    """
    given, beyond = Money.zero(lost.currency), lost.minor - payment.rest_minor
    for row in _unsent(session, payment):
        if row.amount_minor > beyond:
            continue
        amount = Money(row.amount_minor, row.currency)
        beyond -= amount.minor
        given += amount
        refunds.change(session, row.id, state="by_hand", updated_at=now)
        ledger.post(session, row.booking_id, [postings.refund_by_bank(row.id, amount)], now)
        audit.record(session, SYSTEM, "refund.by_bank", "refund", row.id)
    return given


def _unsent(session: RoutedSession, payment: Payment) -> list[Refund]:
    """Refunds of a payment that are owed and not on their way, locked by their booking."""
    if payment.stripe_payment_intent is None:
        return []
    rows = refunds.of_intent(session, payment.stripe_payment_intent)
    return [row for row in rows if row.state in ("wanted", "failed")]
