"""Answers given to keyed requests. Group: rds."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, tuple_, update
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
    while True:
        ours = session.execute(
            insert(IdempotencyKey)
            .values(scope=scope, key=key, fingerprint=fingerprint, created_at=now)
            .on_conflict_do_nothing()
            .returning(IdempotencyKey.key)
        ).one_or_none()
        if ours is not None:
            return None
        known = session.execute(
            select(IdempotencyKey).where(IdempotencyKey.scope == scope, IdempotencyKey.key == key)
        ).scalar_one_or_none()
        if known is not None:
            return known
        # Between the two its first request failed and gave the key back: it is ours to take.


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


def remove_old(session: RoutedSession, now: datetime, limit: int) -> int:
    """Forget answers that are not given again any more, people's data in them; how many."""
    old = (
        select(IdempotencyKey.scope, IdempotencyKey.key)  # type: ignore[call-overload]
        .where(IdempotencyKey.created_at < now - KEPT)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    gone: Any = session.execute(
        delete(IdempotencyKey).where(
            tuple_(IdempotencyKey.scope, IdempotencyKey.key).in_(old)  # type: ignore[arg-type]
        )
    )
    return int(gone.rowcount)
