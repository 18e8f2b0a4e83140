"""A client's page: who she is, her documents, what happened, and her rights."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.clients import ClientView
from ecosystem.domain.errors import Conflict, EcosystemError, NotFound
from ecosystem.services.clients.forms import ClientChange, DocumentForm, NoteForm
from ecosystem.services.forms import parse
from ecosystem.state.address import last_part
from ecosystem.state.agent.booking_for import BookingForState
from ecosystem.state.agent.client_lines import (
    PATH,
    ClientPageView,
    DocumentRow,
    PairRow,
    PersonLink,
    TimelineRow,
    client_href,
    client_page,
    document_rows,
    merged,
    pair_row,
    relatives,
    timeline_rows,
)
from ecosystem.state.agent.clients import client_id
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.drafts import forget_draft
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

FIELDS = (
    "name", "email", "phone", "country", "birth_date", "nationality", "address", "language",
    "preferences", "notes", "tags", "agent_id", "household", "consent_source",
)  # fmt: skip
NO_ERRORS: dict[str, str] = dict.fromkeys(FIELDS, "")
DOCUMENT_FIELDS = ("kind", "number", "country", "issued_on", "expires_on")
NO_DOCUMENT_ERRORS: dict[str, str] = dict.fromkeys(DOCUMENT_FIELDS, "")


class AgentClientState(rx.State):
    """``phase`` is loading, shown, missing or failed. ``shown_number`` is of ``shown_id``."""

    phase: str = "loading"
    problem: str = ""
    view: ClientPageView = ClientPageView()
    people: list[dict[str, str]] = []
    households: list[str] = []
    documents: list[DocumentRow] = []
    relatives: list[PersonLink] = []
    merged: list[PersonLink] = []
    pairs: list[PairRow] = []
    timeline: list[TimelineRow] = []
    errors: dict[str, str] = NO_ERRORS
    refused: str = ""
    conflict: bool = False
    saved: str = ""
    loads: int = 0
    may_decide: bool = False
    shown_id: str = ""
    shown_number: str = ""
    adding: bool = False
    document_errors: dict[str, str] = NO_DOCUMENT_ERRORS
    document_refused: str = ""
    note_error: str = ""
    notes: int = 0

    _seen: ClientView | None = None

    @rx.event
    @allow("agent")
    async def open(self) -> EventSpec | None:
        """Load the client; what was typed and not saved goes."""
        loads = self.loads
        self.reset()
        self.loads = loads + 1
        try:
            asked = client_id(last_part(self))
            actor = await current_actor(self)
            view = await call(services().clients.get, actor, asked)
            if view.id != asked:
                return rx.redirect(client_href(view.id), replace=True)
            people = await call(services().agency_desk.people, actor)
            _tags, self.households = await call(services().clients.choices, actor)
            self.people = [{"value": "", "label": "Nobody"}]
            self.people += [{"value": str(p.id), "label": p.name} for p in people]
            self.may_decide = actor.sees_commission
            self._show(view)
            await self._load_timeline()
            self.phase = "shown"
        except NotFound:
            self.phase = "missing"
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
        return None

    @rx.event
    @allow("agent")
    async def save(self, form: dict[str, Any]) -> EventSpec | list[EventSpec] | None:
        """Save the form, unless somebody else has in between."""
        self.errors, self.refused, self.saved, self.conflict = NO_ERRORS, "", "", False
        if self._seen is None:
            return None
        try:
            change = parse(ClientChange, typed(form, self._seen.version))
            actor = await current_actor(self)
            self._show(await call(services().clients.change, actor, self._seen.id, change))
        except EcosystemError as error:
            return self._refuse(error)
        self.saved = "Saved"
        return [forget_draft("client"), toast("Saved.", "done")]

    @rx.event
    @allow("agent")
    async def write_note(self, form: dict[str, Any]) -> EventSpec | None:
        """Write something down."""
        self.note_error = ""
        if self._seen is None:
            return None
        body = form.get("body", "") if isinstance(form, dict) else ""
        try:
            note = parse(NoteForm, {"body": body})
            await call(services().clients.note, await current_actor(self), self._seen.id, note)
            await self._load_timeline()
        except EcosystemError as error:
            said = field_errors(error).get("body", error.detail)
            self.note_error = said if str(body).strip() else "Write something first."
            return None
        self.notes += 1
        return toast("The note is kept.", "done")

    @rx.event
    @allow("agent")
    async def remove_note(self, note_id: str) -> EventSpec | None:
        """Take a note away."""
        return await self._act(services().clients.remove_note, note_id, "The note is gone.")

    @rx.event
    @allow("agent")
    async def begin_document(self) -> None:
        """Open the form of a new document, empty."""
        self.adding, self.document_errors, self.document_refused = True, NO_DOCUMENT_ERRORS, ""
        self.notes += 1

    @rx.event
    @allow("agent")
    async def leave_document(self) -> None:
        """Close it."""
        self.adding = False

    @rx.event
    @allow("agent")
    async def add_document(self, form: dict[str, Any]) -> EventSpec | None:
        """Keep a document."""
        sent = form if isinstance(form, dict) else {}
        if self._seen is None:
            return None
        try:
            wanted = parse(DocumentForm, {n: sent[n] for n in DOCUMENT_FIELDS if n in sent})
            actor = await current_actor(self)
            await call(services().client_documents.add, actor, self._seen.id, wanted)
            await self._reload()
        except EcosystemError as error:
            found = field_errors(error)
            self.document_errors = {name: found.get(name, "") for name in DOCUMENT_FIELDS}
            known = any(self.document_errors.values())
            self.document_refused = "" if known else error.detail
            return None
        self.adding = False
        return toast("The document is kept. Its number is sealed.", "done")

    @rx.event
    @allow("agent")
    async def remove_document(self, document_id: str) -> EventSpec | None:
        """Forget a document."""
        done = "The document is forgotten."
        return await self._act(services().client_documents.remove, document_id, done)

    @rx.event
    @allow("agent", limit="reveal")
    async def reveal(self, document_id: str) -> EventSpec | None:
        """Show a number; that it was looked at is written down."""
        self.shown_id = self.shown_number = ""
        if self._seen is None:
            return None
        try:
            actor = await current_actor(self)
            asked = client_id(document_id)
            number = await call(services().client_documents.reveal, actor, self._seen.id, asked)
        except EcosystemError as error:
            return failed(error, PATH)
        self.shown_id, self.shown_number = str(asked), number
        return None

    @rx.event
    @allow("agent")
    async def hide(self) -> None:
        """Mask the number again."""
        self.shown_id = self.shown_number = ""

    @rx.event
    @allow("agent")
    async def merge(self, other: str) -> EventSpec | None:
        """Put another client into this one."""
        said = "The two are one client now. It can be taken back below."
        return await self._act(services().client_merging.merge, other, said)

    @rx.event
    @allow("agent")
    async def undo_merge(self, merge_id: str) -> EventSpec | None:
        """Make two of one again."""
        try:
            actor = await current_actor(self)
            await call(services().client_merging.undo, actor, client_id(merge_id))
            await self._reload()
        except EcosystemError as error:
            return failed(error, PATH)
        return toast("They are two clients again.", "done")

    @rx.event
    @allow("agent")
    async def erase(self) -> Any:
        """Forget the client for good."""
        if self._seen is None:
            return None
        try:
            actor = await current_actor(self)
            told = await call(services().client_rights.erase, actor, self._seen.id)
        except EcosystemError as error:
            return failed(error, PATH)
        self.reset()  # the tab forgets her, too
        kept = f" Kept: {told.kept[0].what}." if len(told.kept) > 1 else ""
        return [rx.redirect(PATH), toast(f"The client is erased.{kept}", "done")]

    @rx.event
    @allow("agent")
    async def book(self) -> EventSpec | None:
        """Look for a trip for this client."""
        if self._seen is None:
            return None
        chosen = await self.get_state(BookingForState)
        chosen._choose(self._seen.id)
        return rx.redirect("/search")

    async def _act(self, act: Any, other_id: str, said: str) -> EventSpec | None:
        if self._seen is None:
            return None
        try:
            actor = await current_actor(self)
            await call(act, actor, self._seen.id, client_id(other_id))
            await self._reload()
        except EcosystemError as error:
            return failed(error, PATH)
        return toast(said, "done")

    async def _reload(self) -> None:
        assert self._seen is not None  # asked by whoever calls
        actor = await current_actor(self)
        before = self._seen.version
        view = await call(services().clients.get, actor, self._seen.id)
        if view.version != before:
            self.loads += 1  # the form is drawn anew with what is there now
        self._show(view)
        await self._load_timeline()

    async def _load_timeline(self) -> None:
        assert self._seen is not None  # asked by whoever calls
        actor = await current_actor(self)
        self.timeline = timeline_rows(await call(services().clients.timeline, actor, self._seen.id))

    def _refuse(self, error: EcosystemError) -> EventSpec | None:
        found = field_errors(error)
        self.errors = {
            name: next((m for f, m in found.items() if f.split(".")[0] == name), "")
            for name in FIELDS
        }
        self.conflict = isinstance(error, Conflict)
        if any(self.errors.values()):
            self.refused = "Nothing was saved yet: look at the fields marked below."
            return None
        return None if self.conflict else failed(error, PATH)

    def _show(self, view: ClientView) -> None:
        self._seen = view
        self.view = client_page(view)
        self.documents = document_rows(view.documents)
        self.relatives, self.merged = relatives(view), merged(view)
        self.pairs = [pair_row(pair) for pair in view.duplicates]
        self.shown_id = self.shown_number = ""


def typed(form: Any, version: int) -> dict[str, Any]:
    """What a browser sent of the form, as a change of this version."""
    data = form if isinstance(form, dict) else {}
    values: dict[str, Any] = {name: data[name] for name in FIELDS if name in data}
    if isinstance(values.get("tags"), str):
        values["tags"] = [tag for tag in values["tags"].split(",") if tag.strip()]
    if values.get("agent_id") == "":
        values["agent_id"] = None
    # A box that is not ticked sends nothing; the name says that the form was there.
    if "name" in data:
        values["consent"] = bool(data.get("consent"))
    return {"version": version, **values}
