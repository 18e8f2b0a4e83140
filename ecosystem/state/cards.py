"""Trips as cards: the same words wherever trips stand in a grid."""

from dataclasses import dataclass
from urllib.parse import urlencode

from ecosystem.domain.language import _
from ecosystem.domain.paths import cover_path, picture_path
from ecosystem.domain.views import PackageCard
from ecosystem.state import formats
from ecosystem.state.currency import AS_CHARGED, Conversion

FEW_SEATS = 5
"""From here on the number of seats is worth saying."""


@dataclass(frozen=True)
class TripCard:
    """One card, all of it ready to be shown. ``key`` is the package's id."""

    key: str
    slug: str
    href: str
    cover: str
    title: str
    cities: str
    detail: str
    rating: str
    price: str
    note: str


def trip_card(card: PackageCard, conversion: Conversion = AS_CHARGED, /, **ask: str) -> TripCard:
    """A card that leads to its trip; ``ask`` (travellers, from) goes along to preset its form."""
    query = urlencode([(name.rstrip("_"), value) for name, value in ask.items() if value])
    return TripCard(
        key=str(card.id),
        slug=card.slug,
        href=f"/packages/{card.slug}" + (f"?{query}" if query else ""),
        cover=picture_path(card.cover, 480)
        if card.cover
        else cover_path(card.id, card.country, card.latitude),
        title=card.title,
        cities=" · ".join(city.name for city in card.cities),
        detail=f"{formats.nights(card.nights)} · {card.operator_name}",
        rating="" if card.rating is None else formats.rating(card.rating),
        price=conversion.text(card.price_from),
        note=_note(card),
    )


def _note(card: PackageCard) -> str:
    if not card.bookable or card.next_departure is None or card.next_seats_left is None:
        return _("Not bookable yet") if card.next_departure else _("No departures yet")
    if card.next_seats_left > FEW_SEATS:
        return ""
    return _("{count} left on {day}").format(
        count=card.next_seats_left, day=formats.day(card.next_departure)
    )
