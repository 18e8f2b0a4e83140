"""The operator's team: who works there, and who was invited."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.team import ROLES, TeamMember, TeamRole
from ecosystem.services.forms import parse
from ecosystem.services.operator_team import InvitationForm
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.team_rows import InvitationRow, invitation_row
from ecosystem.state.toast import load_page, toast
from ecosystem.wiring import services

PATH = "/provider/team"


@dataclass(frozen=True)
class MemberRow:
    """A person of the team."""

    id: str = ""
    name: str = ""
    email: str = ""
    role: str = ""
    you: bool = False


class ProviderTeamState(rx.State):
    """``phase`` is loading, shown or failed; ``leaving`` is who is about to be removed."""

    phase: str = "loading"
    problem: str = ""
    members: list[MemberRow] = []
    invitations: list[InvitationRow] = []
    may_change: bool = False
    email_error: str = ""
    refused: str = ""
    drawn: int = 0
    leaving: MemberRow = MemberRow()

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Load the team."""
        self.reset()
        try:
            await self._load(await current_actor(self))
            self.phase = "shown"
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("provider", limit="mail")
    async def invite(self, form: dict[str, Any]) -> EventSpec | None:
        """Invite somebody by e-mail."""
        self.email_error = self.refused = ""
        data = form if isinstance(form, dict) else {}
        try:
            wanted = parse(InvitationForm, {name: data.get(name) for name in ("email", "role")})
            actor = await current_actor(self)
            await call(services().team.invite, actor, wanted)
            await self._load(actor)
        except EcosystemError as error:
            self.email_error = field_errors(error).get("email", "")
            self.refused = "" if self.email_error else error.detail
            return None
        self.drawn += 1
        return toast(f"{wanted.email} gets an e-mail with a link for seven days.", "done")

    @rx.event
    @allow("provider", limit="mail")
    async def resend(self, invitation_id: str) -> EventSpec | None:
        """Mail a new link."""
        done = "A new link is on its way; the old one has ended."
        return await self._act(services().team.resend, invitation_id, done=done)

    @rx.event
    @allow("provider")
    async def revoke(self, invitation_id: str) -> EventSpec | None:
        """End an invitation."""
        done = "The invitation was withdrawn. Its link leads nowhere any more."
        return await self._act(services().team.revoke, invitation_id, done=done)

    @rx.event
    @allow("provider")
    async def change_role(self, user_id: str, role: str) -> EventSpec | None:
        """Let a member do more or less."""
        if role not in ROLES:
            return None
        row = next((one for one in self.members if one.id == user_id), None)
        if row is None or row.role == role:
            return None
        done = f"{row.name} is now {'an' if role != 'viewer' else 'a'} {role}."
        return await self._act(
            services().team.change_role, user_id, cast(TeamRole, role), done=done
        )

    @rx.event
    @allow("provider")
    async def ask_to_remove(self, user_id: str) -> None:
        """Ask before a member is removed."""
        found = (one for one in self.members if one.id == user_id)
        self.leaving = next(found, MemberRow())

    @rx.event
    @allow("provider")
    async def keep(self) -> None:
        """Remove nobody."""
        self.leaving = MemberRow()

    @rx.event
    @allow("provider")
    async def remove(self) -> EventSpec | None:
        """Remove the member who was asked about."""
        leaving, self.leaving = self.leaving, MemberRow()
        if not leaving.id:
            return None
        done = f"{leaving.name} has no access any more."
        return await self._act(services().team.remove, leaving.id, done=done)

    # --- inside -------------------------------------------------------------------------

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
        team = await call(services().team.show, actor)
        self.may_change = actor.operator_role == "owner"
        self.members = [member_row(one, actor) for one in team.members]
        self.invitations = [invitation_row(one) for one in team.invitations]


def member_row(member: TeamMember, actor: Actor) -> MemberRow:
    """A member as the page lists her."""
    return MemberRow(
        id=str(member.user_id),
        name=member.name or member.email,
        email=member.email,
        role=member.role,
        you=member.user_id == actor.user_id,
    )
