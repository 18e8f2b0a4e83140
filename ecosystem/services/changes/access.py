"""Who may change a booking, and in what capacity."""

import hmac

from ecosystem.database.queries import bookings
from ecosystem.database.tables import Booking
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.agency_terms import ON_ACCOUNT
from ecosystem.domain.changes import ChangeBy
from ecosystem.domain.errors import Conflict, Forbidden, NotFound
from ecosystem.domain.language import _
from ecosystem.services.operator_access import editing


def find(
    session: RoutedSession, actor: Actor, reference: str, key: str, *, changing: bool = False
) -> tuple[Booking, ChangeBy]:
    """The booking and the capacity in which the caller looks at it or, ``changing``, changes it.

    Its buyer is the customer or the browser that booked it, and whoever has the link of the
    e-mail (``key``). Those who sold it act for themselves, link or not.

    Raises:
        NotFound: no such booking, or the caller has nothing to do with it.
        Forbidden: ``changing``, and a member of the operator's team who may only look, or
            ``assistant``: an agency's, of a trip that the agency owes.
        Conflict: ``changing``, ``ask_agency``: her agency collects from this traveller.
    """
    booking = bookings.by_reference(session, reference)
    if booking is None:
        raise no_booking()
    if bookings.by_reference(session, reference, bookings.visible_to(actor)) is not None:
        by = _CAPACITY[actor.role]
        if changing and actor.role == "provider":
            editing(actor)
        if changing and not told_amounts(booking, actor, by):
            raise Forbidden(
                "Your agency owes what this trip costs: one of its agents changes it.",
                code="assistant",
            )
        return booking, by
    if key and hmac.compare_digest(booking.view_key.encode(), key.encode()):
        if changing and not told_amounts(booking, actor, "buyer"):
            raise Conflict(
                _("Your travel agency bills this trip to you. Ask it to change or cancel it."),
                code="ask_agency",
            )
        return booking, "buyer"
    raise no_booking()


def told_amounts(booking: Booking, actor: Actor, by: ChangeBy) -> bool:
    """Whether somebody may know what a booking costs and what a change of it comes to. What an
    agency owes that collects from its traveller is told neither her nor its assistants."""
    if booking.agency_model != ON_ACCOUNT:
        return True
    return by != "buyer" and (by != "agent" or actor.sees_commission)


def may_write(actor: Actor) -> bool:
    """Whether an actor who sees a booking may change it too."""
    return actor.role != "provider" or actor.operator_role in ("owner", "editor")


_CAPACITY: dict[str, ChangeBy] = {
    "ops": "ops",
    "provider": "operator",
    "agent": "agent",
    "customer": "buyer",
    "guest": "buyer",
}


def no_booking() -> NotFound:
    """What somebody is told who has nothing to do with a booking, or if there is none."""
    return NotFound(_("There is no booking with this reference."), code="booking_not_found")
