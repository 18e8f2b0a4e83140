"""A row of the search index as the card that lists show."""

from typing import Any

from ecosystem.domain.money import Money
from ecosystem.domain.views import CityNights, PackageCard


def card_of(row: Any) -> PackageCard:
    """From ``package_search`` with ``payable``, ``next_departure`` and ``next_seats_left``."""
    return PackageCard(
        id=row.package_id,
        slug=row.slug,
        title=row.title,
        operator_slug=row.operator_slug,
        operator_name=row.operator_name,
        cities=tuple(CityNights(c["name"], c["country"], c["nights"]) for c in row.cities),
        nights=row.nights,
        price_from=Money(row.price_minor, row.currency),
        rating=row.rating,
        bookable=row.payable and row.next_departure is not None,
        latitude=row.latitude,
        country=row.countries[0] if row.countries else "",
        next_departure=row.next_departure,
        next_seats_left=row.next_seats_left,
        cover=row.cover,
    )
