"""Balances, and what agencies owe on account, by how near their day is. Group: rds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ecosystem.database.unit_of_work import RoutedSession

_OPEN = """
  select p.id, p.booking_id, p.due_on, b.operator_id, b.reference, p.kind,
    (p.created_at at time zone b.timezone)::date as asked_on,
    p.due_on - (cast(:now as timestamptz) at time zone b.timezone)::date as days_left,
    b.starts_on >= (cast(:now as timestamptz) at time zone b.timezone)::date as ahead
  from payments p join bookings b on b.id = p.booking_id
  where p.status in ('due', 'failed') and p.closed_at is null
    and (p.kind = 'balance' and b.status = 'confirmed' or p.kind = 'account')
"""
"""Days are those of the departure's zone. What a bank has not decided on is left alone."""

_TO_REMIND = text(
    f"""
    with open as ({_OPEN} and p.due_on <= cast(:now as timestamptz)::date + 16), staged as (
      select *, (select min(stage) from unnest(cast(:stages as int[])) stage
                 where stage >= days_left) as stage
      from open where days_left >= 0
    )
    select id, booking_id, due_on, stage, days_left from staged
    where stage is not null and asked_on < due_on - stage
      and not exists (
        select from outbox o
        where o.dedupe_key = 'payment:' || staged.id || ':due:' || due_on || ':' || stage)
    order by due_on, id limit :limit
    """
)
_OVERDUE = text(
    f"""
    with open as ({_OPEN} and p.due_on <= cast(:now as timestamptz)::date + 1)
    select open.id, open.booking_id, open.due_on, open.reference, open.operator_id, open.kind,
      coalesce(t.overdue, 'keep') as overdue, coalesce(t.overdue_days, 7) as overdue_days,
      (o.payload->>'told_at')::timestamptz as told_at
    from open
    left join operator_terms t on t.operator_id = open.operator_id
    left join outbox o on o.dedupe_key = 'payment:' || open.id || ':overdue:' || open.due_on
    where days_left < 0
      and (o.id is null or (
        coalesce(t.overdue, 'keep') = 'cancel' and ahead and kind = 'balance'
        and days_left <= -coalesce(t.overdue_days, 7) - 1
        and (o.payload->>'told_at')::timestamptz <= cast(:told_before as timestamptz)))
    order by open.due_on, open.id limit :limit
    """
)


def to_remind(
    session: RoutedSession, now: datetime, stages: Sequence[int], limit: int
) -> list[Row[Any]]:
    """Open balances whose nearest reminder (so many days before, or on, the day) was not left.

    A booking that was made within the days of a reminder does not get it: it has just been
    told. ``id booking_id due_on stage days_left``.
    """
    values = {"now": now, "stages": list(stages), "limit": limit}
    return list(session.execute(_TO_REMIND, values).all())


def overdue(
    session: RoutedSession, now: datetime, told_before: datetime, limit: int
) -> list[Row[Any]]:
    """Open balances whose day is over and nobody was told, or whose booking ends for it. A trip
    that has begun is not ended any more, nor one that an agency pays for on account.

    ``id booking_id due_on reference operator_id kind overdue overdue_days told_at``; ``told_at`` is
    None for those that have to be told first.
    """
    values = {"now": now, "told_before": told_before, "limit": limit}
    return list(session.execute(_OVERDUE, values).all())


def still_unpaid(session: RoutedSession, payment_id: UUID, now: datetime) -> bool:
    """Whether a balance is open and its booking stands."""
    found = session.execute(
        text(f"select open.id from ({_OPEN} and p.id = :id) open"),
        {"now": now, "id": payment_id},
    )
    return found.one_or_none() is not None
