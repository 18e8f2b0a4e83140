"""What travellers and operators said of the trips that are over, and the ratings that follow."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from ecosystem.domain.reviews import REVEALED_AFTER, STARS, Author, average, public_name
from ecosystem.local.demo_data.bookings import DemoBooking
from ecosystem.local.demo_data.seeded import chance, timed_id

_OPENINGS: dict[int, tuple[str, ...]] = {
    5: (
        "We would do every day of it again.",
        "The best planned trip we have been on.",
        "Nothing to worry about from the first morning to the last.",
        "It felt as if somebody had thought of us when they put this together.",
        "Unhurried, and not one transfer went wrong.",
        "Our third trip of this kind, and easily the finest.",
    ),
    4: (
        "A very good trip with one or two rough edges.",
        "We enjoyed it a lot and came home rested.",
        "Well thought out, and worth the money.",
        "Almost everything went as it was described.",
        "A good mix of things to see and time to oneself.",
    ),
    3: (
        "Good in parts.",
        "Fine on the whole, though it did not all fit together.",
        "We saw a lot, perhaps too much for the days there were.",
        "The cities were wonderful, the arrangements were so so.",
    ),
    2: (
        "Not what we had hoped for.",
        "We spent more time waiting than we like on a holiday.",
        "Too many small things went wrong.",
    ),
}
_MIDDLES: dict[int, tuple[str, ...]] = {
    5: (
        "{hotel} in {city} gave us a quiet room at the back, and breakfast was worth getting up for.",
        "{city} was the high point: two full days, and every place to eat on the list was good.",
        "In {city} somebody was at the station with our names, although our train was late.",
        "The walk through {city} on the second day showed us corners we would never have found.",
        "When one of us fell ill in {city}, the operator had a doctor at {hotel} within the hour.",
    ),
    4: (
        "{city} could have had one night more; {hotel} was central and clean.",
        "{hotel} in {city} was a little loud towards the street, and very kind otherwise.",
        "The time in {city} was perfect, the last transfer took longer than it said.",
        "Breakfast at {hotel} was simple, but one does not go to {city} for breakfast.",
    ),
    3: (
        "{hotel} in {city} has seen better days.",
        "In {city} we had to find our own way from the station with all our bags.",
        "{city} deserved more time than it got.",
    ),
    2: (
        "{hotel} in {city} did not know about our booking until somebody had telephoned twice.",
        "The transfer in {city} never came; the taxi was paid back weeks later.",
    ),
}
_ENDINGS = (
    "We were {party}, and it suited all of us.",
    "Take comfortable shoes.",
    "Questions before the trip were answered on the same day.",
    "The papers came in good time and were complete.",
    "",
    "",
)
_ABOUT_GUESTS = (
    "Kind guests, always on time, and a pleasure to have with us.",
    "Well prepared and easy to travel with. Welcome back at any time.",
    "Friendly people. They told us early about a change, which helped.",
    "Everything went well with them, from the first question to the last transfer.",
    "Curious travellers who left each hotel as they found it.",
)
_ANSWERS: dict[int, tuple[str, ...]] = {
    5: ("Thank you. We have passed your words on to the people in {city}.", "It was a pleasure."),
    4: ("Thank you for going with us. We have looked at the transfer times again.",),
    3: ("Thank you for being frank. The hotel in {city} is under review for next season.",),
    2: ("We are sorry. This should not have happened, and we have written to you.",),
}


@dataclass(frozen=True)
class DemoReview:
    """One side's review of a booking; ``revealed_at`` is None while the other may still write."""

    id: UUID
    booking: DemoBooking
    author: Author
    author_name: str
    rating: int
    body: str
    created_at: datetime
    revealed_at: datetime | None
    reply: str | None = None
    replied_at: datetime | None = None


@dataclass(frozen=True)
class Ratings:
    """What the revealed reviews of travellers come to: package or operator id to its rating."""

    packages: dict[UUID, tuple[Decimal | None, int]] = field(default_factory=dict)
    operators: dict[UUID, Decimal | None] = field(default_factory=dict)


UNRATED = Ratings()


def reviews(bookings: Iterable[DemoBooking], anchor: datetime) -> list[DemoReview]:
    """Reviews of the completed ones among ``bookings``, all written before ``anchor``."""
    return [one for booking in bookings for one in _of(booking, anchor)]


def ratings(made: Sequence[DemoReview]) -> Ratings:
    """The ratings of packages and operators that have reviews."""
    packages: dict[UUID, list[int]] = defaultdict(list)
    operators: dict[UUID, list[int]] = defaultdict(list)
    for one in made:
        if one.author == "traveller" and one.revealed_at is not None:
            packages[one.booking.package.id].append(one.rating)
            operators[one.booking.package.operator.id].append(one.rating)
    return Ratings(
        {key: (_average(given), len(given)) for key, given in packages.items()},
        {key: _average(given) for key, given in operators.items()},
    )


def _average(given: Sequence[int]) -> Decimal | None:
    return average([given.count(stars) for stars in STARS])


def _of(booking: DemoBooking, anchor: datetime) -> list[DemoReview]:
    if booking.status != "completed" or booking.closed_at is None:
        return []
    pick = chance("review", booking.number)
    at: dict[Author, datetime] = {}
    shares: tuple[tuple[Author, float], ...] = (("traveller", 0.85), ("operator", 0.75))
    for author, share in shares:
        wait = timedelta(days=pick.randint(0, 9), minutes=pick.randint(400, 1100))
        if pick.random() < share and booking.closed_at + wait < anchor:
            at[author] = booking.closed_at + wait
    if not at:
        return []
    last = min(at.values()) + REVEALED_AFTER
    revealed = max(at.values()) if len(at) == 2 else last if last < anchor else None
    rating = _rating(pick, booking)
    made: list[DemoReview] = []
    for author, written in at.items():
        traveller = author == "traveller"
        answered = revealed + timedelta(hours=pick.randint(5, 60)) if revealed else None
        replies = traveller and pick.random() < 0.4 and answered and answered < anchor
        made.append(
            DemoReview(
                id=timed_id(written, "review", booking.number, author),
                booking=booking,
                author=author,
                author_name=public_name(booking.buyer.name)
                if traveller
                else booking.package.operator.name,
                rating=rating if traveller else pick.choice((5, 5, 5, 4)),
                body=_words(pick, booking, rating) if traveller else pick.choice(_ABOUT_GUESTS),
                created_at=written,
                revealed_at=revealed,
                reply=_said(pick, _ANSWERS[rating], booking) if replies else None,
                replied_at=answered if replies else None,
            )
        )
    return made


def _rating(pick: Random, booking: DemoBooking) -> int:
    """Around what the package is like; hardly anybody is really unhappy."""
    drawn = pick.gauss(float(booking.package.quality) + 0.1, 0.55)
    return min(5, max(2, round(drawn)))


def _words(pick: Random, booking: DemoBooking, rating: int) -> str:
    parts = [
        pick.choice(_OPENINGS[rating]),
        _said(pick, _MIDDLES[rating], booking),
        _said(pick, _ENDINGS, booking),
    ]
    return " ".join(part for part in parts if part)


def _said(pick: Random, choices: Sequence[str], booking: DemoBooking) -> str:
    stop = pick.choice(booking.package.stops)
    party = {1: "alone", 2: "two"}.get(booking.party.seats, f"{booking.party.seats} people")
    return pick.choice(choices).format(city=stop.place.city, hotel=stop.hotel, party=party)
