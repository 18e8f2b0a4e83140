"""The agency's team: who works there, what each looks after, and who was invited."""

from typing import Any, cast
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.team import AGENCY_ROLES, AgencyTeamRole, Colleague
from ecosystem.services.agency_team import AgencyInvitationForm
from ecosystem.state.calling import call, failed
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.sums import counted
from ecosystem.state.team import RESENT, REVOKED, TeamPage
from ecosystem.state.team_rows import MemberRow, invitation_row, member_row
from ecosystem.state.toast import toast
from ecosystem.wiring import services

PATH = "/agent/team"


class AgentTeamState(TeamPage, rx.State):
    """``phase`` is loading, shown or failed. ``leaving`` is who is about to lose access,
    ``giving`` whose clients and bookings are about to be given to somebody else."""

    second_factor: bool = False
    giving: MemberRow = MemberRow()
    others: list[MemberRow] = []

    @rx.event
    @allow("agent")
    async def open(self) -> None:
        """Load the team."""
        await self._open()

    @rx.event
    @allow("agent", limit="mail")
    async def invite(self, form: dict[str, Any]) -> EventSpec | None:
        """Invite somebody by e-mail."""
        return await self._invite(services().agency_team.invite, AgencyInvitationForm, form)

    @rx.event
    @allow("agent", limit="mail")
    async def resend(self, invitation_id: str) -> EventSpec | None:
        """Mail a new link."""
        return await self._act(services().agency_team.resend, invitation_id, done=RESENT)

    @rx.event
    @allow("agent")
    async def revoke(self, invitation_id: str) -> EventSpec | None:
        """End an invitation."""
        return await self._act(services().agency_team.revoke, invitation_id, done=REVOKED)

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
        self.leaving = self.giving = MemberRow()

    @rx.event
    @allow("agent")
    async def remove(self, form: dict[str, Any]) -> EventSpec | None:
        """End the access of who was asked about; a colleague may take over."""
        leaving, self.leaving = self.leaving, MemberRow()
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
        giving, self.giving = self.giving, MemberRow()
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

    def _path(self) -> str:
        return PATH

    async def _load(self, actor: Actor) -> None:
        team = await call(services().agency_team.show, actor)
        self.may_change = actor.agency_owner
        self.second_factor = team.requires_second_factor
        self.members = [member_row(one, actor, has=looks_after(one)) for one in team.members]
        self.invitations = [invitation_row(one) for one in team.invitations]


def looks_after(one: Colleague) -> str:
    """What a colleague has, in words; empty for nothing."""
    parts = [
        counted(one.clients, "client", "clients") if one.clients else "",
        counted(one.bookings, "open booking", "open bookings") if one.bookings else "",
    ]
    return " and ".join(part for part in parts if part)
