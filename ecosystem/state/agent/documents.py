"""Files of the agency: all of them on a page of their own, a client's and a booking's on theirs."""

from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.actor import Actor
from ecosystem.domain.agency_documents import KINDS
from ecosystem.domain.errors import EcosystemError, Invalid
from ecosystem.services.agency_documents.forms import UploadStart
from ecosystem.services.forms import parse
from ecosystem.state.address import last_part, query
from ecosystem.state.agent.document_lines import DocumentLine, document_id, document_line
from ecosystem.state.booking_list import search_words
from ecosystem.state.calling import call, failed
from ecosystem.state.guard import allow
from ecosystem.state.sending import Sending, chosen
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

PAGE_SIZE = 25
MOST_ON_THE_WAY = 30
MOST_CLIENTS = 20


class AgentDocumentsState(Sending, rx.State):
    """``phase`` is loading, shown or failed. ``kind`` is what the list is narrowed to, ``as_kind``
    what files are that are sent now; ``checking``: some are still being looked at."""

    phase: str = "loading"
    problem: str = ""
    rows: list[DocumentLine] = []
    words: str = ""
    kind: str = ""
    as_kind: str = "other"
    for_client: str = ""
    clients: list[dict[str, str]] = []
    checking: bool = False
    has_previous: bool = False
    has_following: bool = False

    _whose: dict[str, Any] = {}
    _cursors: list[str] = [""]
    _next: str = ""

    @rx.event
    @allow("agent")
    async def open(self) -> None:
        """Load the files of what the address names: a client, a booking, or all."""
        self.reset()
        asked, path = query(self), self.router.url.path
        if path.startswith("/agent/clients/"):
            self._whose = {"client_id": document_id(last_part(self)) or UUID(int=0)}
        elif path.startswith(("/agent/bookings/", "/trips/")):
            self._whose = {"booking": last_part(self)[:40]}
        else:
            self.words = search_words(asked.get("q", ""))
            self.kind = asked.get("kind", "") if asked.get("kind", "") in KINDS else ""
        await self._load()

    @rx.event
    @allow("agent", limit="suggest")
    async def search(self, words: str) -> None:
        """Find while somebody types."""
        self.words, self._cursors = search_words(words), [""]
        await self._load()

    @rx.event
    @allow("agent", limit="suggest")
    async def show_kind(self, kind: str) -> None:
        """Only this kind; all with none."""
        self.kind, self._cursors = (kind if kind in KINDS else ""), [""]
        await self._load()

    @rx.event
    @allow("agent", limit="suggest")
    async def following(self) -> None:
        """Go on to the next page."""
        if self._next:
            self._cursors = [*self._cursors, self._next]
            await self._load()

    @rx.event
    @allow("agent", limit="suggest")
    async def previous(self) -> None:
        """Go back a page."""
        if len(self._cursors) > 1:
            self._cursors = self._cursors[:-1]
            await self._load()

    @rx.event
    @allow("agent", limit="suggest", unasked=True)
    async def again(self) -> None:
        """Look whether what is being checked has been."""
        if self.checking:
            await self._load(again=True)

    @rx.event
    @allow("agent")
    async def set_as_kind(self, kind: str) -> None:
        """What the files are that are sent next."""
        self.as_kind = kind if kind in KINDS else "other"

    @rx.event
    @allow("agent", limit="suggest")
    async def look_up(self, words: str) -> None:
        """Offer clients whose name fits."""
        try:
            actor = await current_actor(self)
            found = await call(
                services().clients.find, actor, words=search_words(words), limit=MOST_CLIENTS
            )
        except EcosystemError:
            return  # nothing is offered; typing on asks again
        self.clients = [
            {"value": str(row.id), "label": row.name, "detail": row.email} for row in found.items
        ]

    @rx.event
    @allow("agent")
    async def take_client(self, client_id: str) -> None:
        """Whose the files are that are sent next."""
        self.for_client = str(document_id(client_id) or "")

    # --- sending ------------------------------------------------------------------------

    @rx.event
    @allow("agent")
    async def choose(self, files: list[dict[str, Any]]) -> None:
        """Start sending files that were chosen or dropped."""
        actor = await current_actor(self)
        whose = self._whose or ({"client_id": self.for_client} if self.for_client else {})
        for key, name, told in chosen(files):
            if key in self._sending or len(self.uploads) >= MOST_ON_THE_WAY:
                continue
            told = {"file_name": name, "size": told.get("size"), "kind": self.as_kind, **whose}
            try:
                form = parse(UploadStart, told)
            except Invalid:
                continue
            self._choose(key, name, form)
            await self._start(actor, key)

    @rx.event
    @allow("agent")
    async def progress(self, key: str, percent: int) -> None:
        """Show how much of a file was sent."""
        self._progress(key, percent)

    @rx.event
    @allow("agent")
    async def broke(self, key: str, why: str) -> None:
        """Say that a file did not arrive, and offer to send it again."""
        self._broke(key, why)

    @rx.event(background=True)
    @allow("agent", limit="upload")
    async def arrived(self, key: str) -> EventSpec | None:
        """Have a file that was sent looked at, then list it."""
        async with self:
            sent = self._arrive(key)
            if sent is None:
                return None
            actor = await current_actor(self)
        try:
            view = await call(services().agency_documents.finish, actor, sent)
            if view.state == "refused":
                raise Invalid(view.problem)
        except EcosystemError as error:
            async with self:
                self._not_kept(key, error)
            return None
        async with self:
            self._forget(key)
            self._cursors = [""]
            await self._load()
        return None

    @rx.event
    @allow("agent")
    async def retry(self, key: str) -> EventSpec | None:
        """Send a file again, or have it looked at again if it is there already."""
        way = self._again(key)
        if way is None:
            return None
        if way.sent:
            return AgentDocumentsState.arrived(key)  # type: ignore[operator]
        await self._start(await current_actor(self), key)
        return None

    @rx.event
    @allow("agent")
    async def dismiss(self, key: str) -> None:
        """Stop sending a file, or take its problem off the page."""
        self._forget(key)

    @rx.event
    @allow("agent")
    async def remove(self, which: str) -> EventSpec | None:
        """Forget a file for good."""
        asked = document_id(which)
        if asked is None:
            return None
        try:
            await call(services().agency_documents.remove, await current_actor(self), asked)
        except EcosystemError as error:
            return failed(error)
        await self._load()
        return toast("The document is gone.", "done")

    async def _start(self, actor: Actor, key: str) -> None:
        try:
            form = self._sending[key].form
            made = await call(services().agency_documents.start, actor, form)
        except EcosystemError as error:
            self._not_kept(key, error)
            return
        self._job(key, made.id, made.url, made.fields)

    async def _load(self, *, again: bool = False) -> None:
        try:
            page = await call(
                services().agency_documents.find,
                await current_actor(self),
                words=self.words,
                kind=self.kind,
                cursor=self._cursors[-1],
                limit=PAGE_SIZE,
                **self._whose,
            )
        except EcosystemError as error:
            if not again:  # else what is shown stays; the next look may succeed
                self.phase, self.problem = "failed", error.detail
            return
        self.rows = [document_line(view) for view in page.items]
        self.checking = any(view.state == "scanning" for view in page.items)
        self._next = page.next or ""
        self.has_previous, self.has_following = len(self._cursors) > 1, bool(self._next)
        self.phase = "shown"
