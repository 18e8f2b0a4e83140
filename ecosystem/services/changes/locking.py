"""The order of locks for a booking: its departures by id, then the booking, then payments."""

from collections.abc import Iterable
from uuid import UUID

from ecosystem.database.queries import bookings, seats
from ecosystem.database.tables import Booking
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.errors import Unavailable
from ecosystem.domain.language import _


def lock_booking(
    session: RoutedSession, booking: Booking, departures: Iterable[UUID] = ()
) -> Booking:
    """Lock the departure of a booking and ``departures``, then the booking itself.

    Raises:
        Unavailable: it moved to another date while we waited. Trying again is safe.
    """
    where = booking.departure_id
    for departure_id in sorted({where, *departures}):
        seats.departure(session, departure_id, lock=True)
    locked = bookings.lock(session, booking.id)
    assert locked is not None  # bookings are never deleted
    if locked.departure_id != where:
        raise moved_meanwhile()
    return locked


def moved_meanwhile() -> Unavailable:
    """What is said when other departures than the booking's were locked."""
    return Unavailable(_("This booking is being changed. Try again in a moment."), code="busy")
