"""Departures as their operator sees and plans them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from ecosystem.domain.money import Money

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""By ISO number less one."""

RefusalReason = Literal["below_sold", "booked", "held", "departed"]


@dataclass(frozen=True)
class Rule:
    """Days that come again: each of ``weekdays`` (ISO, Monday is 1) in every n-th week.

    Weeks are counted from the one in which ``first`` lies, Monday to Sunday, so that
    several weekdays stay in the same weeks.
    """

    weekdays: frozenset[int]
    first: date
    last: date
    every_weeks: int = 1
    exclude: frozenset[date] = frozenset()

    def days(self) -> Iterator[date]:
        """The days meant, in order."""
        week = self.first - timedelta(days=self.first.isoweekday() - 1)
        while week <= self.last:
            for weekday in sorted(self.weekdays):
                day = week + timedelta(days=weekday - 1)
                if self.first <= day <= self.last and day not in self.exclude:
                    yield day
            week += timedelta(weeks=self.every_weeks)


@dataclass(frozen=True)
class OwnDeparture:
    """A departure with what is taken of it. ``price`` is per adult.

    ``own_price`` is false while the package's price counts. ``held`` seats are reserved by
    somebody who has not paid yet. ``departed`` ones can't be changed any more.
    """

    id: UUID
    package_id: UUID
    package_title: str
    starts_on: date
    ends_on: date
    capacity: int
    sold: int
    held: int
    price: Money
    own_price: bool
    closed: bool
    departed: bool

    @property
    def left(self) -> int:
        """Seats that can be booked now, if it is open."""
        return max(self.capacity - self.sold - self.held, 0)


@dataclass(frozen=True)
class PackageFacts:
    """What one needs to know of a package to plan its departures."""

    id: UUID
    title: str
    status: str
    nights: int
    price: Money


@dataclass(frozen=True)
class Plan:
    """What a rule comes to: the days it would add and those that exist already.

    ``nights`` are the package's, ``price`` what an adult would pay.
    """

    package_title: str
    nights: int
    price: Money
    new: tuple[date, ...]
    existing: tuple[date, ...]


@dataclass(frozen=True)
class Created:
    """What was made, and the days on which there was a departure already."""

    departures: tuple[OwnDeparture, ...]
    existing: tuple[date, ...]


@dataclass(frozen=True)
class Refusal:
    """One departure that keeps a change from being made, and why."""

    departure_id: UUID
    package_title: str
    starts_on: date
    reason: RefusalReason
    sold: int
    held: int

    @property
    def sentence(self) -> str:
        """Why, in words that stand after the departure's date."""
        taken = _taken(self.sold, self.held)
        match self.reason:
            case "below_sold":
                return f"{taken}: {self.sold + self.held} seats are the fewest it can have"
            case "booked":
                return "somebody has booked it: close it instead"
            case "held":
                return f"{taken}: try again when that has been paid or has ended"
            case "departed":
                return "it has departed already"

    def as_json(self) -> dict[str, Any]:
        """For an error's data."""
        return {
            "departure_id": str(self.departure_id),
            "package": self.package_title,
            "starts_on": self.starts_on.isoformat(),
            "reason": self.reason,
            "sold": self.sold,
            "held": self.held,
            "message": self.sentence,
        }


def _taken(sold: int, held: int) -> str:
    return " and ".join(
        f"{count} {word}" for count, word in ((sold, "sold"), (held, "held")) if count
    )
