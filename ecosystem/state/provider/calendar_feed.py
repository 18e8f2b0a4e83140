"""The address at which calendar programs find an operator's departures."""

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError
from ecosystem.state.calling import call, failed
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services


class CalendarFeedState(rx.State):
    """``address`` is empty until one was made."""

    ready: bool = False
    editable: bool = False
    address: str = ""

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Find the address."""
        self.reset()
        try:
            actor = await current_actor(self)
            self.address = await call(services().calendar_feeds.address, actor)
            self.editable = actor.operator_role in ("owner", "editor")
            self.ready = True
        except EcosystemError:
            # The calendar itself says what is wrong; this stays out of sight.
            self.ready = False

    @rx.event
    @allow("provider")
    async def renew(self) -> EventSpec:
        """Make new addresses for the team; the old ones end."""
        first = not self.address
        try:
            actor = await current_actor(self)
            self.address = await call(services().calendar_feeds.renew, actor)
        except EcosystemError as error:
            return failed(error)
        words = "The address is ready" if first else "Your team's old addresses have ended."
        return toast(words, "done")
