"""Rows of departures and packages as their operator sees them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ecosystem.database.tables import Package
from ecosystem.domain.departures import OwnDeparture, PackageFacts
from ecosystem.domain.errors import NotFound
from ecosystem.domain.money import Money


def own_departure(row: Any, title: str, base_price: Money, now: datetime) -> OwnDeparture:
    """A row of ``queries.departures`` with what is known of its package."""
    return OwnDeparture(
        id=row.id,
        package_id=row.package_id,
        package_title=title,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        capacity=row.capacity,
        sold=row.sold,
        held=row.held,
        price=base_price
        if row.price_minor is None
        else Money(row.price_minor, base_price.currency),
        own_price=row.price_minor is not None,
        closed=row.status == "closed",
        departed=departed(row, now),
    )


def package_facts(package: Package) -> PackageFacts:
    """What planning needs to know of a package."""
    return PackageFacts(
        id=package.id,
        title=package.title,
        status=package.status,
        nights=package.nights,
        price=Money.from_decimal(package.base_price, package.currency),
    )


def departed(row: Any, now: datetime) -> bool:
    """Whether its first day has begun where it starts."""
    return row.starts_on <= now.astimezone(ZoneInfo(row.timezone)).date()


def no_departure() -> NotFound:
    """It is not there, or it is somebody else's."""
    return NotFound("This departure does not exist.", code="departure_not_found")
