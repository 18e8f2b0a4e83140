"""Reviews of completed trips: two-sided, and revealed together.

A traveller and the operator each say once how a trip was. Neither sees what the other wrote
before both are in, or ``REVEALED_AFTER`` has passed since the first: so nobody answers in kind,
and nobody can keep the other's words back by saying nothing. After that the second side's
chance is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal
from uuid import UUID

Author = Literal["traveller", "operator"]
Stage = Literal["early", "never", "open", "waiting", "revealed", "closed"]
REVEALED_AFTER = timedelta(days=14)
STARS = (5, 4, 3, 2, 1)
SHORTEST, LONGEST, LONGEST_REPLY = 10, 2_000, 1_000
"""Characters of a review's text and of the operator's answer."""


@dataclass(frozen=True)
class ReviewView:
    """One review as those may see it whom it is shown to. ``rating`` is 1 to 5."""

    id: UUID
    author: Author
    author_name: str
    rating: int
    body: str
    language: str
    created_at: datetime
    revealed_at: datetime | None
    trip: str
    travelled_on: date
    reply: str | None = None
    replied_at: datetime | None = None


@dataclass(frozen=True)
class RatingSummary:
    """``by_stars`` counts reviews with 5, 4, 3, 2 and 1; ``average`` is None without any."""

    by_stars: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)

    @property
    def count(self) -> int:
        return sum(self.by_stars)

    @property
    def average(self) -> Decimal | None:
        return average(self.by_stars)


@dataclass(frozen=True)
class BookingReviews:
    """How far the reviews of one booking are, for one of its two sides.

    ``stage``: ``early`` the trip is not over, ``never`` it does not take place, ``open`` this
    side may write, ``waiting`` it has and the other has not, ``revealed`` both can be read,
    ``closed`` it did not write in time. ``theirs`` is None until it is revealed.
    ``reveals_at`` is when that is, at the latest; None while nobody has written.
    """

    side: Author
    stage: Stage
    mine: ReviewView | None
    theirs: ReviewView | None
    reveals_at: datetime | None
    ends_on: date
    other_name: str


@dataclass(frozen=True)
class OwnTrip:
    """A completed booking of an operator with how far its reviews are."""

    reference: str
    title: str
    lead_name: str
    reviews: BookingReviews


def average(by_stars: Sequence[int]) -> Decimal | None:
    """The mean of ratings counted by ``STARS``, to one decimal, half up; None for none."""
    count = sum(by_stars)
    if not count:
        return None
    total = sum(stars * number for stars, number in zip(STARS, by_stars, strict=True))
    return (Decimal(total) / count).quantize(Decimal("0.1"), ROUND_HALF_UP)


def public_name(name: str) -> str:
    """``Maja Lindqvist`` → ``Maja L.``: enough to be a person, too little to be found by."""
    words = name.split()
    if len(words) < 2:
        return name.strip()
    return f"{words[0]} {words[-1][0]}."
