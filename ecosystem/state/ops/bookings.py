"""All bookings of the marketplace."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.state.booking_list import BookingList, address_of
from ecosystem.state.guard import allow

PATH = "/ops/bookings"


class OpsBookingsState(BookingList, rx.State):
    """``phase`` is loading, shown or failed; ``problem`` says why it failed."""

    @rx.event
    @allow("ops")
    async def open(self) -> None:
        """Load what the address asks for."""
        await self._open()

    @rx.event
    @allow("ops")
    async def find(self, form: dict[str, Any]) -> EventSpec:
        """Search by words and status: a new address, which loads the list anew."""
        return rx.redirect(address_of(PATH, form))

    @rx.event
    @allow("ops")
    async def following(self) -> None:
        """Go on to the next page."""
        await self._turn(forward=True)

    @rx.event
    @allow("ops")
    async def previous(self) -> None:
        """Go back a page."""
        await self._turn(forward=False)
