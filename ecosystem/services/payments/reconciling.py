"""What nobody told us: a crash between two commits, an event that never came."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import bookings, messages, seats
from ecosystem.database.tables import Payment
from ecosystem.domain.errors import Conflict, Gone, NotFound
from ecosystem.services.one_of_many import apart
from ecosystem.services.payments.asking import Asking
from ecosystem.services.payments.base import TOLD_AFTER
from ecosystem.services.payments.ending import Ending

log = logging.getLogger(__name__)

QUIET = timedelta(minutes=2)
"""A payment nobody has reported on for this long is asked about."""

AT_ONCE = 200


class Reconciling(Ending, Asking):
    """Run by the worker on a schedule and by ``ecosystem reconcile``."""

    def reconcile(self) -> int:
        """Finish what a crash or a lost event left open; returns how many were looked at.

        Payments with an attempt and no page get their page (same key, same page);
        pages nobody reported on are asked about; bookings whose hold has ended
        expire once their page can't be paid any more. One that can't be dealt with
        keeps nobody else waiting; it has its turn again in the next round.
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            quiet = bookings.unfinished_payments(session, now, now - QUIET, AT_ONCE)
        for payment in quiet:
            apart(self._look_again, payment.id, payment, now)
        with self._database.unit(RDS) as session:
            overdue = bookings.overdue_bookings(session, now, AT_ONCE)
        for booking_id in overdue:
            apart(self._expire, booking_id, booking_id)
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
                    bookings.change_payment(session, payment.id, updated_at=self._clock.now())
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
            try:
                self._stripe.expire_checkout(page)
                self.settle(page)
            except NotFound:
                log.warning("booking %s: Stripe does not know its page %s", booking_id, page)
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
                messages.send(
                    session,
                    "email.booking_expired",
                    {"booking_id": str(booking_id)},
                    dedupe_key=f"booking:{booking_id}:expired",
                    available_at=now + TOLD_AFTER,
                )
