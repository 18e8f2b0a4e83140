"""The checkout: from held seats to the payment page, and back if the card was refused."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError, Gone, NotFound
from ecosystem.domain.language import _
from ecosystem.domain.views import BookingView, HoldView
from ecosystem.services.forms import BookingForm, parse
from ecosystem.state.address import last_part
from ecosystem.state.calling import call, field_errors
from ecosystem.state.checkout_view import CheckoutPage, TravellerField, checkout_page, entered
from ecosystem.state.currency import shown_in
from ecosystem.state.guard import allow
from ecosystem.state.leaving import leave_for
from ecosystem.state.session import current_actor
from ecosystem.wiring import services

PAID = ("confirmed", "completed")


class CheckoutState(rx.State):
    """``phase`` is loading, open, ended, missing or failed."""

    phase: str = "loading"
    problem: str = ""
    said: str = ""
    view: CheckoutPage = CheckoutPage()
    travellers: list[TravellerField] = []
    how: str = "full"
    name_error: str = ""
    email_error: str = ""
    busy: bool = False
    rate_note: str = ""

    _hold_id: UUID | None = None
    _chosen: str = ""
    """What a booking asks for already: the page offers no other choice then."""

    @rx.event
    @allow("*", limit="token")
    async def open(self) -> EventSpec | None:
        """Load the hold the address names; a paid one leads to its trip."""
        self.reset()
        try:
            self._hold_id = UUID(last_part(self))
        except ValueError:
            self.phase = "missing"
            return None
        return await self._load(self._hold_id)

    async def _load(self, hold_id: UUID) -> EventSpec | None:
        try:
            actor = await current_actor(self)
            hold = await call(services().holds.get, actor, hold_id)
            booking = await self._booking(actor, hold)
        except NotFound:
            self.phase = "missing"
            return None
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return None
        if booking is not None and booking.status in PAID:
            return rx.redirect(f"/trips/{booking.reference}", replace=True)
        self._show(actor, hold, booking)
        self.rate_note = (await shown_in(self)).beside(hold.price.total)
        return None

    async def _booking(self, actor: Actor, hold: HoldView) -> BookingView | None:
        if hold.booking_reference is None:
            return None
        return await call(services().bookings.refresh, actor, hold.booking_reference)

    def _show(self, actor: Actor, hold: HoldView, booking: BookingView | None) -> None:
        now = services().clock.now()
        self.view, self.travellers = checkout_page(actor, hold, booking, now)
        self.how = "deposit" if self.view.deposit else "full"
        self._chosen = booking.payments[0].kind if booking and booking.payments else ""
        self.said = self.view.failure
        alive = hold.live and (booking is None or booking.status == "pending_payment")
        self.phase = "open" if alive else "ended"

    @rx.event
    @allow("*", limit="token")
    async def look(self) -> EventSpec | None:
        """Whether it was paid meanwhile, as in another tab: then this page leads to the trip."""
        if self.phase != "open" or self._hold_id is None or self.busy:
            return None
        try:
            actor = await current_actor(self)
            hold = await call(services().holds.get, actor, self._hold_id)
            booking = await self._booking(actor, hold)
        except EcosystemError:
            return None  # what is on screen stays; pressing Pay says what is the matter
        if booking is not None and booking.status in PAID:
            return rx.redirect(f"/trips/{booking.reference}", replace=True)
        return None

    @rx.event
    @allow("*")
    def choose(self, how: str) -> None:
        """Pay the deposit, or everything."""
        if how == "full" or (how == "deposit" and self.view.deposit):
            self.how = how

    @rx.event
    @allow("*", limit="book")
    async def pay(self, form: dict[str, Any]) -> AsyncIterator[EventSpec | None]:
        """Book what is held and go to the payment page."""
        self.busy = True
        yield
        step = await self._book(form)
        self.busy = False
        if step is not None:
            yield step

    async def _book(self, form: Any) -> EventSpec | None:
        self.name_error = self.email_error = self.problem = ""
        typed = entered(form, self.travellers)
        try:
            wanted = parse(BookingForm, typed.booking(self._hold_id, self._chosen or self.how))
            booking = await call(services().bookings.create, await current_actor(self), wanted)
        except Gone as error:
            self.phase, self.problem = "ended", error.detail
            return None
        except EcosystemError as error:
            self._refuse(error, typed.fields)
            return None
        return self._go_on(booking)

    def _go_on(self, booking: BookingView) -> EventSpec | None:
        if booking.status != "pending_payment":
            return rx.redirect(f"/trips/{booking.reference}")
        if booking.checkout_url is None:
            self.problem = _(
                "The payment page can't be opened at the moment. Nothing was charged and your"
                " seats are kept; try again in a minute."
            )
            return None
        return leave_for(booking.checkout_url)

    def _refuse(self, error: EcosystemError, order: list[str]) -> None:
        """Put each message at its field; ``order`` names the traveller fields that were sent."""
        errors = field_errors(error)
        self.name_error = errors.pop("lead.name", "")
        self.email_error = errors.pop("lead.email", "")
        at = {name: errors.pop(f"travellers.{n}.name", "") for n, name in enumerate(order, 1)}
        self.travellers = [replace(f, error=at.get(f.name, "")) for f in self.travellers]
        self.problem = next(iter(errors.values()), "" if error.fields else error.detail)
