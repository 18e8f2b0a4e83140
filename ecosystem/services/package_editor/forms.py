"""What the editor, the REST API and a file may write of a package: one form for all three."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import available_timezones

from babel import Locale
from babel.numbers import get_territory_currencies
from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from ecosystem.domain.drafts import Board, percent
from ecosystem.domain.price import OLDEST_CHILD
from ecosystem.domain.rates import AddonUnit
from ecosystem.services.forms import Form

HIGHEST_PRICE = 10**11
"""In minor units: what no trip costs, far below what the columns hold."""
MOST_STAYS = 30
MOST_NIGHTS = 365
MOST_ADDONS = 50
MOST_LINES = 50
LARGEST_ROOM = 4
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


_JOINERS = "\u200c\u200d"
"""Invisible, but words in Persian and Hindi and many emoji are spelled with them."""


def _visible(value: str) -> str:
    if any(not (c.isprintable() or c.isspace() or c in _JOINERS) for c in value):
        raise ValueError("This contains characters that can't be shown.")
    return value


def one_line(value: str) -> str:
    """Words on one line: no control characters, single spaces."""
    return " ".join(_visible(value).split())


def many_lines(value: str) -> str:
    """Words on any number of lines, ended by a plain line feed; no other control characters."""
    return _visible(value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _whole_or_decimal(value: Any) -> Any:
    """A percentage as a number or as it is typed; a float is taken as it is written."""
    if isinstance(value, bool):
        raise ValueError("Enter a percentage, like 12.5.")
    return str(value) if isinstance(value, float) else value


_NO_COUNTRY = frozenset(["CQ", "EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"])
"""Codes of the CLDR that stand for groups, for tests or for nothing."""


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    known = (str(code) for code in Locale("en").territories)
    return frozenset(code for code in known if re.fullmatch("[A-Z]{2}", code)) - _NO_COUNTRY


def _country(value: str) -> str:
    code = value.upper()
    if code not in _countries():
        raise ValueError("This is not the two-letter code of a country, like IT.")
    return code


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(value: str) -> str:
    if value not in _zones():
        raise ValueError("This is not a time zone. It looks like Europe/Rome.")
    return value


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError("Use small letters a to z, digits and single hyphens between them.")
    return value


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    """Those that some country pays with today."""
    return frozenset(
        str(code)
        for country in _countries()
        for code in get_territory_currencies(country, start_date=datetime.now(UTC).date())
    )


def currency_code(value: str) -> str:
    """The code of a currency that some country pays in today. Raises ``ValueError``."""
    code = value.upper()
    if code not in _currencies():
        raise ValueError("This is not the three-letter code of a currency, like EUR.")
    return code


Line = AfterValidator(one_line)
Lines = AfterValidator(many_lines)
Percent = Annotated[
    Decimal,
    BeforeValidator(_whole_or_decimal),
    Field(ge=0, le=100, max_digits=5, decimal_places=2, allow_inf_nan=False),
]
Amount = Annotated[int, Field(ge=0, le=HIGHEST_PRICE, strict=True)]
Short = Annotated[str, Field(min_length=1, max_length=200), Line]
Title = Annotated[str, Field(max_length=1000), Line, Field(min_length=4, max_length=120)]
Currency = Annotated[str, Field(min_length=3, max_length=3), AfterValidator(currency_code)]


class StayForm(Form):
    """``id`` of a stay that is there already keeps it; without one it is a new one."""

    id: UUID | None = None
    city: Short
    country: Annotated[str, Field(min_length=2, max_length=2), AfterValidator(_country)]
    latitude: float = Field(ge=-90, le=90, allow_inf_nan=False)
    longitude: float = Field(ge=-180, le=180, allow_inf_nan=False)
    timezone: Annotated[str, Field(max_length=64), AfterValidator(_zone)]
    nights: int = Field(ge=1, le=60, strict=True)
    hotel_name: Annotated[str, Field(max_length=200), Line] = ""
    hotel_stars: Annotated[int, Field(ge=1, le=5, strict=True)] | None = None
    board: Board = "breakfast"
    notes: Annotated[str, Field(max_length=2000), Lines] = ""


class AddonForm(Form):
    id: UUID | None = None
    name: Short
    description: Annotated[str, Field(max_length=2000), Lines] = ""
    price: Amount
    unit: AddonUnit = "traveller"
    required: Annotated[bool, Field(strict=True)] = False


class ExclusionForm(Form):
    id: UUID | None = None
    text: Annotated[str, Field(min_length=1, max_length=300), Line]


class ChildBandForm(Form):
    from_age: int = Field(ge=0, le=OLDEST_CHILD, strict=True)
    to_age: int = Field(ge=0, le=OLDEST_CHILD, strict=True)
    discount_percent: Percent


class OccupancyForm(Form):
    adults: int = Field(ge=1, le=LARGEST_ROOM, strict=True)
    price: Annotated[int, Field(ge=1, le=HIGHEST_PRICE, strict=True)]


class TierForm(Form):
    days_before: int = Field(ge=0, le=730, strict=True)
    refund_percent: int = Field(ge=0, le=100, strict=True)


class PackageContentForm(Form):
    """Every field may be left out and stays as it is then. A list replaces the whole list.

    Amounts are minor units of the package's currency. Texts are kept as they are typed:
    whoever shows them escapes them, and ``description`` is Markdown without HTML.
    """

    title: Title = ""
    slug: Annotated[str, Field(min_length=3, max_length=120), AfterValidator(_slug)] = ""
    summary: Annotated[str, Field(max_length=300), Line] = ""
    description: Annotated[str, Field(max_length=20_000), Lines] = ""
    currency: Currency = ""
    price: Amount = 0
    child_discount_percent: Percent = Decimal(0)
    child_bands: tuple[ChildBandForm, ...] = Field(default=(), max_length=6)
    occupancy_prices: tuple[OccupancyForm, ...] = Field(default=(), max_length=LARGEST_ROOM)
    single_supplement: Amount = 0
    commission_percent: Annotated[Percent, Field(le=60)] = Decimal(0)
    deposit_percent: Annotated[int, Field(ge=1, le=99, strict=True)] | None = None
    balance_due_days: int = Field(default=30, ge=0, le=365, strict=True)
    policy: tuple[TierForm, ...] = Field(default=(), max_length=8)
    max_travellers: int = Field(default=8, ge=1, le=99, strict=True)
    tags: tuple[Annotated[str, Field(min_length=1, max_length=40), Line], ...] = Field(
        default=(), max_length=20
    )
    highlights: tuple[Short, ...] = Field(default=(), max_length=MOST_LINES)
    stays: tuple[StayForm, ...] = Field(default=(), max_length=MOST_STAYS)
    addons: tuple[AddonForm, ...] = Field(default=(), max_length=MOST_ADDONS)
    exclusions: tuple[ExclusionForm, ...] = Field(default=(), max_length=MOST_LINES)

    @field_validator("tags")
    @classmethod
    def _each_tag_once(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(tag.lower() for tag in tags))

    @field_validator("policy")
    @classmethod
    def _falling(cls, policy: tuple[TierForm, ...]) -> tuple[TierForm, ...]:
        for earlier, later in pairwise(policy):
            if later.days_before >= earlier.days_before:
                raise ValueError("Write the longest notice first, and each number of days once.")
            if later.refund_percent > earlier.refund_percent:
                raise ValueError("A later cancellation can't give more back than an earlier one.")
        return policy

    @field_validator("child_bands")
    @classmethod
    def _apart(cls, bands: tuple[ChildBandForm, ...]) -> tuple[ChildBandForm, ...]:
        ordered = sorted(bands, key=lambda band: band.from_age)
        if any(band.to_age < band.from_age for band in ordered):
            raise ValueError("A band begins at the younger age.")
        if any(b.from_age <= a.to_age for a, b in pairwise(ordered)):
            raise ValueError("Two bands have the same age in them.")
        return tuple(ordered)

    @field_validator("occupancy_prices")
    @classmethod
    def _each_size_once(cls, rows: tuple[OccupancyForm, ...]) -> tuple[OccupancyForm, ...]:
        if len({row.adults for row in rows}) < len(rows):
            raise ValueError("Each number of adults has one price.")
        return tuple(sorted(rows, key=lambda row: row.adults))

    @field_validator("stays")
    @classmethod
    def _not_endless(cls, stays: tuple[StayForm, ...]) -> tuple[StayForm, ...]:
        if sum(stay.nights for stay in stays) > MOST_NIGHTS:
            raise ValueError(f"A trip has at most {MOST_NIGHTS} nights.")
        return stays

    @model_validator(mode="after")
    def _no_id_twice(self) -> "PackageContentForm":
        for rows in (self.stays, self.addons, self.exclusions):
            ids = [row.id for row in rows if row.id is not None]
            if len(set(ids)) < len(ids):
                raise ValueError("The same id stands in a list twice.")
        return self

    def given(self) -> dict[str, Any]:
        """What was sent, with the names and in the form in which the content keeps it."""
        sent = self.model_dump(include=self.model_fields_set - {"version"})
        return {name: _kept(value) for name, value in sent.items()}


def _kept(value: Any) -> Any:
    match value:
        case Decimal():
            return percent(value)
        case UUID():
            return str(value)
        case dict():
            return {name: _kept(part) for name, part in value.items()}
        case tuple():
            return [_kept(part) for part in value]
        case _:
            return value


class DraftForm(PackageContentForm):
    """A save. ``version`` is the one that was on the page."""

    version: int = Field(ge=1, le=10**9, strict=True)


class NewPackageForm(Form):
    """The least a package has from the start."""

    title: Title
    currency: Currency
