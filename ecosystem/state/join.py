"""Following the link of an invitation into a team, an operator's or an agency's."""

from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.actor import Actor, Role
from ecosystem.domain.errors import EcosystemError, NotFound
from ecosystem.domain.paths import HOME
from ecosystem.domain.team import InvitationView
from ecosystem.state.address import last_part
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.toast import load_page
from ecosystem.wiring import services

ROLE_WORDS = {
    ("operator", "owner"): "as an owner: everything, the team and payouts included",
    ("operator", "editor"): "as an editor: packages, departures and messages",
    ("operator", "viewer"): "as a viewer: you see everything and change nothing",
    ("agency", "owner"): "as an owner: everything, the team and commissions included",
    ("agency", "agent"): "as an agent: clients, trips, bookings and what they earn",
    ("agency", "assistant"): "as an assistant: clients, trips and bookings",
}
ENDED = {
    "used": "This invitation was accepted already. Sign in to go on.",
    "revoked": "This invitation was withdrawn. Ask for a new one.",
    "expired": "This invitation is older than seven days. Ask for a new one.",
}


@dataclass(frozen=True)
class JoinView:
    """What the page says of the invitation. ``way``: join, enter (sign in or up), other, ended."""

    way: str = ""
    team: str = ""
    kind: str = "provider"
    email: str = ""
    role: str = ""
    ended: str = ""
    who: str = ""


class JoinState(rx.State):
    """``phase`` is loading, shown, missing or failed. ``token`` is the link's own secret."""

    phase: str = "loading"
    problem: str = ""
    token: str = ""
    view: JoinView = JoinView()

    @rx.event
    @allow("*", limit="reference")
    async def open(self) -> None:
        """Look up the invitation that the address names."""
        self.reset()
        self.token = last_part(self)
        try:
            actor = await current_actor(self)
            self.view = join_view(await call(services().joining.invitation, self.token), actor)
            self.phase = "shown"
        except NotFound:
            self.phase, self.token = "missing", ""
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("provider", "agent")
    async def join(self) -> EventSpec | None:
        """Accept the invitation."""
        self.problem = ""
        try:
            actor = await current_actor(self)
            await call(services().joining.accept, actor, self.token)
        except EcosystemError as error:
            self.problem = error.detail
            return None
        return load_page(HOME[actor.role])


def join_view(found: InvitationView, actor: Actor) -> JoinView:
    """What somebody who follows a link can do with it."""
    kind: Role = "agent" if found.party == "agency" else "provider"
    if found.state != "open":
        way = "ended"
    elif not actor.signed_in:
        way = "enter"
    elif actor.role == kind and actor.email.lower() == found.email:
        way = "join"
    else:
        way = "other"
    return JoinView(
        way=way,
        team=found.team_name,
        kind=kind,
        email=found.email,
        role=ROLE_WORDS[found.party, found.role],
        ended=ENDED.get(found.state, ""),
        who=actor.email,
    )
