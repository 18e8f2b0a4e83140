"""The audit log. Group: rds."""

from typing import Any

from ecosystem.database.tables import AuditEntry
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.actor import Actor


def record(
    session: RoutedSession,
    actor: Actor,
    action: str,
    subject_type: str,
    subject_id: object,
    **data: Any,
) -> None:
    """Write who did what, in the transaction in which it was done."""
    session.add(entry(actor, action, subject_type, subject_id, **data))


def entry(
    actor: Actor, action: str, subject_type: str, subject_id: object, **data: Any
) -> AuditEntry:
    """The row of who did what."""
    if actor.source == "api_key" and actor.user_id is not None:
        # A program's key acts as the person who made it: the log keeps them apart.
        data["key"] = actor.name
    return AuditEntry(
        actor_role=actor.role,
        actor_id=actor.user_id,
        actor_email=actor.email,
        action=action,
        subject_type=subject_type,
        subject_id=str(subject_id),
        data=data,
    )
