"""Going anywhere by a few words: what the palette of the work pages finds."""

from dataclasses import dataclass
from urllib.parse import quote

import reflex as rx

from ecosystem.domain.actor import Role
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.finding import Found, FoundKind
from ecosystem.state.booking_list import search_words
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.wiring import services

WORTH_ASKING = 2
"""Letters from which on there is something to find."""

KINDS: dict[FoundKind, str] = {
    "client": "Client",
    "booking": "Booking",
    "quote": "Proposal",
    "trip": "Trip",
    "package": "Package",
    "operator": "Operator",
    "agency": "Agency",
}


@dataclass(frozen=True)
class FoundLine:
    """``kind`` in words; ``href``: where choosing it leads."""

    kind: str = ""
    label: str = ""
    detail: str = ""
    href: str = ""


class PaletteState(rx.State):
    """``words`` are those that ``lines`` were found by; ``problem``: why there are none."""

    words: str = ""
    lines: list[FoundLine] = []
    problem: str = ""

    @rx.event
    @allow("agent", "provider", "ops", limit="suggest")
    async def typed(self, text: str) -> None:
        """Find while somebody types."""
        self.words, self.lines, self.problem = search_words(text), [], ""
        if len(self.words) < WORTH_ASKING:
            return
        try:
            actor = await current_actor(self)
            found = await call(services().finder.find, actor, self.words)
        except EcosystemError as error:
            self.problem = error.detail
            return
        self.lines = [found_line(one, actor.role) for one in found]


def found_line(found: Found, role: Role) -> FoundLine:
    """What was found, as a line that leads to it at the desk of ``role``."""
    key = quote(found.key, safe="")
    desks = {"agent": "/agent/bookings", "provider": "/provider/bookings"}
    bookings = desks.get(role, "/trips")
    addresses: dict[FoundKind, str] = {
        "client": f"/agent/clients/{key}",
        "booking": f"{bookings}/{key}",
        "quote": f"/agent/quotes/{key}",
        "trip": f"/packages/{key}",
        "package": f"/provider/packages/{key}",
        "operator": f"/ops/operators?q={key}",
        "agency": f"/ops/agencies?q={key}",
    }
    return FoundLine(KINDS[found.kind], found.label, found.detail, addresses[found.kind])
