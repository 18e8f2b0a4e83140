"""What a package consists of, read to be edited and written back. Each function stays in one group."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from ecosystem.database.tables import (
    Departure,
    Package,
    PackageAddon,
    PackageCity,
    PackageExclusion,
    SeatClaim,
)
from ecosystem.database.unit_of_work import RoutedSession

Row = Mapping[str, Any]


def change(
    session: RoutedSession,
    operator_id: UUID,
    package_id: UUID,
    *,
    version: int,
    updated_at: datetime,
    to_version: int,
    values: Row,
) -> datetime | None:
    """Write ``values`` if the package is still as it was read; when, or None. Group: packages.

    The operators' own system writes here without counting ``version``: ``updated_at``, kept
    by a trigger, tells.
    """
    return session.execute(
        update(Package)
        .where(
            Package.id == package_id,
            Package.operator_id == operator_id,
            Package.version == version,
            Package.updated_at == updated_at,
        )
        .values(**values, version=to_version)
        .returning(Package.updated_at)
    ).scalar_one_or_none()


def add(session: RoutedSession, values: Row) -> None:
    """A new package. Group: packages."""
    session.execute(insert(Package).values(**values))


def remove(session: RoutedSession, operator_id: UUID, package_id: UUID, version: int) -> bool:
    """Remove a draft with its stays, if it still has ``version``. Group: packages."""
    gone = session.execute(
        delete(Package)
        .where(
            Package.id == package_id,
            Package.operator_id == operator_id,
            Package.version == version,
            Package.status == "draft",
        )
        .returning(Package.id)
    )
    return gone.scalar_one_or_none() is not None


def stays(session: RoutedSession, package_id: UUID, *, lock: bool = False) -> list[PackageCity]:
    """In their order, as they are in the database now. Group: packages."""
    statement = (
        select(PackageCity)
        .where(PackageCity.package_id == package_id)
        .order_by(PackageCity.position)
        .execution_options(populate_existing=True)
    )
    return list(session.execute(statement.with_for_update() if lock else statement).scalars())


def put_stays(session: RoutedSession, package_id: UUID, rows: Sequence[Row]) -> None:
    """Make these the stays, in this order from position 1. Group: packages.

    A row whose id is there already keeps it. Positions are unique at every moment, so all
    of them step aside first.
    """
    kept = [row["id"] for row in rows]
    session.execute(
        delete(PackageCity).where(PackageCity.package_id == package_id, PackageCity.id.not_in(kept))
    )
    session.execute(
        update(PackageCity)
        .where(PackageCity.package_id == package_id)
        .values(position=-PackageCity.position - 1)
    )
    _put(session, PackageCity, package_id, rows)


def put_addons(
    session: RoutedSession, package_id: UUID, removed: Sequence[UUID], rows: Sequence[Row]
) -> None:
    """Remove some add-ons and write others, with their positions. Group: package_extras."""
    _remove(session, PackageAddon, package_id, removed)
    _put(session, PackageAddon, package_id, rows)


def put_exclusions(
    session: RoutedSession, package_id: UUID, removed: Sequence[UUID], rows: Sequence[Row]
) -> None:
    """As :func:`put_addons`. Group: package_extras."""
    _remove(session, PackageExclusion, package_id, removed)
    _put(session, PackageExclusion, package_id, rows)


def clear_extras(session: RoutedSession, package_id: UUID) -> None:
    """Remove all add-ons and exclusions. Group: package_extras."""
    for table in (PackageAddon, PackageExclusion):
        session.execute(delete(table).where(table.package_id == package_id))


def _remove(session: RoutedSession, table: Any, package_id: UUID, ids: Sequence[UUID]) -> None:
    if ids:
        session.execute(delete(table).where(table.package_id == package_id, table.id.in_(ids)))


def _put(session: RoutedSession, table: Any, package_id: UUID, rows: Sequence[Row]) -> None:
    for row in rows:
        values = {**row, "package_id": package_id}
        statement = upsert(table).values(values)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=[table.id],
                set_={name: statement.excluded[name] for name in row if name != "id"},
                # An id that belongs to another package is not taken over.
                where=table.package_id == package_id,
            )
        )


def addons(session: RoutedSession, package_ids: Sequence[UUID]) -> list[PackageAddon]:
    """Of several packages, in their order. Group: package_extras."""
    return _extras(session, PackageAddon, package_ids)


def exclusions(session: RoutedSession, package_ids: Sequence[UUID]) -> list[PackageExclusion]:
    """Of several packages, in their order. Group: package_extras."""
    return _extras(session, PackageExclusion, package_ids)


def _extras(session: RoutedSession, table: Any, package_ids: Sequence[UUID]) -> list[Any]:
    return list(
        session.execute(
            select(table)
            .where(table.package_id.in_(package_ids))
            .order_by(table.package_id, table.position, table.id)
        ).scalars()
    )


def most_stays(session: RoutedSession, package_ids: Sequence[UUID]) -> int:
    """How many the longest of these packages has. Group: packages."""
    return _most(session, PackageCity, package_ids)


def most_addons(session: RoutedSession, package_ids: Sequence[UUID]) -> int:
    """As :func:`most_stays`. Group: package_extras."""
    return _most(session, PackageAddon, package_ids)


def _most(session: RoutedSession, table: Any, package_ids: Sequence[UUID]) -> int:
    counts = (
        select(func.count().label("rows"))
        .where(table.package_id.in_(package_ids))
        .group_by(table.package_id)
        .subquery()
    )
    return session.execute(select(func.max(counts.c.rows))).scalar_one() or 0


def slugs_like(session: RoutedSession, slug: str) -> set[str]:
    """The addresses in use that begin like ``slug``. Group: packages."""
    return set(
        session.execute(
            select(Package.slug).where(
                or_(Package.slug == slug, Package.slug.startswith(f"{slug}-", autoescape=True))
            )
        ).scalars()
    )


def has_departures(session: RoutedSession, package_id: UUID) -> bool:
    """Group: rds."""
    statement = select(exists().where(Departure.package_id == package_id))
    return bool(session.execute(statement).scalar_one())


def was_sold(session: RoutedSession, package_id: UUID) -> bool:
    """Whether somebody has booked it, or holds or held seats of it. Group: rds."""
    return bool(
        session.execute(
            text(
                # A booking has a claim on its departure, for good.
                "select exists (select from seat_claims c join departures d"
                " on d.id = c.departure_id where d.package_id = :id)"
            ),
            {"id": package_id},
        ).scalar_one()
    )


def lock_departures(session: RoutedSession, package_id: UUID) -> None:
    """Whoever gives out seats of this package waits, or has done so. Group: rds."""
    session.execute(
        select(Departure.id)
        .where(Departure.package_id == package_id)
        .order_by(Departure.id)
        .with_for_update()
    )


def close_departures(session: RoutedSession, package_id: UUID, now: datetime) -> list[UUID]:
    """Give out no more seats; returns which were open. Group: rds."""
    return list(
        session.execute(
            update(Departure)
            .where(Departure.package_id == package_id, Departure.status == "open")
            .values(status="closed", updated_at=now)
            .returning(Departure.id)
        ).scalars()
    )


def open_departures(
    session: RoutedSession, package_id: UUID, ids: Sequence[UUID], now: datetime
) -> None:
    """Give out seats again. Group: rds."""
    session.execute(
        update(Departure)
        .where(Departure.package_id == package_id, Departure.id.in_(ids))
        .values(status="open", updated_at=now)
    )


def remove_departures(session: RoutedSession, package_id: UUID) -> bool:
    """Those without claims on their seats, with all locked; whether others stay. Group: rds."""
    claimed = exists().where(SeatClaim.departure_id == Departure.id)
    session.execute(delete(Departure).where(Departure.package_id == package_id, ~claimed))
    return has_departures(session, package_id)


def owned_ids(session: RoutedSession, operator_id: UUID) -> list[UUID]:
    """All packages of an operator by id, the oldest first. Group: packages."""
    return list(
        session.execute(
            select(Package.id)
            .where(Package.operator_id == operator_id)
            .order_by(Package.created_at, Package.id)
        ).scalars()
    )


def by_slugs(
    session: RoutedSession, operator_id: UUID, slugs: Sequence[str]
) -> dict[str, UUID | None]:
    """Which of ``slugs`` are in use: the id, None where it is another operator's. Group: packages."""
    rows = session.execute(
        select(Package.slug, Package.id, Package.operator_id).where(Package.slug.in_(slugs))
    ).all()
    return {row.slug: row.id if row.operator_id == operator_id else None for row in rows}
