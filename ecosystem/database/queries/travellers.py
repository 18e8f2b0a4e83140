"""Bookings whose travellers are not all known, and who travels on a departure. Group: rds."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ecosystem.database.statements import Statement, written
from ecosystem.database.unit_of_work import RoutedSession

_MISSING = """
    case when b.adults + b.children = 1 and b.travellers = '[]'
              and not coalesce(t.asks_birth_dates, false) then 0
    else greatest(b.adults + b.children - jsonb_array_length(b.travellers), 0)
      + case when coalesce(t.asks_birth_dates, false) then (
          select count(*) from jsonb_array_elements(b.travellers) one
          where coalesce(one->>'birth_date', '') = ''
        ) else 0 end
    end
"""
"""As ``domain.party.missing``."""

_ASKS = text("select asks_birth_dates from operator_terms where operator_id = :id")
_UNNAMED = text(
    f"""
    select * from (
      select b.reference, b.snapshot #>> '{{package,title}}' as title, b.lead_name, b.starts_on,
             {_MISSING} as missing
      from bookings b left join operator_terms t on t.operator_id = b.operator_id
      where b.agency_id = :id and b.status = 'confirmed' and b.starts_on between :first and :last
        and b.ends_on >= :first -- what the index begins with
    ) found
    where missing > 0 order by starts_on, reference limit :limit
    """
)
_TO_REMIND = text(
    f"""
    with soon as (
      select b.id, b.starts_on - :before as until,
        (b.created_at at time zone b.timezone)::date as booked_on,
        b.starts_on - :before - (cast(:now as timestamptz) at time zone b.timezone)::date as days,
        {_MISSING} as missing
      from bookings b left join operator_terms t on t.operator_id = b.operator_id
      where b.status = 'confirmed'
        and b.starts_on between cast(:now as timestamptz)::date
          and cast(:now as timestamptz)::date + :before + :ahead + 1
    ), staged as (
      select *, (select min(stage) from unnest(cast(:stages as int[])) stage
                 where stage >= days) as stage
      from soon where days >= 0 and missing > 0
    )
    select id, until, stage from staged
    where stage is not null and booked_on < until - stage
      and not exists (
        select from outbox o
        where o.dedupe_key = 'booking:' || staged.id || ':names:' || until || ':' || stage)
    order by until, id limit :limit
    """
)
_ON_DEPARTURE = text(
    """
    select b.reference, b.lead_name, b.lead_phone, b.adults, b.children, b.travellers, b.price,
           a.name as agency_name
    from bookings b left join agencies a on a.id = b.agency_id
    where b.departure_id = :departure_id and b.operator_id = :operator_id
      and b.status in ('confirmed', 'completed')
    order by b.lead_name, b.reference
    """
)


def asks_birth_dates(session: RoutedSession, operator_id: UUID) -> bool:
    """Whether an operator needs everybody's date of birth."""
    return bool(session.execute(_ASKS, {"id": operator_id}).scalar_one_or_none())


def unnamed(agency_id: UUID, *, first: date, last: date, limit: int) -> Statement:
    """An agency's bookings that leave from ``first`` to ``last`` with travellers of whom something
    is not known. Rows: ``reference title lead_name starts_on missing``, the next first."""
    return written(_UNNAMED, {"id": agency_id, "first": first, "last": last, "limit": limit})


def to_remind(
    session: RoutedSession, now: datetime, *, before: int, stages: Sequence[int], limit: int
) -> Sequence[Row[Any]]:
    """Bookings with travellers not known whose nearest reminder was not left: so many days before
    the last day for names, which is ``before`` days before departure. Who booked within the days
    of a reminder does not get it. Rows: ``id until stage``."""
    values = {
        "now": now,
        "before": before,
        "stages": list(stages),
        "ahead": max(stages),
        "limit": limit,
    }
    return session.execute(_TO_REMIND, values).all()


def on_departure(
    session: RoutedSession, operator_id: UUID, departure_id: UUID
) -> Sequence[Row[Any]]:
    """The sold bookings of a departure, by who booked: ``reference lead_name lead_phone adults
    children travellers price agency_name``."""
    values = {"operator_id": operator_id, "departure_id": departure_id}
    return session.execute(_ON_DEPARTURE, values).all()
