"""Where a signed-in person works: the line at the foot of the side bar."""

import reflex as rx

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.wiring import Services, services


class DeskState(rx.State):
    """``place`` is the agency, the operator, or what operations runs.

    ``unread``: how many of an operator's bookings have new messages; empty for none.
    """

    place: str = ""
    unread: str = ""

    @rx.event
    @allow("agent", "provider", "ops")
    async def open(self) -> None:
        """Find the name, once a session: the guard resets it with the person; count anew."""
        try:
            actor = await current_actor(self)
            if not self.place:
                self.place = await call(place_of, services(), actor)
            if actor.role == "provider":
                count = await call(services().conversations.unread, actor)
                self.unread = str(count) if count else ""
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
