"""Money, dates and numbers for pages: ``domain.formats``, under the name that States use."""

from ecosystem.domain.formats import (
    clock_time,
    currency,
    day,
    days,
    full_day,
    languages,
    moment,
    money,
    month,
    month_letter,
    nights,
    number,
    people,
    percent,
    range_of,
    weekday,
)

__all__ = [
    "clock_time",
    "currency",
    "day",
    "days",
    "full_day",
    "languages",
    "moment",
    "money",
    "month",
    "month_letter",
    "nights",
    "number",
    "people",
    "percent",
    "range_of",
    "weekday",
]
