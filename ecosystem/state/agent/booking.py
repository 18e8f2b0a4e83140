"""``/agent/bookings/[reference]``: one booking of the agency, for those who look after it."""

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.booking import ACCOUNT, SOLD
from ecosystem.domain.errors import EcosystemError, NotFound
from ecosystem.domain.views import BookingView
from ecosystem.state import formats
from ecosystem.state.address import last_part
from ecosystem.state.agent.bookings import PATH
from ecosystem.state.calling import call, failed
from ecosystem.state.guard import allow
from ecosystem.state.only_changed import show_changed
from ecosystem.state.payment_lines import asked_for
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.state.trip_view import TripPage, trip_page
from ecosystem.wiring import services


class AgentBookingState(rx.State):
    """``phase`` is loading, shown, missing or failed. ``commission`` is empty for whoever may not
    see it; ``pay_link`` is the whole address of what is to be paid next."""

    phase: str = "loading"
    problem: str = ""
    view: TripPage = TripPage()
    commission: str = ""
    booked: str = ""
    pay_link: str = ""

    _reference: str = ""

    @rx.event
    @allow("agent", limit="reference")
    async def open(self) -> None:
        """Load the booking that the address names."""
        self.reset()
        self._reference = last_part(self).upper()
        await self._load()

    @rx.event
    @allow("agent", unasked=True)
    async def again(self) -> None:
        """Show how the booking stands now, without taking away what is on screen."""
        if self.phase == "shown":
            await self._load()

    @rx.event
    @allow("agent", limit="message")
    async def send_pay_link(self) -> EventSpec:
        """Write to the client what is to be paid, and where."""
        try:
            actor = await current_actor(self)
            sent = await call(services().pay_links.send, actor, self._reference)
        except EcosystemError as error:
            return failed(error)
        return toast(f"Sent to {sent.to}: {formats.money(sent.amount)}.", "done")

    async def _load(self) -> None:
        try:
            actor = await current_actor(self)
            found = await call(services().bookings.get, actor, self._reference)
        except EcosystemError as error:
            if self.phase != "shown":
                self.phase = "missing" if isinstance(error, NotFound) else "failed"
                self.problem = error.detail
            return
        if found.masked:  # somebody else's, of which the reference alone is known
            self.phase = "missing"
            return
        self._show(found)

    def _show(self, found: BookingView) -> None:
        show_changed(self, view=trip_page(found, services().clock.now()), phase="shown")
        self.booked = f"{formats.moment(found.created_at)} UTC"
        earns = found.commission is not None and found.status in (*SOLD, "pending_payment")
        self.commission = formats.money(found.commission) if earns and found.commission else ""
        origin = services().settings.origin
        # What the agency owes for its own account is nothing to send to its client.
        asked = next((p for p in asked_for(found) if p.kind not in (ACCOUNT, "change")), None)
        self.pay_link = f"{origin}{asked.pay_path}" if asked else ""


__all__ = ["PATH", "AgentBookingState"]
