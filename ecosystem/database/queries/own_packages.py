"""An operator's list of packages (group packages), and what departs next of them (RDS)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Row, case, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by

from ecosystem.database.tables import Package, PackageCity
from ecosystem.database.unit_of_work import RoutedSession

Sort = Literal["changed", "title", "price"]

_NEXT = text(
    """
    select distinct on (d.package_id) d.package_id, d.starts_on, d.capacity,
           d.capacity - coalesce(c.taken, 0)::int as seats_left
    from departures d
    left join lateral (
      select sum(seats) filter (where state = 'sold' or expires_at > :now) as taken
      from seat_claims where departure_id = d.id and state <> 'released'
    ) c on true
    where d.package_id = any(:ids) and d.status = 'open' and d.starts_on > :today
    order by d.package_id, d.starts_on
    """
)


def page(
    session: RoutedSession,
    operator_id: UUID,
    *,
    words: str,
    status: str,
    sort: Sort,
    limit: int,
    offset: int,
) -> Sequence[Row[Any]]:
    """Packages whose title or a city has these words.

    Rows: ``id slug title status currency base_price nights updated_at cities missing``;
    ``cities`` in order, joined by a dash; ``missing`` counts what the package itself lacks.
    """
    order: dict[Sort, tuple[Any, ...]] = {
        "changed": (Package.updated_at.desc(), Package.id),
        "title": (func.lower(Package.title), Package.id),
        "price": (Package.base_price, Package.id),
    }
    cities = (
        select(
            func.string_agg(
                PackageCity.city, aggregate_order_by(literal(" – "), PackageCity.position)
            )
        )
        .where(PackageCity.package_id == Package.id)
        .scalar_subquery()
    )
    missing = (
        case((Package.base_price <= 0, 1), else_=0)
        + case((Package.nights <= 0, 1), else_=0)
        + case((func.jsonb_array_length(Package.cancellation_policy) == 0, 1), else_=0)
    )
    return session.execute(
        select(
            Package.id,
            Package.slug,
            Package.title,
            Package.status,
            Package.currency,
            Package.base_price,
            Package.nights,
            Package.updated_at,
            cities.label("cities"),
            missing.label("missing"),
        )
        .where(*_wanted(operator_id, words, status))
        .order_by(*order[sort])
        .limit(limit)
        .offset(offset)
    ).all()


def counts(session: RoutedSession, operator_id: UUID, words: str) -> dict[str, int]:
    """How many packages have these words, by status."""
    rows = session.execute(
        select(Package.status, func.count())
        .where(*_wanted(operator_id, words, ""))
        .group_by(Package.status)
    ).all()
    return {name: int(count) for name, count in rows}


def next_departures(
    session: RoutedSession, package_ids: Sequence[UUID], today: date, now: datetime
) -> dict[UUID, Row[Any]]:
    """The soonest open departure of each: ``starts_on capacity seats_left``."""
    rows = session.execute(_NEXT, {"ids": list(package_ids), "today": today, "now": now})
    return {row.package_id: row for row in rows}


def _wanted(operator_id: UUID, words: str, status: str) -> list[ColumnElement[bool]]:
    where: list[Any] = [Package.operator_id == operator_id]
    if status:
        where.append(Package.status == status)
    if words:
        in_city = select(PackageCity.package_id).where(
            PackageCity.city.icontains(words, autoescape=True)
        )
        where.append(or_(Package.title.icontains(words, autoescape=True), Package.id.in_(in_city)))
    return where
