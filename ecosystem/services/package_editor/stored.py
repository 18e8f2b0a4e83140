"""A package as it stands in the databases, and the columns that its content becomes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ecosystem.database.placement import PACKAGE_EXTRAS, PACKAGES
from ecosystem.database.queries import catalogue
from ecosystem.database.queries import package_content as queries
from ecosystem.database.tables import Package, PackageAddon, PackageCity, PackageExclusion
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.cancellation import tiers
from ecosystem.domain.drafts import (
    AddonDraft,
    Content,
    ExclusionDraft,
    OccupancyPrice,
    PackageDraft,
    StayDraft,
    content_of,
)
from ecosystem.domain.errors import NotFound
from ecosystem.domain.money import Money
from ecosystem.services.rates import child_bands, occupancy

AMOUNTS = ("price", "single_supplement", "occupancy_prices", "addons")
"""The fields that say another thing in another currency."""


@dataclass(frozen=True)
class Stored:
    """What was read, and by what a change of it in between is noticed."""

    id: UUID
    operator_id: UUID
    content: Content
    version: int
    updated_at: datetime
    published_at: datetime | None


def read(database: Database, operator_id: UUID, package_id: UUID) -> Stored:
    """One of the operator's packages, from both groups.

    Raises:
        NotFound: there is none with this id, or it is another operator's.
    """
    found = read_many(database, operator_id, [package_id])
    if not found:
        raise no_package()
    return found[0]


def read_many(database: Database, operator_id: UUID, ids: Sequence[UUID]) -> list[Stored]:
    """Those of ``ids`` that are the operator's packages, in that order."""
    with database.unit(PACKAGES) as session:
        packages = {
            package.id: package
            for package in catalogue.packages(session, ids)
            if package.operator_id == operator_id
        }
        stays = _by_package(catalogue.cities(session, list(packages)))
    with database.unit(PACKAGE_EXTRAS) as session:
        addons = _by_package(queries.addons(session, list(packages)))
        exclusions = _by_package(queries.exclusions(session, list(packages)))
    return [
        Stored(
            id=key,
            operator_id=operator_id,
            content=content_of(_draft(packages[key], stays[key], addons[key], exclusions[key])),
            version=packages[key].version,
            updated_at=packages[key].updated_at,
            published_at=packages[key].published_at,
        )
        for key in ids
        if key in packages
    ]


def _by_package(rows: Sequence[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.package_id].append(row)
    return found


def no_package() -> NotFound:
    return NotFound("This package does not exist.", code="package_not_found")


def stay_rows(stays: Sequence[PackageCity]) -> list[dict[str, Any]]:
    """Stays as the content keeps them."""
    return [{**stay.__dict__, "id": str(stay.id)} for stay in map(_stay, stays)]


def package_columns(content: Content, changed: Sequence[str]) -> dict[str, Any]:
    """The columns of the package that ``changed`` fields become."""
    currency = content["currency"]
    values: dict[str, Any] = {}
    for name in changed:
        value = content[name]
        match name:
            case "price":
                values["base_price"] = Money(value, currency).decimal
            case "single_supplement":
                values[name] = Money(value, currency).decimal
            case "occupancy_prices":
                values[name] = {
                    str(row["adults"]): str(Money(row["price"], currency).decimal) for row in value
                }
            case "child_discount_percent" | "commission_percent":
                values[name] = Decimal(value)
            case "child_bands":
                values[name] = [
                    {**band, "discount_percent": _number(band["discount_percent"])}
                    for band in value
                ]
            case "policy":
                values["cancellation_policy"] = value
            case "stays":
                values["nights"] = sum(stay["nights"] for stay in value)
            case "addons" | "exclusions":
                continue
            case _:
                values[name] = value
    return values


def stay_columns(content: Content) -> list[dict[str, Any]]:
    return [
        {**stay, "id": UUID(stay["id"]), "notes": stay["notes"] or None, "position": position}
        for position, stay in enumerate(content["stays"], start=1)
    ]


def extra_columns(
    name: str, was: Content | None, now: Content
) -> tuple[list[UUID], list[dict[str, Any]]]:
    """For ``addons`` or ``exclusions``: ids that go, and the rows that are new or another.

    A row that was added by somebody else in between is neither: it stays, and is noticed.
    """
    before = {} if was is None else _by_id(name, was)
    after = _by_id(name, now)
    removed = [UUID(key) for key in before if key not in after]
    return removed, [row for key, row in after.items() if before.get(key) != row]


def _by_id(name: str, content: Content) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for position, kept in enumerate(content[name], start=1):
        row = {**kept, "id": UUID(kept["id"]), "position": position}
        if "price" in kept:
            row["price"] = Money(kept["price"], content["currency"]).decimal
        rows[kept["id"]] = row
    return rows


def _number(written: str) -> int | float:
    value = Decimal(written)
    return int(value) if value == value.to_integral_value() else float(value)


def _stay(stay: PackageCity) -> StayDraft:
    return StayDraft(
        id=stay.id,
        city=stay.city,
        country=stay.country,
        latitude=stay.latitude,
        longitude=stay.longitude,
        timezone=stay.timezone,
        nights=stay.nights,
        hotel_name=stay.hotel_name,
        hotel_stars=stay.hotel_stars,
        board=stay.board,  # type: ignore[arg-type]
        notes=stay.notes or "",
    )


def _draft(
    package: Package,
    stays: Sequence[PackageCity],
    addons: Sequence[PackageAddon],
    exclusions: Sequence[PackageExclusion],
) -> PackageDraft:
    currency = package.currency
    return PackageDraft(
        id=package.id,
        slug=package.slug,
        status=package.status,  # type: ignore[arg-type]
        version=package.version,
        updated_at=package.updated_at,
        title=package.title,
        summary=package.summary,
        description=package.description,
        currency=currency,
        base_price=Money.from_decimal(package.base_price, currency),
        child_discount_percent=package.child_discount_percent,
        child_bands=child_bands(package.child_bands),
        occupancy_prices=tuple(
            OccupancyPrice(adults, amount)
            for adults, amount in occupancy(package.occupancy_prices, currency).items()
        ),
        single_supplement=Money.from_decimal(package.single_supplement, currency),
        commission_percent=package.commission_percent,
        deposit_percent=package.deposit_percent,
        balance_due_days=package.balance_due_days,
        policy=tiers(package.cancellation_policy),
        max_travellers=package.max_travellers,
        tags=tuple(package.tags),
        highlights=tuple(package.highlights),
        stays=tuple(map(_stay, stays)),
        addons=tuple(
            AddonDraft(
                addon.id,
                addon.name,
                addon.description,
                Money.from_decimal(addon.price, currency),
                addon.unit,  # type: ignore[arg-type]
                addon.required,
            )
            for addon in addons
        ),
        exclusions=tuple(ExclusionDraft(line.id, line.text) for line in exclusions),
    )
