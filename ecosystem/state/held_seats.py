"""Seats somebody holds and has not paid: the way back to them from wherever she is."""

import reflex as rx

from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.language import _, ngettext
from ecosystem.state import formats
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.wiring import services


class HeldSeatsState(rx.State):
    """``before`` and ``after`` are one sentence with the time between them; empty without seats."""

    href: str = ""
    before: str = ""
    after: str = ""
    trip: str = ""
    seconds: int = 0
    until: str = ""
    until_utc: str = ""

    @rx.event
    @allow("*")
    async def open(self) -> None:
        """Look for them. A page can do without."""
        try:
            kept = await call(services().holds.latest, await current_actor(self))
        except EcosystemError:
            kept = None
        if kept is None:
            self.reset()
            return
        message = ngettext(
            "One seat is held for you until {time}.",
            "{count} seats are held for you until {time}.",
            kept.seats,
        ).replace("{count}", formats.number(kept.seats))
        self.before, self.after = message.split("{time}")
        self.href = f"/checkout/{kept.hold_id}"
        self.trip = _("{trip}, {dates}").format(
            trip=kept.title, dates=formats.days(kept.starts_on, kept.ends_on)
        )
        now = services().clock.now()
        self.seconds = max(int((kept.expires_at - now).total_seconds()), 0)
        self.until = kept.expires_at.isoformat()
        self.until_utc = f"{formats.clock_time(kept.expires_at)} UTC"
