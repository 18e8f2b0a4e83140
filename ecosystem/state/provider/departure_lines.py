"""Departures as the lines and days of an operator's calendar."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from ecosystem.domain.departures import OwnDeparture
from ecosystem.state import formats
from ecosystem.state.sums import counted

PATH = "/provider/departures"
MOST_IN_A_DAY = 8


@dataclass(frozen=True)
class Slot:
    """A departure in the calendar. ``name`` says all of it, for those who hear it."""

    id: str = ""
    day: str = ""
    title: str = ""
    seats: str = ""
    more: str = ""
    price: str = ""
    status: str = ""
    tone: str = "plain"
    percent: int = 0
    name: str = ""
    currency: str = ""
    fixed: bool = False


@dataclass(frozen=True)
class CalendarDay:
    """One square of the month. ``more``: departures that did not fit in; ``earlier``: it is over
    in a month that is not, so a list of days begins after it."""

    iso: str = ""
    number: str = ""
    name: str = ""
    weekday: int = 0
    outside: bool = False
    today: bool = False
    earlier: bool = False
    slots: list[Slot] = field(default_factory=list)
    more: str = ""


def month_of(text: str, today: date) -> date:
    """The first day of the month ``2027-05``; this month's for anything else."""
    year, dash, month = text.partition("-")
    digits = year.isascii() and year.isdigit() and month.isascii() and month.isdigit()
    if dash and digits and len(text) == 7 and 1 <= int(month) <= 12 and 2000 <= int(year) <= 2200:
        return date(int(year), int(month), 1)
    return today.replace(day=1)


def next_month(first: date, by: int = 1) -> date:
    """The first day of the month that many months later."""
    months = first.year * 12 + first.month - 1 + by
    return date(months // 12, months % 12 + 1, 1)


def weeks_around(first: date) -> tuple[date, date]:
    """The Monday on which the month's calendar begins and the Sunday on which it ends."""
    last = next_month(first) - timedelta(days=1)
    return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())


def address_of(package_id: str, first: date | None) -> str:
    """The page for a package (empty: all) and a month."""
    given = {"package": package_id, "month": f"{first:%Y-%m}" if first else ""}
    asked = urlencode({name: value for name, value in given.items() if value})
    return f"{PATH}?{asked}" if asked else PATH


def uuid_or_none(text: Any) -> UUID | None:
    """An id as an address or a client names it; None if it is none."""
    try:
        return UUID(text) if isinstance(text, str) and len(text) == 36 else None
    except ValueError:
        return None


def slot(row: OwnDeparture) -> Slot:
    if row.departed:
        status, tone = "departed", "plain"
    elif row.closed:
        status, tone = "closed", "plain"
    elif row.left == 0:
        status, tone = "full", "good"
    else:
        status, tone = f"{formats.number(row.left)} left", "plain"
        if row.left <= 3:
            tone = "warn"
    held = f"{formats.number(row.held)} held" if row.held else ""
    seats = f"{formats.number(row.sold)} of {counted(row.capacity, 'seat', 'seats')} sold"
    price = formats.money(row.price)
    said = (seats, held, status, price + (" for this departure" if row.own_price else ""))
    return Slot(
        id=str(row.id),
        day=row.starts_on.isoformat(),
        title=row.package_title,
        seats=f"{formats.number(row.sold)}/{formats.number(row.capacity)}",
        more=held,
        price=price,
        status=status,
        tone=tone,
        percent=min(round(100 * row.sold / row.capacity), 100) if row.capacity else 0,
        name=f"{formats.full_day(row.starts_on)}, {row.package_title}: "
        + ", ".join(part for part in said if part),
        currency=row.price.currency,
        fixed=row.departed,
    )


def calendar_days(first: date, rows: Sequence[OwnDeparture], today: date) -> list[CalendarDay]:
    """The days of a month's calendar, Monday to Sunday, with their departures."""
    by_day: dict[date, list[OwnDeparture]] = defaultdict(list)
    for row in rows:
        by_day[row.starts_on].append(row)
    start, end = weeks_around(first)
    return [
        _day(start + timedelta(days=number), first, by_day, today)
        for number in range((end - start).days + 1)
    ]


def _day(
    day: date, first: date, by_day: dict[date, list[OwnDeparture]], today: date
) -> CalendarDay:
    rows = by_day.get(day, [])
    hidden = len(rows) - MOST_IN_A_DAY
    return CalendarDay(
        iso=day.isoformat(),
        number=str(day.day),
        name=formats.weekday(day),
        weekday=day.isoweekday(),
        outside=day.month != first.month,
        today=day == today,
        earlier=day < today <= weeks_around(first)[1],
        slots=[slot(row) for row in rows[:MOST_IN_A_DAY]],
        more=f"and {formats.number(hidden)} more" if hidden > 0 else "",
    )


def earlier_words(days: Sequence[CalendarDay]) -> str:
    """What a list of days that begins today leaves out; empty if that is nothing."""
    over = sum(len(day.slots) for day in days if day.earlier)
    return f"Show {counted(over, 'departure', 'departures')} of days that are past" if over else ""


def month_words(first: date, rows: Sequence[OwnDeparture]) -> str:
    """``12 departures in May 2027, 96 of 192 seats sold, 4 held``."""
    within = [row for row in rows if row.starts_on.month == first.month]
    month = formats.month(first)
    if not within:
        return f"No departure in {month}"
    sold, capacity = sum(row.sold for row in within), sum(row.capacity for row in within)
    held = sum(row.held for row in within)
    words = (
        f"{counted(len(within), 'departure', 'departures')} in {month},"
        f" {formats.number(sold)} of {counted(capacity, 'seat', 'seats')} sold"
    )
    return f"{words}, {formats.number(held)} held" if held else words


def selected_words(slots: Sequence[Slot]) -> str:
    """How many are selected; one alone by its name."""
    return slots[0].name if len(slots) == 1 else f"{formats.number(len(slots))} departures selected"


def refusal_lines(refusals: Any) -> list[str]:
    """Why departures refuse a change, a sentence each, from an error's data."""
    return [
        f"{formats.full_day(date.fromisoformat(one['starts_on']))}, {one['package']}:"
        f" {one['message']}."
        for one in refusals
    ]
