"""Trips of all operators as an agent looks for them: with what her agency earns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.agency_terms import AgencyModel
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.views import PackageCard
from ecosystem.services.agency_offers import Offer
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.calling import call
from ecosystem.state.cards import trip_card
from ecosystem.state.guard import allow
from ecosystem.state.search_address import read, write
from ecosystem.state.session import current_actor
from ecosystem.wiring import services

PATH = "/agent/search"
FIELDS = ("q", "from", "to", "travellers", "sort")
EARNED_AS: dict[AgencyModel, str] = {
    "commission": "Commission",
    "net": "At this price you keep",
    "agency_collects": "You keep",
    "operator_pays_later": "Commission, paid later",
}
"""How an agency earns by what it has agreed on with the operator."""


@dataclass(frozen=True)
class SearchFields:
    """What stands in the search fields."""

    q: str = ""
    first_day: str = ""
    last_day: str = ""
    travellers: str = ""
    sort: str = "relevance"


@dataclass(frozen=True)
class TripLine:
    """A trip in the list. ``earned``, said as ``earned_as``, and ``net`` are empty for who may
    not know them."""

    key: str = ""
    slug: str = ""
    href: str = ""
    cover: str = ""
    title: str = ""
    cities: str = ""
    detail: str = ""
    rating: str = ""
    price: str = ""
    note: str = ""
    earned_as: str = ""
    earned: str = ""
    net: str = ""


class AgentSearchState(rx.State):
    """``phase`` is loading, shown or failed. ``net_note`` says why there are no net prices."""

    phase: str = "loading"
    problem: str = ""
    fields: SearchFields = SearchFields()
    version: str = ""
    trips: list[TripLine] = []
    earns: bool = False
    net_note: str = ""
    position: str = ""
    previous: str = ""
    following: str = ""
    public: str = "/search"

    @rx.event
    @allow("agent", limit="search")
    async def open(self) -> None:
        """Search for what the address asks."""
        asked = read(query(self))
        self.fields = search_fields(asked.given)
        self.version = write(asked.given, page=str(asked.page))
        self.public = write(asked.given)
        try:
            actor = await current_actor(self)
            found = await call(services().search.find, asked.query)
            offers = await call(services().agency_offers.of, actor, found.items)
        except EcosystemError as error:
            self.trips, self.phase, self.problem = [], "failed", error.detail
            return
        ask = {"travellers": asked.given.get("travellers", ""), "from_": self.fields.first_day}
        self.trips = [trip_line(card, offers.get(card.id), ask) for card in found.items]
        self.earns = bool(offers)
        unverified = any(offer.net is None for offer in offers.values())
        self.net_note = "Net prices are shown once your agency is verified." if unverified else ""
        first = asked.query.offset
        self.position = (
            formats.range_of(first, len(found.items), found.total) if found.items else ""
        )
        self.previous = here(asked.given, asked.page - 1) if asked.page > 1 else ""
        self.following = here(asked.given, asked.page + 1) if found.next else ""
        self.phase = "shown"

    @rx.event
    @allow("agent")
    def find(self, form: dict[str, Any]) -> EventSpec:
        """Search for what was typed: a new address, which loads the list anew."""
        typed = {
            name: value.strip()[:200]
            for name in FIELDS
            if isinstance(form, dict) and isinstance(value := form.get(name), str)
        }
        if typed.get("sort") == "relevance":
            del typed["sort"]
        return rx.redirect(here({name: value for name, value in typed.items() if value}, 1))


def here(given: Mapping[str, str], page: int) -> str:
    """The address of a page of this list."""
    return "/agent" + write(given, page=str(page))


def search_fields(given: Mapping[str, str]) -> SearchFields:
    """What the address asks for, as the fields are filled in."""
    return SearchFields(
        q=given.get("q", ""),
        first_day=given.get("from", ""),
        last_day=given.get("to", ""),
        travellers=given.get("travellers", ""),
        sort=given.get("sort", "relevance"),
    )


def trip_line(card: PackageCard, offer: Offer | None, ask: dict[str, str]) -> TripLine:
    """A trip as agents see it."""
    shown = trip_card(card, **ask)
    return TripLine(
        key=shown.key,
        slug=card.slug,
        href=shown.href,
        cover=shown.cover,
        title=shown.title,
        cities=shown.cities,
        detail=shown.detail,
        rating=shown.rating,
        price=shown.price,
        note=shown.note,
        earned_as="" if offer is None else EARNED_AS[offer.model],
        earned=""
        if offer is None
        else f"{formats.money(offer.earned)} ({offer.percent.normalize():f}%)",
        net="" if offer is None or offer.net is None else formats.money(offer.net),
    )
