"""The audit log, page by page; the words looked for stand in the address."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.operations import AuditLine
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.booking_list import search_words
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.ops.audit_words import MOVING, details, what_was_done
from ecosystem.state.session import current_actor
from ecosystem.wiring import services

PATH = "/ops/audit"
PAGE_SIZE = 50
ROLES = {
    "ops": "operations",
    "provider": "operator",
    "agent": "agent",
    "customer": "customer",
    "guest": "guest",
}


@dataclass(frozen=True)
class TrailLine:
    """An entry of the log in words; ``href`` leads to its booking, if it has one."""

    id: str = ""
    at: str = ""
    who: str = ""
    role: str = ""
    action: str = ""
    subject: str = ""
    href: str = ""
    detail: str = ""


class OpsAuditState(rx.State):
    """``phase`` is loading, shown or failed; ``problem`` says why it failed."""

    phase: str = "loading"
    problem: str = ""
    rows: list[TrailLine] = []
    words: str = ""
    has_previous: bool = False
    has_following: bool = False

    _cursors: list[str] = [""]
    _next: str = ""

    @rx.event
    @allow("ops")
    async def open(self) -> None:
        """Load the latest entries that the address asks for."""
        self.reset()
        self.words = search_words(query(self).get("q", ""))
        await self._load()

    @rx.event
    @allow("ops")
    async def find(self, form: dict[str, Any]) -> EventSpec:
        """Search: a new address, which loads the log anew."""
        data = form if isinstance(form, dict) else {}
        words = search_words(data.get("q", ""))
        return rx.redirect(f"{PATH}?{urlencode({'q': words})}" if words else PATH)

    @rx.event
    @allow("ops")
    async def following(self) -> None:
        """Go on to older entries."""
        if self._next:
            self._cursors = [*self._cursors, self._next]
            await self._load()

    @rx.event
    @allow("ops")
    async def previous(self) -> None:
        """Go back to newer entries."""
        if len(self._cursors) > 1:
            self._cursors = self._cursors[:-1]
            await self._load()

    async def _load(self) -> None:
        try:
            page = await call(
                services().trail.lines,
                await current_actor(self),
                words=self.words,
                cursor=self._cursors[-1],
                limit=PAGE_SIZE,
            )
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return
        self.rows = [trail_line(line) for line in page.items]
        self._next = page.next or ""
        self.has_previous, self.has_following = len(self._cursors) > 1, bool(page.next)
        self.phase = "shown"


def trail_line(line: AuditLine) -> TrailLine:
    """An entry in words."""
    booking = line.subject_type == "booking" and line.subject_id.startswith("TRV-")
    return TrailLine(
        id=str(line.id),
        at=f"{formats.moment(line.at)} UTC",
        who=line.who or _unnamed(line),
        role=ROLES.get(line.role, line.role),
        action=what_was_done(line),
        subject=f"{line.subject_type.replace('_', ' ')} {line.subject_id}",
        href=f"/trips/{line.subject_id}" if booking else "",
        detail=details(line),
    )


def _unnamed(line: AuditLine) -> str:
    """Who did it when nobody's address is known."""
    if line.role != "ops":
        return "nobody signed in"
    by = line.data.get("by") if line.action.startswith(MOVING) else ""
    return f"the {by}" if by in ("command line", "worker") else "Ecosystem itself"
