"""What the package editor shows: small frozen pieces with ready words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecosystem.domain.drafts import BOARDS, Content, PackageDraft
from ecosystem.domain.views import DepartureView, Stay
from ecosystem.services.places import country_name
from ecosystem.state import formats
from ecosystem.state.provider.package.sheet import SECTIONS
from ecosystem.state.provider.package.typed import Row

STATUS_WORDS = {
    "draft": "Draft",
    "published": "Published",
    "archived": "Archived",
}
TONES = {"draft": "warn", "published": "good", "archived": "plain"}
SECTION_TITLES = {
    "basics": "Basics",
    "description": "Description",
    "route": "Route",
    "prices": "Prices",
    "extras": "Extras",
    "exclusions": "Not included",
    "policy": "Policy",
    "pictures": "Pictures",
    "departures": "Departures",
    "publish": "Publish",
}


@dataclass(frozen=True)
class Head:
    """The package as a whole. ``facts``: nights and cities."""

    title: str = ""
    status: str = ""
    status_words: str = ""
    tone: str = "plain"
    facts: str = ""
    address: str = ""
    public_href: str = ""
    currency: str = ""
    changed: str = ""
    slug_fixed: bool = True
    currency_fixed: bool = True


@dataclass(frozen=True)
class Line:
    """A line of text in a list."""

    key: str
    text: str


@dataclass(frozen=True)
class StayRow:
    """A city of the route as its fields show it; ``place`` is empty until one is chosen."""

    key: str
    place: str
    city: str
    nights: str
    hotel_name: str
    hotel_stars: str
    board: str
    notes: str


@dataclass(frozen=True)
class AddonRow:
    key: str
    name: str
    description: str
    price: str
    unit: str
    required: bool


@dataclass(frozen=True)
class BandRow:
    key: str
    from_age: str
    to_age: str
    discount_percent: str


@dataclass(frozen=True)
class TierRow:
    key: str
    days_before: str
    refund_percent: str


@dataclass(frozen=True)
class Check:
    """What a package needs before it can be published, and where on the page."""

    text: str = ""
    href: str = ""
    done: bool = False


@dataclass(frozen=True)
class DepartureLine:
    dates: str = ""
    seats: str = ""
    price: str = ""
    status: str = ""
    tone: str = "plain"


def head_of(draft: PackageDraft) -> Head:
    """The package as a whole, for the top of the page."""
    cities = " – ".join(stay.city for stay in draft.stays)
    facts = " · ".join(part for part in (formats.nights(draft.nights), cities) if part)
    return Head(
        title=draft.title,
        status=draft.status,
        status_words=STATUS_WORDS[draft.status],
        tone=TONES[draft.status],
        facts=facts if draft.stays else "No city yet",
        address=f"/packages/{draft.slug}",
        public_href=f"/packages/{draft.slug}" if draft.status == "published" else "",
        currency=draft.currency,
        changed=formats.moment(draft.updated_at),
        slug_fixed=draft.slug_fixed,
        currency_fixed=draft.currency_fixed,
    )


def stays_in(draft: PackageDraft) -> tuple[Stay, ...]:
    """The cities as public pages and the map take them."""
    return tuple(
        Stay(
            city=stay.city,
            country=stay.country,
            nights=stay.nights,
            hotel_name=stay.hotel_name,
            hotel_stars=stay.hotel_stars,
            board=stay.board,
            latitude=stay.latitude,
            longitude=stay.longitude,
            timezone=stay.timezone,
        )
        for stay in draft.stays
    )


def line_of(row: Row) -> Line:
    return Line(row.key, row.values["text"])


def stay_of(row: Row) -> StayRow:
    city = str(row.place.get("city", ""))
    place = f"{city}, {country_name(row.place['country'])}" if row.place else ""
    return StayRow(key=row.key, place=place, city=city or "this city", **row.values)


def addon_of(row: Row) -> AddonRow:
    values = {**row.values, "required": row.values["required"] == "true"}
    return AddonRow(key=row.key, **values)  # type: ignore[arg-type]


def band_of(row: Row) -> BandRow:
    return BandRow(key=row.key, **row.values)


def tier_of(row: Row) -> TierRow:
    return TierRow(key=row.key, **row.values)


ROWS: dict[str, Any] = {
    "highlights": line_of,
    "tags": line_of,
    "exclusions": line_of,
    "stays": stay_of,
    "addons": addon_of,
    "child_bands": band_of,
    "policy": tier_of,
}
"""How the rows of each list are shown."""


def checks_of(draft: PackageDraft) -> list[Check]:
    """What is missing before publishing, each with the place to go to."""
    return [
        Check(item.message, f"#{SECTIONS.get(item.field.partition('.')[0], 'publish')}")
        for item in draft.lacks
    ]


def without_price_words(draft: PackageDraft) -> str:
    """That departures can't be booked because of what rooms cost there; empty if all can."""
    days = draft.without_price
    if not days:
        return ""
    named = ", ".join(formats.full_day(day) for day in days[:DAYS_NAMED])
    more = f" and {len(days) - DAYS_NAMED} more" if len(days) > DAYS_NAMED else ""
    return (
        "Prices by room move with a departure's own price, and on these days a room would cost"
        f" nothing: {named}{more}. Nobody can book them. Raise their prices, or lower the price"
        " per adult above."
    )


def missing_in(draft: PackageDraft, errors: Mapping[str, str]) -> list[str]:
    """The sections in which something is missing or wrong."""
    found = {SECTIONS.get(item.field.partition(".")[0], "publish") for item in draft.lacks}
    found |= {SECTIONS.get(_top(name), "publish") for name in errors}
    return [name for name in SECTION_TITLES if name in found]


def _top(name: str) -> str:
    return "occupancy_prices" if name.startswith("room_") else name.partition(".")[0]


def policy_words(content: Content) -> list[str]:
    """The policy in plain words, from the longest notice to none."""
    lines: list[str] = []
    later = ""
    for tier in content["policy"]:
        days, back = tier["days_before"], tier["refund_percent"]
        share = {100: "everything comes back", 0: "nothing comes back"}.get(
            back, f"{back} % comes back"
        )
        when = "on any day before departure" if days == 0 else f"{_days(days)} or more before"
        lines.append(f"Cancelled {when}{later}: {share}.")
        later = f", but less than {_days(days)}"
    if lines and content["policy"][-1]["days_before"] > 0:
        lines.append(
            f"Cancelled less than {_days(content['policy'][-1]['days_before'])} before:"
            " nothing comes back."
        )
    return lines


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def payment_words(content: Content) -> str:
    """When what is paid, in a sentence."""
    share, days = content["deposit_percent"], content["balance_due_days"]
    if share is None:
        return "Everything is paid when booking."
    return (
        f"{share} % is paid when booking, the rest by {_days(days)} before departure;"
        " closer to departure everything is paid at once."
    )


def nights_words(content: Content) -> str:
    """``9 nights in 4 cities``, of what is typed."""
    stays = content["stays"]
    nights = sum(stay["nights"] or 0 for stay in stays)
    cities = "1 city" if len(stays) == 1 else f"{len(stays)} cities"
    return f"{formats.nights(nights)} in {cities}" if stays else "No city yet"


DAYS_NAMED = 3
DEPARTURES_SHOWN = 6


def departures_of(rows: Sequence[DepartureView]) -> tuple[list[DepartureLine], str]:
    """The next departures, and a note when there are more."""
    lines = [_departure(row) for row in rows[:DEPARTURES_SHOWN]]
    more = len(rows) > DEPARTURES_SHOWN
    note = f"The next {DEPARTURES_SHOWN} of {formats.number(len(rows))}." if more else ""
    return lines, note


def _departure(row: DepartureView) -> DepartureLine:
    words = {"open": ("on sale", "good"), "closed": ("closed", "plain")}
    status, tone = words.get(row.status, ("sold out", "brand"))
    return DepartureLine(
        dates=formats.days(row.starts_on, row.ends_on),
        seats=f"{row.capacity - row.seats_left} of {row.capacity} taken",
        price=formats.money(row.price),
        status=status,
        tone=tone,
    )


BOARD_OPTIONS = tuple(BOARDS.items())
