"""What the parts of the payments service share: ports, lock order, requests."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from ecosystem.database.queries import bookings
from ecosystem.database.statements import Statement
from ecosystem.database.tables import Booking, Payment
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain import formats
from ecosystem.domain.booking import ACCOUNT
from ecosystem.domain.errors import Gone, NotFound
from ecosystem.domain.language import _, speaking
from ecosystem.domain.money import Money
from ecosystem.services.changes.locking import moved_meanwhile
from ecosystem.services.ports import CheckoutRequest, Clock
from ecosystem.services.ports import Payments as PaymentsPort

TOLD_AFTER = timedelta(minutes=10)
"""How long a declined payment or an ended reservation stays untold: most try again at once, and
a payment of the last second is still on its way."""


@dataclass(frozen=True)
class Locked:
    """A booking and its payment, locked, and the rows of what was asked for along with them."""

    booking: Booking
    payment: Payment
    more: list[list[Any]]


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
        locked = self._lock(session, payment_id)
        if locked is None:
            raise NotFound(_("This payment does not exist."), code="payment_not_found")
        return locked.booking

    def _lock(self, session: RoutedSession, payment_id: UUID, *more: Statement) -> "Locked | None":
        """Lock as :meth:`_lock_for` says, and the payment, in one go; ``more`` is sent along.

        Raises:
            Unavailable: it moved to another date while we waited. Trying again is safe.
        """
        departures, booking, payment, *others = session.at_once(
            *bookings.locked_of_payment(payment_id), *more
        )
        if not payment:
            return None
        locked = session.loaded(Booking, booking[0])
        if locked.departure_id not in {row.id for row in departures}:
            raise moved_meanwhile()
        return Locked(locked, session.loaded(Payment, payment[0]), others)


def trip_url(origin: str, booking: Booking) -> str:
    """The trip page with the key that shows it in full to whoever has the link."""
    return f"{origin}/trips/{booking.reference}?key={booking.view_key}"


def by_agency(payment: Payment) -> bool:
    """Whether an agency pays it, which collects from its client itself."""
    return payment.kind == ACCOUNT


def checkout_request(payment: Payment, booking: Booking, origin: str) -> CheckoutRequest:
    ends = payment.session_expires_at
    assert ends is not None
    first = booking.status == "pending_payment"
    trip = trip_url(origin, booking)
    back = f"{trip}&from=payment"
    if by_agency(payment):
        # Nobody there needs the client's key.
        trip = f"{origin}/trips/{booking.reference}"
        back = f"{trip}?from=payment"
    return CheckoutRequest(
        idempotency_key=f"{payment.id}:checkout:{payment.attempt}",
        booking_id=str(booking.id),
        payment_id=str(payment.id),
        reference=booking.reference,
        title=booking.snapshot["package"]["title"],
        description=_description(payment, booking),
        language=booking.language,
        amount=Money(payment.amount_minor, payment.currency),
        email="" if by_agency(payment) else booking.lead_email,
        success_url=back,
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
        if by_agency(payment):
            parts.append(_("net price"))
        return ", ".join(parts)


def ended() -> Gone:
    return Gone(
        _(
            "This reservation has ended and its seats are on sale again. Nothing was charged."
            " Reserve once more to continue."
        ),
        code="hold_expired",
    )
