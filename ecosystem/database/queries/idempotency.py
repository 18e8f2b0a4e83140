"""Answers given to keyed requests. Group: rds."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from ecosystem.database.tables import IdempotencyKey
from ecosystem.database.unit_of_work import RoutedSession

KEPT = timedelta(hours=24)
ABANDONED = timedelta(seconds=60)


def begin(
    session: RoutedSession, scope: str, key: str, fingerprint: str, now: datetime
) -> IdempotencyKey | None:
    """Claim a key: None when it is ours now, else what stands under it."""
    session.execute(
        delete(IdempotencyKey).where(
            IdempotencyKey.scope == scope,
            IdempotencyKey.key == key,
            (IdempotencyKey.created_at < now - KEPT)
            | (IdempotencyKey.status.is_(None) & (IdempotencyKey.created_at < now - ABANDONED)),  # type: ignore[union-attr]
        )
    )
    ours = session.execute(
        insert(IdempotencyKey)
        .values(scope=scope, key=key, fingerprint=fingerprint, created_at=now)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    ).one_or_none()
    if ours is not None:
        return None
    return session.execute(
        select(IdempotencyKey).where(IdempotencyKey.scope == scope, IdempotencyKey.key == key)
    ).scalar_one()


def finish(
    session: RoutedSession, scope: str, key: str, status: int, response: dict[str, Any]
) -> None:
    session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.scope == scope, IdempotencyKey.key == key)
        .values(status=status, response=response)
    )


def forget(session: RoutedSession, scope: str, key: str) -> None:
    """The request failed without an effect: the same key may be tried again."""
    session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.scope == scope, IdempotencyKey.key == key)
    )
