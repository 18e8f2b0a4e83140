"""Invitations into the teams of operators and agencies. Group: rds.

A team is named by ``party`` (operator, agency) and ``party_id``.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, update

from ecosystem.database.tables import TeamInvitation
from ecosystem.database.unit_of_work import RoutedSession

Invitation = TeamInvitation


def _of(party: str, party_id: UUID) -> ColumnElement[bool]:
    return and_(Invitation.party == party, Invitation.party_id == party_id)  # type: ignore[arg-type]


def _unanswered() -> ColumnElement[bool]:
    return and_(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))  # type: ignore[union-attr]


def add(session: RoutedSession, row: TeamInvitation) -> None:
    """Write a new one."""
    session.add(row)
    session.flush()


def unanswered(session: RoutedSession, party: str, party_id: UUID) -> Sequence[TeamInvitation]:
    """Those that can still be accepted, and those that ran out without an answer."""
    return session.scalars(
        select(Invitation)
        .where(_of(party, party_id), _unanswered())
        .order_by(Invitation.created_at, Invitation.id)  # type: ignore[arg-type]
    ).all()


def owned(
    session: RoutedSession, party: str, party_id: UUID, invitation_id: UUID
) -> TeamInvitation | None:
    """One by team and id together, locked."""
    return session.scalars(
        select(Invitation)
        .where(Invitation.id == invitation_id, _of(party, party_id))
        .with_for_update()
    ).first()


def by_token(session: RoutedSession, token_hash: bytes) -> TeamInvitation | None:
    """The invitation whose link somebody followed."""
    return session.scalars(select(Invitation).where(Invitation.token_hash == token_hash)).first()


def is_open(row: TeamInvitation, now: datetime) -> bool:
    """Whether it can still be accepted."""
    return row.accepted_at is None and row.revoked_at is None and row.expires_at > now


def is_invited(session: RoutedSession, party: str, email: str, now: datetime) -> bool:
    """Whether an invitation into a team of this kind waits for an answer from this address."""
    return (
        session.scalars(
            select(Invitation.id)  # type: ignore[call-overload]
            .where(
                Invitation.party == party,
                func.lower(Invitation.email) == email.lower(),
                _unanswered(),
                Invitation.expires_at > now,
            )
            .limit(1)
        ).first()
        is not None
    )


def accept(session: RoutedSession, invitation_id: UUID, now: datetime) -> bool:
    """Use it up, if nobody has and it has not ended; whether that went through."""
    return (
        session.execute(
            update(Invitation)
            .where(Invitation.id == invitation_id, _unanswered(), Invitation.expires_at > now)  # type: ignore[arg-type]
            .values(accepted_at=now)
            .returning(Invitation.id)  # type: ignore[arg-type]
        ).first()
        is not None
    )


def revoke(session: RoutedSession, party: str, party_id: UUID, email: str, now: datetime) -> None:
    """End the open invitations of a team to an address."""
    session.execute(
        update(Invitation)
        .where(_of(party, party_id), _unanswered(), func.lower(Invitation.email) == email.lower())
        .values(revoked_at=now)
    )


def revoke_from(
    session: RoutedSession, party: str, party_id: UUID, user_id: UUID, now: datetime
) -> None:
    """End the open invitations a person sent for a team."""
    session.execute(
        update(Invitation)
        .where(_of(party, party_id), _unanswered(), Invitation.invited_by == user_id)  # type: ignore[arg-type]
        .values(revoked_at=now)
    )


def renew(
    session: RoutedSession, invitation_id: UUID, token_hash: bytes, expires_at: datetime
) -> None:
    """Give it a new link and more time; the old link leads nowhere."""
    session.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id)  # type: ignore[arg-type]
        .values(token_hash=token_hash, expires_at=expires_at)
    )
