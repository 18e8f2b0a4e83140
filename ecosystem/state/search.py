"""The search page: everything it shows follows from the query in its address."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.language import _
from ecosystem.domain.search import NEARBY_KM, PAGE_SIZE
from ecosystem.domain.views import SearchPage
from ecosystem.state import formats
from ecosystem.state.address import query as address_query
from ecosystem.state.calling import call
from ecosystem.state.cards import TripCard, trip_card
from ecosystem.state.currency import Conversion, chosen, shown_in
from ecosystem.state.guard import allow
from ecosystem.state.search_address import Asked, read, write
from ecosystem.state.search_words import Choice, Group, active, groups, quick, trips, ways_out
from ecosystem.wiring import services

FIELDS = (
    "q",
    "near",
    "radius",
    "from",
    "to",
    "travellers",
    "min_price",
    "max_price",
    "min_nights",
    "max_nights",
)
"""What is typed; the rest is chosen by following a link."""


@dataclass(frozen=True)
class Filters:
    """What stands in the search fields, as text."""

    q: str = ""
    near: str = ""
    radius: str = str(NEARBY_KM)
    first_day: str = ""
    last_day: str = ""
    travellers: str = ""
    min_price: str = ""
    max_price: str = ""
    min_nights: str = ""
    max_nights: str = ""
    sort: str = "relevance"


class SearchState(rx.State):
    """What the search page shows. ``version`` changes with the address, so fields start anew."""

    ready: bool = False
    problem: str = ""
    note: str = ""
    summary: str = ""
    filters: Filters = Filters()
    version: str = ""
    active: list[Choice] = []
    quick: list[Choice] = []
    groups: list[Group] = []
    trips: list[TripCard] = []
    rate_note: str = ""
    days: list[Choice] = []
    spellings: list[Choice] = []
    drops: list[Choice] = []
    position: str = ""
    previous: str = ""
    following: str = ""
    beyond: str = ""

    _given: dict[str, str] = {}

    @rx.event
    @allow("*", limit="search")
    async def open(self) -> None:
        """Search for what the address asks."""
        asked = read(address_query(self))
        self._given = asked.given
        self._show_fields(asked)
        try:
            found = await call(services().search.find, asked.query)
            out = await call(ways_out, asked) if found.total == 0 else None
        except EcosystemError as error:
            self.trips, self.problem, self.ready = [], error.detail, True
            return
        self.days = out.days if out else []
        self.spellings = out.cities if out else []
        self.drops = out.drops if out else []
        self._show(asked, found, await shown_in(self))

    @rx.event
    @allow("*")
    def apply(self, form: dict[str, Any]) -> EventSpec:
        """Search for what was typed; what the form does not have stays as it is."""
        typed = {
            name: value.strip()
            for name in FIELDS
            if isinstance(form, dict) and isinstance(value := form.get(name), str)
        }
        # A price means the currency one reads prices in, also for whom the address is sent to.
        if typed.get("min_price") or typed.get("max_price"):
            typed["currency"] = self._given.get("currency") or chosen(self)
        wanted = {**self._given, **typed}
        return rx.redirect(write({name: value[:200] for name, value in wanted.items() if value}))

    @rx.event
    @allow("*")
    def order(self, by: str) -> EventSpec:
        """List in another order, from the first page on."""
        return rx.redirect(write(self._given, sort="" if by == "relevance" else str(by)[:20]))

    def _show_fields(self, asked: Asked) -> None:
        given = asked.given
        fields = {name: given.get(name, "") for name in FIELDS}
        fields["radius"] = fields["radius"] or str(NEARBY_KM)
        self.filters = Filters(
            first_day=fields.pop("from"),
            last_day=fields.pop("to"),
            sort=given.get("sort", "relevance"),
            **fields,
        )
        self.version = write(given, page=str(asked.page))
        self.note = (
            _("Left out, because it could not be read: {what}.").format(
                what=", ".join(asked.ignored)
            )
            if asked.ignored
            else ""
        )

    def _show(self, asked: Asked, found: SearchPage, conversion: Conversion) -> None:
        given, first = asked.given, asked.query.offset
        ask = {"travellers": given.get("travellers", ""), "from_": given.get("from", "")}
        self.trips = [trip_card(card, conversion, **ask) for card in found.items]
        self.rate_note = conversion.note
        self.active = list(active(given, found))
        self.groups = groups(given, found)
        self.quick = list(quick(given, found))
        self.summary = trips(found.total)
        self.position = formats.range_of(first, len(found.items), found.total)
        self.previous = write(given, page=str(asked.page - 1)) if asked.page > 1 else ""
        self.following = write(given, page=str(asked.page + 1)) if found.next else ""
        pages = -(-found.total // PAGE_SIZE)
        self.beyond = write(given, page=str(pages)) if found.total and not found.items else ""
        self.problem, self.ready = "", True
