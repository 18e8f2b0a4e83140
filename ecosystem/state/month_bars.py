"""Months as the columns of a chart."""

from collections.abc import Sequence

from ecosystem.domain.desks import MonthSales, MonthSeats
from ecosystem.state import formats

Bar = dict[str, str | int | bool]


def sales_bars(months: Sequence[MonthSales]) -> list[Bar]:
    """Sales as columns in proportion to the best month, the last one current."""
    most = max((entry.total.minor for entry in months), default=0)
    return [
        {
            "label": formats.month_letter(entry.month),
            "percent": round(100 * entry.total.minor / most) if most else 0,
            "text": f"{formats.month(entry.month)}: {formats.money(entry.total)}",
            "now": position == len(months) - 1,
        }
        for position, entry in enumerate(months)
    ]


def seats_bars(months: Sequence[MonthSeats]) -> list[Bar]:
    """How full the months are, as columns out of all seats; the first one is current."""
    return [
        {
            "label": formats.month_letter(entry.month),
            "percent": percent_of(entry),
            "text": f"{formats.month(entry.month)}: {seats_words(entry)}",
            "now": position == 0,
        }
        for position, entry in enumerate(months)
    ]


def percent_of(entry: MonthSeats) -> int:
    """Seats sold of a hundred."""
    return min(round(100 * entry.sold / entry.capacity), 100) if entry.capacity else 0


def seats_words(entry: MonthSeats) -> str:
    """``96 of 192 seats sold, 50 %``."""
    if not entry.capacity:
        return "no departure"
    sold, seats = formats.number(entry.sold), formats.number(entry.capacity)
    return f"{sold} of {seats} seats sold, {percent_of(entry)}\u00a0%"
