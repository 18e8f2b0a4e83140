"""The agency's team: who works there, what each looks after, and who was invited."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.team import AGENCY_ROLES, AgencyTeamRole, Colleague
from ecosystem.services.agency_team import AgencyInvitationForm
from ecosystem.services.forms import parse
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.sums import counted
from ecosystem.state.team_rows import InvitationRow, invitation_row
from ecosystem.state.toast import load_page, toast
from ecosystem.wiring import services

PATH = "/agent/team"


@dataclass(frozen=True)
class ColleagueRow:
    """A person of the agency. ``has``: what she looks after, in words; empty for nothing."""

    id: str = ""
    name: str = ""
    email: str = ""
    role: str = ""
    has: str = ""
    you: bool = False


class AgentTeamState(rx.State):
    """``phase`` is loading, shown or failed. ``leaving`` is who is about to lose access,
    ``giving`` whose clients and bookings are about to be given to somebody else."""

    phase: str = "loading"
    problem: str = ""
    members: list[ColleagueRow] = []
    invitations: list[InvitationRow] = []
    may_change: bool = False
    second_factor: bool = False
    email_error: str = ""
    refused: str = ""
    drawn: int = 0
    leaving: ColleagueRow = ColleagueRow()
    giving: ColleagueRow = ColleagueRow()
    others: list[ColleagueRow] = []

    @rx.event
    @allow("agent")
    async def open(self) -> None:
        """Load the team."""
        self.reset()
        try:
            await self._load(await current_actor(self))
            self.phase = "shown"
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("agent", limit="mail")
    async def invite(self, form: dict[str, Any]) -> EventSpec | None:
        """Invite somebody by e-mail."""
        self.email_error = self.refused = ""
        data = form if isinstance(form, dict) else {}
        try:
            given = {name: data.get(name) for name in ("email", "role")}
            wanted = parse(AgencyInvitationForm, given)
            actor = await current_actor(self)
            await call(services().agency_team.invite, actor, wanted)
            await self._load(actor)
        except EcosystemError as error:
            self.email_error = field_errors(error).get("email", "")
            self.refused = "" if self.email_error else error.detail
            return None
        self.drawn += 1
        return toast(f"{wanted.email} gets an e-mail with a link for seven days.", "done")

    @rx.event
    @allow("agent", limit="mail")
    async def resend(self, invitation_id: str) -> EventSpec | None:
        """Mail a new link."""
        done = "A new link is on its way; the old one has ended."
        return await self._act(services().agency_team.resend, invitation_id, done=done)

    @rx.event
    @allow("agent")
    async def revoke(self, invitation_id: str) -> EventSpec | None:
        """End an invitation."""
        done = "The invitation was withdrawn. Its link leads nowhere any more."
        return await self._act(services().agency_team.revoke, invitation_id, done=done)

    @rx.event
    @allow("agent")
    async def change_role(self, user_id: str, role: str) -> EventSpec | None:
        """Let somebody do more or less."""
        row = self._row(user_id)
        if role not in AGENCY_ROLES or not row.id or row.role == role:
            return None
        done = f"{row.name} is now an {role}."
        wanted = cast(AgencyTeamRole, role)
        return await self._act(services().agency_team.change_role, user_id, wanted, done=done)

    @rx.event
    @allow("agent")
    async def ask_to_remove(self, user_id: str) -> None:
        """Ask before somebody loses access."""
        self.leaving = self._row(user_id)
        self.others = [one for one in self.members if one.id != self.leaving.id]

    @rx.event
    @allow("agent")
    async def ask_to_give(self, user_id: str) -> None:
        """Ask who takes over somebody's clients and bookings."""
        self.giving = self._row(user_id)
        self.others = [one for one in self.members if one.id != self.giving.id]

    @rx.event
    @allow("agent")
    async def keep(self) -> None:
        """Leave everything as it is."""
        self.leaving = self.giving = ColleagueRow()

    @rx.event
    @allow("agent")
    async def remove(self, form: dict[str, Any]) -> EventSpec | None:
        """End the access of who was asked about; a colleague may take over."""
        leaving, self.leaving = self.leaving, ColleagueRow()
        if not leaving.id:
            return None
        taker = self._row(form.get("to") if isinstance(form, dict) else "")
        done = f"{leaving.name} has no access any more."
        more = (UUID(taker.id),) if taker.id else ()
        return await self._act(services().agency_team.remove, leaving.id, *more, done=done)

    @rx.event
    @allow("agent")
    async def give(self, form: dict[str, Any]) -> EventSpec | None:
        """Give the clients and open bookings of who was asked about to a colleague."""
        giving, self.giving = self.giving, ColleagueRow()
        taker = self._row(form.get("to") if isinstance(form, dict) else "")
        if not giving.id or not taker.id:
            return None
        done = f"{taker.name} looks after what was {giving.name}’s."
        return await self._act(
            services().agency_team.hand_over, giving.id, UUID(taker.id), done=done
        )

    @rx.event
    @allow("agent", limit="code")
    async def require(self, required: bool) -> EventSpec | None:
        """Ask everybody for an authenticator app, or ask no more."""
        actor = await current_actor(self)
        wanted = required is True
        try:
            await call(services().agency_team.require_second_factor, actor, wanted)
        except EcosystemError as error:
            return failed(error, PATH)
        finally:
            # Drawn anew in any case: a refused choice must not stay on screen.
            self.drawn += 1
        self.second_factor = wanted
        return toast(
            "Everybody else was signed out and sets up an app at the next sign-in."
            if wanted
            else "An authenticator app is everybody’s own choice again.",
            "done",
        )

    # --- inside -------------------------------------------------------------------------

    def _row(self, user_id: object) -> ColleagueRow:
        return next((one for one in self.members if one.id == user_id), ColleagueRow())

    async def _act(self, act: Any, subject: object, *more: Any, done: str) -> EventSpec | None:
        try:
            actor = await current_actor(self)
            try:
                await call(act, actor, UUID(str(subject)), *more)
            finally:
                # Drawn anew in any case: a refused choice must not stay on screen.
                self.drawn += 1
                await self._load(await current_actor(self))
        except ValueError:
            return None
        except EcosystemError as error:
            return failed(error, PATH)
        changed_herself = not self.may_change
        return load_page(PATH) if changed_herself else toast(done, "done")

    async def _load(self, actor: Actor) -> None:
        team = await call(services().agency_team.show, actor)
        self.may_change = actor.agency_owner
        self.second_factor = team.requires_second_factor
        self.members = [colleague_row(one, actor) for one in team.members]
        self.invitations = [invitation_row(one) for one in team.invitations]


def colleague_row(one: Colleague, actor: Actor) -> ColleagueRow:
    """A person as the page lists her."""
    parts = [
        counted(one.clients, "client", "clients") if one.clients else "",
        counted(one.bookings, "open booking", "open bookings") if one.bookings else "",
    ]
    return ColleagueRow(
        id=str(one.user_id),
        name=one.name or one.email,
        email=one.email,
        role=one.role,
        has=" and ".join(part for part in parts if part),
        you=one.user_id == actor.user_id,
    )
