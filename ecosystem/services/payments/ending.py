"""Ending payment pages before what they ask for changes."""

import logging
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import bookings
from ecosystem.database.tables import Payment
from ecosystem.domain.booking import UNDECIDED
from ecosystem.domain.errors import Conflict, Gone, NotFound
from ecosystem.services.payments.opening import Opening
from ecosystem.services.payments.settling import Settling

log = logging.getLogger(__name__)

Ended = frozenset[tuple[UUID, int]]
"""Payments with the attempt whose page can't be paid any more."""


class Ending(Opening, Settling):
    """A page with an old amount must not be paid: first it ends at Stripe, then rows change."""

    def end_pages(self, booking_id: UUID) -> Ended:
        """End the open pages of a booking; what was paid meanwhile is settled.

        Whoever changes a payment afterwards has to find its attempt among these, or another
        page was opened in between.

        Raises:
            Unavailable: Stripe does not answer; a page may still be open.
        """
        ended: set[tuple[UUID, int]] = set()
        for payment in self._open_payments(booking_id):
            page = payment.stripe_session_id or self._page_being_opened(payment)
            if page is not None:
                try:
                    self._stripe.expire_checkout(page)
                    self.settle(page)
                except NotFound:
                    log.warning("payment %s: Stripe does not know its page %s", payment.id, page)
            ended.add((payment.id, payment.attempt))
        return frozenset(ended)

    def _open_payments(self, booking_id: UUID) -> list[Payment]:
        with self._database.unit(RDS) as session:
            return [
                payment
                for payment in bookings.payments(session, [booking_id])
                if payment.status in UNDECIDED and payment.attempt and payment.closed_at is None
            ]

    def _page_being_opened(self, payment: Payment) -> str | None:
        """The page of an attempt that was begun and not heard of: the same key gives it again."""
        ends = payment.session_expires_at
        if ends is None or ends <= self._clock.now():
            return None
        try:
            self.open(payment.id)
        except (Conflict, Gone) as error:
            log.info("payment %s: no page to end: %s", payment.id, error.code)
        with self._database.unit(RDS) as session:
            again = bookings.payment(session, id=payment.id)
        return again.stripe_session_id if again else None
