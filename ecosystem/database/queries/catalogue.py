"""Packages, their cities and extras, operators. Each function stays in one move group."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, all_, and_, func, literal, or_, select, text, update

from ecosystem.database.tables import (
    Operator,
    Package,
    PackageAddon,
    PackageCity,
    PackageExclusion,
)
from ecosystem.database.unit_of_work import RoutedSession

_RATES = text(
    "select id, slug, title, status::text, currency, base_price, child_discount_percent,"
    " single_supplement, deposit_percent, balance_due_days, max_travellers, nights,"
    " child_bands, occupancy_prices, operator_id,"
    # Every write of a row gives it another xmin; in the other database the table has another number.
    " concat_ws(' ', tableoid, xmin, (select string_agg(c.xmin::text, ' ' order by c.id)"
    "   from multi_city_hotel_package_cities c"
    "   where c.package_id = multi_city_hotel_packages.id)) as written"
    " from multi_city_hotel_packages where id = any(:ids)"
)
_OPERATORS_WRITTEN = text(
    "select id, concat_ws(' ', tableoid, xmin) as written from operators where id = any(:ids)"
)
_ADDON_RATES = text(
    "select package_id, id, name, price, unit::text, required,"
    " concat_ws(' ', tableoid, xmin) as written"
    " from multi_city_hotel_package_addons where package_id = any(:ids)"
    " order by package_id, position, id"
)


def package(
    session: RoutedSession, *, package_id: UUID | None = None, slug: str | None = None
) -> Package | None:
    """One package by id or by slug, whatever its status. Group: packages."""
    statement = select(Package)
    if package_id is not None:
        statement = statement.where(Package.id == package_id)
    else:
        statement = statement.where(Package.slug == slug)
    return session.execute(statement).scalar_one_or_none()


def cities(session: RoutedSession, package_ids: Sequence[UUID]) -> list[PackageCity]:
    """The stays of several packages, by package and position. Group: packages."""
    return list(
        session.execute(
            select(PackageCity)
            .where(PackageCity.package_id.in_(package_ids))
            .order_by(PackageCity.package_id, PackageCity.position)
        ).scalars()
    )


def packages(session: RoutedSession, package_ids: Sequence[UUID]) -> list[Package]:
    return list(session.execute(select(Package).where(Package.id.in_(package_ids))).scalars())


def packages_of(
    session: RoutedSession, operator_id: UUID, *, limit: int, offset: int, words: str = ""
) -> tuple[list[Package], int]:
    """An operator's own packages, newest change first, and how many there are."""
    where = [Package.operator_id == operator_id]
    if words:
        where.append(Package.title.icontains(words, autoescape=True))
    total = session.execute(select(func.count()).select_from(Package).where(*where)).scalar_one()
    rows = session.execute(
        select(Package)
        .where(*where)
        .order_by(Package.updated_at.desc(), Package.id)
        .limit(limit)
        .offset(offset)
    ).scalars()
    return list(rows), total


def lacking(
    session: RoutedSession, operator_id: UUID, on_sale: Sequence[UUID], limit: int
) -> tuple[list[Package], int]:
    """Drafts, and published packages that are not ``on_sale``: newest change first, and how many."""
    where = [
        Package.operator_id == operator_id,
        or_(
            Package.status == "draft",
            and_(
                Package.status == "published",
                # One array, not a parameter each: an operator may have thousands.
                Package.id != all_(literal(list(on_sale), ARRAY(Uuid))),
            ),
        ),
    ]
    total = session.execute(select(func.count()).select_from(Package).where(*where)).scalar_one()
    rows = session.execute(
        select(Package).where(*where).order_by(Package.updated_at.desc(), Package.id).limit(limit)
    ).scalars()
    return list(rows), total


def owned_package(session: RoutedSession, operator_id: UUID, package_id: UUID) -> Package | None:
    """A package fetched by owner and id together: another operator's does not exist."""
    return session.execute(
        select(Package).where(Package.id == package_id, Package.operator_id == operator_id)
    ).scalar_one_or_none()


def change_package(
    session: RoutedSession,
    operator_id: UUID,
    package_id: UUID,
    version: int,
    values: dict[str, Any],
) -> int | None:
    """Write ``values`` if the package still has ``version``; the new version, or None."""
    return session.execute(
        update(Package)
        .where(
            Package.id == package_id,
            Package.operator_id == operator_id,
            Package.version == version,
        )
        .values(**values, version=Package.version + 1)
        .returning(Package.version)
    ).scalar_one_or_none()


def addons(session: RoutedSession, package_id: UUID) -> list[PackageAddon]:
    """Group: package_extras."""
    return list(
        session.execute(
            select(PackageAddon)
            .where(PackageAddon.package_id == package_id)
            .order_by(PackageAddon.position, PackageAddon.id)
        ).scalars()
    )


def rates(session: RoutedSession, package_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """What pricing needs of several packages; ``written`` changes with each write of one or of
    its cities. Group: packages."""
    return session.execute(_RATES, {"ids": list(package_ids)}).all()


def addon_rates(session: RoutedSession, package_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """What pricing needs of their add-ons, in their order; ``written`` changes with each write
    of one. Group: package_extras."""
    return session.execute(_ADDON_RATES, {"ids": list(package_ids)}).all()


def operators_written(session: RoutedSession, operator_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Something of each operator that changes with every write. Group: accounts."""
    rows = session.execute(_OPERATORS_WRITTEN, {"ids": list(operator_ids)})
    return {row.id: row.written for row in rows}


def exclusions(session: RoutedSession, package_id: UUID) -> list[PackageExclusion]:
    """Group: package_extras."""
    return list(
        session.execute(
            select(PackageExclusion)
            .where(PackageExclusion.package_id == package_id)
            .order_by(PackageExclusion.position, PackageExclusion.id)
        ).scalars()
    )


def operator(
    session: RoutedSession, *, operator_id: UUID | None = None, slug: str | None = None
) -> Operator | None:
    """Group: accounts."""
    statement = select(Operator)
    if operator_id is not None:
        statement = statement.where(Operator.id == operator_id)
    else:
        statement = statement.where(Operator.slug == slug)
    return session.execute(statement).scalar_one_or_none()


def operators(session: RoutedSession, operator_ids: Sequence[UUID]) -> list[Operator]:
    return list(session.execute(select(Operator).where(Operator.id.in_(operator_ids))).scalars())


def named_operators(session: RoutedSession, words: str, limit: int) -> list[Operator]:
    """Operators whose name has ``words``, by name. Group: accounts."""
    statement = select(Operator).order_by(Operator.name, Operator.id).limit(limit)
    if words:
        statement = statement.where(Operator.name.icontains(words, autoescape=True))  # type: ignore[attr-defined]
    return list(session.execute(statement).scalars())


def verified_operators(session: RoutedSession, *, after: str, limit: int) -> list[Operator]:
    """Operators the public may see, by slug, from just after ``after``."""
    return list(
        session.execute(
            select(Operator)
            .where(
                Operator.verified_at.is_not(None),  # type: ignore[union-attr]
                Operator.verified_at <= datetime.now(UTC),  # type: ignore[operator]
                Operator.slug > after,
            )
            .order_by(Operator.slug)
            .limit(limit)
        ).scalars()
    )


def listed_packages(
    session: RoutedSession, *, limit: int, offset: int
) -> Sequence[tuple[str, datetime]]:
    """Slug and last change of the packages everybody may see, by slug. Group: packages."""
    rows = session.execute(
        select(Package.slug, Package.updated_at)  # type: ignore[call-overload]
        .where(Package.status == "published")
        .order_by(Package.slug)
        .limit(limit)
        .offset(offset)
    )
    return [(row.slug, row.updated_at) for row in rows]


def listed_operators(session: RoutedSession) -> Sequence[tuple[str, datetime]]:
    """Slug and last change of the operators everybody may see, by slug. Group: accounts."""
    rows = session.execute(
        select(Operator.slug, Operator.updated_at)  # type: ignore[call-overload]
        .where(Operator.verified_at.is_not(None))  # type: ignore[union-attr]
        .order_by(Operator.slug)
    )
    return [(row.slug, row.updated_at) for row in rows]


def count_listed_packages(session: RoutedSession) -> int:
    """Group: packages."""
    return session.execute(
        select(func.count()).select_from(Package).where(Package.status == "published")
    ).scalar_one()
