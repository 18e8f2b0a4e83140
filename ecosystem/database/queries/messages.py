"""Outbox and inbox: work that a commit leaves behind. Group: rds.

A worker *leases* a message by moving ``available_at`` ahead, works without a
transaction open, and marks it done; a worker that dies lets the lease run out
and another takes over. Several workers run at once (SKIP LOCKED).
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert

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


_LEASE_OUTBOX = text(
    """
    update outbox set attempts = attempts + 1, available_at = :until
    where id in (
      select id from outbox where done_at is null and available_at <= :now
      order by available_at limit :limit for update skip locked
    )
    returning id, topic, payload, attempts
    """
)
_LEASE_INBOX = text(
    """
    update inbox set attempts = attempts + 1, available_at = :until
    where id in (
      select id from inbox where processed_at is null and available_at <= :now
      order by available_at limit :limit for update skip locked
    )
    returning id, source, type, payload, attempts
    """
)


def lease_outbox(session: RoutedSession, now: datetime, limit: int = 20) -> list[Any]:
    """Take messages that are due; nobody else gets them until the lease runs out."""
    rows = session.execute(_LEASE_OUTBOX, {"now": now, "until": now + LEASE, "limit": limit})
    return list(rows)


def finish_outbox(session: RoutedSession, message_id: Any, now: datetime) -> None:
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id)
        .values(done_at=now, last_error=None)
    )


def retry_outbox(session: RoutedSession, message_id: Any, at: datetime, error: str) -> None:
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id)
        .values(available_at=at, last_error=error[:500])
    )


def receive(
    session: RoutedSession, event_id: str, source: str, kind: str, payload: dict[str, Any]
) -> bool:
    """Keep an event; False if it has been kept before."""
    row = session.execute(
        insert(InboxEvent)
        .values(id=event_id, source=source, type=kind, payload=payload)
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(InboxEvent.id)
    ).one_or_none()
    return row is not None


def lease_inbox(session: RoutedSession, now: datetime, limit: int = 20) -> list[Any]:
    rows = session.execute(_LEASE_INBOX, {"now": now, "until": now + LEASE, "limit": limit})
    return list(rows)


def finish_inbox(session: RoutedSession, event_id: str, now: datetime) -> None:
    """Mark an event as dealt with, in the transaction of its effect."""
    session.at_once(finishing(event_id, now))


def finishing(event_id: str, now: datetime) -> Statement:
    """What marks an event as :func:`finish_inbox` does."""
    return statements.change(InboxEvent, event_id, processed_at=now, last_error=None)


def retry_inbox(session: RoutedSession, event_id: str, at: datetime, error: str) -> None:
    session.execute(
        update(InboxEvent)
        .where(InboxEvent.id == event_id)
        .values(available_at=at, last_error=error[:500])
    )


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
