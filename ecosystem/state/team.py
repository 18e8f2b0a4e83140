"""What the pages of operators' and agencies' teams do alike: list, invite, change, remove."""

from typing import Any
from uuid import UUID

import reflex as rx
from pydantic import BaseModel
from reflex.event import EventSpec

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError
from ecosystem.services.forms import parse
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.session import current_actor
from ecosystem.state.team_rows import InvitationRow, MemberRow
from ecosystem.state.toast import load_page, toast

RESENT = "A new link is on its way; the old one has ended."
REVOKED = "The invitation was withdrawn. Its link leads nowhere any more."


class TeamPage(rx.State, mixin=True):
    """Vars of such a page; each page has its own handlers, which say whom they are for.

    ``phase`` is loading, shown or failed; ``leaving`` is who is about to lose access.
    """

    phase: str = "loading"
    problem: str = ""
    members: list[MemberRow] = []
    invitations: list[InvitationRow] = []
    may_change: bool = False
    email_error: str = ""
    refused: str = ""
    drawn: int = 0
    leaving: MemberRow = MemberRow()

    async def _load(self, actor: Actor) -> None:
        """Show the team as ``actor`` may see it."""
        raise NotImplementedError

    def _path(self) -> str:
        """The page's own address."""
        raise NotImplementedError

    async def _open(self) -> None:
        """Load the team."""
        self.reset()
        try:
            await self._load(await current_actor(self))
            self.phase = "shown"
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    async def _invite(self, act: Any, kind: type[BaseModel], form: Any) -> EventSpec | None:
        """Invite whom the form names, by ``act(actor, form)``; ``kind`` has ``email role``."""
        self.email_error = self.refused = ""
        data = form if isinstance(form, dict) else {}
        try:
            wanted: Any = parse(kind, {name: data.get(name) for name in ("email", "role")})
            actor = await current_actor(self)
            await call(act, actor, wanted)
            await self._load(actor)
        except EcosystemError as error:
            self.email_error = field_errors(error).get("email", "")
            self.refused = "" if self.email_error else error.detail
            return None
        self.drawn += 1
        return toast(f"{wanted.email} gets an e-mail with a link for seven days.", "done")

    def _row(self, user_id: object) -> MemberRow:
        """Somebody of the list; without an id if nobody is meant."""
        return next((one for one in self.members if one.id == user_id), MemberRow())

    async def _act(self, act: Any, subject: object, *more: Any, done: str) -> EventSpec | None:
        """Call ``act(actor, subject, …)`` and show what is left; the page anew for who lost it."""
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
            return failed(error, self._path())
        changed_herself = not self.may_change
        return load_page(self._path()) if changed_herself else toast(done, "done")
