"""An operator's team, as services answer with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

TeamRole = Literal["owner", "editor", "viewer"]
ROLES: Final[tuple[TeamRole, ...]] = ("owner", "editor", "viewer")

InvitationState = Literal["open", "used", "revoked", "expired"]


@dataclass(frozen=True)
class TeamMember:
    """A person who works for the operator; ``user_id`` names her everywhere."""

    user_id: UUID
    name: str
    email: str
    role: TeamRole


@dataclass(frozen=True)
class OpenInvitation:
    """An invitation nobody has answered; ``expired``: its link leads nowhere any more."""

    id: UUID
    email: str
    role: TeamRole
    expires_at: datetime
    expired: bool


@dataclass(frozen=True)
class Team:
    """Owners first, then by name."""

    members: tuple[TeamMember, ...]
    invitations: tuple[OpenInvitation, ...]


@dataclass(frozen=True)
class InvitationView:
    """What the person who follows a link is told. ``state`` other than open: it has ended."""

    operator_name: str
    email: str
    role: TeamRole
    state: InvitationState
