"""The people of an operator and whom it has invited. Group: rds.

The founder (``operators.user_id``) has a row here too from the first change of the team on;
without one she is an owner.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from ecosystem.database.tables import OperatorInvitation, OperatorMember
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.ids import uuid7

Member = OperatorMember
Invitation = OperatorInvitation


def lock(session: RoutedSession, subject: UUID) -> None:
    """Let only one change the team of an operator, or where a person works, at a time."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(subject), 7))))


def members(session: RoutedSession, operator_id: UUID) -> list[OperatorMember]:
    """Everybody who ever worked there, in the order of coming; ``disabled_at``: not any more."""
    return list(
        session.scalars(
            select(Member)
            .where(Member.operator_id == operator_id)
            .order_by(Member.created_at, Member.id)  # type: ignore[arg-type]
        )
    )


def member_of(session: RoutedSession, user_id: UUID) -> OperatorMember | None:
    """Where a person works; the last place she left if she works nowhere now."""
    return session.scalars(
        select(Member)
        .where(Member.user_id == user_id)
        .order_by(
            Member.disabled_at.is_not(None),  # type: ignore[union-attr]
            Member.created_at.desc(),  # type: ignore[attr-defined]
        )
        .limit(1)
    ).first()


def put_member(
    session: RoutedSession,
    operator_id: UUID,
    user_id: UUID,
    email: str,
    name: str,
    role: str,
    *,
    anew: bool,
) -> None:
    """Make somebody a member. ``anew``: also one who was before; else her row stays as it is."""
    values = {"email": email.lower(), "full_name": name, "role": role}
    statement = insert(Member).values(
        id=uuid7(), operator_id=operator_id, user_id=user_id, **values
    )
    key = ["operator_id", "user_id"]
    if anew:
        statement = statement.on_conflict_do_update(
            index_elements=key, set_={**values, "disabled_at": None}
        )
    else:
        statement = statement.on_conflict_do_nothing(index_elements=key)
    session.execute(statement)


def set_role(session: RoutedSession, operator_id: UUID, user_id: UUID, role: str) -> None:
    """Change what a member may do."""
    session.execute(
        update(Member)
        .where(Member.operator_id == operator_id, Member.user_id == user_id)  # type: ignore[arg-type]
        .values(role=role)
    )


def disable(session: RoutedSession, operator_id: UUID, user_id: UUID, now: datetime) -> None:
    """End a membership; the row stays for the record."""
    session.execute(
        update(Member)
        .where(Member.operator_id == operator_id, Member.user_id == user_id)  # type: ignore[arg-type]
        .values(disabled_at=now)
    )


# Invitations ---------------------------------------------------------------------------


def add_invitation(session: RoutedSession, row: OperatorInvitation) -> None:
    """Write a new one."""
    session.add(row)
    session.flush()


def open_invitations(session: RoutedSession, operator_id: UUID) -> Sequence[OperatorInvitation]:
    """Those that can still be accepted, and those that ran out without an answer."""
    return session.scalars(
        select(Invitation)
        .where(
            Invitation.operator_id == operator_id,
            Invitation.accepted_at.is_(None),  # type: ignore[union-attr]
            Invitation.revoked_at.is_(None),  # type: ignore[union-attr]
        )
        .order_by(Invitation.created_at, Invitation.id)  # type: ignore[arg-type]
    ).all()


def invitation(
    session: RoutedSession, operator_id: UUID, invitation_id: UUID
) -> OperatorInvitation | None:
    """One by operator and id together, locked."""
    return session.scalars(
        select(Invitation)
        .where(Invitation.id == invitation_id, Invitation.operator_id == operator_id)
        .with_for_update()
    ).first()


def by_token(session: RoutedSession, token_hash: bytes) -> OperatorInvitation | None:
    """The invitation whose link somebody followed."""
    return session.scalars(select(Invitation).where(Invitation.token_hash == token_hash)).first()


def is_open(row: OperatorInvitation, now: datetime) -> bool:
    """Whether it can still be accepted."""
    return row.accepted_at is None and row.revoked_at is None and row.expires_at > now


def is_invited(session: RoutedSession, email: str, now: datetime) -> bool:
    """Whether an invitation waits for an answer from this address."""
    return (
        session.scalars(
            select(Invitation.id)  # type: ignore[call-overload]
            .where(
                func.lower(Invitation.email) == email.lower(),
                Invitation.accepted_at.is_(None),  # type: ignore[union-attr]
                Invitation.revoked_at.is_(None),  # type: ignore[union-attr]
                Invitation.expires_at > now,
            )
            .limit(1)
        ).first()
        is not None
    )


def accept(session: RoutedSession, invitation_id: UUID, now: datetime) -> bool:
    """Use it up; False if somebody was quicker, or it has ended."""
    return (
        session.scalars(
            update(Invitation)
            .where(
                Invitation.id == invitation_id,  # type: ignore[arg-type]
                Invitation.accepted_at.is_(None),  # type: ignore[union-attr]
                Invitation.revoked_at.is_(None),  # type: ignore[union-attr]
                Invitation.expires_at > now,  # type: ignore[arg-type]
            )
            .values(accepted_at=now)
            .returning(Invitation.id)  # type: ignore[arg-type]
        ).first()
        is not None
    )


def revoke(session: RoutedSession, operator_id: UUID, email: str, now: datetime) -> int:
    """End the open invitations of an operator to an address; how many."""
    return len(
        session.scalars(
            update(Invitation)
            .where(
                Invitation.operator_id == operator_id,  # type: ignore[arg-type]
                func.lower(Invitation.email) == email.lower(),
                Invitation.accepted_at.is_(None),  # type: ignore[union-attr]
                Invitation.revoked_at.is_(None),  # type: ignore[union-attr]
            )
            .values(revoked_at=now)
            .returning(Invitation.id)  # type: ignore[arg-type]
        ).all()
    )


def revoke_from(session: RoutedSession, operator_id: UUID, user_id: UUID, now: datetime) -> None:
    """End the open invitations a person sent for an operator."""
    session.execute(
        update(Invitation)
        .where(
            Invitation.operator_id == operator_id,  # type: ignore[arg-type]
            Invitation.invited_by == user_id,  # type: ignore[arg-type]
            Invitation.accepted_at.is_(None),  # type: ignore[union-attr]
            Invitation.revoked_at.is_(None),  # type: ignore[union-attr]
        )
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
