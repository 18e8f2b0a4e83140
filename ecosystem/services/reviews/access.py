"""Which side of a booking a caller is on, and what that side may see and do."""

import hmac
from collections.abc import Sequence
from datetime import datetime

from ecosystem.database.queries import bookings
from ecosystem.database.tables import Booking, Review
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import NotFound
from ecosystem.domain.language import _
from ecosystem.domain.reviews import (
    REVEALED_AFTER,
    Author,
    BookingReviews,
    ReviewView,
    Stage,
    public_name,
)
from ecosystem.services.reviews.keys import ReviewKeys


def find(
    session: RoutedSession, actor: Actor, reference: str, key: str, keys: ReviewKeys
) -> tuple[Booking, Author]:
    """The booking and the caller's side of it.

    The operator's people are its operator; its buyer is the traveller, and so is whoever has
    the link of the e-mail (``key``), unless she works for one of those who sold the trip. Where an
    agency has sold it the link is that of the invitation to review (``keys``): the agency has the
    others.

    Raises:
        NotFound: no such booking, or the caller is on neither side of it.
    """
    booking = bookings.by_reference(session, reference)
    if booking is None:
        raise _no_booking()
    if actor.operator_id is not None and actor.operator_id == booking.operator_id:
        return booking, "operator"
    sold_it = actor.agency_id is not None and actor.agency_id == booking.agency_id
    linked = bool(key) and keys.fits(booking.id, key)
    if key and booking.agency_id is None:
        linked = linked or hmac.compare_digest(booking.view_key.encode(), key.encode())
    if linked and not sold_it:
        return booking, "traveller"
    if actor.role in ("customer", "guest") and bookings.by_reference(
        session, reference, bookings.visible_to(actor)
    ):
        return booking, "traveller"
    raise _no_booking()


def seen_by(
    side: Author, booking: Booking, reviews: Sequence[Review], now: datetime
) -> BookingReviews:
    """How far a booking's reviews are for ``side``; the other's words only once revealed."""
    mine = next((review for review in reviews if review.author == side), None)
    theirs = next((review for review in reviews if review.author != side), None)
    first = min((review.created_at for review in reviews), default=None)
    reveals_at = first + REVEALED_AFTER if first else None
    revealed = any(review.revealed_at is not None for review in reviews)
    return BookingReviews(
        side=side,
        stage=_stage(booking.status, mine, revealed=revealed, over=reveals_at, now=now),
        mine=view(mine, booking) if mine else None,
        theirs=view(theirs, booking) if theirs and revealed else None,
        reveals_at=reveals_at,
        ends_on=booking.ends_on,
        other_name=public_name(booking.lead_name)
        if side == "operator"
        else booking.snapshot["operator"]["name"],
    )


def _stage(
    status: str, mine: Review | None, *, revealed: bool, over: datetime | None, now: datetime
) -> Stage:
    if status in ("cancelled", "expired"):
        return "never"
    if status != "completed":
        return "early"
    if revealed and mine is not None:
        return "revealed"
    if mine is not None:
        return "waiting"
    return "closed" if revealed or (over is not None and over <= now) else "open"


def view(review: Review, booking: Booking) -> ReviewView:
    """A review with the trip it is about."""
    return ReviewView(
        id=review.id,
        author=review.author,  # type: ignore[arg-type]
        author_name=review.author_name,
        rating=review.rating,
        body=review.body,
        language=review.language,
        created_at=review.created_at,
        revealed_at=review.revealed_at,
        trip=booking.snapshot["package"]["title"],
        travelled_on=booking.starts_on,
        reply=review.reply,
        replied_at=review.replied_at,
    )


def _no_booking() -> NotFound:
    return NotFound(_("There is no booking with this reference."), code="booking_not_found")
