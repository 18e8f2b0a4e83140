"""A file's page: what it is, whose, the links to it, who did what with it."""

from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError, NotFound
from ecosystem.services.agency_documents.forms import DocumentChange, ShareForm
from ecosystem.services.forms import parse
from ecosystem.state.address import last_part
from ecosystem.state.agent.document_lines import (
    PATH,
    AccessRow,
    DocumentPage,
    ShareRow,
    access_row,
    document_id,
    document_page,
    share_row,
)
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.only_changed import show_changed
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.state.typed import typed_in, whole_in
from ecosystem.wiring import services

NO_ERRORS: dict[str, str] = {"name": "", "kind": "", "booking": ""}
NO_SHARE_ERRORS: dict[str, str] = {"recipient": "", "days": "", "code": ""}


class AgentDocumentState(rx.State):
    """``phase`` is loading, shown, missing or failed. ``new_link`` is the address of a link just
    made, which nobody can be told again."""

    phase: str = "loading"
    problem: str = ""
    view: DocumentPage = DocumentPage()
    shares: list[ShareRow] = []
    history: list[AccessRow] = []
    errors: dict[str, str] = NO_ERRORS
    refused: str = ""
    loads: int = 0
    sharing: bool = False
    share_errors: dict[str, str] = NO_SHARE_ERRORS
    share_refused: str = ""
    new_link: str = ""

    _id: UUID = UUID(int=0)

    @rx.event
    @allow("agent")
    async def open(self) -> None:
        """Load the file that the address names."""
        loads = self.loads
        self.reset()
        self.loads = loads + 1
        self._id = document_id(last_part(self)) or UUID(int=0)
        await self._load()

    @rx.event
    @allow("agent", unasked=True)
    async def again(self) -> None:
        """Look whether it has been checked, or its links were used."""
        if self.phase == "shown":
            await self._load()

    @rx.event
    @allow("agent")
    async def save(self, form: dict[str, Any]) -> EventSpec | None:
        """Another name, kind or booking."""
        self.errors, self.refused = NO_ERRORS, ""
        given = {name: typed_in(form, name) for name in NO_ERRORS}
        try:
            change = parse(DocumentChange, given)
            actor = await current_actor(self)
            await call(services().agency_documents.change, actor, self._id, change)
        except EcosystemError as error:
            found = field_errors(error)
            self.errors = {name: found.get(name, "") for name in NO_ERRORS}
            if error.code == "booking_not_found":
                self.errors = {**NO_ERRORS, "booking": error.detail}
            self.refused = "" if any(self.errors.values()) else error.detail
            return None
        await self._load()
        return toast("Saved.", "done")

    @rx.event
    @allow("agent")
    async def begin_share(self) -> None:
        """Open the form of a new link."""
        self.sharing, self.share_errors, self.share_refused = True, NO_SHARE_ERRORS, ""
        self.new_link = ""
        self.loads += 1

    @rx.event
    @allow("agent")
    async def leave_share(self) -> None:
        """Close it; the link is not shown again."""
        self.sharing, self.new_link = False, ""

    @rx.event
    @allow("agent", limit="message")
    async def share(self, form: dict[str, Any]) -> None:
        """Make a link and show it, this once."""
        given = {
            "recipient": typed_in(form, "recipient"),
            "code": typed_in(form, "code"),
            "days": whole_in(form, "days", 0),
        }
        self.share_errors, self.share_refused = NO_SHARE_ERRORS, ""
        try:
            wanted = parse(ShareForm, given)
            actor = await current_actor(self)
            made = await call(services().document_shares.make, actor, self._id, wanted)
        except EcosystemError as error:
            found = field_errors(error)
            self.share_errors = {name: found.get(name, "") for name in NO_SHARE_ERRORS}
            self.share_refused = "" if any(self.share_errors.values()) else error.detail
            return
        self.new_link = f"{services().settings.origin}/d/{made.token}"
        await self._load()

    @rx.event
    @allow("agent")
    async def revoke(self, share_id: str) -> EventSpec | None:
        """Take a link back."""
        asked = document_id(share_id)
        if asked is None:
            return None
        try:
            actor = await current_actor(self)
            await call(services().document_shares.revoke, actor, self._id, asked)
        except EcosystemError as error:
            return failed(error)
        await self._load()
        return toast("The link opens nothing any more.", "done")

    @rx.event
    @allow("agent")
    async def remove(self) -> Any:
        """Forget the file for good, with its links."""
        try:
            await call(services().agency_documents.remove, await current_actor(self), self._id)
        except EcosystemError as error:
            return failed(error)
        return [rx.redirect(PATH), toast("The document and its links are gone.", "done")]

    async def _load(self) -> None:
        try:
            actor = await current_actor(self)
            desk, shares = services().agency_documents, services().document_shares
            view = await call(desk.get, actor, self._id)
            links = await call(shares.of, actor, self._id)
            history = await call(desk.history, actor, self._id)
        except NotFound:
            self.phase = "missing"
            return
        except EcosystemError as error:
            if self.phase != "shown":  # what is shown stays; the next look may succeed
                self.phase, self.problem = "failed", error.detail
            return
        show_changed(
            self,
            view=document_page(view),
            shares=[share_row(one) for one in links],
            history=[access_row(one) for one in history],
            phase="shown",
        )
