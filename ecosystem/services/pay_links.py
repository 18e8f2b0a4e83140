"""An agency sends its client the link to pay, by e-mail: the link itself need not be copied."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, bookings, seats
from ecosystem.database.queries import pay_links as queries
from ecosystem.database.queries.messages import send
from ecosystem.database.tables import Booking, Payment
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.booking import ACCOUNT, SOLD
from ecosystem.domain.errors import Conflict, NotFound, TooManyRequests
from ecosystem.domain.money import Money
from ecosystem.services.agency_access import agency_of
from ecosystem.services.payments.asking import OPEN
from ecosystem.services.ports import Clock

MOST_IN_AN_HOUR = 3
SENT = "booking.pay_link_sent"


@dataclass(frozen=True)
class PayLinkSent:
    """To whom it went, and what it asks for."""

    to: str
    amount: Money


class PayLinks:
    """Bookings are fetched by agency and reference together."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def send(self, actor: Actor, reference: str) -> PayLinkSent:
        """Write to whom the booking is for: what is to be paid next, and where.

        Raises:
            NotFound: none of the agency's.
            Conflict: ``nothing_due``: nothing is asked for (any more).
            TooManyRequests: more than three in an hour.
        """
        agency_id, now = agency_of(actor), self._clock.now()
        with self._database.unit(RDS) as session:
            found = bookings.by_reference(session, reference[:40].upper())
            if found is None or found.agency_id != agency_id:
                raise NotFound("There is no booking with this reference.", code="booking_not_found")
            booking = bookings.lock(session, found.id)
            assert booking is not None  # bookings are never deleted
            payment = _next(session, booking, now)
            hour = now - timedelta(hours=1)
            if queries.sent_since(session, SENT, booking.reference, hour) >= MOST_IN_AN_HOUR:
                raise TooManyRequests(
                    "The link was sent three times within the hour. Call your client, or copy the"
                    " link and send it yourself.",
                    retry_after=3600,
                )
            audit.record(
                session,
                actor,
                SENT,
                "booking",
                booking.reference,
                to=booking.lead_email,
                amount=payment.amount_minor,
                currency=payment.currency,
            )
            send(
                session,
                "email.pay_link",
                {
                    "booking_id": str(booking.id),
                    "payment_id": str(payment.id),
                    "sent_at": now.isoformat(),
                },
            )
            amount = Money(payment.amount_minor, payment.currency)
            return PayLinkSent(booking.lead_email, amount)


def _next(session: RoutedSession, booking: Booking, now: datetime) -> Payment:
    """What is to be paid next. Raises ``Conflict``."""
    alive = booking.status in SOLD
    if booking.status == "pending_payment":
        claim = seats.find_claim(session, booking.claim_id)
        alive = claim is not None and claim.expires_at > now
    for payment in bookings.payments(session, [booking.id]):
        # What an agency owes for its own account is nothing for its client to pay.
        own = payment.kind == ACCOUNT
        if alive and not own and payment.status in OPEN and payment.closed_at is None:
            return payment
    raise Conflict("Nothing is to be paid for this booking at the moment.", code="nothing_due")
