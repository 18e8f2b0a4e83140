"""What became of a payment page: paid, refused, late, or twice."""

import logging
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ecosystem.database import statements
from ecosystem.database.placement import RDS
from ecosystem.database.queries import bookings, ledger, messages, seats
from ecosystem.database.statements import Statement
from ecosystem.database.tables import Booking, Payment, SeatClaim
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain import ledger as postings
from ecosystem.domain.booking import SOLD, UNDECIDED
from ecosystem.domain.errors import Conflict, Unavailable
from ecosystem.domain.money import Money
from ecosystem.domain.split import split
from ecosystem.services import promises
from ecosystem.services.changes import moving
from ecosystem.services.payments.base import TOLD_AFTER, Base, by_agency
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
            writes: list[Statement] = []
            if payment_id is None:
                pass  # made by other software on the same account
            elif page.paid:
                writes = self._paid(session, payment_id, page)
            elif page.status == "complete":
                decided = "failed" if page.declined else "processing"
                self._mark(session, payment_id, page, decided)
            elif page.status == "expired":
                self._mark(session, payment_id, page, "due")
            if event_id is not None:
                writes.append(messages.finishing(event_id, self._clock.now()))
            session.at_once(*writes)

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
            locked = self._lock(session, payment_id)
            if locked is not None and locked.payment.status in UNDECIDED:
                payment = locked.payment
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

    def fee_booked(self, payment_id: UUID, *, event_id: str) -> None:
        """Stripe has booked a charge: what it kept of it can be asked for now.

        A card is charged first and booked up to an hour later
        (https://docs.stripe.com/payments/payment-intents/asynchronous-capture).
        """
        with self._database.unit(RDS) as session:
            payment = bookings.payment(session, id=payment_id)
            page = payment.stripe_session_id if payment and payment.fee_minor is None else None
            if page is None:
                messages.finish_inbox(session, event_id, self._clock.now())
        if page is not None:
            self.settle(page, event_id=event_id)

    def _mark(
        self, session: RoutedSession, payment_id: UUID, page: CheckoutSession, status: str
    ) -> None:
        locked = self._lock(session, payment_id)
        if locked is None or locked.payment.stripe_session_id != page.id:
            return
        if locked.payment.status not in UNDECIDED:
            return  # the page was asked about before somebody else settled it
        now = self._clock.now()
        values: dict[str, Any] = {"status": status, "updated_at": now}
        if status != "processing":
            # Also one that was ended before its time: its key would give the same page again.
            values |= {"checkout_url": None, "session_expires_at": min(page.expires_at, now)}
        bookings.change_payment(session, payment_id, **values)

    def _paid(
        self, session: RoutedSession, payment_id: UUID, page: CheckoutSession
    ) -> list[Statement]:
        """What is still to be written of a payment that came, in this same transaction."""
        locked = self._lock(
            session,
            payment_id,
            seats.locked_claim_of_payment(payment_id),
            ledger.standing(payment_id, _came(payment_id, page)),
        )
        if locked is None:
            return []
        booking, payment = locked.booking, locked.payment
        claim, given_back = session.loaded(SeatClaim, locked.more[0][0]), locked.more[1]
        # Only now: who waited for the lock may find that the hold ended meanwhile.
        now = self._clock.now()
        if given_back:
            # Its refund is promised. Seats that have come free since must not be sold for it.
            return ledger.posting(booking.id, _fee(payment_id, page, given_back=True), now)
        if payment.status not in UNDECIDED:
            if payment.stripe_session_id != page.id:
                self._give_back(session, booking, payment, page, "twice")
            else:
                self._fee_known(session, payment, page)
            return []
        if payment.closed_at is not None or page.amount.minor != payment.amount_minor:
            self._give_back(session, booking, payment, page, "late")
            return []
        if not self._seats_to_be_had(session, booking, payment, claim, now):
            self._give_back(session, booking, payment, page, "late")
            if booking.status == "pending_payment":
                bookings.change(session, booking.id, status="expired", closed_at=now)
            return []
        amount = Money(payment.amount_minor, payment.currency)
        writes = [
            statements.change(
                Payment,
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
        ]
        posted = [postings.paid(payment_id, amount), *_fee(payment_id, page)]
        if booking.confirmed_at is None:
            total = Money(booking.total_minor, booking.currency)
            parts = split(
                total, booking.commission_percent, by_agency=booking.agency_id is not None
            )
            posted.insert(0, postings.sold(booking.id, total, parts))
            writes += [
                seats.sold(claim.id, now),
                statements.change(Booking, booking.id, status="confirmed", confirmed_at=now),
                messages.sending(
                    "email.booking_confirmed",
                    {"booking_id": str(booking.id)},
                    dedupe_key=f"booking:{booking.id}:confirmed",
                ),
            ]
        elif payment.kind != "change":
            writes.append(
                messages.sending(
                    "email.payment_received",
                    {"booking_id": str(booking.id), "payment_id": str(payment_id)},
                    dedupe_key=f"payment:{payment_id}:received",
                )
            )
        return [*writes, *ledger.posting(booking.id, posted, now)]

    def _seats_to_be_had(
        self,
        session: RoutedSession,
        booking: Booking,
        payment: Payment,
        claim: SeatClaim,
        now: datetime,
    ) -> bool:
        """Whether a payment gets its seats: those of a hold that has ended only if they are left.

        The difference for another date takes the seats that are held there.
        """
        if payment.kind == "change":
            return moving.paid(session, booking, payment, now)
        if booking.status in SOLD or by_agency(payment):
            return True
        if booking.status == "cancelled":
            return False
        live = claim.state == "held" and claim.expires_at > now
        return live or seats.seats_left(session, booking.departure_id, now) >= claim.seats

    def _fee_known(self, session: RoutedSession, payment: Payment, page: CheckoutSession) -> None:
        """Stripe knows its fee only some time after it took the payment."""
        if payment.fee_minor is None and page.fee is not None:
            bookings.change_payment(session, payment.id, fee_minor=page.fee.minor)
            ledger.post(session, payment.booking_id, _fee(payment.id, page), self._clock.now())

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
        received = postings.Posting(cause, postings.paid(payment.id, page.amount).entries)
        kept = _fee(payment.id, page, given_back=True)
        ledger.post(session, booking.id, [received, *kept], now)
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


def _fee(
    payment_id: UUID, page: CheckoutSession, *, given_back: bool = False
) -> list[postings.Posting]:
    """What Stripe kept of what was paid on a page; nothing while it is not known, or if it is in
    another currency, which is not in our ledger."""
    if page.fee is None or page.fee.currency != page.amount.currency:
        return []
    kept = postings.fee(payment_id, page.fee)
    cause = f"{_came(payment_id, page)}:fee" if given_back else kept.cause
    return [postings.Posting(cause, kept.entries)]
