"""What becomes of a payment that the buyer's bank takes back: opened, won or lost."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, bookings, disputes, ledger, messages, transfers
from ecosystem.database.tables import Booking, Dispute, Payment
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain import ledger as postings
from ecosystem.domain.actor import SYSTEM
from ecosystem.domain.disputes import ENDED, INQUIRY, KEPT, lost_parts, taken_back, withdrawn
from ecosystem.domain.money import Money, step
from ecosystem.domain.split import Split, split
from ecosystem.services import promises
from ecosystem.services.disputes.promised import given_by_bank
from ecosystem.services.one_of_many import apart
from ecosystem.services.payments import Payments
from ecosystem.services.payments.base import Base
from ecosystem.services.ports import Clock
from ecosystem.services.ports import Payments as PaymentsPort
from ecosystem.services.ports.payments import DisputeView

LOOK_EVERY = timedelta(hours=1)
"""An open dispute nobody has reported on for this long is asked about."""
AT_ONCE = 50
MONEY_IN = ("paid", "partially_refunded")


class Following(Base):
    """Every method may be called any number of times, at once and in any order."""

    def __init__(
        self, database: Any, stripe: PaymentsPort, payments: Payments, clock: Clock, origin: str
    ) -> None:
        super().__init__(database, stripe, clock, origin)
        self._payments = payments

    def look(self, stripe_id: str, *, event_id: str | None = None) -> None:
        """Ask Stripe how a dispute stands and make our records say the same.

        ``event_id`` is marked as dealt with in the transaction of the effect.
        """
        view = self._stripe.dispute(stripe_id)
        payment_id = self._payment_of(view)
        with self._database.unit(RDS) as session:
            if payment_id is not None:
                self.follow(session, payment_id, view)
            if event_id is not None:
                messages.finish_inbox(session, event_id, self._clock.now())

    def step(self) -> int:
        """Ask about open disputes, and note what is still owed after lost ones."""
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            quiet = disputes.to_look_at(session, now - LOOK_EVERY, AT_ONCE)
        for stripe_id in quiet:
            apart(self.look, stripe_id, stripe_id)
        with self._database.unit(RDS) as session:
            disputes.plan_again_after_late_reversals(session)
            return len(quiet) + disputes.note_unrecovered(session)

    def _payment_of(self, view: DisputeView) -> UUID | None:
        """The payment of ours; None if other software on the account took it.

        A dispute can be heard of before the payment it is about: that is settled first.
        """
        try:
            payment_id = UUID(view.payment_id)
        except ValueError:
            return None
        with self._database.unit(RDS) as session:
            payment = bookings.payment(session, id=payment_id)
        if payment is None:
            return None
        if payment.stripe_payment_intent is None and payment.stripe_session_id is not None:
            self._payments.settle(payment.stripe_session_id)
        return payment_id

    def follow(self, session: RoutedSession, payment_id: UUID, view: DisputeView) -> Dispute:
        """Write down how a dispute stands, with all that follows from it."""
        booking = self._lock_for(session, payment_id)
        payment = bookings.payment(session, id=payment_id, lock_row=True)
        assert payment is not None  # it was found before, and payments are never deleted
        now = self._clock.now()
        row = disputes.by_stripe_id(session, view.id) or self._open(session, payment, view, now)
        if row.closed_at is not None:
            return row  # asked before somebody else heard how it ended
        # A payment that went back to where it came from bought nothing and moved nothing.
        own = payment.stripe_payment_intent == view.payment_intent
        if withdrawn(view.status, view.taken):
            amount, fee = view.amount, _fee(view)
            ledger.post(session, booking.id, postings.disputed(row.id, amount, fee), now)
            if own and view.status not in KEPT:
                self._stop(session, booking, payment, row, now)
        row.status, row.reason, row.fee_minor = view.status, view.reason, _fee(view).minor
        row.evidence_due_by, row.updated_at = view.evidence_due_by, now
        if view.submissions and row.evidence_sent_at is None:
            row.evidence_sent_at = now
        if view.status == "lost":
            self._lost(session, booking, payment, row, own=own, now=now)
        elif view.status in ENDED:
            self._kept(session, booking, payment, row, own=own, now=now)
        session.add(row)
        session.flush()
        return row

    def _open(
        self, session: RoutedSession, payment: Payment, view: DisputeView, now: datetime
    ) -> Dispute:
        row = Dispute(
            booking_id=payment.booking_id,
            payment_id=payment.id,
            stripe_dispute_id=view.id,
            currency=view.amount.currency,
            amount_minor=view.amount.minor,
            reason=view.reason,
            status=view.status,
            created_at=now,
        )
        session.add(row)
        session.flush()
        self._note(session, "dispute.opened", row)
        messages.send(
            session,
            "email.dispute_opened",
            {"dispute_id": str(row.id)},
            dedupe_key=f"dispute:{row.id}:opened",
        )
        return row

    def _stop(
        self,
        session: RoutedSession,
        booking: Booking,
        payment: Payment,
        row: Dispute,
        now: datetime,
    ) -> None:
        """The bank has the money: what was sent on of it comes back, and no more is sent."""
        if payment.status in MONEY_IN:
            bookings.change_payment(session, payment.id, status="disputed", updated_at=now)
        disputes.drop_unsent(session, payment.id, now)
        kept = payment.amount_minor - payment.refunded_minor
        taken, unit = self._taken(session, row), step(payment.currency)
        for transfer, rest, back in disputes.transfers_with_rest(session, payment.id):
            left = transfer.amount_minor - transfer.reversed_minor
            # What came back for it, or is about to, is not taken back a second time.
            share = taken_back(left + back, taken, kept, unit) - back - (left - rest)
            if share > 0:
                promises.reversal(session, transfer, min(share, rest), "dispute", now)

    def _taken(self, session: RoutedSession, row: Dispute) -> int:
        """What banks have of a dispute's payment: by this dispute and by others about it."""
        return sum(
            one.amount_minor
            for one in disputes.of_booking(session, row.booking_id)
            if one.payment_id == row.payment_id
            and (one.id == row.id or not (one.status in KEPT or one.status.startswith(INQUIRY)))
        )

    def _kept(
        self,
        session: RoutedSession,
        booking: Booking,
        payment: Payment,
        row: Dispute,
        *,
        own: bool,
        now: datetime,
    ) -> None:
        """The money is ours again, or never went: the parties get their shares again."""
        amount = Money(row.amount_minor, row.currency)
        if row.status == "won":
            ledger.post(session, booking.id, [postings.dispute_won(row.id, amount)], now)
        if own and self._released(session, payment, row, now):
            disputes.forget_failed_reversals(session, payment.id)
        row.closed_at = now
        self._note(session, f"dispute.{row.status}", row)

    def _released(
        self, session: RoutedSession, payment: Payment, row: Dispute, now: datetime
    ) -> bool:
        """The last dispute about a payment is over: what is left of it is like any other
        payment, and the parties get their shares of it. False while another one is open, or
        when nothing is left."""
        gone = payment.refunded_minor + payment.lost_minor == payment.amount_minor
        if payment.status != "disputed" or self._others_open(session, row):
            return False
        if gone and payment.lost_minor:
            return False  # it stays what it became: disputed
        status = "partially_refunded" if payment.refunded_minor else "paid"
        bookings.change_payment(
            session,
            payment.id,
            status="refunded" if gone else status,
            transfers_planned_at=None,
            updated_at=now,
        )
        return True

    def _lost(
        self,
        session: RoutedSession,
        booking: Booking,
        payment: Payment,
        row: Dispute,
        *,
        own: bool,
        now: datetime,
    ) -> None:
        """The money stays with the buyer: every party gives up its part of it."""
        lost = Money(row.amount_minor, row.currency)
        if own:
            lost -= given_by_bank(session, payment, lost, now)
        # What the parties share by the ledger: changes and disputes lost before are in it.
        worth = max(transfers.parts(session, booking.id).total, 0) if own else 0
        before = Money(worth, row.currency)
        after = max(before - lost, Money.zero(row.currency))
        parts = lost_parts(_parts(booking, before), _parts(booking, after), lost)
        ledger.post(session, booking.id, [postings.dispute_lost(row.id, lost, parts)], now)
        row.closed_at = now
        self._note(session, "dispute.lost", row)
        session.flush()
        if own:
            payment.lost_minor += min(row.amount_minor, payment.rest_minor)
            bookings.change_payment(session, payment.id, lost_minor=payment.lost_minor)
            self._released(session, payment, row, now)
        # Other payments of the booking may have been sent on: what is too much now comes back.
        promises.take_back(session, booking.id, "dispute", now)
        disputes.note_unrecovered(session)
        session.refresh(row)

    def _others_open(self, session: RoutedSession, row: Dispute) -> bool:
        return any(
            one.id != row.id and one.payment_id == row.payment_id and one.closed_at is None
            for one in disputes.of_booking(session, row.booking_id)
        )

    def _note(self, session: RoutedSession, action: str, row: Dispute) -> None:
        booking = bookings.get(session, row.booking_id)
        assert booking is not None  # a foreign key
        audit.record(
            session,
            SYSTEM,
            action,
            "booking",
            booking.reference,
            dispute=row.stripe_dispute_id,
            amount_minor=row.amount_minor,
            currency=row.currency,
        )


def _fee(view: DisputeView) -> Money:
    """What Stripe kept for it; another currency than the dispute's is not in our ledger."""
    same = view.fee.currency == view.amount.currency
    return view.fee if same else Money.zero(view.amount.currency)


def _parts(booking: Booking, worth: Money) -> Split:
    return split(worth, booking.commission_percent, by_agency=booking.agency_id is not None)
