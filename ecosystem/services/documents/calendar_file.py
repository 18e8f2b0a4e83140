"""A booking as a calendar file (RFC 5545): one event of whole days with a UID that stays."""

from ecosystem.database.tables import Booking
from ecosystem.domain import calendar_text, formats
from ecosystem.domain.calendar_text import AllDay
from ecosystem.domain.language import _


def trip_calendar(booking: Booking, organizer: tuple[str, str] | None, address: str) -> str:
    """The trip, or its cancellation, in the language of the context.

    Args:
        organizer: name and e-mail address of who runs the trip.
        address: the trip's page.
    """
    snapshot = booking.snapshot
    cities = [str(city["city"]) for city in snapshot["cities"]]
    facts = [
        _("Booking {reference}").format(reference=booking.reference),
        _("Run by {operator}").format(operator=snapshot["operator"]["name"]),
        formats.people(booking.adults + booking.children),
        " – ".join(cities),
    ]
    return calendar_text.message(
        AllDay(
            uid=f"booking-{booking.id}@ecosystem",
            first=booking.starts_on,
            last=booking.ends_on,
            summary=str(snapshot["package"]["title"]),
            changed=booking.updated_at,
            sequence=booking.revision,
            description="\n".join(fact for fact in facts if fact),
            url=address,
            cancelled=booking.status == "cancelled",
            location=cities[0] if cities else "",
            organizer=organizer,
        )
    )
