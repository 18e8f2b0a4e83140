"""An operator's calendar of departures: seeing, selecting, changing many at once."""

from datetime import date
from typing import Any

import reflex as rx
from reflex.event import EventSpec, PointerEventInfo

from ecosystem.domain.actor import Actor
from ecosystem.domain.departures import OwnDeparture
from ecosystem.domain.errors import EcosystemError, NotFound
from ecosystem.services.departures.forms import DepartureChange, Selection
from ecosystem.services.forms import parse
from ecosystem.services.operator_desk import typed_price
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.booking_list import search_words
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.only_changed import show_changed
from ecosystem.state.provider.departure_lines import (
    CalendarDay,
    Slot,
    address_of,
    calendar_days,
    earlier_words,
    month_of,
    month_words,
    next_month,
    refusal_lines,
    selected_words,
    uuid_or_none,
    weeks_around,
)
from ecosystem.state.provider.departure_undo import Step, done_words, steps_back
from ecosystem.state.session import current_actor
from ecosystem.state.sums import counted
from ecosystem.state.toast import toast
from ecosystem.wiring import services

NOT_CHANGED = "Nothing was changed, because of these departures:"


class ProviderDeparturesState(rx.State):
    """``phase`` is loading, shown, missing (no such package) or failed.

    ``earlier`` offers the days that a phone's list leaves out, until ``earlier_shown``.
    ``selected`` holds ids in the order of the calendar; ``refusals`` says why a change was
    not made, ``changing`` whether its dialog is open.
    """

    phase: str = "loading"
    problem: str = ""
    package_id: str = ""
    package_title: str = ""
    month_title: str = ""
    previous_href: str = ""
    following_href: str = ""
    this_month_href: str = ""
    all_href: str = ""
    days: list[CalendarDay] = []
    summary: str = ""
    some: bool = False
    earlier: str = ""
    earlier_shown: bool = False
    editable: bool = False
    options: list[dict[str, str]] = []

    selected: list[str] = []
    selected_text: str = ""
    travellers_href: str = ""
    changing: bool = False
    errors: dict[str, str] = {}
    refusals: list[str] = []
    forms: int = 0

    _first: date = date(2000, 1, 1)
    _anchor: str = ""
    _known: dict[str, OwnDeparture] = {}
    _back: list[Step] = []
    """What takes the last change back."""

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Load the month and package that the address names."""
        self.reset()
        asked = query(self)
        now = services().clock.now()
        self._first = month_of(asked.get("month", ""), now.date())
        try:
            actor = await current_actor(self)
            self.editable = actor.operator_role in ("owner", "editor")
            await self._name_package(actor, asked.get("package", ""))
            await self._load(actor)
            self.phase = "shown"
        except NotFound as error:
            self.phase, self.problem = "missing", error.detail
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
        self._name_addresses()

    @rx.event
    @allow("provider", unasked=True)
    async def refresh(self) -> None:
        """Count the seats again, now and then; what is selected stays selected."""
        if self.phase != "shown":
            return
        try:
            await self._load(await current_actor(self))
        except EcosystemError:
            # The numbers stay as they were; the next look is seconds away.
            return

    @rx.event
    @allow("provider")
    async def show_earlier(self) -> None:
        """List the days that are past, too."""
        self.earlier_shown = True

    @rx.event
    @allow("provider", limit="search")
    async def look_up(self, words: str) -> None:
        """Packages whose title has these words, to choose one from."""
        try:
            found = await call(
                services().departures.packages, await current_actor(self), search_words(words)
            )
        except EcosystemError:
            found = ()
        self.options = [
            {"value": str(one.id), "label": one.title, "detail": one.status} for one in found
        ]

    @rx.event
    @allow("provider")
    async def show_package(self, package_id: str) -> EventSpec:
        """Show one package alone: a new address, which loads the calendar anew."""
        known = uuid_or_none(package_id)
        return rx.redirect(address_of(str(known) if known else "", self._first))

    @rx.event
    @allow("provider")
    async def pick(self, departure_id: str, info: PointerEventInfo) -> None:
        """Select a departure or let it go; with shift, all from the last one to it."""
        order = [one.id for one in self._slots()]
        if departure_id not in order:
            return
        shift = isinstance(info, dict) and info.get("shift_key") is True
        chosen = set(self.selected)
        if shift and self._anchor in order:
            ends = sorted((order.index(self._anchor), order.index(departure_id)))
            chosen |= set(order[ends[0] : ends[1] + 1])
        else:
            chosen ^= {departure_id}
            self._anchor = departure_id
        self._select(chosen)

    @rx.event
    @allow("provider")
    async def pick_weekday(self, weekday: int) -> None:
        """Select all departures of the month on this weekday (ISO), or let them go."""
        days = [day for day in self.days if day.weekday == weekday and not day.outside]
        here = {one.id for day in days for one in day.slots}
        here = {one.id for one in self._slots() if one.id in here}
        chosen = set(self.selected)
        self._select(chosen - here if here <= chosen else chosen | here)

    @rx.event
    @allow("provider")
    async def pick_all(self) -> None:
        """Select everything that is shown and can be changed."""
        self._select({one.id for one in self._slots()})

    @rx.event
    @allow("provider")
    async def pick_none(self) -> None:
        """Let all go."""
        self._select(set())
        self.refusals = []

    @rx.event
    @allow("provider")
    async def start_change(self) -> None:
        """Open the dialog for seats and price."""
        self.errors, self.refusals, self.forms = {}, [], self.forms + 1
        self.changing = bool(self.selected)

    @rx.event
    @allow("provider")
    async def stop_change(self) -> None:
        """The dialog was closed."""
        self.changing, self.errors, self.refusals = False, {}, []

    @rx.event
    @allow("provider")
    async def change(self, form: dict[str, Any]) -> EventSpec | None:
        """Change seats and price of what is selected."""
        self.errors = {}
        try:
            change = parse(DepartureChange, self._typed(form if isinstance(form, dict) else {}))
        except EcosystemError as error:
            self.errors = field_errors(error)
            return None
        return await self._apply(change)

    @rx.event
    @allow("provider")
    async def set_open(self, on_sale: bool) -> EventSpec | None:
        """Close what is selected, or open it for sale again."""
        return await self._apply(DepartureChange(status="open" if on_sale is True else "closed"))

    @rx.event
    @allow("provider")
    async def remove(self) -> EventSpec | None:
        """Delete what is selected, if nobody has booked or holds any of it."""
        self.refusals = []
        try:
            actor = await current_actor(self)
            count = await call(services().departures.remove, actor, self._selection())
            self._select(set())
            await self._load(actor)
        except EcosystemError as error:
            return self._refused(error)
        return toast(f"{counted(count, 'departure', 'departures')} deleted", "done")

    async def _apply(self, change: DepartureChange) -> EventSpec | None:
        self.refusals = []
        try:
            actor = await current_actor(self)
            before = [self._known[one] for one in self.selected if one in self._known]
            rows = await call(services().departures.change, actor, self._selection(), change)
            self._back = steps_back(before, change)
            await self._load(actor)
        except EcosystemError as error:
            return self._refused(error)
        self.changing = False
        undo = ProviderDeparturesState.undo
        return toast(done_words(len(rows), change), "done", undo=undo)

    @rx.event
    @allow("provider")
    async def undo(self) -> EventSpec | None:
        """Give the departures of the last change back what they had, once."""
        steps, self._back, self.refusals = self._back, [], []
        if not steps:
            return None
        try:
            actor = await current_actor(self)
            for ids, change in steps:
                these = parse(Selection, {"departure_ids": list(ids)})
                await call(services().departures.change, actor, these, change)
            await self._load(actor)
        except EcosystemError as error:
            return self._refused(error)
        return toast("As it was before", "done")

    def _refused(self, error: EcosystemError) -> EventSpec | None:
        if "refusals" in error.data:
            self.refusals = refusal_lines(error.data["refusals"])
            return None
        self.errors = field_errors(error)
        return None if self.errors else failed(error)

    def _typed(self, form: dict[str, Any]) -> dict[str, Any]:
        """The form's fields as a change. Raises ``Invalid``."""
        made: dict[str, Any] = {}
        if seats := str(form.get("capacity", "")).strip()[:10]:
            made["capacity"] = int(seats) if seats.isascii() and seats.isdigit() else seats
        kind, price = form.get("price_kind"), str(form.get("price", ""))[:30].strip()
        if kind == "package":
            made["price"] = None
        elif kind == "own" or price:
            currency = next((one.currency for one in self._chosen()), "EUR")
            made["price"] = typed_price(price, currency)
        return made

    def _selection(self) -> Selection:
        return parse(Selection, {"departure_ids": list(self.selected)})

    def _slots(self) -> list[Slot]:
        """What can be selected, in the order of the calendar."""
        return [one for day in self.days for one in day.slots if not one.fixed]

    def _chosen(self) -> list[Slot]:
        chosen = set(self.selected)
        return [one for one in self._slots() if one.id in chosen]

    def _select(self, ids: set[str]) -> None:
        slots = [one for one in self._slots() if one.id in ids]
        self.selected = [one.id for one in slots]
        self.selected_text = selected_words(slots) if slots else ""
        self.travellers_href = (
            f"/provider/bookings?departure={slots[0].id}" if len(slots) == 1 else ""
        )

    async def _name_package(self, actor: Actor, text: str) -> None:
        if not text:
            return
        package_id = uuid_or_none(text)
        if package_id is None:
            raise NotFound("This package does not exist.", code="package_not_found")
        known = await call(services().departures.package, actor, package_id)
        self.package_id, self.package_title = str(known.id), known.title

    async def _load(self, actor: Actor) -> None:
        rows: tuple[OwnDeparture, ...] = await call(
            services().departures.between,
            actor,
            *weeks_around(self._first),
            uuid_or_none(self.package_id),
        )
        self._known = {str(row.id): row for row in rows}
        days = calendar_days(self._first, rows, services().clock.now().date())
        show_changed(
            self,
            days=days,
            earlier=earlier_words(days),
            summary=month_words(self._first, rows),
            some=bool(rows),
        )
        self._select(set(self.selected))

    def _name_addresses(self) -> None:
        self.month_title = formats.month(self._first)
        self.previous_href = address_of(self.package_id, next_month(self._first, -1))
        self.following_href = address_of(self.package_id, next_month(self._first))
        self.this_month_href = address_of(self.package_id, None)
        self.all_href = address_of("", self._first)
