"""Where a signed-in person works: the line at the foot of the side bar."""

import reflex as rx

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.wiring import Services, services


class DeskState(rx.State):
    """``place`` is the agency, the operator, or what operations runs."""

    place: str = ""

    @rx.event
    @allow("agent", "provider", "ops")
    async def open(self) -> None:
        """Find the name, once a session: the guard resets it with the person."""
        if self.place:
            return
        try:
            actor = await current_actor(self)
            self.place = await call(place_of, services(), actor)
        except EcosystemError:
            # The page itself says what is wrong; its foot can do without.
            self.place = ""


def place_of(all_services: Services, actor: Actor) -> str:
    """The name of whom the actor works for."""
    if actor.role == "agent":
        return all_services.agency_desk.me(actor).agency_name
    if actor.role == "provider":
        known = actor.operator_id
        return all_services.catalogue.own_operator(known).name if known else ""
    return "Operations"
