"""Who is asking."""

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

Role = Literal["guest", "customer", "agent", "provider", "ops"]
OperatorRole = Literal["owner", "editor", "viewer", ""]
AgencyRole = Literal["owner", "agent", "assistant", ""]
Source = Literal["guest", "cognito", "supabase", "api_key"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller of a service, made in one place from a session, a token or a key.

    ``guest_key`` identifies a browser that has not signed in (a hash of its
    cookie); it lets a guest come back to a hold and a trip, nothing else.
    ``agency_role`` is what an agent may do at her agency, ``operator_role`` what a provider may
    do at her operator; empty for everybody else. ``enrol_first``: her agency asks for a second
    factor that she has not set up; until then she works for no agency (``agency_id`` is None).
    """

    role: Role
    source: Source
    user_id: UUID | None = None
    email: str = ""
    name: str = ""
    agency_id: UUID | None = None
    agency_role: AgencyRole = ""
    operator_id: UUID | None = None
    operator_role: OperatorRole = ""
    guest_key: str = ""
    enrol_first: bool = False

    @property
    def signed_in(self) -> bool:
        return self.role != "guest"

    @property
    def agency_owner(self) -> bool:
        """Whether an agent runs her agency's team."""
        return self.agency_role == "owner"

    @property
    def sees_commission(self) -> bool:
        """Whether this caller may know what an agency earns and pays for a trip: its assistants
        may not, nor may travellers."""
        if self.role == "agent":
            return self.agency_role in ("owner", "agent")
        return self.role in ("provider", "ops")

    def as_far_as_enrolled(self) -> "Actor":
        """Who this is until the second factor is set up that her agency asks for."""
        return replace(self, agency_id=None, agency_role="") if self.enrol_first else self

    @property
    def holder(self) -> str:
        """The key under which this caller's own holds are kept; empty if there is none."""
        if self.user_id is not None:
            return f"user:{self.user_id}"
        return f"guest:{self.guest_key}" if self.guest_key else ""


GUEST = Actor(role="guest", source="guest")

SYSTEM = Actor(role="ops", source="api_key", name="Ecosystem")
"""The product itself, in the audit log of what it does by its own rules."""
