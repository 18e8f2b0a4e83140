"""What a commit promises and Stripe carries out afterwards: refunds, and money back from parties.

Call with the booking locked, in the transaction of the decision. Each promise is a row, its
ledger posting and a message that is only the fast path: ``reconcile`` finds every row.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from ecosystem.database.queries import bookings, ledger, messages, transfers
from ecosystem.database.tables import Payment, Refund, Transfer, TransferReversal
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain import ledger as postings
from ecosystem.domain.ids import uuid7
from ecosystem.domain.money import Money
from ecosystem.domain.payouts import PARTIES, taken_back

RefundReason = Literal["change", "late", "twice", "goodwill"]
ReversalReason = Literal["change", "dispute", "adjustment"]


def refund(
    session: RoutedSession,
    payment: Payment,
    amount: Money,
    reason: RefundReason,
    now: datetime,
    *,
    change_id: UUID | None = None,
    payment_intent: str = "",
) -> Refund:
    """Promise ``amount`` of a payment back to its card.

    ``payment_intent`` is that of another charge for the same payment: one that was paid
    twice is not less paid when the second goes back.
    """
    row = Refund(
        id=uuid7(),
        booking_id=payment.booking_id,
        payment_id=payment.id,
        change_id=change_id,
        payment_intent=payment_intent or payment.stripe_payment_intent or "",
        currency=amount.currency,
        amount_minor=amount.minor,
        reason=reason,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    if not payment_intent:
        back = payment.refunded_minor + amount.minor
        whole = back + payment.lost_minor == payment.amount_minor
        status = "refunded" if whole else "partially_refunded"
        bookings.change_payment(
            session, payment.id, refunded_minor=back, status=status, updated_at=now
        )
    ledger.post(session, payment.booking_id, [postings.refund_owed(row.id, amount)], now)
    messages.send(
        session,
        "refund.carry_out",
        {"refund_id": str(row.id)},
        dedupe_key=f"refund:{row.id}:{row.attempt}",
    )
    return row


def take_back(
    session: RoutedSession, booking_id: UUID, reason: ReversalReason, now: datetime
) -> list[TransferReversal]:
    """Promise back what the parties have beyond their parts, newest transfers first.

    The ledger decides what is too much; what was asked back before counts as back.
    """
    parts = transfers.parts(session, booking_id)
    if parts.operator_owed >= 0 and parts.agency_owed >= 0:
        return []
    rows = transfers.of_booking(session, booking_id)
    asked = transfers.asked_back(session, booking_id)
    sent = [row for row in rows if row.state == "sent"]
    made: list[TransferReversal] = []
    for party in PARTIES:
        theirs = {row.id: row for row in sent if row.party == party}
        owed = parts.operator_owed if party == "operator" else parts.agency_owed
        left = [
            (row.id, row.amount_minor - row.reversed_minor - asked.get(row.id, 0))
            for row in theirs.values()
        ]
        surplus = -owed - sum(asked.get(row.id, 0) for row in theirs.values())
        for transfer_id, amount in taken_back(surplus, left):
            made.append(reversal(session, theirs[transfer_id], amount, reason, now))
    return made


def reversal(
    session: RoutedSession,
    transfer: Transfer,
    amount_minor: int,
    reason: ReversalReason,
    now: datetime,
) -> TransferReversal:
    """Ask ``amount_minor`` of one transfer back."""
    row = TransferReversal(
        id=uuid7(),
        transfer_id=transfer.id,
        booking_id=transfer.booking_id,
        currency=transfer.currency,
        amount_minor=amount_minor,
        reason=reason,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    messages.send(
        session,
        "reversal.carry_out",
        {"reversal_id": str(row.id)},
        dedupe_key=f"reversal:{row.id}:{row.attempt}",
    )
    return row
