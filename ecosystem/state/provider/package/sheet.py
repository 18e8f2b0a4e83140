"""A package on the editor's desk: what is stored, what stands in the fields, how they differ."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from ecosystem.domain.drafts import (
    FIELDS,
    Content,
    FieldChange,
    PackageDraft,
    VersionView,
    changed_fields,
    content_of,
    differences,
)
from ecosystem.domain.errors import FieldError
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price, price
from ecosystem.domain.rates import AddonRate, ChildBand, Rates
from ecosystem.state import formats
from ecosystem.state.provider.package.typed import (
    LISTS,
    Reading,
    Typed,
    errors_of,
    read,
    top_of,
    tops,
    typed_of,
)

DAYS_AHEAD = 120
"""The example price is for a departure this far ahead, so that a deposit would be offered."""


class Sheet:
    """``draft`` is what is stored as far as this page knows; ``typed`` what is in the fields.

    ``errors`` are by the name of a field on the page and stay until the field is right.
    """

    def __init__(self, draft: PackageDraft) -> None:
        self.draft = draft
        self.base: Content = content_of(draft)
        self.typed: Typed = typed_of(self.base)
        self.errors: dict[str, str] = {}

    def reading(self) -> Reading:
        """What the fields mean now."""
        return read(self.typed)

    def changes(self, reading: Reading, without: Iterable[str] = ()) -> Content:
        """The parts of the content that were changed here and can be read."""
        left_out = set(without)
        return {
            name: value
            for name, value in reading.content.items()
            if name not in left_out and value != self.base.get(name)
        }

    def refused(self, reading: Reading, fields: Sequence[FieldError]) -> dict[str, str]:
        """What is wrong by field: what can't be read, and what the service refused."""
        return errors_of(reading, fields) | reading.errors

    def stored(self, draft: PackageDraft, reading: Reading) -> None:
        """Take over what was saved; new rows learn the ids under which they are kept."""
        self.draft = draft
        self.base = content_of(draft)
        self.typed.currency = draft.currency
        for name in ("stays", "addons", "exclusions"):
            kept = self.base[name]
            if len(kept) == len(reading.rows[name]):
                for row, item in zip(reading.rows[name], kept, strict=True):
                    row.stored = item["id"]

    def whole(self, reading: Reading) -> Content:
        """The content as typed, with what is stored where something can't be read."""
        return {**self.base, **reading.content}


@dataclass(frozen=True)
class ChangeLine:
    """A field that differs: what it is called, what it was and is."""

    label: str = ""
    was: str = ""
    now: str = ""
    both: bool = False


@dataclass(frozen=True)
class Clash:
    """Somebody else saved first, or the same person elsewhere (``own``).

    ``theirs`` and ``mine`` are against what both began with.
    """

    shown: bool = False
    own: bool = False
    who: str = ""
    theirs: list[ChangeLine] = field(default_factory=list)
    mine: list[ChangeLine] = field(default_factory=list)
    overlap: str = ""


def apart(sheet: Sheet, theirs: PackageDraft) -> bool:
    """Whether what was changed here and there is so different that both can simply stand.

    Lists that the others changed are for a decision: which row is meant is not certain any more.
    """
    reading = sheet.reading()
    there = changed_fields(sheet.base, content_of(theirs))
    wrong = reading.errors or sheet.errors
    return not wrong and not set(there) & {*sheet.changes(reading), *LISTS, "currency"}


def clash(
    sheet: Sheet, theirs: PackageDraft, newer: Sequence[VersionView], reader: UUID | None
) -> Clash:
    """What the other editor changed since this page's version, and what was changed here."""
    now = content_of(theirs)
    reading = sheet.reading()
    mine = sheet.changes(reading)
    both = set(mine) & set(changed_fields(sheet.base, now))
    names = list(dict.fromkeys(version.who for version in newer if version.who))
    last = max((version.at for version in newer), default=theirs.updated_at)
    own = bool(newer) and all(reader and version.actor_id == reader for version in newer)
    somebody = "You, in another tab or on another device" if own else "Somebody else"
    names = [] if own else names
    who = f"{' and '.join(names) or somebody}, {formats.moment(last)} UTC"
    return Clash(
        shown=True,
        own=own,
        who=who,
        theirs=change_lines(differences(sheet.base, now), both),
        mine=change_lines(differences(sheet.base, {**sheet.base, **_filled(mine)}), both),
        overlap=", ".join(FIELDS[name][0] for name in FIELDS if name in both),
    )


def _filled(content: Content) -> Content:
    """Content that ``differences`` can put in words while some of it is not saved yet."""
    whole = dict(content)
    if "stays" in whole:
        whole["stays"] = [{"country": "", "city": "", **stay} for stay in whole["stays"]]
    return whole


def onto(theirs: PackageDraft, mine: Content) -> Content:
    """My changed fields as they can be saved onto their version: ids that went are new again."""
    known = {
        name: {row["id"] for row in content_of(theirs)[name]}
        for name in ("stays", "addons", "exclusions")
    }
    return {
        name: [_without_lost_id(row, known[name]) for row in value] if name in known else value
        for name, value in mine.items()
    }


def _without_lost_id(row: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    return {part: value for part, value in row.items() if part != "id" or value in known}


def change_lines(changes: Iterable[FieldChange], both: Iterable[str] = ()) -> list[ChangeLine]:
    """Differences as the page shows them."""
    overlap = set(both)
    return [ChangeLine(c.label, c.was, c.now, c.field in overlap) for c in changes]


def wrong_parts(errors: Mapping[str, str]) -> set[str]:
    """The parts of the content that have an error in one of their fields."""
    return tops(errors)


def section_of(name: str) -> str:
    """The section of the page in which a part of the content stands."""
    return SECTIONS.get(top_of(name), "publish")


SECTIONS = {
    "title": "basics",
    "slug": "basics",
    "summary": "basics",
    "tags": "basics",
    "highlights": "basics",
    "max_travellers": "basics",
    "description": "description",
    "stays": "route",
    "cities": "route",
    "currency": "prices",
    "price": "prices",
    "single_supplement": "prices",
    "child_discount_percent": "prices",
    "child_bands": "prices",
    "occupancy_prices": "prices",
    "commission_percent": "prices",
    "addons": "extras",
    "exclusions": "exclusions",
    "policy": "policy",
    "deposit_percent": "policy",
    "balance_due_days": "policy",
    "pictures": "pictures",
    "departures": "departures",
}


def family_price(content: Content, child_age: int, today: date) -> Price | None:
    """What two adults and a child of ``child_age`` would pay; None while there is no price."""
    currency = content["currency"]
    if not content["price"]:
        return None

    def money(minor: int) -> Money:
        return Money(minor, currency)

    rates = Rates(
        adult=money(content["price"]),
        child_discount_percent=Decimal(content["child_discount_percent"]),
        single_supplement=money(content["single_supplement"]),
        nights=sum(stay["nights"] for stay in content["stays"]),
        max_travellers=max(content["max_travellers"], 3),
        addons=tuple(
            AddonRate(UUID(int=number), row["name"], money(row["price"]), row["unit"], True)
            for number, row in enumerate(content["addons"])
            if row["required"]
        ),
        deposit_percent=content["deposit_percent"],
        balance_due_days=content["balance_due_days"],
        child_bands=tuple(
            ChildBand(band["from_age"], band["to_age"], Decimal(band["discount_percent"]))
            for band in content["child_bands"]
        ),
        occupancy={row["adults"]: money(row["price"]) for row in content["occupancy_prices"]},
    )
    if not rates.sellable:
        return None
    return price(
        rates,
        adults=2,
        children=1,
        addon_ids=frozenset(),
        starts_on=today + timedelta(days=DAYS_AHEAD),
        today=today,
        child_ages=(child_age,),
    )
