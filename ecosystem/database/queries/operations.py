"""The lists of operations: messages, stuck money, adjustments, the audit log. Group: rds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text, update

from ecosystem.database.tables import (
    Adjustment,
    Booking,
    InboxEvent,
    OutboxMessage,
)
from ecosystem.database.unit_of_work import RoutedSession

_STATES = {
    "": "true",
    "waiting": "{done} is null",
    "failing": "{done} is null and last_error is not null",
    "done": "{done} is not null",
}
_COLUMNS = {
    "inbox": ("inbox", "type", "source", "received_at", "processed_at", "id"),
    "outbox": ("outbox", "topic", "''", "created_at", "done_at", "id::text"),
}
_MESSAGES = {
    (queue, state): text(
        f"""
        select {key} as id, {kind} as kind, {source} as source, attempts,
               coalesce(last_error, '') as error, payload, {at} as at,
               available_at as next_try, {done} as done_at
        from {table}
        where {condition.format(done=done)}
          and (cast(:words as text) = '' or {kind} ilike :pattern or {key} = :words
               or payload::text ilike :pattern)
        order by {at} desc, id desc
        limit :limit offset :offset
        """
    )
    for queue, (table, kind, source, at, done, key) in _COLUMNS.items()
    for state, condition in _STATES.items()
}


def messages(
    session: RoutedSession, queue: str, state: str, words: str, limit: int, offset: int
) -> Sequence[Row[Any]]:
    """Messages of a queue, newest first; ``words`` stand in kind or payload, or are the id."""
    return session.execute(
        _MESSAGES[queue, state],
        {"words": words, "pattern": f"%{_plain(words)}%", "limit": limit, "offset": offset},
    ).all()


def _plain(words: str) -> str:
    """Words without a meaning of their own in ``ilike``."""
    return words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def lock_message(session: RoutedSession, queue: str, key: Any) -> Any:
    """The row of a message, locked; None if there is none."""
    table: Any = InboxEvent if queue == "inbox" else OutboxMessage
    return session.execute(
        select(table).where(table.id == key).with_for_update()
    ).scalar_one_or_none()


def due_now(session: RoutedSession, queue: str, key: Any, now: datetime) -> None:
    """Let the next worker take it, also an event that was dealt with before."""
    if queue == "inbox":
        session.execute(
            update(InboxEvent)
            .where(InboxEvent.id == key)
            .values(available_at=now, processed_at=None)
        )
    else:
        session.execute(
            update(OutboxMessage).where(OutboxMessage.id == key).values(available_at=now)
        )


_AUDIT = text(
    """
    select a.id, a.at, a.actor_role as role, a.actor_email as who, a.action, a.subject_type,
           a.subject_id, a.data, coalesce(b.currency, '') as currency
    from audit_log a
    left join bookings b on a.subject_type = 'booking' and b.reference = a.subject_id
    where (cast(:before as bigint) is null or a.id < :before)
      and (cast(:words as text) = '' or a.subject_id = :words or a.actor_email = lower(:words)
           or a.action ilike :pattern or translate(a.action, '._', '  ') ilike :pattern)
    order by a.id desc
    limit :limit
    """
)


def audit_lines(
    session: RoutedSession, words: str, before: int | None, limit: int
) -> Sequence[Row[Any]]:
    """The audit log, latest first, before the entry ``before``.

    ``words`` are a part of an action (``date_change`` or "Booking: date change"), a whole subject
    or a whole address.
    """
    pattern = f"%{_plain(words.replace(': ', ' '))}%"
    return session.execute(
        _AUDIT, {"words": words, "pattern": pattern, "before": before, "limit": limit}
    ).all()


def adjustments(
    session: RoutedSession, state: str, limit: int, offset: int
) -> Sequence[tuple[Adjustment, str]]:
    """Adjustments with their booking's reference, open ones first, then the latest."""
    found: Any = select(Adjustment, Booking.reference).join(  # type: ignore[call-overload]
        Booking, Booking.id == Adjustment.booking_id
    )
    if state:
        found = found.where(Adjustment.state == state)
    order = (
        (Adjustment.state != "proposed"),
        Adjustment.created_at.desc(),  # type: ignore[attr-defined]
        Adjustment.id.desc(),  # type: ignore[attr-defined]
    )
    rows = session.execute(found.order_by(*order).limit(limit).offset(offset))
    return [(row.Adjustment, row.reference) for row in rows]


def lock_adjustment(session: RoutedSession, adjustment_id: UUID) -> Adjustment | None:
    return session.execute(
        select(Adjustment).where(Adjustment.id == adjustment_id).with_for_update()  # type: ignore[arg-type]
    ).scalar_one_or_none()


_STUCK_PAYMENTS = text(
    """
    select p.id, b.reference, p.kind, p.amount_minor, p.currency, p.status,
           p.updated_at as since,
           case when p.status = 'processing' then 'processing' else 'expired' end as why
    from payments p join bookings b on b.id = p.booking_id
    left join seat_claims c on c.id = b.claim_id
    where p.closed_at is null and (
      (p.status = 'processing' and p.updated_at < :processing)
      or (b.status = 'pending_payment' and p.attempt > 0 and p.status in ('due', 'failed')
          and c.expires_at < :ended)
    )
    order by p.updated_at limit :limit
    """
)


def stuck_payments(
    session: RoutedSession, processing: datetime, ended: datetime, limit: int
) -> Sequence[Row[Any]]:
    """Payments on their way since before ``processing``, and those whose booking should have
    expired before ``ended``."""
    return session.execute(
        _STUCK_PAYMENTS, {"processing": processing, "ended": ended, "limit": limit}
    ).all()


_UNRECOVERED = text(
    """
    select party, party_id, coalesce(max(name), '') as name, currency, sum(owes)::bigint as owes,
           array_agg(reference order by reference) as references
    from (
      select case l.account when 'operator_payable' then 'operator' else 'agency' end as party,
             case l.account when 'operator_payable' then b.operator_id else b.agency_id end
               as party_id,
             case l.account when 'operator_payable' then max(b.snapshot #>> '{operator,name}')
               else max(a.name) end as name,
             l.currency, b.reference, sum(l.amount_minor) as owes
      from ledger_entries l join bookings b on b.id = l.booking_id
      left join agencies a on a.id = b.agency_id
      where l.account in ('operator_payable', 'agency_payable')
      group by l.account, b.operator_id, b.agency_id, l.currency, b.reference
      having sum(l.amount_minor) > 0
    ) owing
    where party_id is not null
    group by party, party_id, currency
    order by owes desc limit :limit
    """
)


def unrecovered(session: RoutedSession, limit: int) -> Sequence[Row[Any]]:
    """What parties owe by the ledger: bookings after which more was paid out than was theirs."""
    return session.execute(_UNRECOVERED, {"limit": limit}).all()
