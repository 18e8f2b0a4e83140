"""Teams of operators and agencies, as services answer with them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

TeamRole = Literal["owner", "editor", "viewer"]
ROLES: Final[tuple[TeamRole, ...]] = ("owner", "editor", "viewer")

AgencyTeamRole = Literal["owner", "agent", "assistant"]
AGENCY_ROLES: Final[tuple[AgencyTeamRole, ...]] = ("owner", "agent", "assistant")

TeamKind = Literal["operator", "agency"]
InvitationState = Literal["open", "used", "revoked", "expired"]


@dataclass(frozen=True)
class TeamId:
    """Whose team: an operator's or an agency's."""

    party: TeamKind
    party_id: UUID


@dataclass(frozen=True)
class TeamMember:
    """A person who works there; ``user_id`` names her everywhere."""

    user_id: UUID
    name: str
    email: str
    role: str


@dataclass(frozen=True)
class Colleague(TeamMember):
    """Somebody of an agency, with what she looks after: clients, and bookings not over yet."""

    clients: int
    bookings: int


@dataclass(frozen=True)
class OpenInvitation:
    """An invitation nobody has answered; ``expired``: its link leads nowhere any more."""

    id: UUID
    email: str
    role: str
    expires_at: datetime
    expired: bool


@dataclass(frozen=True)
class Team:
    """Owners first, then by name."""

    members: tuple[TeamMember, ...]
    invitations: tuple[OpenInvitation, ...]


@dataclass(frozen=True)
class AgencyTeamView:
    """An agency's people, owners first, then by name. ``requires_second_factor``: nobody works
    there without an authenticator app."""

    members: tuple[Colleague, ...]
    invitations: tuple[OpenInvitation, ...]
    requires_second_factor: bool


@dataclass(frozen=True)
class InvitationView:
    """What the person who follows a link is told. ``state`` other than open: it has ended."""

    party: TeamKind
    team_name: str
    email: str
    role: str
    state: InvitationState


@dataclass(frozen=True)
class ApiKeyView:
    """A program's key as its team sees it; the key itself is shown once, when it is made."""

    id: UUID
    name: str
    prefix: str
    role: str
    created_by_email: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
