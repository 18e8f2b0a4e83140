"""The secret addresses of operators' calendars, and what stands in them. Group: rds."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import insert

from ecosystem.database.tables import CalendarFeed
from ecosystem.database.unit_of_work import RoutedSession

_EVENTS = text(
    """
    select d.id, d.package_id, d.starts_on, d.ends_on, d.capacity, d.status, d.created_at,
           coalesce(c.sold, 0)::int as sold, greatest(d.updated_at, b.changed) as changed
    from departures d
    left join lateral (
      select sum(seats) as sold from seat_claims
      where departure_id = d.id and state <> 'released' and state = 'sold'
    ) c on true
    left join lateral (
      select max(greatest(confirmed_at, closed_at)) as changed from bookings
      where departure_id = d.id
    ) b on true
    where d.operator_id = :operator_id and d.ends_on >= :since
    order by d.starts_on, d.id
    limit :limit
    """
)


def of_operator(session: RoutedSession, operator_id: UUID) -> CalendarFeed | None:
    return session.get(CalendarFeed, operator_id)


def replace(session: RoutedSession, operator_id: UUID, token: str, now: datetime) -> None:
    """Make the addresses of the operator's calendar of this secret; those before end."""
    session.execute(
        insert(CalendarFeed)
        .values(operator_id=operator_id, token=token, created_at=now)
        .on_conflict_do_update(
            index_elements=["operator_id"], set_={"token": token, "created_at": now}
        )
    )


def events(
    session: RoutedSession, operator_id: UUID, since: date, limit: int
) -> Sequence[Row[Any]]:
    """Departures that had not ended on ``since``, with seats sold and when that last changed."""
    return session.execute(
        _EVENTS, {"operator_id": operator_id, "since": since, "limit": limit}
    ).all()
