"""Money, dates and numbers as a reader's locale writes them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_interval
from babel.numbers import format_currency, format_decimal, get_currency_symbol

from ecosystem.domain.money import Money, exponent

LOCALE = "en_GB"


def money(amount: Money, locale: str = LOCALE) -> str:
    """``€1,340`` for whole amounts, ``€1,340.50`` otherwise."""
    whole = amount.minor % 10 ** exponent(amount.currency) == 0
    # "CHF 2,580", but "€2,580": letters need a space that does not break.
    sign = get_currency_symbol(amount.currency, locale)
    gap = "\u00a0" if sign[-1:].isalpha() else ""
    return format_currency(
        amount.decimal,
        amount.currency,
        format=f"¤{gap}#,##0" if whole else f"¤{gap}#,##0.00",
        locale=locale,
        currency_digits=not whole,
    )


def day(at: date, locale: str = LOCALE) -> str:
    """``Fri 14 May``; with the year when it is not this year's."""
    pattern = "EEE d MMM" if at.year == datetime.now(UTC).year else "EEE d MMM y"
    return format_date(at, pattern, locale=locale)


def full_day(at: date, locale: str = LOCALE) -> str:
    """``14 May 2027``."""
    return format_date(at, "d MMMM y", locale=locale)


def days(first: date, last: date, locale: str = LOCALE) -> str:
    """``14–22 May 2027``."""
    return str(format_interval(first, last, "yMMMd", locale=locale))


def clock_time(at: datetime, timezone: str = "UTC", locale: str = LOCALE) -> str:
    """``15:40`` in a zone."""
    return format_datetime(at, "HH:mm", tzinfo=ZoneInfo(timezone), locale=locale)


def moment(at: datetime, timezone: str = "UTC", locale: str = LOCALE) -> str:
    """``14 May 2027, 15:40``."""
    return format_datetime(at, "d MMM y, HH:mm", tzinfo=ZoneInfo(timezone), locale=locale)


def number(value: int, locale: str = LOCALE) -> str:
    return format_decimal(value, locale=locale)


def people(count: int) -> str:
    """``1 traveller``, ``2 travellers``."""
    return "1 traveller" if count == 1 else f"{number(count)} travellers"


def nights(count: int) -> str:
    return "1 night" if count == 1 else f"{count} nights"


def languages(codes: Sequence[str], locale: str = LOCALE) -> str:
    """``Italian, English`` for ``it``, ``en``; an unknown code is shown as it is."""
    known = Locale.parse(locale).languages
    return ", ".join(known.get(code, code) for code in codes)


def range_of(before: int, shown: int, total: int) -> str:
    """Where one is in a list: ``26–50 of 1,284``; empty for an empty list."""
    if not total:
        return ""
    return f"{number(before + 1)}–{number(before + shown)} of {number(total)}"


def weekday(at: date, locale: str = LOCALE) -> str:
    """``Sunday, 22 November 2026``."""
    return format_date(at, "EEEE, d MMMM y", locale=locale)


def month(at: date, locale: str = LOCALE) -> str:
    """``November 2026``."""
    return format_date(at, "LLLL y", locale=locale)


def month_letter(at: date, locale: str = LOCALE) -> str:
    """``N``."""
    return format_date(at, "LLLLL", locale=locale)
