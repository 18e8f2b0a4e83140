"""A package as its operator edits it, its content as history keeps it, and how two differ. Pure.

The content is plain JSON with the names of the editor's form: amounts are minor units of
``currency``, percentages are written as decimals (``"12.5"``). docs/algorithms/package-saving.md
says when it is written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from ecosystem.domain.cancellation import Tier
from ecosystem.domain.errors import FieldError
from ecosystem.domain.money import Money, exponent
from ecosystem.domain.rates import AddonUnit, ChildBand

Status = Literal["draft", "published", "archived"]
Board = Literal["room_only", "breakfast", "half_board", "full_board", "all_inclusive"]
BOARDS: dict[Board, str] = {
    "room_only": "Room only",
    "breakfast": "Breakfast",
    "half_board": "Half board",
    "full_board": "Full board",
    "all_inclusive": "All inclusive",
}
UNITS: dict[AddonUnit, str] = {
    "booking": "per booking",
    "traveller": "per traveller",
    "night": "per night",
    "traveller_night": "per traveller and night",
}


@dataclass(frozen=True)
class OccupancyPrice:
    """The price per adult when ``adults`` (1 to 4) share a room."""

    adults: int
    price: Money


@dataclass(frozen=True)
class StayDraft:
    """One city. ``country`` is ISO 3166 alpha-2, ``timezone`` an IANA name, ``nights`` 1–60."""

    id: UUID
    city: str
    country: str
    latitude: float
    longitude: float
    timezone: str
    nights: int
    hotel_name: str = ""
    hotel_stars: int | None = None
    board: Board = "breakfast"
    notes: str = ""


@dataclass(frozen=True)
class AddonDraft:
    id: UUID
    name: str
    description: str
    price: Money
    unit: AddonUnit
    required: bool


@dataclass(frozen=True)
class ExclusionDraft:
    id: UUID
    text: str


@dataclass(frozen=True)
class PackageDraft:
    """Everything an operator may edit of a package, in order.

    ``slug_fixed`` once it was public: its address never changes again. ``currency_fixed``
    once departures or bookings count in it. ``lacks`` says what is missing to publish.
    ``without_price``: days to come on which a room would cost nothing, so that nobody can book.
    """

    id: UUID
    slug: str
    status: Status
    version: int
    updated_at: datetime
    title: str
    summary: str
    description: str
    currency: str
    base_price: Money
    child_discount_percent: Decimal
    child_bands: tuple[ChildBand, ...]
    occupancy_prices: tuple[OccupancyPrice, ...]
    single_supplement: Money
    commission_percent: Decimal
    deposit_percent: int | None
    balance_due_days: int
    policy: tuple[Tier, ...]
    max_travellers: int
    tags: tuple[str, ...]
    highlights: tuple[str, ...]
    stays: tuple[StayDraft, ...]
    addons: tuple[AddonDraft, ...]
    exclusions: tuple[ExclusionDraft, ...]
    lacks: tuple[FieldError, ...] = ()
    slug_fixed: bool = False
    currency_fixed: bool = False
    without_price: tuple[date, ...] = ()

    @property
    def nights(self) -> int:
        return sum(stay.nights for stay in self.stays)


@dataclass(frozen=True)
class FieldChange:
    """What a field was and is, in words. ``field`` is its name in the form."""

    field: str
    label: str
    was: str
    now: str


@dataclass(frozen=True)
class VersionView:
    """One change in the history. ``who`` is a name, or "outside this desk".

    ``action``: created, edited, published, archived, unpublished, restored, duplicated,
    imported, outside (somebody wrote to the operators' database directly), first_seen.
    """

    version: int
    at: datetime
    who: str
    action: str
    changes: tuple[FieldChange, ...]
    current: bool = False
    actor_id: UUID | None = None


Content = dict[str, Any]


def percent(value: Decimal) -> str:
    """``Decimal("12.50")`` as ``12.5``: one way to write each value."""
    return format(value.normalize() if value else Decimal(0), "f")


def content_of(draft: PackageDraft) -> Content:
    """The draft as JSON, the inverse of :func:`draft_of`."""
    return {
        "status": draft.status,
        "slug": draft.slug,
        "title": draft.title,
        "summary": draft.summary,
        "description": draft.description,
        "currency": draft.currency,
        "price": draft.base_price.minor,
        "child_discount_percent": percent(draft.child_discount_percent),
        "child_bands": [
            {
                "from_age": band.from_age,
                "to_age": band.to_age,
                "discount_percent": percent(band.discount_percent),
            }
            for band in draft.child_bands
        ],
        "occupancy_prices": [
            {"adults": row.adults, "price": row.price.minor} for row in draft.occupancy_prices
        ],
        "single_supplement": draft.single_supplement.minor,
        "commission_percent": percent(draft.commission_percent),
        "deposit_percent": draft.deposit_percent,
        "balance_due_days": draft.balance_due_days,
        "policy": [
            {"days_before": tier.days_before, "refund_percent": tier.refund_percent}
            for tier in draft.policy
        ],
        "max_travellers": draft.max_travellers,
        "tags": list(draft.tags),
        "highlights": list(draft.highlights),
        "stays": [{**stay.__dict__, "id": str(stay.id)} for stay in draft.stays],
        "addons": [
            {**addon.__dict__, "id": str(addon.id), "price": addon.price.minor}
            for addon in draft.addons
        ],
        "exclusions": [{"id": str(line.id), "text": line.text} for line in draft.exclusions],
    }


def draft_of(
    package_id: UUID,
    content: Content,
    *,
    version: int,
    updated_at: datetime,
    lacks: tuple[FieldError, ...] = (),
    slug_fixed: bool = False,
    currency_fixed: bool = False,
    without_price: tuple[date, ...] = (),
) -> PackageDraft:
    """A draft from its content, the inverse of :func:`content_of`."""
    currency = content["currency"]
    return PackageDraft(
        id=package_id,
        slug=content["slug"],
        status=content["status"],
        version=version,
        updated_at=updated_at,
        title=content["title"],
        summary=content["summary"],
        description=content["description"],
        currency=currency,
        base_price=Money(content["price"], currency),
        child_discount_percent=Decimal(content["child_discount_percent"]),
        child_bands=tuple(
            ChildBand(band["from_age"], band["to_age"], Decimal(band["discount_percent"]))
            for band in content["child_bands"]
        ),
        occupancy_prices=tuple(
            OccupancyPrice(row["adults"], Money(row["price"], currency))
            for row in content["occupancy_prices"]
        ),
        single_supplement=Money(content["single_supplement"], currency),
        commission_percent=Decimal(content["commission_percent"]),
        deposit_percent=content["deposit_percent"],
        balance_due_days=content["balance_due_days"],
        policy=tuple(
            Tier(tier["days_before"], tier["refund_percent"]) for tier in content["policy"]
        ),
        max_travellers=content["max_travellers"],
        tags=tuple(content["tags"]),
        highlights=tuple(content["highlights"]),
        stays=tuple(StayDraft(**{**stay, "id": UUID(stay["id"])}) for stay in content["stays"]),
        addons=tuple(
            AddonDraft(
                **{
                    **addon,
                    "id": UUID(addon["id"]),
                    "price": Money(addon["price"], currency),
                }
            )
            for addon in content["addons"]
        ),
        exclusions=tuple(
            ExclusionDraft(UUID(line["id"]), line["text"]) for line in content["exclusions"]
        ),
        lacks=lacks,
        slug_fixed=slug_fixed,
        currency_fixed=currency_fixed,
        without_price=without_price,
    )


def changed_fields(was: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the fields that differ, in the order of the form."""
    return tuple(name for name in FIELDS if was.get(name) != now.get(name))


def differences(was: Content, now: Content) -> tuple[FieldChange, ...]:
    """Each field that differs, in words."""
    return tuple(
        FieldChange(name, label, words(was) if was else "", words(now))
        for name in changed_fields(was, now)
        for label, words in (FIELDS[name],)
    )


Words = Callable[[Content], str]


def _plain(name: str) -> Words:
    return lambda content: str(content[name])


def words_of_amount(minor: int, currency: str) -> str:
    """``EUR 1,299.00``."""
    return f"{currency} {Money(minor, currency).decimal:,.{exponent(currency)}f}"


def _money(name: str) -> Words:
    return lambda content: words_of_amount(content[name], content["currency"])


def _percent(name: str) -> Words:
    return lambda content: "none" if content[name] is None else f"{content[name]} %"


def _lines(name: str, line: Callable[[Content, Any], str]) -> Words:
    return lambda content: "\n".join(line(content, row) for row in content[name]) or "none"


def _nights(count: int) -> str:
    return f"{count} night" if count == 1 else f"{count} nights"


def _stay(_: Content, row: Any) -> str:
    stars = f", {row['hotel_stars']} stars" if row["hotel_stars"] else ""
    hotel = f", {row['hotel_name']}{stars}" if row["hotel_name"] else stars
    notes = f" ({row['notes']})" if row["notes"] else ""
    board = BOARDS[row["board"]].lower()
    return f"{row['city']}, {row['country']}, {_nights(row['nights'])}{hotel}, {board}{notes}"


def _addon(content: Content, row: Any) -> str:
    required = ", required" if row["required"] else ""
    about = f" ({row['description']})" if row["description"] else ""
    price = words_of_amount(row["price"], content["currency"])
    return f"{row['name']}, {price} {UNITS[row['unit']]}{required}{about}"


FIELDS: dict[str, tuple[str, Words]] = {
    "status": ("Status", _plain("status")),
    "slug": ("Address", _plain("slug")),
    "title": ("Title", _plain("title")),
    "summary": ("Summary", _plain("summary")),
    "description": ("Description", _plain("description")),
    "stays": ("Cities", _lines("stays", _stay)),
    "currency": ("Currency", _plain("currency")),
    "price": ("Price per adult", _money("price")),
    "occupancy_prices": (
        "Prices by room",
        _lines(
            "occupancy_prices",
            lambda content, row: (
                f"{row['adults']} sharing: {words_of_amount(row['price'], content['currency'])}"
            ),
        ),
    ),
    "single_supplement": ("Single supplement", _money("single_supplement")),
    "child_discount_percent": ("Child discount", _percent("child_discount_percent")),
    "child_bands": (
        "Prices by age",
        _lines(
            "child_bands",
            lambda _, row: (
                f"{row['from_age']} to {row['to_age']}: {row['discount_percent']} % less"
            ),
        ),
    ),
    "addons": ("Add-ons", _lines("addons", _addon)),
    "exclusions": ("Not included", _lines("exclusions", lambda _, row: row["text"])),
    "highlights": ("Highlights", _lines("highlights", lambda _, row: row)),
    "tags": ("Tags", lambda content: ", ".join(content["tags"]) or "none"),
    "max_travellers": ("Largest party", _plain("max_travellers")),
    "policy": (
        "Cancellation policy",
        _lines(
            "policy",
            lambda _, row: f"{row['days_before']} days before: {row['refund_percent']} % back",
        ),
    ),
    "deposit_percent": ("Deposit", _percent("deposit_percent")),
    "balance_due_days": ("Balance due, days before", _plain("balance_due_days")),
    "commission_percent": ("Commission of agencies", _percent("commission_percent")),
}
"""Every field by its name in the form: what people call it, and its value in words."""
