"""People and invitations of a team as its page lists them, an operator's or an agency's."""

from dataclasses import dataclass

from ecosystem.domain.actor import Actor
from ecosystem.domain.team import Colleague, OpenInvitation, TeamMember
from ecosystem.state import formats


@dataclass(frozen=True)
class InvitationRow:
    """An invitation nobody has answered."""

    id: str = ""
    email: str = ""
    role: str = ""
    until: str = ""
    expired: bool = False


@dataclass(frozen=True)
class MemberRow:
    """A person of the team. ``has``: what she looks after, in words; empty for nothing."""

    id: str = ""
    name: str = ""
    email: str = ""
    role: str = ""
    has: str = ""
    you: bool = False


def member_row(member: TeamMember | Colleague, actor: Actor, *, has: str = "") -> MemberRow:
    """Somebody as the page of ``actor`` lists her."""
    return MemberRow(
        id=str(member.user_id),
        name=member.name or member.email,
        email=member.email,
        role=member.role,
        has=has,
        you=member.user_id == actor.user_id,
    )


def invitation_row(row: OpenInvitation) -> InvitationRow:
    """An invitation as the page lists it."""
    until = formats.day(row.expires_at.date())
    return InvitationRow(
        id=str(row.id),
        email=row.email,
        role=row.role,
        until=f"Ended on {until}" if row.expired else f"Good until {until}",
        expired=row.expired,
    )
