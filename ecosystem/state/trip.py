"""One booked trip: how it stands, what is paid, where it goes."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import reflex as rx

from ecosystem.domain.errors import EcosystemError, NotFound
from ecosystem.domain.paths import HOME
from ecosystem.domain.views import BookingView
from ecosystem.state.accesses import note_access
from ecosystem.state.address import last_part, query
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.only_changed import show_changed
from ecosystem.state.package_view import route_map
from ecosystem.state.session import current_actor
from ecosystem.state.trip_view import TripPage, stays, trip_page, waiting
from ecosystem.wiring import services

DESKS: dict[str, str] = {role: f"{HOME[role]}/bookings" for role in ("agent", "provider", "ops")}
EVERY = 2.0
LOOKS = 30
"""After a payment the page looks every two seconds, for a minute."""


class TripState(rx.State):
    """``phase`` is loading, shown, missing or failed; ``watching`` while it looks again.

    ``list_href`` is where the person's bookings are: at the own desk, if there is one.
    """

    phase: str = "loading"
    problem: str = ""
    view: TripPage = TripPage()
    map_svg: str = ""
    watching: bool = False
    gave_up: bool = False
    at_desk: bool = False
    list_href: str = "/trips"

    _reference: str = ""
    _key: str = ""
    _visit: str = ""
    """Names one opening of the page: whoever comes next in this tab has another."""
    _watched: str = ""

    @rx.event
    @allow("*", limit="reference")
    async def open(self) -> AsyncIterator[object]:
        """Load the booking the address names; after a payment ask Stripe once, then watch."""
        self.reset()
        self._visit, ask = secrets.token_hex(8), query(self)
        self._reference = last_part(self).upper()
        self._key = ask.get("key", "")[:200]
        back = ask.get("from") == "payment"
        look = services().bookings.refresh if back else services().bookings.get
        try:
            actor = await current_actor(self)
            self.at_desk = actor.role in DESKS
            self.list_href = DESKS.get(actor.role, "/trips")
            booking = await call(look, actor, self._reference, key=self._key)
            self.map_svg = await call(route_map, stays(booking))
        except EcosystemError as error:
            self.phase = "missing" if isinstance(error, NotFound) else "failed"
            self.problem = error.detail
            return
        self._show(booking)
        await note_access(self, actor, booking)
        if back and waiting(booking) and not booking.masked:
            self.watching = True
            yield TripState.watch

    @rx.event
    @allow("*", unasked=True)
    async def again(self) -> None:
        """Show how the booking stands now, without taking away what is on screen."""
        if self.phase != "shown":
            return
        try:
            actor = await current_actor(self)
            booking = await call(services().bookings.get, actor, self._reference, key=self._key)
        except EcosystemError:
            return  # what is on screen stays
        self._show(booking)

    @rx.event(background=True)
    @allow("*")
    async def watch(self) -> None:
        """Look again until the payment has arrived, the page is left, or a minute is over.

        Once a visit, and only after a payment, however often a client asks for it.
        """
        async with self:
            if not self.watching or self._watched == self._visit:
                return
            self._watched = self._visit
            visit, reference, key = self._visit, self._reference, self._key
            actor = await current_actor(self)
        for _ in range(LOOKS):
            await asyncio.sleep(EVERY)
            try:
                booking = await call(services().bookings.get, actor, reference, key=key)
            except EcosystemError:
                continue
            async with self:
                if self._visit != visit or last_part(self).upper() != reference:
                    return
                self._show(booking)
                if not waiting(booking):
                    self.watching = False
                    return
        async with self:
            if self._visit == visit:
                self.watching, self.gave_up = False, True

    def _show(self, booking: BookingView) -> None:
        show_changed(
            self, view=trip_page(booking, services().clock.now(), self._key), phase="shown"
        )
