"""An agency's bookings."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.views import BookingRow
from ecosystem.state.booking_lines import BookingLine, booking_line
from ecosystem.state.booking_list import BookingList, address_of
from ecosystem.state.guard import allow

PATH = "/agent/bookings"


class AgentBookingsState(BookingList, rx.State):
    """``phase`` is loading, shown or failed; ``problem`` says why it failed."""

    @rx.event
    @allow("agent")
    async def open(self) -> None:
        """Load what the address asks for."""
        await self._open()

    @rx.event
    @allow("agent")
    async def find(self, form: dict[str, Any]) -> EventSpec:
        """Search by words and status: a new address, which loads the list anew."""
        return rx.redirect(address_of(PATH, form))

    @rx.event
    @allow("agent")
    async def following(self) -> None:
        """Go on to the next page."""
        await self._turn(forward=True)

    @rx.event
    @allow("agent")
    async def previous(self) -> None:
        """Go back a page."""
        await self._turn(forward=False)

    def _line(self, row: BookingRow) -> BookingLine:
        return booking_line(row, PATH)
