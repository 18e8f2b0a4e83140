"""A searched, filtered and paged list of bookings: what three pages have in common.

What is searched for stands in the address (``?q=&status=``); turning pages follows the
cursors that the service gave out, which stay on the server.
"""

from typing import Any
from urllib.parse import urlencode

import reflex as rx

from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.views import BookingRow
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.booking_lines import BookingLine, booking_line
from ecosystem.state.booking_words import TONES
from ecosystem.state.calling import call
from ecosystem.state.session import current_actor
from ecosystem.wiring import services

PAGE_SIZE = 25
LONGEST_WORDS = 100


class BookingList(rx.State, mixin=True):
    """Vars of such a page; each page has its own handlers, which say whom they are for."""

    phase: str = "loading"
    problem: str = ""
    rows: list[BookingLine] = []
    words: str = ""
    status: str = ""
    position: str = ""
    has_previous: bool = False
    has_following: bool = False

    _cursors: list[str] = [""]
    _next: str = ""

    async def _open(self) -> None:
        """Start at the first page of what the address asks for."""
        self.reset()
        asked = query(self)
        self.words = search_words(asked.get("q", ""))
        self.status = asked["status"] if asked.get("status") in TONES else ""
        await self._load()

    def _line(self, row: BookingRow) -> BookingLine:
        """A booking in words; a desk with a page of its own for bookings leads there."""
        return booking_line(row)

    async def _turn(self, forward: bool) -> None:
        if forward and self._next:
            self._cursors = [*self._cursors, self._next]
        elif not forward and len(self._cursors) > 1:
            self._cursors = self._cursors[:-1]
        await self._load()

    async def _load(self) -> None:
        try:
            page = await call(
                services().bookings.rows,
                await current_actor(self),
                cursor=self._cursors[-1],
                limit=PAGE_SIZE,
                words=self.words,
                status=self.status,
                with_total=True,
            )
        except EcosystemError as error:
            self.phase, self.problem, self.rows = "failed", error.detail, []
            return
        first = (len(self._cursors) - 1) * PAGE_SIZE
        self.rows = [self._line(row) for row in page.items]
        self.position = formats.range_of(first, len(self.rows), page.total or 0)
        self._next = page.next or ""
        self.has_previous = len(self._cursors) > 1
        self.has_following = bool(page.next)
        self.phase = "shown"


def search_words(typed: Any) -> str:
    """What was typed into a search field, whatever came in: printable, at most 100 long."""
    return "".join(c for c in str(typed)[:LONGEST_WORDS] if c.isprintable()).strip()


def address_of(path: str, form: Any) -> str:
    """The address that asks for what was typed into the form, whatever came in."""
    data = form if isinstance(form, dict) else {}
    given = {
        "q": search_words(data.get("q", "")),
        "status": str(data.get("status", "")),
    }
    if given["status"] not in TONES:
        given["status"] = ""
    asked = urlencode({name: value for name, value in given.items() if value})
    return f"{path}?{asked}" if asked else path
