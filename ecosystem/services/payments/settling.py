"""What became of a payment page: paid, refused, late, or twice."""

import logging
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import bookings, ledger, messages, seats
from ecosystem.database.tables import Booking, Payment
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain import ledger as postings
from ecosystem.domain.booking import SOLD, UNDECIDED
from ecosystem.domain.errors import Conflict, Unavailable
from ecosystem.domain.money import Money
from ecosystem.domain.split import split
from ecosystem.services import promises
from ecosystem.services.changes import moving
from ecosystem.services.payments.base import TOLD_AFTER, Base
from ecosystem.services.ports import CheckoutSession

log = logging.getLogger(__name__)


class Settling(Base):
    """Every method may be called any number of times, at once and in any order."""

    def settle(self, session_id: str, *, event_id: str | None = None) -> None:
        """Ask Stripe how a payment page stands and make our records say the same.

        Safe to call any number of times, at once and in any order: by the webhook,
        by the return page, by the worker. ``event_id`` is marked as dealt with in
        the transaction of the effect.
        """
        page = self._stripe.checkout(session_id)
        payment_id = _own_id(page)
        with self._database.unit(RDS) as session:
            if payment_id and bookings.payment(session, id=payment_id) is not None:
                if page.paid:
                    self._paid(session, payment_id, page)
                elif page.status == "complete":
                    decided = "failed" if page.declined else "processing"
                    self._mark(session, payment_id, page, decided)
                elif page.status == "expired":
                    self._mark(session, payment_id, page, "due")
            if event_id is not None:
                messages.finish_inbox(session, event_id, self._clock.now())

    def settle_open(self, booking_id: UUID) -> None:
        """``settle`` the pages of a booking that are not known to be paid.

        What Stripe does not answer now the webhook or the worker settles later.
        """
        with self._database.unit(RDS) as session:
            pages = [
                payment.stripe_session_id
                for payment in bookings.payments(session, [booking_id])
                if payment.stripe_session_id and payment.status in UNDECIDED
            ]
        for page in pages:
            try:
                self.settle(page)
            except (Unavailable, Conflict) as error:
                log.info("payment page %s: not settled yet: %s", page, error.code)

    def refused(self, payment_id: UUID, reason: str, *, event_id: str) -> None:
        """A card was declined: the seats stay held, the page stays open."""
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            if bookings.payment(session, id=payment_id) is not None:
                self._lock_for(session, payment_id)
                payment = bookings.payment(session, id=payment_id, lock_row=True)
                if payment is not None and payment.status in UNDECIDED:
                    bookings.change_payment(
                        session, payment_id, status="failed", failure=reason, updated_at=now
                    )
                    messages.send(
                        session,
                        "email.payment_declined",
                        {"booking_id": str(payment.booking_id), "payment_id": str(payment_id)},
                        dedupe_key=f"payment:{payment_id}:{payment.attempt}:declined",
                        available_at=now + TOLD_AFTER,
                    )
            messages.finish_inbox(session, event_id, now)

    def _mark(
        self, session: RoutedSession, payment_id: UUID, page: CheckoutSession, status: str
    ) -> None:
        self._lock_for(session, payment_id)
        payment = bookings.payment(session, id=payment_id, lock_row=True)
        if payment is None or payment.stripe_session_id != page.id:
            return
        if payment.status not in UNDECIDED:
            return  # the page was asked about before somebody else settled it
        now = self._clock.now()
        values: dict[str, Any] = {"status": status, "updated_at": now}
        if status != "processing":
            # Also one that was ended before its time: its key would give the same page again.
            values |= {"checkout_url": None, "session_expires_at": min(page.expires_at, now)}
        bookings.change_payment(session, payment_id, **values)

    def _paid(self, session: RoutedSession, payment_id: UUID, page: CheckoutSession) -> None:
        booking = self._lock_for(session, payment_id)
        # Only now: who waited for the lock may find that the hold ended meanwhile.
        now = self._clock.now()
        payment = bookings.payment(session, id=payment_id, lock_row=True)
        assert payment is not None
        if ledger.stands(session, booking.id, _came(payment_id, page)):
            # Its refund is promised. Seats that have come free since must not be sold for it.
            return
        if payment.status not in UNDECIDED:
            if payment.stripe_session_id != page.id:
                self._give_back(session, booking, payment, page, "twice")
            else:
                self._fee_known(session, payment, page)
            return
        if payment.closed_at is not None or page.amount.minor != payment.amount_minor:
            self._give_back(session, booking, payment, page, "late")
            return
        if not self._take_seats(session, booking, payment, now):
            self._give_back(session, booking, payment, page, "late")
            if booking.status == "pending_payment":
                bookings.change(session, booking.id, status="expired", closed_at=now)
            return
        amount = Money(payment.amount_minor, payment.currency)
        bookings.change_payment(
            session,
            payment_id,
            status="paid",
            paid_at=now,
            stripe_session_id=page.id,
            stripe_payment_intent=page.payment_intent,
            stripe_charge=page.charge,
            fee_minor=page.fee.minor if page.fee else None,
            failure=None,
            updated_at=now,
        )
        posted = [postings.paid(payment_id, amount)]
        if page.fee is not None and page.fee.currency == amount.currency:
            posted.append(postings.fee(payment_id, page.fee))
        if booking.status not in SOLD:
            total = Money(booking.total_minor, booking.currency)
            parts = split(
                total, booking.commission_percent, by_agency=booking.agency_id is not None
            )
            posted.insert(0, postings.sold(booking.id, total, parts))
            bookings.change(session, booking.id, status="confirmed", confirmed_at=now)
            messages.send(
                session,
                "email.booking_confirmed",
                {"booking_id": str(booking.id)},
                dedupe_key=f"booking:{booking.id}:confirmed",
            )
        elif payment.kind != "change":
            messages.send(
                session,
                "email.payment_received",
                {"booking_id": str(booking.id), "payment_id": str(payment_id)},
                dedupe_key=f"payment:{payment_id}:received",
            )
        ledger.post(session, booking.id, posted, now)

    def _take_seats(
        self, session: RoutedSession, booking: Booking, payment: Payment, now: datetime
    ) -> bool:
        """Turn the hold into sold seats; a hold that has ended only if seats are left.

        The difference for another date takes the seats that are held there.
        """
        if payment.kind == "change":
            return moving.paid(session, booking, payment, now)
        if booking.status in SOLD:
            return True
        if booking.status == "cancelled":
            return False
        claim = seats.find_claim(session, booking.claim_id, lock=True)
        assert claim is not None  # a booking's foreign key
        live = claim.state == "held" and claim.expires_at > now
        if not live and seats.seats_left(session, booking.departure_id, now) < claim.seats:
            return False
        seats.set_claims(session, [claim.id], "sold", now)
        return True

    def _fee_known(self, session: RoutedSession, payment: Payment, page: CheckoutSession) -> None:
        """Stripe may know its fee only some time after it took the payment."""
        if payment.fee_minor is None and page.fee is not None:
            now = self._clock.now()
            bookings.change_payment(session, payment.id, fee_minor=page.fee.minor)
            if page.fee.currency == payment.currency:
                kept = postings.fee(payment.id, page.fee)
                ledger.post(session, payment.booking_id, [kept], now)

    def _give_back(
        self,
        session: RoutedSession,
        booking: Booking,
        payment: Payment,
        page: CheckoutSession,
        reason: Literal["late", "twice"],
    ) -> None:
        """Money came that buys nothing: record it and promise all of it back, once."""
        now = self._clock.now()
        cause = _came(payment.id, page)
        received = [postings.Posting(cause, postings.paid(payment.id, page.amount).entries)]
        if page.fee is not None and page.fee.currency == page.amount.currency:
            kept = postings.fee(payment.id, page.fee)
            received.append(postings.Posting(f"{cause}:fee", kept.entries))
        ledger.post(session, booking.id, received, now)
        asked = payment.closed_at is None and page.amount.minor == payment.amount_minor
        if reason == "late" and asked:
            payment.stripe_payment_intent = page.payment_intent
            bookings.change_payment(
                session,
                payment.id,
                paid_at=now,
                stripe_session_id=page.id,
                stripe_payment_intent=page.payment_intent,
                stripe_charge=page.charge,
                fee_minor=page.fee.minor if page.fee else None,
                failure=None,
            )
            promises.refund(session, payment, page.amount, reason, now)
        else:
            intent = page.payment_intent or ""
            promises.refund(session, payment, page.amount, reason, now, payment_intent=intent)


def _own_id(page: CheckoutSession) -> UUID | None:
    """The payment a page is for; None if it was made by other software on the same account."""
    try:
        return UUID(page.payment_id)
    except ValueError:
        return None


def _came(payment_id: UUID, page: CheckoutSession) -> str:
    """The cause in the ledger of money that goes back to where it came from."""
    return f"payment:{payment_id}:{page.id}:paid"
