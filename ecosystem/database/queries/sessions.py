"""Signed-in browsers, and second factors that are waited for. Group: rds."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, not_, select, update
from sqlalchemy.dialects.postgresql import insert

from ecosystem.database.queries import agencies, team
from ecosystem.database.tables import Session, SignInChallenge
from ecosystem.database.unit_of_work import RoutedSession


def add(session: RoutedSession, row: Session) -> None:
    """Write a new session."""
    session.add(row)


def find_live(
    session: RoutedSession, id_hash: bytes, now: datetime, idle_since: datetime
) -> Session | None:
    """The session, unless it has ended, expired or lain idle since before ``idle_since``.

    Nor one for a team that its person has left: it was begun as she was being removed, too late
    to be ended with her others.
    """
    return session.scalars(
        select(Session).where(
            Session.id_hash == id_hash,
            Session.ended_at.is_(None),  # type: ignore[union-attr]
            Session.expires_at > now,
            Session.last_seen_at > idle_since,
            not_(and_(Session.agency_id.is_not(None), agencies.has_left(Session.user_id))),  # type: ignore[union-attr]
            not_(team.has_left(Session.operator_id, Session.user_id)),
        )
    ).first()


def touch(session: RoutedSession, id_hash: bytes, now: datetime, seen_before: datetime) -> None:
    """Note that it is in use, unless that was noted after ``seen_before``."""
    session.execute(
        update(Session)
        .where(Session.id_hash == id_hash, Session.last_seen_at < seen_before)
        .values(last_seen_at=now)
    )


def set_refresh_token(session: RoutedSession, id_hash: bytes, sealed: bytes) -> None:
    """Keep the token that the provider gave in exchange for the last one."""
    session.execute(update(Session).where(Session.id_hash == id_hash).values(refresh_token=sealed))


def end(session: RoutedSession, id_hash: bytes, now: datetime) -> Session | None:
    """End one session; the row as it was, or nothing if it had ended before."""
    row = session.scalars(
        select(Session)
        .where(Session.id_hash == id_hash, Session.ended_at.is_(None))  # type: ignore[union-attr]
        .with_for_update()
    ).first()
    if row is not None:
        _end(session, [id_hash], now)
    return row


def end_all(
    session: RoutedSession, now: datetime, *, user_id: UUID | None = None, email: str = ""
) -> list[Session]:
    """End every session of a person, known by id or by address; the rows as they were."""
    mine = Session.user_id == user_id if user_id else func.lower(Session.email) == email.lower()
    rows = list(
        session.scalars(
            select(Session)
            .where(mine, Session.ended_at.is_(None))  # type: ignore[union-attr]
            .order_by(Session.id_hash)  # type: ignore[arg-type]
            .with_for_update()
        )
    )
    if rows:
        _end(session, [row.id_hash for row in rows], now)
    return rows


def set_operator(
    session: RoutedSession, user_id: UUID, operator_id: UUID, role: str
) -> list[bytes]:
    """Let the open sessions of a person be for this operator, in this role; their ids."""
    return list(
        session.scalars(
            update(Session)
            .where(
                Session.user_id == user_id,
                Session.role == "provider",
                Session.ended_at.is_(None),  # type: ignore[union-attr]
            )
            .values(operator_id=operator_id, operator_role=role)
            .returning(Session.id_hash)
        )
    )


def set_agency(
    session: RoutedSession,
    user_id: UUID,
    agency_id: UUID,
    role: str,
    *,
    enrol_first: bool | None = None,
) -> list[bytes]:
    """Let the open sessions of a person be for this agency, in this role; their ids."""
    values: dict[str, Any] = {"agency_id": agency_id, "agency_role": role}
    if enrol_first is not None:
        values["enrol_first"] = enrol_first
    return list(
        session.scalars(
            update(Session)
            .where(
                Session.user_id == user_id,
                Session.role == "agent",
                Session.ended_at.is_(None),  # type: ignore[union-attr]
            )
            .values(**values)
            .returning(Session.id_hash)
        )
    )


def set_enrolled(session: RoutedSession, user_id: UUID) -> list[bytes]:
    """Let the open sessions of a person wait for no second factor any more; their ids."""
    return list(
        session.scalars(
            update(Session)
            .where(Session.user_id == user_id, Session.enrol_first.is_(True))  # type: ignore[attr-defined]
            .values(enrol_first=False)
            .returning(Session.id_hash)
        )
    )


def end_agency(session: RoutedSession, now: datetime, agency_id: UUID, but: UUID) -> list[Session]:
    """End every session of an agency's people except those of ``but``; the rows as they were."""
    rows = list(
        session.scalars(
            select(Session)
            .where(
                Session.agency_id == agency_id,
                Session.role == "agent",
                Session.user_id != but,
                Session.ended_at.is_(None),  # type: ignore[union-attr]
            )
            .order_by(Session.id_hash)  # type: ignore[arg-type]
            .with_for_update()
        )
    )
    if rows:
        _end(session, [row.id_hash for row in rows], now)
    return rows


def _end(session: RoutedSession, hashes: list[bytes], now: datetime) -> None:
    for row in list(session.identity_map.values()):
        session.expunge(row)  # the caller reads the refresh token that is wiped here
    session.execute(
        update(Session)
        .where(Session.id_hash.in_(hashes))  # type: ignore[attr-defined]
        .values(ended_at=now, refresh_token=None)
    )


def remove_old(session: RoutedSession, expired_before: datetime) -> int:
    """Delete what ended or expired before this instant; how many sessions that were."""
    gone: Any = session.execute(
        delete(Session).where(
            (Session.expires_at < expired_before) | (Session.ended_at < expired_before)  # type: ignore[operator]
        )
    )
    session.execute(delete(SignInChallenge).where(SignInChallenge.expires_at < expired_before))  # type: ignore[arg-type]
    return int(gone.rowcount)


def put_challenge(session: RoutedSession, row: SignInChallenge) -> None:
    """Remember a challenge; one with the same id is replaced."""
    values = {
        "id_hash": row.id_hash,
        "source": row.source,
        "email": row.email,
        "state": row.state,
        "attempts": 0,
        "expires_at": row.expires_at,
    }
    session.execute(
        insert(SignInChallenge)
        .values(**values)
        .on_conflict_do_update(index_elements=["id_hash"], set_=values)
    )


def attempt_challenge(
    session: RoutedSession, id_hash: bytes, now: datetime, most: int
) -> SignInChallenge | None:
    """Count one attempt; the challenge, or nothing if it is over or was tried ``most`` times.

    Counted before the code is checked, so that guesses at the same moment count as well.
    """
    return session.scalars(
        update(SignInChallenge)
        .where(
            SignInChallenge.id_hash == id_hash,  # type: ignore[arg-type]
            SignInChallenge.expires_at > now,  # type: ignore[arg-type]
            SignInChallenge.attempts < most,  # type: ignore[arg-type]
        )
        .values(attempts=SignInChallenge.attempts + 1)
        .returning(SignInChallenge)
    ).first()


def remove_challenge(session: RoutedSession, id_hash: bytes) -> None:
    """Forget a challenge that was answered."""
    session.execute(delete(SignInChallenge).where(SignInChallenge.id_hash == id_hash))  # type: ignore[arg-type]
