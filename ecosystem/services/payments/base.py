"""What the parts of the payments service share: ports, lock order, requests."""

from datetime import timedelta
from uuid import UUID

from ecosystem.database.queries import bookings
from ecosystem.database.tables import Booking, Payment
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain import formats
from ecosystem.domain.errors import Gone, NotFound
from ecosystem.domain.language import _, speaking
from ecosystem.domain.money import Money
from ecosystem.services.changes import moving
from ecosystem.services.changes.locking import lock_booking
from ecosystem.services.changes.situation import waiting_departure
from ecosystem.services.ports import CheckoutRequest, Clock
from ecosystem.services.ports import Payments as PaymentsPort

TOLD_AFTER = timedelta(minutes=10)
"""How long a declined payment or an ended reservation stays untold: most try again at once, and
a payment of the last second is still on its way."""


class Base:
    """``origin`` is the public address of the product, without a slash at the end."""

    def __init__(self, database: Database, stripe: PaymentsPort, clock: Clock, origin: str) -> None:
        self._database = database
        self._stripe = stripe
        self._clock = clock
        self._origin = origin

    def _lock_for(self, session: RoutedSession, payment_id: UUID) -> Booking:
        """Lock the departure, then the booking of a payment: the order everywhere.

        The departure to which a payment moves its booking is locked as well.
        """
        payment = bookings.payment(session, id=payment_id)
        booking = bookings.get(session, payment.booking_id) if payment else None
        if booking is None:
            raise NotFound(_("This payment does not exist."), code="payment_not_found")
        change = moving.waiting_change(session, payment) if payment else None
        return lock_booking(session, booking, [waiting_departure(change)] if change else [])


def trip_url(origin: str, booking: Booking) -> str:
    """The trip page with the key that shows it in full to whoever has the link."""
    return f"{origin}/trips/{booking.reference}?key={booking.view_key}"


def checkout_request(payment: Payment, booking: Booking, origin: str) -> CheckoutRequest:
    ends = payment.session_expires_at
    assert ends is not None
    first = booking.status == "pending_payment"
    trip = trip_url(origin, booking)
    return CheckoutRequest(
        idempotency_key=f"{payment.id}:checkout:{payment.attempt}",
        booking_id=str(booking.id),
        payment_id=str(payment.id),
        reference=booking.reference,
        title=booking.snapshot["package"]["title"],
        description=_description(payment, booking),
        language=booking.language,
        amount=Money(payment.amount_minor, payment.currency),
        email=booking.lead_email,
        success_url=f"{trip}&from=payment",
        cancel_url=f"{origin}/checkout/{booking.claim_id}" if first else trip,
        expires_at=ends,
    )


def _description(payment: Payment, booking: Booking) -> str:
    """What is paid. In the booking's language: who asks again has to ask for the same."""
    with speaking(booking.language):
        parts = [
            formats.days(booking.starts_on, booking.ends_on),
            formats.people(booking.adults + booking.children),
        ]
        if payment.kind == "deposit":
            parts.append(_("deposit"))
        if payment.kind == "balance":
            parts.append(_("balance"))
        if payment.kind == "change":
            parts.append(_("change of date"))
        return ", ".join(parts)


def ended() -> Gone:
    return Gone(
        _(
            "This reservation has ended and its seats are on sale again. Nothing was charged."
            " Reserve once more to continue."
        ),
        code="hold_expired",
    )
