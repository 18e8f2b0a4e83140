"""What an agency earns of its bookings, from the ledger. Group: rds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ecosystem.database.unit_of_work import RoutedSession

_ROWS = text(
    """
    select b.id, b.reference, b.status, b.lead_name, b.starts_on, b.ends_on, b.currency,
           b.total_minor, b.commission_percent, b.created_at,
           b.snapshot #>> '{package,title}' as title, l.earned, l.sent
    from bookings b
    cross join lateral (
      select -coalesce(sum(amount_minor) filter (where not moved), 0)::bigint as earned,
             coalesce(sum(amount_minor) filter (where moved), 0)::bigint as sent
      from (
        select amount_minor, cause like 'transfer:%' or cause like 'reversal:%' as moved
        from ledger_entries where booking_id = b.id and account = 'agency_payable'
      ) entries
    ) l
    where b.agency_id = :agency and b.status in ('confirmed', 'completed', 'cancelled')
      and b.confirmed_at is not null
      and (cast(:at as timestamptz) is null or (b.created_at, b.id) < (:at, cast(:id as uuid)))
    order by b.created_at desc, b.id desc limit :limit
    """
)


def rows(
    session: RoutedSession, agency_id: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Row[Any]]:
    """Bookings that were sold, newest first, from just after ``before``: with ``earned``, the
    agency's part as it is now, and ``sent``, what of it was transferred less what came back;
    minor units."""
    at, key = before or (None, None)
    values = {"agency": agency_id, "at": at, "id": key, "limit": limit}
    return session.execute(_ROWS, values).all()
