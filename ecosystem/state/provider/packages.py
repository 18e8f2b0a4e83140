"""An operator's own packages, searched by title and paged."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError
from ecosystem.services.operator_desk import OwnPackage
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.booking_list import search_words
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.wiring import services

PATH = "/provider/packages"
PAGE_SIZE = 25
MOST_PAGES = 4000
TONES = {"draft": "warn", "published": "good", "archived": "plain"}


@dataclass(frozen=True)
class PackageLine:
    """A package in the operator's table, formatted."""

    href: str = ""
    title: str = ""
    status: str = ""
    tone: str = "plain"
    price: str = ""
    nights: str = ""
    changed: str = ""


class ProviderPackagesState(rx.State):
    """``phase`` is loading, shown or failed. The page and the words stand in the address."""

    phase: str = "loading"
    problem: str = ""
    rows: list[PackageLine] = []
    words: str = ""
    position: str = ""
    previous_href: str = ""
    following_href: str = ""

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Load the page that the address names."""
        self.reset()
        asked = query(self)
        self.words = search_words(asked.get("q", ""))
        page = page_number(asked.get("page", ""))
        before = (page - 1) * PAGE_SIZE
        try:
            rows, total = await call(
                services().desk.packages,
                await current_actor(self),
                limit=PAGE_SIZE,
                offset=before,
                words=self.words,
            )
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return
        self.rows = [package_line(row) for row in rows]
        self.position = formats.range_of(before, len(rows), total) if rows else ""
        self.previous_href = address_of(self.words, page - 1) if page > 1 else ""
        more = before + len(rows) < total and bool(rows)
        self.following_href = address_of(self.words, page + 1) if more else ""
        self.phase = "shown"

    @rx.event
    @allow("provider")
    async def find(self, form: dict[str, Any]) -> EventSpec:
        """Search by title: a new address, which loads the list anew."""
        data = form if isinstance(form, dict) else {}
        return rx.redirect(address_of(search_words(data.get("q", "")), 1))


def page_number(text: str) -> int:
    """The page an address names, 1 for anything that is none."""
    if text.isascii() and text.isdigit() and len(text) < 6:
        return min(max(int(text), 1), MOST_PAGES)
    return 1


def address_of(words: str, page: int) -> str:
    given = {"q": words, "page": str(page) if page > 1 else ""}
    asked = urlencode({name: value for name, value in given.items() if value})
    return f"{PATH}?{asked}" if asked else PATH


def package_line(row: OwnPackage) -> PackageLine:
    return PackageLine(
        href=f"{PATH}/{row.id}",
        title=row.title,
        status=row.status,
        tone=TONES[row.status],
        price=formats.money(row.price),
        nights=formats.nights(row.nights),
        changed=formats.moment(row.updated_at),
    )
