"""The operator's team: who works there, and who was invited."""

from typing import Any, cast

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.actor import Actor
from ecosystem.domain.team import ROLES, TeamRole
from ecosystem.services.operator_team import InvitationForm
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.team import RESENT, REVOKED, TeamPage
from ecosystem.state.team_rows import MemberRow, invitation_row, member_row
from ecosystem.wiring import services

PATH = "/provider/team"


class ProviderTeamState(TeamPage, rx.State):
    """``phase`` is loading, shown or failed; ``leaving`` is who is about to be removed."""

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Load the team."""
        await self._open()

    @rx.event
    @allow("provider", limit="mail")
    async def invite(self, form: dict[str, Any]) -> EventSpec | None:
        """Invite somebody by e-mail."""
        return await self._invite(services().team.invite, InvitationForm, form)

    @rx.event
    @allow("provider", limit="mail")
    async def resend(self, invitation_id: str) -> EventSpec | None:
        """Mail a new link."""
        return await self._act(services().team.resend, invitation_id, done=RESENT)

    @rx.event
    @allow("provider")
    async def revoke(self, invitation_id: str) -> EventSpec | None:
        """End an invitation."""
        return await self._act(services().team.revoke, invitation_id, done=REVOKED)

    @rx.event
    @allow("provider")
    async def change_role(self, user_id: str, role: str) -> EventSpec | None:
        """Let a member do more or less."""
        row = self._row(user_id)
        if role not in ROLES or not row.id or row.role == role:
            return None
        done = f"{row.name} is now {'an' if role != 'viewer' else 'a'} {role}."
        return await self._act(
            services().team.change_role, user_id, cast(TeamRole, role), done=done
        )

    @rx.event
    @allow("provider")
    async def ask_to_remove(self, user_id: str) -> None:
        """Ask before a member is removed."""
        self.leaving = self._row(user_id)

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

    def _path(self) -> str:
        return PATH

    async def _load(self, actor: Actor) -> None:
        team = await call(services().team.show, actor)
        self.may_change = actor.operator_role == "owner"
        self.members = [member_row(one, actor) for one in team.members]
        self.invitations = [invitation_row(one) for one in team.invitations]
