"""The checkout: from held seats to the payment page, and back if the card was refused."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError, Gone, NotFound
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.domain.views import BookingView, HoldView
from ecosystem.services.forms import BookingForm, parse
from ecosystem.state.address import last_part
from ecosystem.state.agent.booking_for import BookingForState
from ecosystem.state.calling import call, failed
from ecosystem.state.checkout_agency import AgencyDeal, deal
from ecosystem.state.checkout_client import (
    ClientChoice,
    client_chosen,
    clients_like,
    filled_in,
    with_relatives,
)
from ecosystem.state.checkout_form import (
    Entered,
    LeadErrors,
    TravellerField,
    entered,
    refused,
    traveller_fields,
)
from ecosystem.state.checkout_view import (
    Amounts,
    CheckoutPage,
    Kept,
    amounts,
    checkout_page,
    kept,
)
from ecosystem.state.currency import shown_in
from ecosystem.state.drafts import forget_draft
from ecosystem.state.guard import allow
from ecosystem.state.leaving import leave_for
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.state.typed import percent_in
from ecosystem.wiring import services

PAID = ("confirmed", "completed")


class CheckoutState(rx.State):
    """``phase`` is loading, open, ended, missing or failed.

    ``consent`` asks about a price that is not the one that was shown before.
    """

    phase: str = "loading"
    problem: str = ""
    said: str = ""
    consent: str = ""
    view: CheckoutPage = CheckoutPage()
    amounts: Amounts = Amounts()
    kept: Kept = Kept()
    travellers: list[TravellerField] = []
    how: str = "full"
    wrong: LeadErrors = LeadErrors()
    busy: bool = False
    rate_note: str = ""
    client: ClientChoice = ClientChoice()
    agency: AgencyDeal = AgencyDeal()
    found: list[dict[str, str]] = []

    _starts_on: date | None = None
    _hold_id: UUID | None = None
    _total: Money | None = None
    """What is shown: nothing is booked at another amount."""
    _addons: frozenset[UUID] = frozenset()

    @rx.event
    @allow("*", limit="token")
    async def open(self) -> EventSpec | None:
        """Load the hold the address names; a paid one leads to its trip."""
        self.reset()
        try:
            self._hold_id = UUID(last_part(self))
            hold, booking = await self._find(self._hold_id)
        except (ValueError, NotFound):
            self.phase = "missing"
            return None
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return None
        if booking is not None and booking.status in PAID:
            return rx.redirect(f"/trips/{booking.reference}", replace=True)
        await self._show(hold, booking)
        return None

    @rx.event
    @allow("*", limit="token", unasked=True)
    async def look(self) -> EventSpec | None:
        """What another tab did: once it has paid this page leads to the trip."""
        if self.phase != "open" or self._hold_id is None or self.busy:
            return None
        try:
            hold, booking = await self._find(self._hold_id)
        except EcosystemError:
            return None  # what is on screen stays; pressing Pay says what is the matter
        if booking is not None and booking.status in PAID:
            return rx.redirect(f"/trips/{booking.reference}", replace=True)
        self._take(hold)
        return None

    @rx.event
    @allow("*")
    def choose(self, how: str) -> None:
        """Pay the deposit, or everything."""
        if how == "full" or (how == "deposit" and self.amounts.deposit):
            self.how = how

    @rx.event
    @allow("*", limit="price")
    async def toggle(self, addon_id: str) -> EventSpec | None:
        """Take an extra along, or leave it out again; the price follows."""
        known = {extra.key for extra in self.amounts.extras}
        if not (isinstance(addon_id, str) and addon_id in known) or self._hold_id is None:
            return None
        self.consent = ""
        wanted = self._addons ^ {UUID(addon_id)}
        try:
            actor = await current_actor(self)
            self._take(await call(services().holds.set_addons, actor, self._hold_id, wanted))
        except Gone as error:
            self.phase, self.problem = "ended", error.detail
        except EcosystemError as error:
            return failed(error)
        return None

    @rx.event
    @allow("*", limit="hold")
    async def extend(self) -> EventSpec | None:
        """Keep the seats ten minutes longer; it can be asked for once."""
        if self.phase != "open" or self._hold_id is None:
            return None
        try:
            actor = await current_actor(self)
            self._take(await call(services().holds.extend, actor, self._hold_id))
        except Gone as error:
            self.phase, self.problem = "ended", error.detail
            return None
        except EcosystemError as error:
            self.kept = replace(self.kept, more=False)
            return failed(error)
        return toast(_("Your seats are kept ten minutes longer."), "done")

    @rx.event
    @allow("agent", limit="suggest")
    async def find_client(self, words: str) -> None:
        """Offer the agency's clients while somebody types."""
        self.found = await clients_like(await current_actor(self), words)

    @rx.event
    @allow("agent", limit="suggest")
    async def choose_client(self, client_id: str) -> None:
        """Book for this client: her details and her household are filled in."""
        try:
            await self._book_for(client_id)
        except EcosystemError as error:
            self.client = replace(self.client, problem=error.detail)

    @rx.event
    @allow("agent")
    async def no_client(self) -> None:
        """Book for nobody of the agency's list; what is typed stays."""
        self.client = ClientChoice(agent=True, drawn=self.client.drawn)
        (await self.get_state(BookingForState))._choose(None)

    @rx.event
    @allow("agent", limit="price")
    async def mark_up(self, form: dict[str, Any]) -> EventSpec | None:
        """Sell at so much above the net price; at the public price when it is left empty."""
        if self.phase != "open" or self._hold_id is None:
            return None
        self.consent = ""
        try:
            percent = percent_in(form, "markup_percent")
            actor = await current_actor(self)
            self._take(await call(services().holds.set_markup, actor, self._hold_id, percent))
        except Gone as error:
            self.phase, self.problem = "ended", error.detail
        except EcosystemError as error:
            self.agency = replace(self.agency, problem=error.detail)
        return None

    @rx.event
    @allow("*", limit="book")
    async def pay(self, form: dict[str, Any]) -> AsyncIterator[EventSpec | None]:
        """Book what is held and go to the payment page."""
        self.busy = True
        yield
        step = await self._book(form)
        self.busy = False
        if step is not None:
            yield forget_draft("checkout")
            yield step

    async def _find(self, hold_id: UUID) -> tuple[HoldView, BookingView | None]:
        """The hold, and its booking as Stripe says that it stands."""
        actor = await current_actor(self)
        hold = await call(services().holds.get, actor, hold_id)
        if hold.booking_reference is None:
            return hold, None
        return hold, await call(services().bookings.refresh, actor, hold.booking_reference)

    async def _show(self, hold: HoldView, booking: BookingView | None) -> None:
        now = services().clock.now()
        self.view = checkout_page(await current_actor(self), hold, booking, now)
        self.travellers = traveller_fields(hold, booking)
        self._take(hold)
        chosen = booking.payments[0].kind if booking and booking.payments else "deposit"
        self.how = "deposit" if self.amounts.deposit and chosen == "deposit" else "full"
        self.said = self.view.failure
        self.rate_note = (await shown_in(self)).beside(hold.price.total)
        await self._show_client(hold, booking)
        alive = hold.live and (booking is None or booking.status == "pending_payment")
        self.phase = "open" if alive else "ended"

    async def _show_client(self, hold: HoldView, booking: BookingView | None) -> None:
        """For an agent: for whom this was booked, or for whom she said that she books."""
        actor = await current_actor(self)
        if actor.role != "agent":
            return
        self.client, self._starts_on = ClientChoice(agent=True), hold.starts_on
        chosen = (await self.get_state(BookingForState))._chosen()
        try:
            if booking is not None:
                chosen = await call(services().clients.booked_for, actor, hold.id)
            if chosen is not None:
                await self._book_for(chosen, keep=booking is not None)
        except EcosystemError:
            (await self.get_state(BookingForState))._choose(None)

    async def _book_for(self, chosen: Any, *, keep: bool = False) -> None:
        """Take a client; ``keep`` leaves the fields as the booking has them."""
        client = await client_chosen(await current_actor(self), chosen)
        if not keep:
            (await self.get_state(BookingForState))._choose(client.id)
        drawn = self.client.drawn + 1
        self.client = ClientChoice(True, str(client.id), client.name, drawn=drawn)
        self.found = []
        if not keep and self._starts_on is not None:
            self.view = filled_in(self.view, client)
            self.travellers = with_relatives(self.travellers, client, self._starts_on)

    def _take(self, hold: HoldView) -> None:
        """Show what the hold costs and how long it lasts; what was typed stays."""
        now = services().clock.now()
        self.amounts, self.kept, self.agency = amounts(hold), kept(hold, now), deal(hold, now)
        self._total, self._addons = hold.price.total, hold.addon_ids
        if not self.amounts.deposit:
            self.how = "full"

    async def _book(self, form: Any) -> EventSpec | None:
        self.consent = ""
        asks = self.view.birth_dates
        typed = entered(form, self.travellers, birth_dates=asks)
        data = typed.booking(self._hold_id, self.how, self._total, birth_dates=asks)
        try:
            wanted = parse(BookingForm, data)
            booking = await call(services().bookings.create, await current_actor(self), wanted)
        except Gone as error:
            self.phase, self.problem = "ended", error.detail
            return None
        except EcosystemError as error:
            await self._refuse(error, typed)
            return None
        self.wrong = LeadErrors()
        if self.client.agent:  # what she books next may be for somebody else
            (await self.get_state(BookingForState))._choose(None)
        return self._go_on(booking)

    async def _refuse(self, error: EcosystemError, typed: Entered) -> None:
        """Say what is wrong where it is; a price that was not shown is shown and asked about."""
        if error.code == "price_changed" and self._hold_id is not None:
            self.wrong, self.consent = LeadErrors(), error.detail
            try:
                hold, _booking = await self._find(self._hold_id)
            except EcosystemError as another:
                error = another
            else:
                self._take(hold)
                return
        self.wrong, self.travellers = refused(error, self.travellers, typed.fields)

    def _go_on(self, booking: BookingView) -> EventSpec | None:
        if booking.status != "pending_payment":
            here = "/agent/bookings" if self.amounts.on_account else "/trips"
            return rx.redirect(f"{here}/{booking.reference}")
        if booking.checkout_url is None:
            whole = _(
                "The payment page can't be opened at the moment. Nothing was charged and your"
                " seats are kept; try again in a minute."
            )
            self.wrong = LeadErrors(whole=whole)
            return None
        return leave_for(booking.checkout_url)
