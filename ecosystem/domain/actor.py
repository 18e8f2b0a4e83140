"""Who is asking."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Role = Literal["guest", "customer", "agent", "provider", "ops"]
OperatorRole = Literal["owner", "editor", "viewer", ""]
Source = Literal["guest", "cognito", "supabase", "api_key"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller of a service, made in one place from a session, a token or a key.

    ``guest_key`` identifies a browser that has not signed in (a hash of its
    cookie); it lets a guest come back to a hold and a trip, nothing else.
    ``agency_owner`` is true for an agent who runs the agency's team; ``operator_role`` is
    what a provider may do at her operator, empty for everybody else.
    """

    role: Role
    source: Source
    user_id: UUID | None = None
    email: str = ""
    name: str = ""
    agency_id: UUID | None = None
    agency_owner: bool = False
    operator_id: UUID | None = None
    operator_role: OperatorRole = ""
    guest_key: str = ""

    @property
    def signed_in(self) -> bool:
        return self.role != "guest"

    @property
    def holder(self) -> str:
        """The key under which this caller's own holds are kept; empty if there is none."""
        if self.user_id is not None:
            return f"user:{self.user_id}"
        return f"guest:{self.guest_key}" if self.guest_key else ""


GUEST = Actor(role="guest", source="guest")

SYSTEM = Actor(role="ops", source="api_key", name="Ecosystem")
"""The product itself, in the audit log of what it does by its own rules."""
