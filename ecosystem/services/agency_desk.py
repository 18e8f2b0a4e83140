"""An agency and its people."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agencies as queries
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Forbidden, NotFound


@dataclass(frozen=True)
class AgentView:
    """A person of an agency. ``owner``: runs its team."""

    id: UUID
    name: str
    email: str
    owner: bool
    agency_slug: str
    agency_name: str

    def as_json(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "name": self.name,
            "email": self.email,
            "owner": self.owner,
            "agency": {"slug": self.agency_slug, "name": self.agency_name},
        }


class AgencyDesk:
    """Only the caller's own agency is ever read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def people(self, actor: Actor) -> list[AgentView]:
        """The people of the caller's agency, by name."""
        agency_id = agency_of(actor)
        with self._database.unit(RDS) as session:
            agency = queries.agency(session, agency_id)
            agents = queries.people(session, agency_id)
        if agency is None:
            raise NotFound("This agency does not exist.")
        return [
            AgentView(a.id, a.full_name, a.email, a.owner, agency.slug, agency.name) for a in agents
        ]

    def me(self, actor: Actor) -> AgentView:
        """The caller herself. Raises ``Forbidden`` for anybody who is no agent."""
        for person in self.people(actor):
            if person.id == actor.user_id:
                return person
        raise NotFound("This agent does not exist.")


def agency_of(actor: Actor) -> UUID:
    """The agency the actor works for. Raises ``Forbidden``."""
    if actor.role != "agent" or actor.agency_id is None:
        raise Forbidden("This is for travel agents. Sign in with an agent's account.")
    return actor.agency_id
