"""Payment pages, and what happens when one is paid, refused or left.

Order everywhere: commit the intent, call Stripe with a key made from our ids,
commit the result. Killed between any two, the same call is made again with the
same key and gets the first answer (``reconcile`` does so on a schedule).

Locks are taken in one order: departure, claim, booking, payment.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import bookings, ledger, messages, seats
from ecosystem.database.tables import Booking, Payment
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain import ledger as postings
from ecosystem.domain.booking import CHECKOUT_LIFE, PAY_HOLD_LIFE, SOLD
from ecosystem.domain.errors import Conflict, Gone, Invalid, NotFound, Unavailable
from ecosystem.domain.money import Money
from ecosystem.domain.split import split
from ecosystem.services.ports import CheckoutRequest, CheckoutSession, Clock
from ecosystem.services.ports import Payments as PaymentsPort

log = logging.getLogger(__name__)

REUSE_BEFORE_END = timedelta(minutes=2)
"""A page that ends sooner than this is not handed out any more."""

QUIET = timedelta(minutes=2)
"""A payment nobody has reported on for this long is asked about."""

PAGE_REUSE_LIMIT = 200


@dataclass(frozen=True)
class PayTarget:
    """Where ``/pay/{token}`` leads: to the payment page, or to the trip if it is paid."""

    url: str
    paid: bool


class Payments:
    """``origin`` is the public address of the product, without a slash at the end."""

    def __init__(self, database: Database, stripe: PaymentsPort, clock: Clock, origin: str) -> None:
        self._database = database
        self._stripe = stripe
        self._clock = clock
        self._origin = origin

    # Opening a page ----------------------------------------------------------

    def open_first(self, booking_id: UUID) -> None:
        """Open the page of a booking's next payment if Stripe answers; else leave it.

        The booking stands either way: ``/pay/{token}`` and the worker try again.
        """
        with self._database.unit(RDS) as session:
            unpaid = [p for p in bookings.payments(session, [booking_id]) if p.status != "paid"]
        if not unpaid:
            return
        try:
            self.open(unpaid[0].id)
        except (Unavailable, Conflict) as error:
            log.warning("payment %s: page not opened: %s", unpaid[0].id, error.code)

    def pay_link(self, token: str) -> PayTarget:
        """What the link in an e-mail leads to; a fresh page whenever the last has ended.

        Raises:
            NotFound: no such link.
            Gone: the booking has ended; nothing is charged.
        """
        with self._database.unit(RDS) as session:
            payment = bookings.payment(session, pay_token=token)
            booking = bookings.get(session, payment.booking_id) if payment else None
        if payment is None or booking is None:
            raise NotFound("This payment link does not exist.", code="pay_link_not_found")
        if payment.status in ("paid", "processing"):
            return PayTarget(trip_url(self._origin, booking), paid=True)
        return PayTarget(self.open(payment.id), paid=False)

    def open(self, payment_id: UUID) -> str:
        """The address of a payment page that can be paid now.

        Raises:
            Gone: the hold or the booking has ended.
            Conflict: it is paid already.
            Unavailable: Stripe does not answer; the same call may be made again.
        """
        for _ in range(2):
            request, known = self._intend(payment_id)
            if known is not None:
                return known
            try:
                page = self._stripe.open_checkout(request)
            except Invalid:
                # The end we had committed to is too near for a new page by now, and
                # Stripe never carried out the first call: begin another attempt.
                self._abandon(payment_id)
                continue
            self._keep(payment_id, page)
            if page.url is None:
                raise Conflict("This has been paid already.", code="already_paid")
            return page.url
        raise Unavailable("The payment page can't be opened at the moment. Try again in a minute.")

    def _intend(self, payment_id: UUID) -> tuple[CheckoutRequest, str | None]:
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            booking = self._lock_for(session, payment_id)
            payment = bookings.payment(session, id=payment_id, lock_row=True)
            assert payment is not None
            if payment.status == "paid":
                raise Conflict("This has been paid already.", code="already_paid")
            if booking.status not in ("pending_payment", *SOLD):
                raise _ended()
            ends = payment.session_expires_at
            live = payment.attempt > 0 and ends is not None and ends > now + REUSE_BEFORE_END
            if live and payment.checkout_url:
                return _request(payment, booking, self._origin), payment.checkout_url
            if not live:
                self._keep_seats(session, booking, now)
                payment.attempt += 1
                payment.session_expires_at = now + CHECKOUT_LIFE
                bookings.change_payment(
                    session,
                    payment.id,
                    attempt=payment.attempt,
                    session_expires_at=payment.session_expires_at,
                    stripe_session_id=None,
                    checkout_url=None,
                    updated_at=now,
                )
            return _request(payment, booking, self._origin), None

    def _keep_seats(self, session: RoutedSession, booking: Booking, now: datetime) -> None:
        """Before a first payment the hold has to outlive the page; it may have to be renewed."""
        if booking.status != "pending_payment":
            return
        claim = seats.find_claim(session, booking.claim_id, lock=True)
        assert claim is not None  # a booking's foreign key
        free_again = claim.expires_at <= now or claim.state == "released"
        if free_again and seats.seats_left(session, booking.departure_id, now) < claim.seats:
            raise _ended()
        seats.set_claims(session, [claim.id], "held", now, expires_at=now + PAY_HOLD_LIFE)

    def _abandon(self, payment_id: UUID) -> None:
        with self._database.unit(RDS) as session:
            bookings.change_payment(
                session, payment_id, session_expires_at=self._clock.now(), checkout_url=None
            )

    def _keep(self, payment_id: UUID, page: CheckoutSession) -> None:
        with self._database.unit(RDS) as session:
            bookings.change_payment(
                session,
                payment_id,
                stripe_session_id=page.id,
                checkout_url=page.url,
                session_expires_at=page.expires_at,
                updated_at=self._clock.now(),
            )

    def _lock_for(self, session: RoutedSession, payment_id: UUID) -> Booking:
        payment = bookings.payment(session, id=payment_id)
        booking = bookings.get(session, payment.booking_id) if payment else None
        if booking is None:
            raise NotFound("This payment does not exist.", code="payment_not_found")
        seats.departure(session, booking.departure_id, lock=True)
        locked = bookings.lock(session, booking.id)
        assert locked is not None
        return locked

    # What became of it -------------------------------------------------------

    def settle(self, session_id: str, *, event_id: str | None = None) -> None:
        """Ask Stripe how a payment page stands and make our records say the same.

        Safe to call any number of times, at once and in any order: by the webhook,
        by the return page, by the worker. ``event_id`` is marked as dealt with in
        the transaction of the effect.
        """
        page = self._stripe.checkout(session_id)
        with self._database.unit(RDS) as session:
            payment_id = UUID(page.payment_id)
            if bookings.payment(session, id=payment_id) is not None:
                if page.paid:
                    self._paid(session, payment_id, page)
                elif page.status == "complete":
                    self._mark(session, payment_id, page, "processing")
                elif page.status == "expired":
                    self._mark(session, payment_id, page, "due")
            if event_id is not None:
                messages.finish_inbox(session, event_id, self._clock.now())

    def refused(self, payment_id: UUID, reason: str, *, event_id: str) -> None:
        """A card was declined: the seats stay held, the page stays open."""
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            if bookings.payment(session, id=payment_id) is not None:
                self._lock_for(session, payment_id)
                payment = bookings.payment(session, id=payment_id, lock_row=True)
                if payment is not None and payment.status in ("due", "failed", "processing"):
                    bookings.change_payment(
                        session, payment_id, status="failed", failure=reason, updated_at=now
                    )
            messages.finish_inbox(session, event_id, now)

    def _mark(
        self, session: RoutedSession, payment_id: UUID, page: CheckoutSession, status: str
    ) -> None:
        self._lock_for(session, payment_id)
        payment = bookings.payment(session, id=payment_id, lock_row=True)
        if payment is None or payment.status == "paid" or payment.stripe_session_id != page.id:
            return
        values = {"status": status, "updated_at": self._clock.now()}
        if status == "due":
            values |= {"checkout_url": None, "session_expires_at": page.expires_at}
        bookings.change_payment(session, payment_id, **values)

    def _paid(self, session: RoutedSession, payment_id: UUID, page: CheckoutSession) -> None:
        now = self._clock.now()
        booking = self._lock_for(session, payment_id)
        payment = bookings.payment(session, id=payment_id, lock_row=True)
        assert payment is not None
        if payment.status not in ("due", "failed", "processing"):
            if payment.stripe_session_id != page.id:
                self._give_back(session, booking, payment, page, "It was paid twice.")
            return
        if not self._take_seats(session, booking, now):
            bookings.change_payment(session, payment_id, stripe_session_id=page.id, updated_at=now)
            self._give_back(session, booking, payment, page, "The seats were gone.")
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
        if booking.status != "confirmed":
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
        else:
            messages.send(
                session,
                "email.payment_received",
                {"booking_id": str(booking.id), "payment_id": str(payment_id)},
                dedupe_key=f"payment:{payment_id}:received",
            )
        ledger.post(session, booking.id, posted, now)

    def _take_seats(self, session: RoutedSession, booking: Booking, now: datetime) -> bool:
        """Turn the hold into sold seats; a hold that has ended only if seats are left."""
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

    def _give_back(
        self,
        session: RoutedSession,
        booking: Booking,
        payment: Payment,
        page: CheckoutSession,
        reason: str,
    ) -> None:
        """Money came for which there are no seats: record it and give all of it back, once."""
        amount = Money(payment.amount_minor, payment.currency)
        cause = f"{payment.id}:{page.id}"
        received = postings.Posting(
            f"payment:{cause}:paid", postings.paid(payment.id, amount).entries
        )
        ledger.post(session, booking.id, [received], self._clock.now())
        messages.send(
            session,
            "payment.give_back",
            {
                "booking_id": str(booking.id),
                "payment_id": str(payment.id),
                "session_id": page.id,
                "payment_intent": page.payment_intent,
                "amount": amount.minor,
                "currency": amount.currency,
                "reason": reason,
            },
            dedupe_key=f"payment:{cause}:give_back",
        )

    def give_back(self, payload: dict[str, str | int]) -> None:
        """Carry out a full refund that ``_give_back`` committed to."""
        amount = Money(int(payload["amount"]), str(payload["currency"]))
        payment_id = UUID(str(payload["payment_id"]))
        session_id = str(payload["session_id"])
        refund = self._stripe.refund(
            f"{payment_id}:{session_id}:give_back", str(payload["payment_intent"]), amount
        )
        now = self._clock.now()
        booking_id = UUID(str(payload["booking_id"]))
        with self._database.unit(RDS) as session:
            self._lock_for(session, payment_id)
            payment = bookings.payment(session, id=payment_id, lock_row=True)
            if payment is not None and payment.status != "paid":
                bookings.change_payment(session, payment_id, status="refunded", updated_at=now)
            ledger.post(session, booking_id, [postings.refunded(payment_id, refund, amount)], now)
            messages.send(
                session,
                "email.payment_given_back",
                {**payload, "refund": refund},
                dedupe_key=f"payment:{payment_id}:{session_id}:given_back",
            )

    # What nobody told us -----------------------------------------------------

    def reconcile(self) -> int:
        """Finish what a crash or a lost event left open; returns how many were looked at.

        Payments with an attempt and no page get their page (same key, same page);
        pages nobody reported on are asked about; bookings whose hold has ended
        expire once their page can't be paid any more.
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            quiet = bookings.unfinished_payments(session, now - QUIET, PAGE_REUSE_LIMIT)
        for payment in quiet:
            self._look_again(payment, now)
        with self._database.unit(RDS) as session:
            overdue = bookings.overdue_bookings(session, now, PAGE_REUSE_LIMIT)
        for booking_id in overdue:
            self._expire(booking_id)
        return len(quiet) + len(overdue)

    def _look_again(self, payment: Payment, now: datetime) -> None:
        try:
            if payment.stripe_session_id is None:
                ends = payment.session_expires_at
                if ends is not None and ends > now:
                    self.open(payment.id)
            else:
                self.settle(payment.stripe_session_id)
                with self._database.unit(RDS) as session:
                    bookings.change_payment(session, payment.id, updated_at=now)
        except (Gone, Conflict, NotFound) as error:
            log.info("payment %s: nothing to finish: %s", payment.id, error.code)
            with self._database.unit(RDS) as session:
                bookings.change_payment(session, payment.id, updated_at=now)

    def _expire(self, booking_id: UUID) -> None:
        """End a booking nobody paid: first its page, then the booking and its hold."""
        with self._database.unit(RDS) as session:
            pages = [
                p.stripe_session_id
                for p in bookings.payments(session, [booking_id])
                if p.stripe_session_id and p.status != "paid"
            ]
        for page in pages:
            self._stripe.expire_checkout(page)
            self.settle(page)
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            booking = bookings.get(session, booking_id)
            assert booking is not None
            seats.departure(session, booking.departure_id, lock=True)
            booking = bookings.lock(session, booking_id)
            assert booking is not None
            claim = seats.find_claim(session, booking.claim_id, lock=True)
            assert claim is not None
            unsure = any(p.status == "processing" for p in bookings.payments(session, [booking_id]))
            if booking.status == "pending_payment" and claim.expires_at <= now and not unsure:
                bookings.change(session, booking_id, status="expired", closed_at=now)
                seats.set_claims(session, [claim.id], "released", now)


def trip_url(origin: str, booking: Booking) -> str:
    """The trip page with the key that shows it in full to whoever has the link."""
    return f"{origin}/trips/{booking.reference}?key={booking.view_key}"


def _request(payment: Payment, booking: Booking, origin: str) -> CheckoutRequest:
    ends = payment.session_expires_at
    assert ends is not None
    travellers = booking.adults + booking.children
    first = booking.status == "pending_payment"
    trip = trip_url(origin, booking)
    return CheckoutRequest(
        idempotency_key=f"{payment.id}:checkout:{payment.attempt}",
        booking_id=str(booking.id),
        payment_id=str(payment.id),
        reference=booking.reference,
        title=booking.snapshot["package"]["title"],
        description=(
            f"{booking.starts_on:%-d %B %Y} to {booking.ends_on:%-d %B %Y},"
            f" {travellers} {'traveller' if travellers == 1 else 'travellers'}"
            + {"deposit": ", deposit", "balance": ", balance"}.get(payment.kind, "")
        ),
        amount=Money(payment.amount_minor, payment.currency),
        email=booking.lead_email,
        success_url=f"{trip}&from=payment",
        cancel_url=f"{origin}/checkout/{booking.claim_id}" if first else trip,
        expires_at=ends,
    )


def _ended() -> Gone:
    return Gone(
        "This reservation has ended and its seats are on sale again. Nothing was charged."
        " Reserve once more to continue.",
        code="hold_expired",
    )
