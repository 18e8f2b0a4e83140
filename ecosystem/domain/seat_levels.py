"""How the search index writes down open days and the seats left on them. Pure.

A day with seats is one number, ``level * 65536 + days since 2000-01-01``, so that "a day of this
window with seats for this party" is a handful of ranges of numbers. The function ``seat_level``
of the database has the same levels.
"""

from bisect import bisect_left
from datetime import date

LEVELS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 30, 50, 99)
"""Seats of level 1, 2, …: a party of seven needs level 7, where at least eight are left."""

_A_LEVEL = 65_536
_DAY_ZERO = date(2000, 1, 1)


def points(first: date, last: date | None, party: int) -> str:
    """The points of a window for a party of 1 to 99, as an ``int4multirange``.

    ``last`` None: without an end. Days before 2000 count as 2000-01-01; the last day that has a
    number is in the year 2179.
    """
    start = max((first - _DAY_ZERO).days, 0)
    end = min((last - _DAY_ZERO).days, _A_LEVEL - 1) if last else _A_LEVEL - 1
    if start > end:
        return "{}"
    lowest = bisect_left(LEVELS, party) + 1
    levels = [level * _A_LEVEL for level in range(lowest, len(LEVELS) + 1)]
    return f"{{{','.join(f'[{at + start},{at + end}]' for at in levels)}}}"
