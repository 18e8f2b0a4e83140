"""Changing the booking whose reference ends the page's address: the card, the question, the deed.

The browser says only what is wanted; what it comes to is asked of the service, shown, and
handed back when it is carried out, so that nothing else than what was shown is done.
"""

from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.changes import (
    ChangePreview,
    DateChoice,
    NewDate,
    OneAddon,
    OneTraveller,
    Possible,
    What,
    WholeBooking,
)
from ecosystem.domain.errors import Conflict, EcosystemError, NotFound
from ecosystem.domain.language import _
from ecosystem.state.address import last_part, query
from ecosystem.state.calling import call, failed
from ecosystem.state.change_words import (
    BUYERS,
    Choice,
    HistoryLine,
    PreviewPage,
    WaitingLine,
    date_choices,
    done_words,
    history_lines,
    party_choices,
    preview_page,
    waiting_line,
)
from ecosystem.state.guard import allow
from ecosystem.state.provider.booking import ProviderBookingState
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.state.trip import TripState
from ecosystem.wiring import services

DATES_AT_ONCE = 12
LONGEST_REASON = 500
MOVED = ("refund_changed", "price_changed", "booking_changed")
"""What was shown is not what it would come to any more: it is shown anew."""

LISTS: dict[str, Callable[[], str]] = {
    "traveller": lambda: _("Who does not travel?"),
    "addon": lambda: _("Which extra is not wanted?"),
    "date": lambda: _("Move to another date"),
}
"""The lists one chooses from, with the heading of each."""


class ChangesState(rx.State):
    """``ready`` once something may be changed or was; ``shown`` while the dialog is open.

    ``step`` of the dialog is loading, traveller, addon, date, preview or failed;
    ``chosen_from`` is the list to which one can go back from what was chosen there.
    """

    ready: bool = False
    may_cancel: bool = False
    may_move: bool = False
    gives_reason: bool = False
    people: list[Choice] = []
    extras: list[Choice] = []
    waiting: WaitingLine = WaitingLine()
    history: list[HistoryLine] = []

    shown: bool = False
    step: str = "loading"
    chosen_from: str = ""
    title: str = ""
    notice: str = ""
    view: PreviewPage = PreviewPage()
    dates: list[Choice] = []
    more_dates: bool = False
    busy: bool = False

    _possible: Possible | None = None
    _preview: ChangePreview | None = None
    _dates: list[DateChoice] = []

    @rx.event
    @allow("*", limit="reference")
    async def open(self) -> None:
        """Load what may be changed and what was; nothing is shown to who may do neither."""
        self.reset()
        await self._load()

    async def _load(self) -> None:
        reference, key = _address(self)
        try:
            actor = await current_actor(self)
            possible = await call(services().changes.possible, actor, reference, key=key)
            history = await call(services().changes.history, actor, reference, key=key)
        except EcosystemError:
            # The page around it says what is wrong; what is shown stays as it was.
            return
        self._possible = possible
        self.may_cancel, self.may_move = possible.cancel, possible.date
        self.gives_reason = possible.by not in BUYERS
        self.people = party_choices(possible.party)
        self.extras = [Choice(str(key), name) for key, name in possible.addons]
        self.waiting = waiting_line(possible.waiting)
        self.history = history_lines(history)
        self.ready = True

    @rx.event
    @allow("*", limit="price")
    async def ask_cancel(self) -> AsyncIterator[None]:
        """Ask what cancelling the whole booking comes to."""
        self._open_dialog(_("Cancel this booking?"))
        yield
        await self._ask(WholeBooking())

    @rx.event
    @allow("*")
    def ask_traveller(self) -> None:
        """Ask who is to be taken off."""
        self._open_dialog(LISTS["traveller"](), "traveller")

    @rx.event
    @allow("*")
    def ask_addon(self) -> None:
        """Ask which extra is to be taken off."""
        self._open_dialog(LISTS["addon"](), "addon")

    @rx.event
    @allow("*", limit="price")
    async def ask_date(self) -> AsyncIterator[None]:
        """Show the other departures."""
        self._open_dialog(LISTS["date"]())
        self._dates, self.dates = [], []
        yield
        await self._add_dates(None)

    @rx.event
    @allow("*", limit="price")
    async def later(self) -> None:
        """Show more departures."""
        if self._dates and self.more_dates:
            await self._add_dates(self._dates[-1].starts_on + timedelta(days=1))

    @rx.event
    @allow("*", limit="price")
    async def choose(self, key: str) -> AsyncIterator[None]:
        """Ask what taking this one off, or moving to this date, comes to."""
        what = self._wanted(key)
        if what is None:
            return
        self.chosen_from, self.step = self.step, "loading"
        yield
        await self._ask(what)

    @rx.event
    @allow("*")
    def back(self) -> None:
        """Choose something else from the same list."""
        if self.chosen_from in LISTS and not self.busy:
            self._open_dialog(LISTS[self.chosen_from](), self.chosen_from)

    @rx.event
    @allow("*")
    def close(self) -> None:
        """The dialog was closed; a change that is under way goes on."""
        self.shown = False

    @rx.event
    @allow("*", limit="book")
    async def confirm(
        self, form: dict[str, Any]
    ) -> AsyncIterator[EventSpec | list[EventSpec] | None]:
        """Carry out what is shown."""
        preview = self._preview
        if preview is None or self.busy or not self.shown:
            return
        self.busy, self.notice = True, ""
        yield
        try:
            yield await self._carry_out(preview, _reason(form) if self.gives_reason else "")
        finally:
            self.busy = False

    @rx.event
    @allow("*", limit="book")
    async def drop(self) -> list[EventSpec] | EventSpec:
        """Give up a dearer date that waits for its payment."""
        waiting = self._possible.waiting if self._possible else None
        if waiting is None:
            return []
        reference, key = _address(self)
        try:
            actor = await current_actor(self)
            await call(services().changes.drop, actor, reference, waiting.id, key=key)
        except EcosystemError as error:
            await self._load()
            return failed(error)
        await self._load()
        return [toast(_("The old date stays. Nothing was charged."), "done"), *self._around()]

    def _open_dialog(self, title: str, step: str = "loading") -> None:
        self.title, self.step, self.shown = title, step, True
        self.notice, self.chosen_from, self._preview = "", "", None

    def _wanted(self, key: Any) -> What | None:
        """What a key of the list on screen stands for; None if it stands for nothing there."""
        possible = self._possible
        if possible is None or not self.shown:
            return None
        if self.step == "traveller":
            numbers = (one.number for one in possible.party)
            return next((OneTraveller(number) for number in numbers if str(number) == key), None)
        if self.step == "addon":
            return next(
                (OneAddon(addon) for addon, _name in possible.addons if str(addon) == key), None
            )
        dates = self._dates if self.step == "date" else []
        ids = (one.departure_id for one in dates)
        return next((NewDate(departure) for departure in ids if str(departure) == key), None)

    async def _add_dates(self, first: date | None) -> None:
        reference, key = _address(self)
        try:
            found = await call(
                services().changes.dates,
                await current_actor(self),
                reference,
                key=key,
                first=first,
                limit=DATES_AT_ONCE,
            )
        except EcosystemError as error:
            self.step, self.notice = "failed", error.detail
            return
        self._dates = [*self._dates, *found]
        self.dates = date_choices(self._dates)
        self.more_dates = len(found) == DATES_AT_ONCE
        self.step = "date"

    async def _ask(self, what: What) -> None:
        reference, key = _address(self)
        try:
            actor = await current_actor(self)
            if self._possible is None:
                self._possible = await call(services().changes.possible, actor, reference, key=key)
            preview = await call(services().changes.preview, actor, reference, what, key=key)
        except EcosystemError as error:
            self.step, self.notice = "failed", error.detail
            return
        self._preview = preview
        self.view = preview_page(preview, self._possible, services().clock.now().date())
        self.title, self.step = self.view.title, "preview"

    async def _carry_out(
        self, preview: ChangePreview, reason: str
    ) -> EventSpec | list[EventSpec] | None:
        reference, key = _address(self)
        try:
            done = await call(
                services().changes.carry_out,
                await current_actor(self),
                reference,
                preview.what,
                key=key,
                expected_refund=preview.refund,
                expected_to_pay=preview.to_pay,
                revision=preview.revision,
                reason=reason,
            )
        except EcosystemError as error:
            if isinstance(error, Conflict) and error.code in MOVED:
                await self._ask(preview.what)
            elif isinstance(error, Conflict | NotFound):
                self.step = "failed"
                await self._load()
            self.notice = error.detail
            return None
        self.shown, self._preview = False, None
        if done.pay_path:
            return rx.redirect(done.pay_path)
        await self._load()
        return [toast(done_words(done), "done"), *self._around()]

    def _around(self) -> list[EventSpec]:
        """What brings the page around this part up to date."""
        if "/provider/" in self.router.url.path:
            return [ProviderBookingState.again()]  # type: ignore[list-item]
        return [TripState.again()]  # type: ignore[list-item]


def _reason(form: Any) -> str:
    typed = form.get("reason", "") if isinstance(form, dict) else ""
    if not isinstance(typed, str):
        return ""
    return "".join(c for c in typed if c.isprintable() or c == "\n").strip()[:LONGEST_REASON]


def _address(state: rx.State) -> tuple[str, str]:
    """The booking's reference and the key of the trip's link, as the address has them."""
    return last_part(state).upper(), query(state).get("key", "")[:200]
