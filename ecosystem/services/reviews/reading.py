"""Who reads which reviews: the public, the two sides of a booking, the operator's desk."""

from typing import Any, Literal
from uuid import UUID

from ecosystem.database.placement import ACCOUNTS, PACKAGES, RDS
from ecosystem.database.queries import catalogue
from ecosystem.database.queries import reviews as queries
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import NotFound
from ecosystem.domain.language import _
from ecosystem.domain.reviews import (
    REVEALED_AFTER,
    BookingReviews,
    OwnTrip,
    RatingSummary,
    ReviewView,
)
from ecosystem.domain.views import Page
from ecosystem.services.operator_access import operator_of
from ecosystem.services.paging import decode_cursor, encode_cursor
from ecosystem.services.ports import Clock
from ecosystem.services.reviews.access import find, seen_by, view
from ecosystem.services.reviews.keys import ReviewKeys

Show = Literal["all", "review", "answer"]


class Reading:
    """Nobody reads a review before it is revealed, but its own author."""

    def __init__(self, database: Database, clock: Clock, keys: ReviewKeys) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys

    def of_booking(self, actor: Actor, reference: str, *, key: str = "") -> BookingReviews:
        """How far the reviews of a booking are, for the caller's side of it.

        Raises:
            NotFound: no such booking, or the caller is on neither side.
        """
        with self._database.unit(RDS) as session:
            booking, side = find(session, actor, reference, key, self._keys)
            return seen_by(
                side, booking, queries.of_booking(session, booking.id), self._clock.now()
            )

    def of_package(
        self, slug: str, *, cursor: str = "", limit: int = 10
    ) -> tuple[RatingSummary, Page[ReviewView]]:
        """What travellers said of a published package, newest first.

        Raises:
            NotFound: there is none, or it is not published.
            Invalid: not a cursor of ours.
        """
        with self._database.unit(PACKAGES) as session:
            package = catalogue.package(session, slug=slug)
        if package is None or package.status != "published":
            raise NotFound(_("This trip does not exist or is not offered any more."))
        return self._public(cursor, limit, package_id=package.id)

    def of_operator(
        self, slug: str, *, cursor: str = "", limit: int = 10
    ) -> tuple[RatingSummary, Page[ReviewView]]:
        """What travellers said of an operator's trips, newest first.

        Raises:
            NotFound: there is none, or it is not verified.
            Invalid: not a cursor of ours.
        """
        with self._database.unit(ACCOUNTS) as session:
            operator = catalogue.operator(session, slug=slug)
        if operator is None or operator.verified_at is None:
            raise NotFound(_("This operator does not exist."))
        return self._public(cursor, limit, operator_id=operator.id)

    def own(
        self, actor: Actor, *, show: Show = "all", limit: int = 20, offset: int = 0
    ) -> tuple[list[OwnTrip], int]:
        """Completed bookings of the caller's operator with their reviews, latest trip first.

        Args:
            show: ``review`` those it may still write of, ``answer`` those whose traveller's
                review has no answer.

        Raises:
            Forbidden: the caller is no operator.
        """
        operator_id = operator_of(actor)
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            rows, total = queries.of_operator(
                session, operator_id, show, now - REVEALED_AFTER, limit, offset
            )
            found = [
                OwnTrip(
                    booking.reference,
                    booking.snapshot["package"]["title"],
                    booking.lead_name,
                    seen_by(
                        "operator",
                        booking,
                        [review for review in (theirs, mine) if review is not None],
                        now,
                    ),
                )
                for booking, theirs, mine in map(tuple[Any, ...], rows)
            ]
        return found, total

    def _public(
        self, cursor: str, limit: int, **whose: UUID
    ) -> tuple[RatingSummary, Page[ReviewView]]:
        with self._database.unit(RDS) as session:
            stars = queries.by_stars(session, **whose)
            rows = queries.public(session, limit=limit + 1, before=decode_cursor(cursor), **whose)
        items = tuple(
            view(review, booking) for review, booking in map(tuple[Any, ...], rows[:limit])
        )
        last = items[-1] if len(rows) > limit else None
        following = encode_cursor(last.revealed_at, last.id) if last and last.revealed_at else None
        return RatingSummary(stars), Page(items, following)
