"""A package, its departures and its price in the words that pages show."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ecosystem.domain.price import AddonUnit, Price
from ecosystem.domain.views import AddonView, DepartureView, PackageView, Stay
from ecosystem.services.pictures.route_map import MOST_STOPS, Stop, svg
from ecosystem.services.places import country_name
from ecosystem.services.search import BOARD_LABELS
from ecosystem.state import formats
from ecosystem.state.cards import FEW_SEATS, cover_path

UNITS: dict[AddonUnit, str] = {
    "booking": "per booking",
    "traveller": "per traveller",
    "night": "per night",
    "traveller_night": "per traveller and night",
}


MAP = (360, 340)
"""The map's pixels: a phone shows it in about this size, so its names stay legible there."""


@dataclass(frozen=True)
class StayLine:
    when: str
    city: str
    nights: str
    detail: str


@dataclass(frozen=True)
class ExtraLine:
    key: str
    name: str
    detail: str
    price: str
    required: bool


@dataclass(frozen=True)
class PriceLine:
    label: str
    amount: str


@dataclass(frozen=True)
class PackagePage:
    """Everything of a package that does not change while one chooses."""

    title: str = ""
    above: str = ""
    verified: bool = False
    cover: str = ""
    summary: str = ""
    paragraphs: list[str] = field(default_factory=list)
    highlights: list[str] = field(default_factory=list)
    stays: list[StayLine] = field(default_factory=list)
    included: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    extras: list[ExtraLine] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    rating: str = ""
    operator_name: str = ""
    operator_href: str = ""
    operator_place: str = ""
    operator_text: str = ""
    operator_rating: str = ""
    max_travellers: int = 0
    party_hint: str = ""
    bookable: bool = True


def package_page(package: PackageView) -> PackagePage:
    """The fixed part of a package's page."""
    first = package.stays[0] if package.stays else None
    operator = package.operator
    child = int(package.child_discount_percent)
    return PackagePage(
        title=package.title,
        above=" · ".join([countries(package.stays), formats.nights(package.nights)]).strip(" ·"),
        verified=operator.verified,
        cover=cover_path(
            package.id, first.country if first else "", first.latitude if first else None
        ),
        summary=package.summary,
        paragraphs=[part.strip() for part in package.description.split("\n") if part.strip()],
        highlights=list(package.highlights),
        stays=stay_lines(package.stays),
        included=_included(package),
        excluded=list(package.exclusions),
        extras=[_extra(addon) for addon in package.addons],
        tags=[tag.replace("-", " ").capitalize() for tag in package.tags],
        rating=_rating(package),
        operator_name=operator.name,
        operator_href=f"/operators/{operator.slug}",
        operator_place=", ".join(p for p in (operator.city, country_name(operator.country)) if p),
        operator_text=operator.description,
        operator_rating="" if operator.rating is None else f"{operator.rating:.1f}",
        max_travellers=package.max_travellers,
        party_hint=f"Children pay {child} % less." if child else "",
        bookable=package.bookable,
    )


def countries(stays: Sequence[Stay]) -> str:
    """``Italy`` or ``Italy and Slovenia``, in the order of the route."""
    names = list(dict.fromkeys(country_name(stay.country) for stay in stays))
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def stay_lines(stays: Sequence[Stay]) -> list[StayLine]:
    """The cities in order, each with the day of arrival counted from 1."""
    lines: list[StayLine] = []
    day = 1
    for stay in stays:
        stars = "★" * (stay.hotel_stars or 0)
        board = BOARD_LABELS.get(stay.board, stay.board).lower()
        detail = " · ".join(part for part in (stay.hotel_name, stars, board) if part)
        lines.append(StayLine(f"Day {day}", stay.city, formats.nights(stay.nights), detail))
        day += stay.nights
    return lines


def route_map(stays: Sequence[Stay]) -> str:
    """The route as inline SVG; empty for a package without stops."""
    stops = [Stop(stay.city, stay.latitude, stay.longitude) for stay in stays[:MOST_STOPS]]
    return svg(stops, width=MAP[0], height=MAP[1]) if stops else ""


def departure_row(departure: DepartureView) -> dict[str, Any]:
    """A line of the departure picker."""
    left = departure.seats_left
    if departure.status == "closed":
        seats, tone = "closed", "plain"
    elif departure.status == "sold_out":
        seats, tone = "sold out", "bad"
    else:
        seats, tone = f"{left} left", "warn" if left <= FEW_SEATS else "plain"
    return {
        "id": str(departure.id),
        "label": formats.day(departure.starts_on),
        "price": formats.money(departure.price),
        "seats": seats,
        "tone": tone,
        "open": departure.status == "open",
    }


def seats_of(departure: DepartureView, party: int) -> str:
    """What stands between a party and a departure; empty if nothing does."""
    day = formats.day(departure.starts_on)
    left = departure.seats_left
    if departure.status == "closed":
        return f"{day} is closed for booking. Choose another date."
    if left == 0:
        return f"{day} is sold out. Choose another date."
    if left < party:
        seats = "1 seat is" if left == 1 else f"{left} seats are"
        return f"Only {seats} left on {day}. Choose another date or a smaller party."
    return ""


def price_lines(price: Price) -> list[PriceLine]:
    """The lines of a price: ``2 adults × €1,340``, ``Museum pass × 2``."""
    words = {"adult": ("adult", "adults"), "child": ("child", "children")}
    lines: list[PriceLine] = []
    for line in price.lines:
        amount = formats.money(line.amount)
        if line.code in words:
            one = type(line.amount)(line.amount.minor // line.quantity, line.amount.currency)
            noun = words[line.code][line.quantity != 1]
            label = f"{line.quantity} {noun} × {formats.money(one)}"
        else:
            label = line.label if line.quantity == 1 else f"{line.label} × {line.quantity}"
        lines.append(PriceLine(label, amount))
    return lines


def _included(package: PackageView) -> list[str]:
    boards = list(dict.fromkeys(stay.board for stay in package.stays if stay.board != "room_only"))
    lines = [f"{formats.nights(package.nights).capitalize()} in hotels"]
    lines += [BOARD_LABELS.get(board, board) for board in boards]
    return lines + [addon.name for addon in package.addons if addon.required]


def _extra(addon: AddonView) -> ExtraLine:
    return ExtraLine(
        key=str(addon.id),
        name=addon.name,
        detail=addon.description,
        price=f"{formats.money(addon.price)} {UNITS[addon.unit]}",
        required=addon.required,
    )


def _rating(package: PackageView) -> str:
    if package.rating is None:
        return ""
    count = package.rating_count
    said = "1 review" if count == 1 else f"{formats.number(count)} reviews"
    return f"★ {package.rating:.1f} · {said}" if count else f"★ {package.rating:.1f}"
