"""An operator's own departures: listing, planning, changing. Group: rds.

What decides about seats happens after ``lock``, which takes the same row locks as a hold
does (``queries.seats``): whoever comes second sees what the first has done.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, text, update
from sqlalchemy.dialects.postgresql import insert

from ecosystem.database.tables import Departure, SeatClaim
from ecosystem.database.unit_of_work import RoutedSession

_OWN = """
    select d.id, d.package_id, d.starts_on, d.ends_on, d.timezone, d.capacity, d.currency,
           d.price_minor, d.status, d.created_at, d.updated_at,
           coalesce(c.sold, 0)::int as sold, coalesce(c.held, 0)::int as held
    from departures d
    left join lateral (
      select sum(seats) filter (where state = 'sold') as sold,
             sum(seats) filter (where state = 'held' and expires_at > :now) as held
      from seat_claims where departure_id = d.id and state <> 'released'
    ) c on true
"""
_BETWEEN = text(
    f"""
    {_OWN}
    where d.operator_id = :operator_id and d.starts_on between :first and :last
      and (cast(:package_id as uuid) is null or d.package_id = :package_id)
    order by d.starts_on, d.package_id, d.id
    limit :limit
    """
)
_STARTING = text(
    f"{_OWN} where d.operator_id = :operator_id and d.package_id = any(:package_ids)"
    " and d.starts_on = any(:days)"
)
_BY_ID = text(
    f"{_OWN} where d.operator_id = :operator_id and d.id = any(:ids) order by d.starts_on, d.id"
)
_LOCK = text(
    "select id from departures where operator_id = :operator_id and id = any(:ids)"
    " order by id for update"
)
_IDS = text(
    "select id from departures where operator_id = :operator_id and package_id = :package_id"
    " and starts_on between :first and :last order by starts_on limit :limit"
)
_STARTS = text(
    "select starts_on from departures where package_id = :package_id"
    " and starts_on = any(:days) order by starts_on"
)
_FOLLOW = text(
    """
    update departures set ends_on = starts_on + :nights, timezone = :timezone, updated_at = :now
    where id in (
      select id from departures
      where package_id = :package_id and starts_on > :today
        and (ends_on <> starts_on + :nights or timezone <> :timezone)
      order by id for update
    )
    """
)
_CHEAPER = text(
    "select starts_on from departures where package_id = :package_id and starts_on > :today"
    " and status = 'open' and price_minor < :least order by starts_on"
)
_BOOKED = text("select distinct departure_id from bookings where departure_id = any(:ids)")


def between(
    session: RoutedSession,
    operator_id: UUID,
    first: date,
    last: date,
    now: datetime,
    limit: int,
    package_id: UUID | None = None,
) -> Sequence[Row[Any]]:
    """Departures that start from ``first`` to ``last``, with seats sold and held."""
    return session.execute(
        _BETWEEN,
        {
            "operator_id": operator_id,
            "first": first,
            "last": last,
            "now": now,
            "limit": limit,
            "package_id": package_id,
        },
    ).all()


def starting(
    session: RoutedSession,
    operator_id: UUID,
    package_ids: Sequence[UUID],
    days: Sequence[date],
    now: datetime,
) -> Sequence[Row[Any]]:
    """The operator's own of these packages on these days, as ``between``."""
    return session.execute(
        _STARTING,
        {
            "operator_id": operator_id,
            "package_ids": list(package_ids),
            "days": list(days),
            "now": now,
        },
    ).all()


def by_id(
    session: RoutedSession, operator_id: UUID, ids: Sequence[UUID], now: datetime
) -> Sequence[Row[Any]]:
    """The operator's own among ``ids``, as ``between``."""
    return session.execute(_BY_ID, {"operator_id": operator_id, "ids": list(ids), "now": now}).all()


def lock(session: RoutedSession, operator_id: UUID, ids: Sequence[UUID]) -> int:
    """Lock the operator's own among ``ids`` in the order of their ids; how many there are."""
    return len(session.execute(_LOCK, {"operator_id": operator_id, "ids": list(ids)}).all())


def ids_between(
    session: RoutedSession, operator_id: UUID, package_id: UUID, first: date, last: date, limit: int
) -> list[UUID]:
    values = {
        "operator_id": operator_id,
        "package_id": package_id,
        "first": first,
        "last": last,
        "limit": limit,
    }
    return list(session.execute(_IDS, values).scalars())


def starts_among(session: RoutedSession, package_id: UUID, days: Sequence[date]) -> list[date]:
    """On which of ``days`` the package departs already."""
    return list(session.execute(_STARTS, {"package_id": package_id, "days": list(days)}).scalars())


def cheaper_than(
    session: RoutedSession, package_id: UUID, today: date, least: int
) -> Sequence[date]:
    """The days of open departures to come whose own price per adult is below ``least``."""
    values = {"package_id": package_id, "today": today, "least": least}
    return session.execute(_CHEAPER, values).scalars().all()


def add(session: RoutedSession, rows: Sequence[dict[str, Any]]) -> list[UUID]:
    """Insert departures; one that exists by package and start stays as it is. The new ids."""
    if not rows:
        return []
    statement = (
        insert(Departure)
        .values(list(rows))
        .on_conflict_do_nothing(index_elements=["package_id", "starts_on"])
        .returning(Departure.id)  # type: ignore[arg-type]
    )
    return list(session.execute(statement).scalars())


def change(
    session: RoutedSession, ids: Sequence[UUID], values: dict[str, Any], now: datetime
) -> None:
    """Write ``values``; call with the departures locked."""
    session.execute(update(Departure).where(Departure.id.in_(ids)).values(**values, updated_at=now))


def follow_stays(
    session: RoutedSession, package_id: UUID, stays: Sequence[dict[str, Any]], now: datetime
) -> None:
    """Departures to come end and lie as their package's cities say now; bookings keep theirs.

    ``stays`` have ``nights`` and ``timezone``; without any nothing changes.
    """
    if not stays:
        return
    session.execute(
        _FOLLOW,
        {
            "package_id": package_id,
            "nights": sum(stay["nights"] for stay in stays),
            "timezone": stays[0]["timezone"],
            "now": now,
            "today": now.date(),
        },
    )


def booked(session: RoutedSession, ids: Sequence[UUID]) -> set[UUID]:
    """Those that somebody has ever booked, whatever became of it."""
    return set(session.execute(_BOOKED, {"ids": list(ids)}).scalars())


def remove(session: RoutedSession, ids: Sequence[UUID]) -> None:
    """Delete departures that nobody ever booked, with holds that have ended; locked before."""
    session.execute(delete(SeatClaim).where(SeatClaim.departure_id.in_(ids)))
    session.execute(delete(Departure).where(Departure.id.in_(ids)))
