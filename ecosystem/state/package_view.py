"""A package, its departures and its price in the words that pages show."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ecosystem.domain.language import _, ngettext
from ecosystem.domain.paths import cover_path, picture_path
from ecosystem.domain.pictures import PictureView
from ecosystem.domain.price import Price, addon_quantity
from ecosystem.domain.price_words import label
from ecosystem.domain.rates import AddonUnit, ChildBand
from ecosystem.domain.tags import tag_label
from ecosystem.domain.views import AddonView, DepartureView, PackageView, Stay
from ecosystem.services.pictures.route_map import MOST_STOPS, Stop, svg
from ecosystem.services.places import country_name
from ecosystem.state import formats

MAP = (360, 340)
"""The map's pixels: a phone shows it in about this size, so its names stay legible there."""

SMALL, MIDDLE, WIDE = 480, 960, 1600


@dataclass(frozen=True)
class StayLine:
    when: str
    city: str
    nights: str
    detail: str
    notes: str = ""


@dataclass(frozen=True)
class ExtraLine:
    """An extra; ``price`` says per what. What it costs this party is in ``PackageState.costs``."""

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
class Picture:
    """An operator's own picture in the sizes a browser chooses from."""

    small: str
    middle: str
    wide: str
    alt: str
    width: str
    height: str


@dataclass(frozen=True)
class PackagePage:
    """Everything of a package that does not change while one chooses."""

    key: str = ""
    slug: str = ""
    address: str = ""
    title: str = ""
    above: str = ""
    verified: bool = False
    cover: str = ""
    pictures: list[Picture] = field(default_factory=list)
    summary: str = ""
    description: str = ""
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
    rooms_hint: str = ""
    asks_ages: bool = False
    bookable: bool = True


def package_page(
    package: PackageView,
    pictures: Sequence[PictureView] = (),
    origin: str = "",
    description: str = "",
) -> PackagePage:
    """The fixed part of a package's page. ``origin`` makes its address a whole one.

    ``description`` is the package's as HTML: who shows it makes it, in a thread.
    """
    first = package.stays[0] if package.stays else None
    operator = package.operator
    return PackagePage(
        key=str(package.id),
        slug=package.slug,
        address=f"{origin}/packages/{package.slug}",
        title=package.title,
        above=" · ".join([countries(package.stays), formats.nights(package.nights)]).strip(" ·"),
        verified=operator.verified,
        cover=cover_path(
            package.id, first.country if first else "", first.latitude if first else None
        ),
        pictures=[_picture(picture) for picture in pictures],
        summary=package.summary,
        description=description,
        highlights=list(package.highlights),
        stays=stay_lines(package.stays),
        included=_included(package),
        excluded=list(package.exclusions),
        extras=[extra_line(addon) for addon in package.addons],
        tags=[tag_label(tag) for tag in package.tags],
        rating=_rating(package),
        operator_name=operator.name,
        operator_href=f"/operators/{operator.slug}",
        operator_place=", ".join(p for p in (operator.city, country_name(operator.country)) if p),
        operator_text=operator.description,
        operator_rating="" if operator.rating is None else formats.rating(operator.rating),
        max_travellers=package.max_travellers,
        party_hint=_children_words(package),
        rooms_hint=_rooms_words(package),
        asks_ages=bool(package.child_bands),
        bookable=package.bookable,
    )


def countries(stays: Sequence[Stay]) -> str:
    """``Italy`` or ``Italy and Slovenia``, in the order of the route."""
    names = list(dict.fromkeys(country_name(stay.country) for stay in stays))
    if len(names) < 2:
        return "".join(names)
    return _("{several} and {last}").format(several=", ".join(names[:-1]), last=names[-1])


def board_name(code: str) -> str:
    """``Half board``: what a hotel serves; an unknown code as it is."""
    return {
        "room_only": _("Room only"),
        "breakfast": _("Breakfast"),
        "half_board": _("Half board"),
        "full_board": _("Full board"),
        "all_inclusive": _("All inclusive"),
    }.get(code, code)


def stay_lines(stays: Sequence[Stay]) -> list[StayLine]:
    """The cities in order, each with the day of arrival counted from 1."""
    lines: list[StayLine] = []
    day = 1
    for stay in stays:
        stars = "★" * (stay.hotel_stars or 0)
        detail = " · ".join(
            part for part in (stay.hotel_name, stars, board_name(stay.board)) if part
        )
        when = _("Day {number}").format(number=day)
        lines.append(StayLine(when, stay.city, formats.nights(stay.nights), detail, stay.notes))
        day += stay.nights
    return lines


def route_map(stays: Sequence[Stay]) -> str:
    """The route as inline SVG; empty for a package without stops."""
    stops = [Stop(stay.city, stay.latitude, stay.longitude) for stay in stays[:MOST_STOPS]]
    if not stops:
        return ""
    return svg(stops, width=MAP[0], height=MAP[1], label=_("Map of the route: {cities}"))


def seats_of(departure: DepartureView, party: int) -> str:
    """What stands between a party and a departure; empty if nothing does."""
    day = formats.day(departure.starts_on)
    left = departure.seats_left
    if departure.status == "closed":
        return _("{day} is closed for booking. Choose another date.").format(day=day)
    if left == 0:
        return _("{day} is sold out. Choose another date.").format(day=day)
    if left < party:
        return ngettext(
            "Only {count} seat is left on {day}. Choose another date or a smaller party.",
            "Only {count} seats are left on {day}. Choose another date or a smaller party.",
            left,
        ).format(count=left, day=day)
    return ""


def price_lines(price: Price) -> list[PriceLine]:
    """The lines of a price: ``2 adults × €1,340``, ``Museum pass × 2``."""
    return [PriceLine(label(line), formats.money(line.amount)) for line in price.lines]


def extra_costs(package: PackageView, travellers: int) -> dict[str, str]:
    """What each extra costs a party in all, by its id: ``€96 for the two of you``."""
    return {str(addon.id): cost_of(addon, travellers, package.nights) for addon in package.addons}


def cost_of(addon: AddonView, travellers: int, nights: int) -> str:
    """What an extra costs a party in all; empty where that is what it costs anyway."""
    quantity = addon_quantity(addon.unit, travellers, nights)
    whole = formats.money(addon.price * quantity)
    return _("{amount} for your party").format(amount=whole) if quantity > 1 else ""


def _picture(picture: PictureView) -> Picture:
    return Picture(
        small=picture_path(picture.id, SMALL),
        middle=picture_path(picture.id, MIDDLE),
        wide=picture_path(picture.id, WIDE),
        alt=picture.alt,
        width=str(picture.width),
        height=str(picture.height),
    )


def _included(package: PackageView) -> list[str]:
    boards = list(dict.fromkeys(stay.board for stay in package.stays if stay.board != "room_only"))
    nights = ngettext(
        "{count} night in a hotel", "{count} nights in hotels", package.nights
    ).format(count=formats.number(package.nights))
    lines = [nights, *(board_name(board) for board in boards)]
    return lines + [addon.name for addon in package.addons if addon.required]


def _per_what(unit: AddonUnit) -> str:
    return {
        "booking": _("per booking"),
        "traveller": _("per traveller"),
        "night": _("per night"),
        "traveller_night": _("per traveller and night"),
    }[unit]


def extra_line(addon: AddonView) -> ExtraLine:
    """An extra to choose, and what it costs per what."""
    return ExtraLine(
        key=str(addon.id),
        name=addon.name,
        detail=addon.description,
        price=f"{formats.money(addon.price)} {_per_what(addon.unit)}",
        required=addon.required,
    )


def _rating(package: PackageView) -> str:
    if package.rating is None:
        return ""
    count = package.rating_count
    said = ngettext("{count} review", "{count} reviews", count).format(count=formats.number(count))
    shown = f"★ {formats.rating(package.rating)}"
    return f"{shown} · {said}" if count else shown


def _children_words(package: PackageView) -> str:
    if package.child_bands:
        return " · ".join(_band_words(band) for band in package.child_bands)
    if package.child_discount_percent <= 0:
        return ""
    return _("Children pay {share} less.").format(share=_share(package.child_discount_percent))


def _band_words(band: ChildBand) -> str:
    years = str(band.from_age) if band.from_age == band.to_age else f"{band.from_age}–{band.to_age}"
    if band.discount_percent == 100:
        return _("{years} years free").format(years=years)
    return _("{years} years {share} less").format(years=years, share=_share(band.discount_percent))


def _share(percent: Decimal) -> str:
    return formats.percent(int(percent)) if percent == int(percent) else f"{percent.normalize()}%"


def _rooms_words(package: PackageView) -> str:
    words = {
        1: _("{price} alone in a room"),
        2: _("{price} each for two"),
        3: _("{price} each for three"),
        4: _("{price} each for four"),
    }
    return " · ".join(
        words[size].format(price=formats.money(price))
        for size, price in sorted(package.occupancy.items())
    )
