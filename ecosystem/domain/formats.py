"""Money, dates and numbers as the reader's language writes them.

Every function formats in the language of the context (``domain.language``); ``locale`` is for
who needs another one. The patterns are those of the Unicode CLDR (``babel``), which
takes long for each value: what lists are full of is remembered.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import (
    format_date,
    format_datetime,
    format_interval,
    format_skeleton,
)
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_name,
    get_currency_symbol,
)

from ecosystem.domain.language import _, language, ngettext
from ecosystem.domain.money import Money, exponent

NO_BREAK = "\u00a0"


def money(amount: Money, locale: str = "") -> str:
    """``€1,340`` (``1.340 €``) for whole amounts, ``€1,340.50`` otherwise."""
    return _written(amount, locale or language().locale)


@lru_cache(maxsize=8192)
def _written(amount: Money, locale: str) -> str:
    pattern = Locale.parse(locale).currency_formats["standard"].pattern
    if pattern.startswith("¤") and get_currency_symbol(amount.currency, locale)[-1:].isalpha():
        # "CHF 2,580", but "€2,580": letters need a space that does not break.
        pattern = pattern.replace("¤", f"¤{NO_BREAK}", 1)
    whole = amount.minor % 10 ** exponent(amount.currency) == 0
    return format_currency(
        amount.decimal,
        amount.currency,
        format=pattern.replace(".00", "") if whole else pattern,
        locale=locale,
        currency_digits=not whole,
    )


def day(at: date, locale: str = "") -> str:
    """``Fri 14 May`` (``Fr., 14. Mai``); with the year when it is not this year's."""
    skeleton = "MMMEd" if at.year == datetime.now(UTC).year else "yMMMEd"
    return _day(skeleton, at, locale or language().locale)


@lru_cache(maxsize=8192)
def _day(skeleton: str, at: date, locale: str) -> str:
    text = str(format_skeleton(skeleton, at, locale=locale))
    # English puts a comma before a year only; the shorter form reads the same.
    return text.replace(",", "") if locale.startswith("en") else text


def full_day(at: date, locale: str = "") -> str:
    """``14 May 2027`` (``14. Mai 2027``)."""
    return format_date(at, "long", locale=locale or language().locale)


def days(first: date, last: date, locale: str = "") -> str:
    """``14–22 May 2027`` (``14.–22. Mai 2027``)."""
    return _days(first, last, locale or language().locale)


@lru_cache(maxsize=8192)
def _days(first: date, last: date, locale: str) -> str:
    return str(format_interval(first, last, "yMMMd", locale=locale))


def clock_time(at: datetime, timezone: str = "UTC", locale: str = "") -> str:
    """``15:40`` in a zone."""
    zone = ZoneInfo(timezone)
    return format_datetime(at, "HH:mm", tzinfo=zone, locale=locale or language().locale)


def moment(at: datetime, timezone: str = "UTC", locale: str = "") -> str:
    """``14 May 2027, 15:40`` in a zone."""
    locale = locale or language().locale
    local = at.astimezone(ZoneInfo(timezone))
    date_text = format_skeleton("yMMMd", local, locale=locale)
    return f"{date_text}, {clock_time(at, timezone, locale)}"


def number(value: int, locale: str = "") -> str:
    """``1,284`` (``1.284``)."""
    return _number(value, locale or language().locale)


@lru_cache(maxsize=8192)
def _number(value: int, locale: str) -> str:
    return format_decimal(value, locale=locale)


def percent(share: int, locale: str = "") -> str:
    """``30%`` (``30 %``) for 30."""
    return format_percent(share / 100, locale=locale or language().locale)


def rating(stars: Decimal, locale: str = "") -> str:
    """``4.8`` (``4,8``)."""
    return format_decimal(stars, format="0.0", locale=locale or language().locale)


def people(count: int) -> str:
    """``1 traveller``, ``2 travellers``."""
    return ngettext("{count} traveller", "{count} travellers", count).format(count=number(count))


def nights(count: int) -> str:
    """``1 night``, ``2 nights``."""
    return ngettext("{count} night", "{count} nights", count).format(count=number(count))


def languages(codes: Sequence[str], locale: str = "") -> str:
    """``Italian, English`` for ``it``, ``en``; an unknown code is shown as it is."""
    known = Locale.parse(locale or language().locale).languages
    return ", ".join(known.get(code, code) for code in codes)


def currency(code: str, locale: str = "") -> str:
    """``Euro`` for ``EUR``; an unknown code is shown as it is."""
    return get_currency_name(code, locale=locale or language().locale)


def range_of(before: int, shown: int, total: int) -> str:
    """Where one is in a list: ``26–50 of 1,284``; empty for an empty list."""
    if not total:
        return ""
    return _("{first}–{last} of {total}").format(
        first=number(before + 1), last=number(before + shown), total=number(total)
    )


def weekday(at: date, locale: str = "") -> str:
    """``Sunday, 22 November 2026``."""
    return format_date(at, "full", locale=locale or language().locale)


def month(at: date, locale: str = "") -> str:
    """``November 2026``."""
    return format_date(at, "LLLL y", locale=locale or language().locale)


def month_letter(at: date, locale: str = "") -> str:
    """``N``."""
    return format_date(at, "LLLLL", locale=locale or language().locale)
