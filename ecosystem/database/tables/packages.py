"""Move groups ``packages`` (packages, cities) and ``package_extras`` (add-ons, exclusions).

Amounts are ``numeric(12,2)`` in major units, as the operators' system has them;
services turn them into ``Money`` at once.
"""

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CHAR,
    Column,
    Computed,
    Double,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from ecosystem.database.tables.columns import (
    UUID,
    choice,
    created,
    datetime,
    document,
    legacy_key,
    moment,
    refers_to,
    texts,
)

PACKAGES = {"group": "packages"}
EXTRAS = {"group": "package_extras"}


def _small(default: int | None = None, *, nullable: bool = False) -> Any:
    return Field(
        default=default,
        sa_column=Column(
            SmallInteger,
            nullable=nullable,
            server_default=None if default is None else text(str(default)),
        ),
    )


def _amount(digits: int, places: int, default: str | None = None) -> Any:
    return Field(
        default=... if default is None else Decimal(default),
        sa_column=Column(
            Numeric(digits, places),
            nullable=False,
            server_default=None if default is None else text(default),
        ),
    )


class Package(SQLModel, table=True):
    """A multi-city hotel package.

    ``child_bands``: ``[{"from_age", "to_age", "discount_percent"}]``, ages in full years;
    empty: ``child_discount_percent`` counts for every child. ``occupancy_prices``: adults
    in a room (``"1"`` to ``"4"``) to the price per adult in major units; empty:
    ``base_price``, and ``single_supplement`` for somebody alone.
    """

    __tablename__ = "multi_city_hotel_packages"
    __table_args__ = (
        Index("multi_city_hotel_packages_operator_idx", "operator_id", "status"),
        {"info": PACKAGES},
    )

    id: UUID = legacy_key()
    operator_id: UUID
    slug: str = Field(unique=True)
    title: str
    summary: str = Field(default="", sa_column_kwargs={"server_default": ""})
    description: str = Field(default="", sa_column_kwargs={"server_default": ""})
    status: str = choice("package_status", "draft", "published", "archived", default="draft")
    currency: str = Field(sa_type=CHAR(3))  # type: ignore[call-overload]
    base_price: Decimal = _amount(12, 2)
    child_discount_percent: Decimal = _amount(5, 2, "0")
    single_supplement: Decimal = _amount(12, 2, "0")
    commission_percent: Decimal = _amount(5, 2, "10")
    deposit_percent: int | None = _small(nullable=True)
    balance_due_days: int = _small(30)
    cancellation_policy: list[dict[str, int]] = document("'[]'")
    child_bands: list[dict[str, Any]] = document("'[]'")
    occupancy_prices: dict[str, str] = document()
    max_travellers: int = _small(8)
    nights: int = _small(0)
    tags: list[str] = texts()
    highlights: list[str] = texts()
    rating: Decimal | None = Field(default=None, sa_column=Column(Numeric(2, 1)))
    rating_count: int = Field(
        default=0, sa_column=Column(Integer, nullable=False, server_default="0")
    )
    price_per_night: Decimal | None = Field(
        default=None,
        sa_column=Column(
            Numeric(12, 2),
            Computed("base_price / GREATEST(nights::integer, 1)::numeric", persisted=True),
        ),
    )
    version: int = Field(default=1, sa_column=Column(Integer, nullable=False, server_default="1"))
    published_at: datetime | None = moment()
    created_at: datetime = created()
    updated_at: datetime = created()


class PackageCity(SQLModel, table=True):
    """One stay of a package, in order of ``position`` from 1."""

    __tablename__ = "multi_city_hotel_package_cities"
    __table_args__ = (
        UniqueConstraint(
            "package_id", "position", name="multi_city_hotel_package_cities_position_key"
        ),
        {"info": PACKAGES},
    )

    id: UUID = legacy_key()
    package_id: UUID = refers_to("multi_city_hotel_packages.id", cascade=True)
    position: int = _small()
    city: str
    country: str = Field(sa_type=CHAR(2))  # type: ignore[call-overload]
    latitude: float = Field(sa_type=Double)
    longitude: float = Field(sa_type=Double)
    timezone: str
    nights: int = _small()
    hotel_name: str = Field(default="", sa_column_kwargs={"server_default": ""})
    hotel_stars: int | None = _small(nullable=True)
    board: str = choice(
        "board_type",
        "room_only",
        "breakfast",
        "half_board",
        "full_board",
        "all_inclusive",
        default="breakfast",
    )
    notes: str | None = None
    created_at: datetime = created()
    updated_at: datetime = created()


class PackageAddon(SQLModel, table=True):
    """Something to add to a package, priced per ``unit``; ``required`` ones always count."""

    __tablename__ = "multi_city_hotel_package_addons"
    __table_args__ = (
        Index("multi_city_hotel_package_addons_package_idx", "package_id", "position"),
        {"info": EXTRAS},
    )

    id: UUID = legacy_key()
    package_id: UUID
    position: int = _small(0)
    name: str
    description: str = Field(default="", sa_column_kwargs={"server_default": ""})
    price: Decimal = _amount(12, 2)
    unit: str = choice(
        "addon_unit", "booking", "traveller", "night", "traveller_night", default="traveller"
    )
    required: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    created_at: datetime = created()
    updated_at: datetime = created()


class PackageExclusion(SQLModel, table=True):
    """One line of what a package does not include."""

    __tablename__ = "multi_city_hotel_package_exclusions"
    __table_args__ = (
        Index("multi_city_hotel_package_exclusions_package_idx", "package_id", "position"),
        {"info": EXTRAS},
    )

    id: UUID = legacy_key()
    package_id: UUID
    position: int = _small(0)
    text: str
    created_at: datetime = created()
    updated_at: datetime = created()
