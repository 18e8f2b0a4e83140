"""The people of an operator. Group: rds.

The founder (``operators.user_id``) has a row here too from the first change of the team on;
without one she is an owner.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ecosystem.database.tables import OperatorMember
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.ids import uuid7

Member = OperatorMember


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


def has_left(operator_id: Any, user_id: Any) -> ColumnElement[bool]:
    """Whether the person whom columns of another row name has left that operator's team."""
    return exists().where(
        Member.operator_id == operator_id,  # type: ignore[arg-type]
        Member.user_id == user_id,  # type: ignore[arg-type]
        Member.disabled_at.is_not(None),  # type: ignore[union-attr]
    )


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
