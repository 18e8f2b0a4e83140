"""Opening payment pages: intent committed, Stripe called with its key, result committed."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from ecosystem.database import statements
from ecosystem.database.placement import RDS
from ecosystem.database.queries import bookings, seats
from ecosystem.database.tables import Booking, Payment
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.booking import CHECKOUT_LIFE, SOLD, UNDECIDED, kept_until
from ecosystem.domain.errors import Conflict, Invalid, NotFound, Unavailable
from ecosystem.domain.language import _
from ecosystem.services.changes import moving
from ecosystem.services.payments.base import (
    Base,
    by_agency,
    checkout_request,
    ended,
    trip_url,
)
from ecosystem.services.ports import CheckoutRequest, CheckoutSession

log = logging.getLogger(__name__)

REUSE_BEFORE_END = timedelta(minutes=2)
"""A page that ends sooner than this is not handed out any more."""

TRIES = 3


def begin(payment: Payment, now: datetime) -> None:
    """Let a payment that is being made have its first attempt at once."""
    payment.attempt = 1
    payment.session_expires_at = now + CHECKOUT_LIFE


@dataclass(frozen=True)
class PayTarget:
    """Where ``/pay/{token}`` leads: to the payment page, or to the trip if it is paid."""

    url: str
    paid: bool


class Opening(Base):
    """Payment pages are opened here and nowhere else."""

    def open_first(self, booking_id: UUID) -> None:
        """Open the page of a booking's next payment if Stripe answers; else leave it.

        The booking stands either way: ``/pay/{token}`` and the worker try again. What an agency
        owes has time.
        """
        with self._database.unit(RDS) as session:
            payments = bookings.payments(session, [booking_id])
            unpaid = [p for p in payments if p.status in UNDECIDED and p.closed_at is None]
        if not unpaid or by_agency(unpaid[0]):
            return
        try:
            self.open(unpaid[0].id)
        except (Unavailable, Conflict) as error:
            log.warning("payment %s: page not opened: %s", unpaid[0].id, error.code)

    def open_begun(self, booking: Booking, payment: Payment) -> bool:
        """Open the page of a payment that was made with its first attempt (:func:`begin`).

        What is known of the page is set on ``payment``. False if the attempt was given up:
        the page has to be opened anew. If Stripe does not answer, as for ``open_first``.
        """
        request = checkout_request(payment, booking, self._origin)
        try:
            page = self._page(payment.id, payment.attempt, request)
        except (Unavailable, Conflict) as error:
            log.warning("payment %s: page not opened: %s", payment.id, error.code)
            return True
        if page is not None:
            payment.checkout_url = page.url
        return page is not None

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
            raise NotFound(_("This payment link does not exist."), code="pay_link_not_found")
        if payment.status not in ("due", "failed"):
            trip = trip_url(self._origin, booking)
            if by_agency(payment):
                trip = f"{self._origin}/trips/{booking.reference}"
            return PayTarget(trip, paid=True)
        return PayTarget(self.open(payment.id), paid=False)

    def open(self, payment_id: UUID) -> str:
        """The address of a payment page that can be paid now.

        Raises:
            Gone: the hold or the booking has ended.
            Conflict: it is paid already.
            Unavailable: Stripe does not answer; the same call may be made again.
        """
        for _attempt in range(TRIES):
            request, attempt, known = self._intend(payment_id)
            if known is not None:
                return known
            page = self._page(payment_id, attempt, request)
            if page is None:
                continue
            if page.url is None:
                raise Conflict(_("This has been paid already."), code="already_paid")
            return page.url
        raise Unavailable(
            _("The payment page can't be opened at the moment. Try again in a minute.")
        )

    def _page(
        self, payment_id: UUID, attempt: int, request: CheckoutRequest
    ) -> CheckoutSession | None:
        """The page of an attempt; None if the attempt has to be given up."""
        try:
            page = self._stripe.open_checkout(request)
        except Invalid:
            # The end we had committed to is too near for a new page by now, and
            # Stripe never carried out the first call: begin another attempt.
            self._abandon(payment_id, attempt)
            return None
        # Otherwise something else is asked for by now than what this page shows.
        return page if self._keep(payment_id, attempt, request.expires_at, page) else None

    def _intend(self, payment_id: UUID) -> tuple[CheckoutRequest, int, str | None]:
        """What to ask Stripe for, the number of the attempt, and its page if it is open."""
        with self._database.unit(RDS) as session:
            booking = self._lock_for(session, payment_id)
            # Only now: who waited for the lock may find that the hold ended meanwhile.
            now = self._clock.now()
            payment = bookings.payment(session, id=payment_id, lock_row=True)
            assert payment is not None
            if payment.status not in ("due", "failed"):
                raise Conflict(_("This has been paid already."), code="already_paid")
            stands = booking.status in ("pending_payment", *SOLD) or by_agency(payment)
            if not stands or payment.closed_at:
                raise ended()
            ends = payment.session_expires_at
            live = payment.attempt > 0 and ends is not None and ends > now + REUSE_BEFORE_END
            if live and payment.checkout_url:
                request = checkout_request(payment, booking, self._origin)
                return request, payment.attempt, payment.checkout_url
            if not live:
                self._keep_seats(session, booking, payment, now)
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
            return checkout_request(payment, booking, self._origin), payment.attempt, None

    def _keep_seats(
        self, session: RoutedSession, booking: Booking, payment: Payment, now: datetime
    ) -> None:
        """Before a first payment the hold has to outlive the page; it may have to be renewed.

        So do the seats of another date that the payment moves the booking to.
        """
        if payment.kind == "change":
            change = moving.waiting_change(session, payment)
            if change is None or not moving.keep_seats(session, change, now):
                raise ended()
        if booking.status != "pending_payment":
            return
        claim = seats.find_claim(session, booking.claim_id, lock=True)
        assert claim is not None  # a booking's foreign key
        free_again = claim.expires_at <= now or claim.state == "released"
        if free_again and seats.seats_left(session, booking.departure_id, now) < claim.seats:
            raise ended()
        until = kept_until(claim.expires_at, booking.created_at, now)
        if until is None:
            raise ended()
        seats.set_claims(session, [claim.id], "held", now, expires_at=until)

    def _abandon(self, payment_id: UUID, attempt: int) -> None:
        """Give an attempt up, unless somebody else who was refused too is at the next one."""
        with self._database.unit(RDS) as session:
            payment = bookings.payment(session, id=payment_id, lock_row=True)
            if payment is not None and payment.attempt == attempt:
                bookings.change_payment(
                    session, payment_id, session_expires_at=self._clock.now(), checkout_url=None
                )

    def _keep(self, payment_id: UUID, attempt: int, ends: datetime, page: CheckoutSession) -> bool:
        """Remember the page of an attempt; False if the attempt was given up while it was made."""
        kept = self._database.together(
            statements.change(
                Payment,
                payment_id,
                "and attempt = %(made_for)s and session_expires_at = %(ends)s"
                " and stripe_session_id is null returning id",
                made_for=attempt,
                ends=ends,
                stripe_session_id=page.id,
                checkout_url=page.url,
                session_expires_at=page.expires_at,
                updated_at=self._clock.now(),
            )
        )[0]
        if kept:
            return True
        with self._database.unit(RDS) as session:
            payment = bookings.payment(session, id=payment_id)
            return payment is not None and payment.stripe_session_id == page.id
