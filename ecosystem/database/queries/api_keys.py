"""Keys of programs. Group: rds."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from ecosystem.database.tables import ApiKey
from ecosystem.database.unit_of_work import RoutedSession


def of_team(session: RoutedSession, party: str, party_id: UUID) -> Sequence[ApiKey]:
    """All keys of a team, newest first, those that have ended last."""
    return session.scalars(
        select(ApiKey)
        .where(ApiKey.party == party, ApiKey.party_id == party_id)
        .order_by(ApiKey.revoked_at.is_not(None), ApiKey.created_at.desc(), ApiKey.id)  # type: ignore[union-attr,attr-defined,arg-type]
        .limit(200)
    ).all()


def live(session: RoutedSession, party: str, party_id: UUID) -> int:
    """How many keys of a team work."""
    return (
        session.scalar(
            select(func.count()).where(
                ApiKey.party == party,
                ApiKey.party_id == party_id,
                ApiKey.revoked_at.is_(None),  # type: ignore[union-attr]
            )
        )
        or 0
    )


def add(session: RoutedSession, row: ApiKey) -> None:
    """Write a new one."""
    session.add(row)
    session.flush()


def by_hash(session: RoutedSession, key_hash: bytes) -> ApiKey | None:
    """The key a program showed, if it works."""
    return session.scalars(
        select(ApiKey).where(ApiKey.key_hash == key_hash, ApiKey.revoked_at.is_(None))  # type: ignore[union-attr]
    ).first()


def used(session: RoutedSession, key_id: UUID, now: datetime, unless_after: datetime) -> None:
    """Note that it is in use, unless that was noted after ``unless_after``."""
    session.execute(
        update(ApiKey)
        .where(
            ApiKey.id == key_id,  # type: ignore[arg-type]
            (ApiKey.last_used_at.is_(None)) | (ApiKey.last_used_at < unless_after),  # type: ignore[union-attr,operator]
        )
        .values(last_used_at=now)
    )


def revoke(
    session: RoutedSession, party: str, party_id: UUID, key_id: UUID, now: datetime
) -> ApiKey | None:
    """End one by team and id together; nothing if it is not there or had ended."""
    return session.scalars(
        update(ApiKey)
        .where(
            ApiKey.id == key_id,  # type: ignore[arg-type]
            ApiKey.party == party,  # type: ignore[arg-type]
            ApiKey.party_id == party_id,  # type: ignore[arg-type]
            ApiKey.revoked_at.is_(None),  # type: ignore[union-attr]
        )
        .values(revoked_at=now)
        .returning(ApiKey)
    ).first()


def revoke_of(
    session: RoutedSession, party: str, party_id: UUID, user_id: UUID, now: datetime
) -> None:
    """End the keys that somebody made for a team."""
    session.execute(
        update(ApiKey)
        .where(
            ApiKey.created_by == user_id,  # type: ignore[arg-type]
            ApiKey.party == party,  # type: ignore[arg-type]
            ApiKey.party_id == party_id,  # type: ignore[arg-type]
            ApiKey.revoked_at.is_(None),  # type: ignore[union-attr]
        )
        .values(revoked_at=now)
    )
