"""Writing a proposal. Every change is saved at once, against the version that was read."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError, NotFound
from ecosystem.domain.quotes import QuoteView
from ecosystem.domain.search import SearchQuery
from ecosystem.services.forms import parse
from ecosystem.services.quotes.contents import form_of
from ecosystem.services.quotes.forms import CommentForm, FreeItemForm, QuoteForm, TripItemForm
from ecosystem.state import formats
from ecosystem.state.address import last_part
from ecosystem.state.agent.quote_lines import PATH, QuotePage, quote_page
from ecosystem.state.booking_list import search_words
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.drafts import forget_draft
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.state.typed import minor_units, typed_in, whole_in
from ecosystem.wiring import services

Content = list[dict[str, Any]]
"""The options of a proposal as they are sent to be written."""

FIELDS = ("title", "valid_until", "cover", "trip", "free_title", "each", "quantity", "body")
NO_ERRORS: dict[str, str] = dict.fromkeys(FIELDS, "")
LETTERS = "ABCDEF"
MOST_OFFERED = 10


class AgentQuoteState(rx.State):
    """``phase`` is loading, shown, missing or failed; ``adding`` is trip, free or empty.

    ``into`` is the option something is added to; ``written`` counts what was saved, so that
    fields show it.
    """

    phase: str = "loading"
    problem: str = ""
    view: QuotePage = QuotePage()
    errors: dict[str, str] = NO_ERRORS
    refused: str = ""
    busy: bool = False
    written: int = 0
    adding: str = ""
    into: str = ""
    forms: int = 0
    trips: list[dict[str, str]] = []
    dates: list[dict[str, str]] = []
    package_title: str = ""
    withdrawing: bool = False
    sending: bool = False

    _id: str = ""
    _version: int = 0

    @rx.event
    @allow("agent")
    async def open(self) -> None:
        """Load the proposal of the address."""
        self.reset()
        self._id = last_part(self)
        try:
            self._show(
                await call(services().quotes.get, await current_actor(self), self._key()),
                await self._sees(),
            )
        except EcosystemError as error:
            self.phase = "missing" if isinstance(error, NotFound) else "failed"
            self.problem = error.detail

    @rx.event
    @allow("agent")
    async def again(self) -> None:
        """Look anew, now and then: what the client does shows without a reload."""
        if self.phase != "shown" or self.busy or self.adding:
            return
        try:
            found = await call(services().quotes.get, await current_actor(self), self._key())
        except EcosystemError:
            return  # what is shown stays; the next look may succeed
        self._show(found, await self._sees())

    @rx.event
    @allow("agent")
    async def save(self, form: dict[str, Any]) -> EventSpec | list[EventSpec] | None:
        """Keep title, letter, last day, language and how it is paid."""
        sent = form if isinstance(form, dict) else {}
        changed = {
            "title": typed_in(sent, "title"),
            "cover": typed_in(sent, "cover"),
            "language": typed_in(sent, "language") or "en",
            "pay": typed_in(sent, "pay") or "deposit",
        }
        if day := typed_in(sent, "valid_until"):
            changed["valid_until"] = day
        refused = await self._write(lambda options: options, changed)
        if refused or any(self.errors.values()):
            return refused
        return [forget_draft("proposal"), toast("Saved.", "done")]

    @rx.event
    @allow("agent")
    async def add_option(self) -> EventSpec | None:
        """Another way to travel."""
        taken = {option.title for option in self.view.options}
        title = next((f"Option {c}" for c in LETTERS if f"Option {c}" not in taken), "Option")
        return await self._write(lambda options: [*options, {"title": title, "items": []}])

    @rx.event
    @allow("agent")
    async def name_option(self, key: str, form: dict[str, Any]) -> EventSpec | None:
        """Give an option its title and note."""
        sent = form if isinstance(form, dict) else {}

        def named(options: Content) -> Content:
            for option in _found(options, key):
                option["title"], option["note"] = typed_in(sent, "title"), typed_in(sent, "note")
            return options

        return await self._write(named) or toast("Saved.", "done")

    @rx.event
    @allow("agent")
    async def remove_option(self, key: str) -> EventSpec | None:
        """Take an option out."""
        return await self._write(lambda options: [o for o in options if o["id"] != key])

    @rx.event
    @allow("agent")
    async def remove_item(self, option_key: str, key: str) -> EventSpec | None:
        """Take an item out of an option."""

        def without(options: Content) -> Content:
            for option in _found(options, option_key):
                option["items"] = [item for item in option["items"] if item["id"] != key]
            return options

        return await self._write(without)

    @rx.event
    @allow("agent")
    async def begin(self, kind: str, option_key: str) -> None:
        """Open the dialog that adds a trip, or something of the agency's own, to an option."""
        self.adding = kind if kind in ("trip", "free") else ""
        self.into, self.errors, self.refused = str(option_key)[:60], NO_ERRORS, ""
        self.trips, self.dates, self.package_title = [], [], ""
        self.forms += 1

    @rx.event
    @allow("agent")
    async def leave(self) -> None:
        """Close whatever dialog is open."""
        self.adding, self.withdrawing, self.sending = "", False, False

    @rx.event
    @allow("agent", limit="suggest")
    async def look_up(self, words: str) -> None:
        """Offer trips that fit what is typed: by their titles first, then as the search does."""
        typed = search_words(words)
        if not typed:
            return
        try:
            named = await call(services().search.suggest, typed)
            page = await call(services().search.find, _words(typed), facets=False)
        except EcosystemError:
            return  # nothing is offered; typing on asks again
        fitting = {
            item.value: (item.label, item.detail) for item in named if item.kind == "package"
        }
        for card in page.items:
            fitting.setdefault(card.slug, (card.title, card.operator_name))
        self.trips = [
            {"value": slug, "label": label, "detail": detail}
            for slug, (label, detail) in fitting.items()
        ][:MOST_OFFERED]

    @rx.event
    @allow("agent", limit="suggest")
    async def take_trip(self, slug: str) -> EventSpec | None:
        """Show the dates of a trip."""
        try:
            package = await call(services().catalogue.package, str(slug)[:200])
            found = await call(services().catalogue.departures, package.id)
        except EcosystemError as error:
            return failed(error)
        self.package_title = package.title
        self.dates = [
            {
                "value": str(row.id),
                "label": f"{formats.days(row.starts_on, row.ends_on)} · {formats.money(row.price)}"
                f" · {row.seats_left} left",
            }
            for row in found
            if row.status == "open"
        ]
        return None

    @rx.event
    @allow("agent")
    async def add_trip(self, form: dict[str, Any]) -> None:
        """Put the chosen departure into the option."""
        sent = form if isinstance(form, dict) else {}
        item = {
            "kind": "trip",
            "departure_id": typed_in(sent, "departure_id"),
            "adults": whole_in(sent, "adults", 2),
            "children": whole_in(sent, "children", 0),
            "note": typed_in(sent, "note"),
        }
        ages = [
            int(part)
            for part in typed_in(sent, "ages").replace(",", " ").split()
            if part.isdecimal() and len(part) < 3
        ]
        if ages:
            item["child_ages"] = ages
        if not item["departure_id"]:
            self.errors = NO_ERRORS | {"trip": "Choose a trip and its date."}
            return
        await self._put_in(TripItemForm, item)

    @rx.event
    @allow("agent")
    async def add_free(self, form: dict[str, Any]) -> None:
        """Put something of the agency's own into the option."""
        sent = form if isinstance(form, dict) else {}
        currency = typed_in(sent, "currency").upper()[:3]
        each = minor_units(typed_in(sent, "each") or "0", currency)
        if each is None:
            self.errors = NO_ERRORS | {"each": "Enter an amount like 45 or 45.50."}
            return
        await self._put_in(
            FreeItemForm,
            {
                "kind": "free",
                "title": typed_in(sent, "free_title"),
                "text": typed_in(sent, "text"),
                "quantity": whole_in(sent, "quantity", 1),
                "each": {"amount": each, "currency": currency},
            },
        )

    @rx.event
    @allow("agent")
    async def ask_send(self) -> None:
        """Open the dialog that sends it."""
        self.sending, self.refused = True, ""

    @rx.event
    @allow("agent", limit="message")
    async def send(self) -> EventSpec | None:
        """Freeze it and write to the client."""
        self.refused = ""
        try:
            found = await call(services().quotes.send, await current_actor(self), self._key())
        except EcosystemError as error:
            self.refused = error.detail
            return None
        self.sending = False
        self._show(found, await self._sees())
        return toast("Sent. You see here when it is opened.", "done")

    @rx.event
    @allow("agent")
    async def ask_withdraw(self) -> None:
        """Open the dialog that takes it back."""
        self.withdrawing = True

    @rx.event
    @allow("agent")
    async def withdraw(self, form: dict[str, Any]) -> EventSpec | None:
        """Take it back; the client reads so."""
        reason = typed_in(form if isinstance(form, dict) else {}, "reason")
        return await self._act(services().quotes.withdraw, reason)

    @rx.event
    @allow("agent")
    async def duplicate(self) -> EventSpec | None:
        """Open a copy of it."""
        try:
            made = await call(services().quotes.duplicate, await current_actor(self), self._key())
        except EcosystemError as error:
            return failed(error)
        return rx.redirect(f"{PATH}/{made.id}")

    @rx.event
    @allow("agent", limit="message")
    async def answer(self, form: dict[str, Any]) -> EventSpec | None:
        """Write to the client beneath the proposal."""
        sent = form if isinstance(form, dict) else {}
        try:
            comment = parse(CommentForm, {"body": typed_in(sent, "body")})
        except EcosystemError as error:
            self.errors = NO_ERRORS | field_errors(error)
            return None
        return await self._act(services().quotes.comment, comment)

    async def _put_in(self, kind: type[TripItemForm | FreeItemForm], item: dict[str, Any]) -> None:
        """Add an item to the option the dialog is about; says what is wrong beside the fields."""
        self.errors, self.refused = NO_ERRORS, ""
        try:
            actor, form = await current_actor(self), parse(kind, item)
            self._show(
                await call(services().quotes.add, actor, self._key(), self.into, form),
                actor.sees_commission,
            )
            self.adding = ""
        except EcosystemError as error:
            self._refuse(error)

    async def _write(
        self, change: Callable[[Content], Content], fields: dict[str, Any] | None = None
    ) -> EventSpec | None:
        """Save the proposal with its options changed; says what is wrong beside the fields."""
        self.errors, self.refused = NO_ERRORS, ""
        try:
            actor = await current_actor(self)
            view = await call(services().quotes.get, actor, self._key())
            options = change([form_of(o).model_dump() for o in view.content.options])
            form = parse(QuoteForm, _document(view, options, self._version) | (fields or {}))
            self._show(
                await call(services().quotes.edit, actor, view.id, form), actor.sees_commission
            )
        except EcosystemError as error:
            self._refuse(error)
            return None if self.adding or any(self.errors.values()) else failed(error)
        return None

    async def _act(self, act: Callable[..., QuoteView], *args: Any) -> EventSpec | None:
        try:
            found = await call(act, await current_actor(self), self._key(), *args)
        except EcosystemError as error:
            return failed(error)
        self.withdrawing = False
        self._show(found, await self._sees())
        return None

    def _refuse(self, error: EcosystemError) -> None:
        found = {path.rpartition(".")[2]: said for path, said in field_errors(error).items()}
        found["free_title"] = found.get("title", "") if self.adding == "free" else ""
        self.errors = NO_ERRORS | {name: found[name] for name in FIELDS if found.get(name)}
        self.refused = "" if any(self.errors.values()) else error.detail

    def _show(self, view: QuoteView, sees_commission: bool) -> None:
        if self._version != view.version:
            self.written += 1
        self.view = quote_page(view, sees_commission=sees_commission)
        self._version, self.phase = view.version, "shown"

    async def _sees(self) -> bool:
        return (await current_actor(self)).sees_commission

    def _key(self) -> UUID:
        try:
            return UUID(self._id)
        except ValueError:
            raise NotFound("This proposal does not exist.", code="quote_not_found") from None


def _words(typed: str) -> SearchQuery:
    return SearchQuery(q=typed, limit=MOST_OFFERED)


def _document(view: QuoteView, options: Content, version: int) -> dict[str, Any]:
    return {
        "title": view.title,
        "client_id": view.client_id,
        "cover": view.content.cover,
        "language": view.language,
        "pay": view.pay,
        "options": options,
        "version": version,
    }


def _found(options: Content, key: str) -> list[dict[str, Any]]:
    return [option for option in options if option["id"] == key]
