"""A month of departures as a calendar shows it: which days one can leave, for how much."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from babel import Locale
from babel.dates import get_day_names
from babel.numbers import format_compact_decimal, format_decimal

from ecosystem.domain.language import _, language, ngettext
from ecosystem.domain.money import Money
from ecosystem.domain.views import DepartureView
from ecosystem.state import formats
from ecosystem.state.cards import FEW_SEATS
from ecosystem.state.currency import AS_CHARGED, Conversion

COMPACT_FROM = 100_000
"""From here on an amount is too long for a day's cell on a phone."""


@dataclass(frozen=True)
class CalendarDay:
    """A cell. ``departure`` is empty on days nobody leaves; ``number`` too before the first."""

    key: str
    number: str = ""
    departure: str = ""
    label: str = ""
    price: str = ""
    note: str = ""
    few: bool = False
    open: bool = False


@dataclass(frozen=True)
class CalendarMonth:
    """``days`` begin on the first day of the reader's week."""

    title: str = ""
    days: list[CalendarDay] = field(default_factory=list)
    earlier: bool = False
    later: bool = False


def week_days() -> list[str]:
    """The short names of the days in the order of the reader's week."""
    locale = Locale.parse(language().locale)
    names = get_day_names("short", locale=locale)
    first = locale.first_week_day
    return [names[(first + day) % 7] for day in range(7)]


def month_start(day: date) -> date:
    """The first of a day's month."""
    return day.replace(day=1)


def turned(month: date, by: int) -> date:
    """The first of the month before (-1) or after (1)."""
    if by < 0:
        return (month - timedelta(days=1)).replace(day=1)
    return (month + timedelta(days=31)).replace(day=1)


def calendar_month(
    month: date, departures: Sequence[DepartureView], conversion: Conversion = AS_CHARGED
) -> CalendarMonth:
    """The month that begins on ``month``, with the departures in it."""
    leaving = {row.starts_on: row for row in departures}
    last = month.replace(day=monthrange(month.year, month.month)[1])
    blanks = (month.weekday() - Locale.parse(language().locale).first_week_day) % 7
    days = [CalendarDay(f"blank-{n}") for n in range(blanks)]
    for number in range(1, last.day + 1):
        day = month.replace(day=number)
        row = leaving.get(day)
        days.append(_day(row, conversion) if row else CalendarDay(str(day), str(number)))
    return CalendarMonth(
        title=formats.month(month),
        days=days,
        earlier=any(day < month for day in leaving),
        later=any(day > last for day in leaving),
    )


def _day(row: DepartureView, conversion: Conversion) -> CalendarDay:
    note = seats_words(row)
    said = note or ngettext("{count} seat left", "{count} seats left", row.seats_left).format(
        count=formats.number(row.seats_left)
    )
    price = _("{price} per adult").format(price=conversion.text(row.price))
    return CalendarDay(
        key=str(row.starts_on),
        number=str(row.starts_on.day),
        departure=str(row.id),
        label=f"{formats.weekday(row.starts_on)}, {price}, {said}",
        price=_short(conversion.shown(row.price)),
        note=note,
        few=row.status == "open" and row.seats_left <= FEW_SEATS,
        open=row.status == "open",
    )


def seats_words(row: DepartureView) -> str:
    """``3 left``, ``sold out``, ``closed``; empty while there are plenty."""
    if row.status == "closed":
        return _("closed")
    if row.status == "sold_out":
        return _("sold out")
    if row.seats_left > FEW_SEATS:
        return ""
    return ngettext("{count} left", "{count} left", row.seats_left).format(count=row.seats_left)


def _short(price: Money) -> str:
    """Whole units without the currency, which stands once beside the month."""
    amount = price.decimal.to_integral_value()
    locale = language().locale
    if amount < COMPACT_FROM:
        return format_decimal(amount, locale=locale)
    return format_compact_decimal(amount, locale=locale, fraction_digits=1)
