"""Departures: on the weekdays an operator likes, in season, a year back and a year ahead."""

import calendar
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random
from uuid import UUID

from ecosystem.domain.money import Money
from ecosystem.local.demo_data.packages import DemoPackage, amount
from ecosystem.local.demo_data.seeded import chance, timed_id

YEAR = timedelta(days=365)
_DAY = timedelta(days=1)
_CAPACITIES = (8, 8, 10, 10, 12, 12, 12, 14, 16, 16, 16, 18, 20, 24, 28, 32, 40)
_WEEKDAYS = ((5,), (4,), (6,), (0,), (3, 5), (4, 6), (2,), (1, 5))


@dataclass(frozen=True, slots=True)
class DemoDeparture:
    """``override`` is its own price per adult in minor units, None for the package's."""

    id: UUID
    package: DemoPackage
    starts_on: date
    ends_on: date
    capacity: int
    override: int | None
    status: str
    created_at: datetime

    @property
    def timezone(self) -> str:
        return self.package.stops[0].place.timezone


@dataclass(frozen=True, slots=True)
class Wanted:
    """A departure that must exist: ``left`` seats are left once bookings are made."""

    starts_on: date
    capacity: int
    euros: int
    left: int


def showcase(anchor: datetime) -> tuple[Wanted, ...]:
    """The departures of the first package that pictures and tests show, next May and June."""
    today = anchor.date()
    year = today.year + (date(today.year, 5, 1) <= today)
    return (
        Wanted(_nth(year, 5, calendar.SATURDAY, 2), 16, 1290, 12),
        Wanted(_nth(year, 5, calendar.FRIDAY, 2), 16, 1340, 3),
        Wanted(_nth(year, 5, calendar.SATURDAY, 4), 16, 1290, 16),
        Wanted(_nth(year, 6, calendar.FRIDAY, 1), 12, 1410, 0),
    )


def departures(package: DemoPackage, anchor: datetime) -> list[DemoDeparture]:
    """Ten to twelve departures of a published package, in order; none for the others."""
    if package.status != "published":
        return []
    pick = chance("departures", package.id)
    number = pick.randint(10, 12)
    fixed = showcase(anchor) if package.number == 0 else ()
    opened = (package.published_at(anchor) + 21 * _DAY).date()
    dates = _dates(
        pick, package.months, (anchor - YEAR).date(), opened, (anchor + YEAR).date(), number
    )
    taken = {wanted.starts_on for wanted in fixed}
    around = {day + step * _DAY for day in taken for step in (-2, -1, 0, 1, 2)}
    made = [
        _departure(package, wanted.starts_on, anchor, wanted.capacity, "open",
                   None if wanted.euros == 1290 else wanted.euros * 100)
        for wanted in fixed
    ]  # fmt: skip
    for starts_on in dates:
        capacity = pick.choice(_CAPACITIES)
        override = _override(pick, package)
        closed = pick.random() < 0.03 and starts_on > anchor.date()
        if starts_on not in around:
            status = "closed" if closed else "open"
            made.append(_departure(package, starts_on, anchor, capacity, status, override))
    return sorted(made, key=lambda departure: departure.starts_on)


def _departure(
    package: DemoPackage,
    starts_on: date,
    anchor: datetime,
    capacity: int,
    status: str,
    override: int | None,
) -> DemoDeparture:
    opened = datetime.combine(starts_on - timedelta(days=330), time(9), anchor.tzinfo)
    created = min(max(package.published_at(anchor), opened), anchor - timedelta(days=1))
    return DemoDeparture(
        timed_id(created, "departure", package.id, starts_on),
        package,
        starts_on,
        starts_on + timedelta(days=package.nights),
        capacity,
        override,
        status,
        created,
    )


@cache
def _in_season(
    months: frozenset[int], weekdays: tuple[int, ...], first: date, last: date
) -> tuple[date, ...]:
    days = (first + _DAY * step for step in range((last - first).days + 1))
    return tuple(day for day in days if day.month in months and day.weekday() in weekdays)


def _dates(
    pick: Random, months: frozenset[int], first: date, opened: date, last: date, number: int
) -> list[date]:
    """About ``number`` days in season, spread evenly; more weekdays when the season is short."""
    weekdays = pick.choice(_WEEKDAYS)
    for choice in (weekdays, (3, 4, 5, 6)):
        days = _in_season(months, choice, first, last)
        fitting = days[bisect_left(days, opened) :]
        if len(fitting) >= number:
            break
    if len(fitting) <= number:
        return list(fitting)
    stride = len(fitting) / number
    return list(
        dict.fromkeys(fitting[int((step + pick.random() * 0.9) * stride)] for step in range(number))
    )


def _override(pick: Random, package: DemoPackage) -> int | None:
    """One in seven departures has a price of its own: dearer in the best weeks, or reduced."""
    if pick.random() > 0.14:
        return None
    factor = pick.choice((0.88, 0.92, 1.06, 1.08, 1.12, 1.2))
    euros = float(package.base_price) * factor
    rounded = amount(euros, "EUR") if package.currency != "JPY" else amount(euros / 162, "JPY")
    return Money.from_decimal(rounded, package.currency).minor


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    """The ``number``-th such weekday of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))
