"""An agency's clients: found as one types, added, and those who may be one person."""

from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError
from ecosystem.services.clients.forms import ClientForm
from ecosystem.services.forms import parse
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.agent.client_lines import (
    PATH,
    ClientRow,
    PairRow,
    client_href,
    client_row,
    pair_row,
)
from ecosystem.state.booking_list import search_words
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.drafts import forget_draft
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

PAGE_SIZE = 25
NEW_FIELDS = ("name", "email", "phone")
NO_ERRORS: dict[str, str] = dict.fromkeys(NEW_FIELDS, "")


class AgentClientsState(rx.State):
    """``phase`` is loading, shown or failed. ``none_at_all``: the agency has no client yet."""

    phase: str = "loading"
    problem: str = ""
    rows: list[ClientRow] = []
    words: str = ""
    tag: str = ""
    household: str = ""
    mine: bool = False
    tags: list[dict[str, str]] = []
    pairs: list[PairRow] = []
    position: str = ""
    has_previous: bool = False
    has_following: bool = False
    none_at_all: bool = False
    may_take_out: bool = False
    adding: bool = False
    errors: dict[str, str] = NO_ERRORS
    refused: str = ""
    forms: int = 0

    _cursors: list[str] = [""]
    _next: str = ""

    @rx.event
    @allow("agent")
    async def open(self) -> None:
        """Load the first page of what the address asks for."""
        self.reset()
        asked = query(self)
        self.words = search_words(asked.get("q", ""))
        self.tag = search_words(asked.get("tag", ""))
        self.household = search_words(asked.get("household", ""))
        try:
            actor = await current_actor(self)
            self.may_take_out = actor.sees_commission
            tags, _households = await call(services().clients.choices, actor)
            self.tags = _choices(tags, self.tag)
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return
        await self._load()

    @rx.event
    @allow("agent")
    async def compare(self) -> None:
        """Look for those who may be one person: after the list, which does not wait for it."""
        try:
            await self._load_pairs()
        except EcosystemError:
            self.pairs = []  # the list is there; this is an offer, not what was asked for

    @rx.event
    @allow("agent", limit="suggest")
    async def search(self, words: str) -> None:
        """Find while somebody types."""
        self.words, self._cursors = search_words(words), [""]
        await self._load()

    @rx.event
    @allow("agent", limit="suggest")
    async def choose_tag(self, tag: str) -> None:
        """Only clients with this tag; all with none."""
        self.tag, self._cursors = search_words(tag), [""]
        await self._load()

    @rx.event
    @allow("agent", limit="suggest")
    async def only_mine(self, mine: bool) -> None:
        """Only clients whom the person at the desk looks after."""
        self.mine, self._cursors = mine is True, [""]
        await self._load()

    @rx.event
    @allow("agent", limit="suggest")
    async def every_household(self) -> None:
        """Not only the household that the address named."""
        self.household, self._cursors = "", [""]
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
        """Open the form of a new client, empty."""
        self.adding, self.errors, self.refused = True, NO_ERRORS, ""
        self.forms += 1

    @rx.event
    @allow("agent")
    async def leave(self) -> None:
        """Close the form of a new client."""
        self.adding = False

    @rx.event
    @allow("agent")
    async def add(self, form: dict[str, Any]) -> list[EventSpec] | None:
        """Keep a new client and open her page."""
        sent = form if isinstance(form, dict) else {}
        try:
            wanted = parse(ClientForm, {name: sent.get(name, "") for name in NEW_FIELDS})
            view = await call(services().clients.add, await current_actor(self), wanted)
        except EcosystemError as error:
            found = field_errors(error)
            self.errors = {name: found.get(name, "") for name in NEW_FIELDS}
            self.refused = "" if any(self.errors.values()) else error.detail
            return None
        self.adding = False
        return [forget_draft("new-client"), rx.redirect(client_href(view.id))]

    @rx.event
    @allow("agent")
    async def merge(self, kept: str, other: str) -> EventSpec:
        """Make two clients one; it can be taken back."""
        try:
            actor = await current_actor(self)
            ids = (client_id(kept), client_id(other))
            merge_id = await call(services().client_merging.merge, actor, *ids)
            await self._load_pairs()
            await self._load()
        except EcosystemError as error:
            return failed(error, PATH)
        undo = AgentClientsState.undo_merge(str(merge_id))  # type: ignore[call-arg]
        return toast("The two are one client now.", "done", undo=undo)

    @rx.event
    @allow("agent")
    async def undo_merge(self, merge_id: str) -> EventSpec:
        """Make two of one again."""
        try:
            actor = await current_actor(self)
            await call(services().client_merging.undo, actor, client_id(merge_id))
            await self._load_pairs()
            await self._load()
        except EcosystemError as error:
            return failed(error, PATH)
        return toast("They are two clients again.", "done")

    async def _load(self) -> None:
        try:
            actor = await current_actor(self)
            page = await call(
                services().clients.find,
                actor,
                words=self.words,
                tag=self.tag,
                household=self.household,
                agent_id=actor.user_id if self.mine else None,
                cursor=self._cursors[-1],
                limit=PAGE_SIZE,
            )
        except EcosystemError as error:
            self.phase, self.problem, self.rows = "failed", error.detail, []
            return
        first = (len(self._cursors) - 1) * PAGE_SIZE
        self.rows = [client_row(line) for line in page.items]
        self.position = formats.range_of(first, len(self.rows), page.total)
        self._next = page.next or ""
        self.has_previous, self.has_following = first > 0, page.next is not None
        asked = self.words or self.tag or self.household or self.mine
        self.none_at_all = not self.rows and not asked
        self.phase = "shown"

    async def _load_pairs(self) -> None:
        actor = await current_actor(self)
        found = await call(services().client_merging.duplicates, actor)
        self.pairs = [pair_row(pair) for pair in found[:10]]


def client_id(text: Any) -> UUID:
    """An id that a browser sent; one that names nothing if it is none."""
    try:
        return UUID(str(text)[:40])
    except ValueError:
        return UUID(int=0)


def _choices(tags: list[str], chosen: str) -> list[dict[str, str]]:
    known = sorted({*tags, chosen} - {""}, key=str.casefold)
    return [{"value": "", "label": "All tags"}, *({"value": t, "label": t} for t in known)]
