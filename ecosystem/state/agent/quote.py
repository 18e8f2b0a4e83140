"""Writing a proposal. Every change is saved at once, against the version that was read."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError, NotFound
from ecosystem.domain.quotes import QuoteView
from ecosystem.services.forms import parse
from ecosystem.services.quotes.contents import form_of
from ecosystem.services.quotes.forms import CommentForm, QuoteForm
from ecosystem.state.address import last_part
from ecosystem.state.agent.quote_lines import PATH, QuotePage, quote_page
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.drafts import forget_draft
from ecosystem.state.guard import allow
from ecosystem.state.only_changed import show_changed
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.state.typed import typed_in
from ecosystem.wiring import services

Content = list[dict[str, Any]]
"""The options of a proposal as they are sent to be written."""

FIELDS = ("title", "valid_until", "cover", "body")
NO_ERRORS: dict[str, str] = dict.fromkeys(FIELDS, "")
LETTERS = "ABCDEF"


class AgentQuoteState(rx.State):
    """``phase`` is loading, shown, missing or failed; ``written`` counts what was saved, so that
    fields show it, ``answered`` what was written to the client, so that its field empties."""

    phase: str = "loading"
    problem: str = ""
    view: QuotePage = QuotePage()
    errors: dict[str, str] = NO_ERRORS
    refused: str = ""
    written: int = 0
    answered: int = 0
    pdf: str = ""
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
    @allow("agent", unasked=True)
    async def again(self) -> None:
        """Look anew, now and then: what the client does shows without a reload."""
        if self.phase != "shown":
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

        refused = await self._write(named)
        if refused or any(self.errors.values()):
            return refused
        return toast("Saved.", "done")

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
    async def arrange_item(self, option_key: str, key: str, place: int) -> EventSpec | None:
        """Put an item at this place of its option, from 0."""

        def arranged(options: Content) -> Content:
            for option in _found(options, option_key):
                moved = [item for item in option["items"] if item["id"] == key]
                others = [item for item in option["items"] if item["id"] != key]
                at = max(0, min(place, len(others)))
                option["items"] = [*others[:at], *moved, *others[at:]]
            return options

        return await self._write(arranged) if isinstance(place, int) else None

    @rx.event
    @allow("agent")
    async def leave(self) -> None:
        """Close whatever dialog is open."""
        self.withdrawing, self.sending = False, False

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
        refused = await self._act(services().quotes.comment, comment)
        if refused is None:
            self.answered, self.errors = self.answered + 1, NO_ERRORS
        return refused

    async def _write(
        self, change: Callable[[Content], Content], fields: dict[str, Any] | None = None
    ) -> EventSpec | None:
        """Save the proposal with its options changed; says what is wrong beside the fields."""
        self.errors = NO_ERRORS
        try:
            await rewrite(self, change, fields)
        except EcosystemError as error:
            return self._refuse(error)
        return None

    async def _act(self, act: Callable[..., QuoteView], *args: Any) -> EventSpec | None:
        try:
            found = await call(act, await current_actor(self), self._key(), *args)
        except EcosystemError as error:
            return failed(error)
        self.withdrawing = False
        self._show(found, await self._sees())
        return None

    def _refuse(self, error: EcosystemError) -> EventSpec | None:
        """Say what is wrong beside the proposal's own fields; of an option's words in a toast."""
        found = field_errors(error)
        self.errors = NO_ERRORS | {name: found[name] for name in FIELDS if name in found}
        if any(self.errors.values()):
            return None
        return toast(next(iter(found.values())), "problem") if found else failed(error)

    def _show(self, view: QuoteView, sees_commission: bool) -> None:
        if self._version != view.version:
            self.written += 1
        show_changed(
            self,
            view=quote_page(view, sees_commission=sees_commission),
            phase="shown",
            pdf=f"/api/agents/me/quotes/{view.id}/proposal.pdf",
        )
        self._version = view.version

    async def _sees(self) -> bool:
        return (await current_actor(self)).sees_commission

    def _key(self) -> UUID:
        try:
            return UUID(self._id)
        except ValueError:
            raise NotFound("This proposal does not exist.", code="quote_not_found") from None


async def quote_id(state: rx.State) -> UUID:
    """The proposal that the page shows. Raises ``NotFound``."""
    return (await state.get_state(AgentQuoteState))._key()


async def show(state: rx.State, view: QuoteView) -> None:
    """Let the page show a proposal as it was written just now."""
    page = await state.get_state(AgentQuoteState)
    page._show(view, (await current_actor(state)).sees_commission)


async def rewrite(
    state: rx.State,
    change: Callable[[Content], Content],
    fields: dict[str, Any] | None = None,
) -> None:
    """Write the proposal that the page shows with its options changed, and show it.

    Raises what ``Quotes.edit`` does: nothing was written then.
    """
    page = await state.get_state(AgentQuoteState)
    actor = await current_actor(state)
    view = await call(services().quotes.get, actor, page._key())
    options = change([form_of(o).model_dump() for o in view.content.options])
    form = parse(QuoteForm, _document(view, options, page._version) | (fields or {}))
    await show(state, await call(services().quotes.edit, actor, view.id, form))


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
