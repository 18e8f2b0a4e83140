"""An agency's proposals: found as one types, begun for a client."""

from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError
from ecosystem.services.forms import parse
from ecosystem.services.quotes.forms import QuoteForm
from ecosystem.state.address import query
from ecosystem.state.agent.quote_lines import PATH, QuoteLine, quote_line
from ecosystem.state.booking_list import search_words
from ecosystem.state.calling import call, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.wiring import services

PAGE_SIZE = 25
MOST_CLIENTS = 20
NO_ERRORS: dict[str, str] = {"title": "", "client_id": ""}
GROUPS: dict[str, tuple[str, ...]] = {
    "": (),
    "draft": ("draft",),
    "waiting": ("sent", "opened"),
    "accepted": ("accepted",),
    "ended": ("declined", "withdrawn", "expired"),
}


class AgentQuotesState(rx.State):
    """``phase`` is loading, shown or failed. ``group`` is one of ``GROUPS``."""

    phase: str = "loading"
    problem: str = ""
    rows: list[QuoteLine] = []
    words: str = ""
    group: str = ""
    has_previous: bool = False
    has_following: bool = False
    adding: bool = False
    clients: list[dict[str, str]] = []
    client_id: str = ""
    client_name: str = ""
    errors: dict[str, str] = NO_ERRORS
    refused: str = ""
    forms: int = 0

    _cursors: list[str] = [""]
    _next: str = ""

    @rx.event
    @allow("agent")
    async def open(self) -> None:
        """Load the first page; ``?client=`` begins a proposal to that client."""
        self.reset()
        asked = query(self)
        self.words = search_words(asked.get("q", ""))
        self.group = asked.get("show", "") if asked.get("show", "") in GROUPS else ""
        await self._load()
        await self._begin_for(asked.get("client", ""))

    @rx.event
    @allow("agent", limit="suggest")
    async def search(self, words: str) -> None:
        """Find while somebody types."""
        self.words, self._cursors = search_words(words), [""]
        await self._load()

    @rx.event
    @allow("agent", limit="suggest")
    async def show_only(self, group: str) -> None:
        """Only drafts, those that wait, those accepted, those that ended; all with none."""
        self.group = group if isinstance(group, str) and group in GROUPS else ""
        self._cursors = [""]
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
    @allow("agent")
    async def begin(self) -> None:
        """Open the form of a new proposal."""
        self.adding, self.errors, self.refused = True, NO_ERRORS, ""
        self.client_id, self.client_name, self.clients = "", "", []
        self.forms += 1

    @rx.event
    @allow("agent")
    async def leave(self) -> None:
        """Close it."""
        self.adding = False

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
        """Choose one of those offered."""
        self.client_id = str(client_id)[:60]

    @rx.event
    @allow("agent")
    async def add(self, form: dict[str, Any]) -> EventSpec | None:
        """Begin the proposal and open its page."""
        sent = form if isinstance(form, dict) else {}
        try:
            wanted = parse(
                QuoteForm,
                {
                    "title": sent.get("title", ""),
                    "client_id": self.client_id or sent.get("client_id", ""),
                    "options": [{"title": "Option A"}],
                },
            )
            view = await call(services().quotes.create, await current_actor(self), wanted)
        except EcosystemError as error:
            found = field_errors(error)
            self.errors = {name: found.get(name, "") for name in NO_ERRORS}
            if self.errors["client_id"]:
                self.errors["client_id"] = "Choose a client from the list."
            self.refused = "" if any(self.errors.values()) else error.detail
            return None
        self.adding = False
        return rx.redirect(f"{PATH}/{view.id}")

    async def _begin_for(self, client_id: str) -> None:
        try:
            client = await call(
                services().clients.get, await current_actor(self), UUID(client_id[:40])
            )
        except (ValueError, EcosystemError):
            return
        self.adding, self.forms = True, self.forms + 1
        self.client_id, self.client_name = str(client.id), client.name

    async def _load(self) -> None:
        try:
            page = await call(
                services().quotes.rows,
                await current_actor(self),
                cursor=self._cursors[-1],
                limit=PAGE_SIZE,
                statuses=GROUPS[self.group],
                words=self.words,
            )
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return
        self.rows = [quote_line(row) for row in page.items]
        self._next = page.next or ""
        self.has_previous, self.has_following = len(self._cursors) > 1, bool(self._next)
        self.phase = "shown"
