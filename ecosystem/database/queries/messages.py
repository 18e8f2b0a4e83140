"""Outbox and inbox: work that a commit leaves behind. Group: rds.

A worker *leases* a message by moving ``available_at`` ahead, works without a
transaction open, and marks it done; a worker that dies lets the lease run out
and another takes over. Several workers run at once (SKIP LOCKED).
"""

from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import text

from ecosystem.database import statements
from ecosystem.database.statements import Statement
from ecosystem.database.tables import InboxEvent, OutboxMessage
from ecosystem.database.unit_of_work import RoutedSession

LEASE = timedelta(seconds=60)


def send(
    session: RoutedSession,
    topic: str,
    payload: dict[str, Any],
    *,
    dedupe_key: str | None = None,
    available_at: datetime | None = None,
) -> None:
    """Leave a message in the outbox; a ``dedupe_key`` used before leaves none."""
    session.at_once(sending(topic, payload, dedupe_key=dedupe_key, available_at=available_at))


def sending(
    topic: str,
    payload: dict[str, Any],
    *,
    dedupe_key: str | None = None,
    available_at: datetime | None = None,
) -> Statement:
    """What leaves a message as :func:`send` does."""
    message = OutboxMessage(topic=topic, payload=payload, dedupe_key=dedupe_key)
    if available_at is not None:
        message.available_at = available_at
    return statements.insert([message], "on conflict (dedupe_key) do nothing")


_LEASE_OUTBOX: LiteralString = """
    update outbox set attempts = attempts + 1, available_at = %(until)s
    where id in (
      select id from outbox where done_at is null and available_at <= %(now)s
      order by available_at limit %(limit)s for update skip locked
    )
    returning id, topic, payload, attempts
"""
_LEASE_INBOX: LiteralString = """
    update inbox set attempts = attempts + 1, available_at = %(until)s
    where id in (
      select id from inbox where processed_at is null and available_at <= %(now)s
      order by available_at limit %(limit)s for update skip locked
    )
    returning id, source, type, payload, attempts
"""


def leasing_outbox(now: datetime, limit: int = 20) -> Statement:
    """What takes messages that are due; nobody else gets them until the lease runs out."""
    return _LEASE_OUTBOX, {"now": now, "until": now + LEASE, "limit": limit}


def leasing_inbox(now: datetime, limit: int = 20) -> Statement:
    """What takes events that are due."""
    return _LEASE_INBOX, {"now": now, "until": now + LEASE, "limit": limit}


def delivered(message_id: UUID, now: datetime) -> Statement:
    """What marks a message as dealt with."""
    return statements.change(OutboxMessage, message_id, done_at=now, last_error=None)


def delivering_later(message_id: UUID, at: datetime, error: str) -> Statement:
    """What lets a message be tried again."""
    return statements.change(OutboxMessage, message_id, available_at=at, last_error=error[:500])


def receiving(event_id: str, source: str, kind: str, payload: dict[str, Any]) -> Statement:
    """What keeps an event; no row comes back if it has been kept before."""
    event = InboxEvent(id=event_id, source=source, type=kind, payload=payload)
    return statements.insert([event], "on conflict (id) do nothing returning id")


def finish_inbox(session: RoutedSession, event_id: str, now: datetime) -> None:
    """Mark an event as dealt with, in the transaction of its effect."""
    session.at_once(finishing(event_id, now))


def finishing(event_id: str, now: datetime) -> Statement:
    """What marks an event as :func:`finish_inbox` does."""
    return statements.change(InboxEvent, event_id, processed_at=now, last_error=None)


def dealing_later(event_id: str, at: datetime, error: str) -> Statement:
    """What lets an event be tried again."""
    return statements.change(InboxEvent, event_id, available_at=at, last_error=error[:500])


def backlog(session: RoutedSession) -> dict[str, int]:
    """How many messages wait: ``outbox`` and ``inbox``, and ``failing`` ones of both."""
    row = session.execute(
        text(
            "select (select count(*) from outbox where done_at is null) as outbox,"
            " (select count(*) from inbox where processed_at is null) as inbox,"
            " (select count(*) from outbox where done_at is null and last_error is not null)"
            " + (select count(*) from inbox where processed_at is null and last_error is not null)"
            " as failing"
        )
    ).one()
    return dict(row._mapping)
