"""What stands in the read model, and how it is read back."""

import logging
from collections.abc import Iterable
from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import TypeAdapter

from ecosystem.database.placement import ACCOUNTS, PACKAGES, RDS
from ecosystem.database.queries import catalogue, marketplace
from ecosystem.database.tables import Booking, Operator, Package
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.money import Money
from ecosystem.domain.views import BookingRow, OperatorView
from ecosystem.services.bookings import booking_row
from ecosystem.services.catalogue import operator_view
from ecosystem.services.ports.read_model import Item

log = logging.getLogger(__name__)

Kind = Literal["PROVIDER", "PACKAGE", "BOOKING"]
KINDS: tuple[Kind, ...] = ("PROVIDER", "PACKAGE", "BOOKING")
GROUPS: dict[Kind, str] = {"PROVIDER": ACCOUNTS, "PACKAGE": PACKAGES, "BOOKING": RDS}
TABLES: dict[Kind, Any] = {"PROVIDER": Operator, "PACKAGE": Package, "BOOKING": Booking}
LOGGED: dict[str, Kind] = {
    "operators": "PROVIDER",
    "multi_city_hotel_packages": "PACKAGE",
    "bookings": "BOOKING",
}
"""What each table of the change logs is about."""

SHAPE = 1
"""Raise it when an item gets another content: the read model is then built anew."""

_OPERATOR = TypeAdapter(OperatorView)
_ROW = TypeAdapter(BookingRow)


def key_of(kind: Kind, key: UUID) -> str:
    return f"{kind}#{key}"


def thing_of(key: str) -> tuple[Kind, UUID] | None:
    """What a key names; None for one that is not of a thing."""
    kind, _, rest = key.partition("#")
    for known in KINDS:
        if known == kind:
            return known, UUID(rest)
    return None


def slug(of: str) -> str:
    return f"SLUG#{of}"


def customer(of: UUID) -> str:
    return f"CUSTOMER#{of}"


def guest(key: str) -> str:
    return f"GUEST#{key}"


def start(day: date, booking_id: UUID) -> str:
    """A booking's place in a partition: its first day, then its id."""
    return f"{day.isoformat()}#{booking_id}"


def current(database: Database, kind: Kind, ids: Iterable[UUID], version: int) -> list[Item]:
    """Things as they are now, each once, as items of ``version``: one that is not there, or
    that nobody may see, as gone."""
    keys = list(dict.fromkeys(ids))
    found: dict[UUID, Item] = {}
    with database.unit(GROUPS[kind]) as session:
        if kind == "PROVIDER":
            for operator in catalogue.operators(session, keys):
                found[operator.id] = _operator(operator, version)
        elif kind == "PACKAGE":
            for package in catalogue.packages(session, keys):
                try:
                    if package.status == "published":
                        found[package.id] = _package(package, version)
                except (ValueError, ArithmeticError):
                    # Another system writes these too: one without a price holds up no other.
                    log.exception("package %s is kept out of the read model", package.id)
        else:
            for row in marketplace.bookings(session, keys):
                found[row.id] = _booking(row, version)
    return [found.get(key) or Item(key_of(kind, key), version, None) for key in keys]


def operator_of(item: Item) -> OperatorView:
    return _OPERATOR.validate_python(item.values)


def row_of(item: Item) -> tuple[UUID, BookingRow]:
    """A booking's id and its row."""
    assert item.values is not None
    return UUID(item.key.partition("#")[2]), _ROW.validate_python(item.values)


def listed(row: Any) -> BookingRow:
    """A row of ``queries.marketplace``."""
    return booking_row(row, row.agency_name, row.paid_minor, row.due_on)


def _operator(operator: Operator, version: int) -> Item:
    key = key_of("PROVIDER", operator.id)
    values = _OPERATOR.dump_python(operator_view(operator), mode="json")
    return Item(key, version, values, gsi1=(slug(operator.slug), key))


def _package(package: Package, version: int) -> Item:
    key = key_of("PACKAGE", package.id)
    price = Money.from_decimal(package.base_price, package.currency)
    values = {
        "slug": package.slug,
        "title": package.title,
        "summary": package.summary,
        "operator_id": str(package.operator_id),
        "nights": package.nights,
        "currency": price.currency,
        "price_minor": price.minor,
        "tags": list(package.tags),
        "rating": None if package.rating is None else str(package.rating),
        "rating_count": package.rating_count,
    }
    return Item(key, version, values, gsi1=(slug(package.slug), key))


def _booking(row: Any, version: int) -> Item:
    place = start(row.starts_on, row.id)
    whose = customer(row.customer_id) if row.customer_id else None
    if whose is None and row.guest_key:
        whose = guest(row.guest_key)
    return Item(
        key_of("BOOKING", row.id),
        version,
        _ROW.dump_python(listed(row), mode="json"),
        gsi1=(whose, place) if whose else None,
        gsi2=(key_of("PROVIDER", row.operator_id), place),
    )
