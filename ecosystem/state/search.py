"""The search page: everything it shows follows from the query in its address."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.search import PAGE_SIZE, SearchQuery
from ecosystem.domain.views import FacetValue, SearchPage
from ecosystem.services.places import country_name
from ecosystem.services.search import board_label
from ecosystem.state import formats
from ecosystem.state.address import query as address_query
from ecosystem.state.calling import call
from ecosystem.state.cards import TripCard, trip_card
from ecosystem.state.guard import allow
from ecosystem.state.search_address import Asked, read, write
from ecosystem.wiring import services

FIELDS = (
    "q",
    "from",
    "to",
    "travellers",
    "min_price",
    "max_price",
    "min_nights",
    "max_nights",
)
"""What is typed; the rest is chosen by following a link."""

GROUPS = {
    "country": "Country",
    "city": "City",
    "tag": "Kind of trip",
    "stars": "Hotels",
    "board": "Board",
    "operator": "Operator",
}
QUICK_TAGS = 4
DROPPABLE = 12


@dataclass(frozen=True)
class Choice:
    """A filter as a link: ``on`` when it is taken, and the link then takes it away."""

    label: str
    href: str
    count: str = ""
    on: bool = False


@dataclass(frozen=True)
class Group:
    """The values of one facet that the found trips have."""

    name: str
    title: str
    choices: list[Choice]


@dataclass(frozen=True)
class Filters:
    """What stands in the search fields, as text."""

    q: str = ""
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
            drops = await call(_drops, asked) if found.total == 0 else []
        except EcosystemError as error:
            self.trips, self.problem, self.ready = [], error.detail, True
            return
        self._show(asked, found, drops)

    @rx.event
    @allow("*")
    def apply(self, form: dict[str, Any]) -> EventSpec:
        """Search for what was typed; what the form does not have stays as it is."""
        typed = {
            name: value.strip()
            for name in FIELDS
            if isinstance(form, dict) and isinstance(value := form.get(name), str)
        }
        wanted = {**self._given, **{name: value for name, value in typed.items() if value}}
        for name, value in typed.items():
            if not value:
                wanted.pop(name, None)
        return rx.redirect(write(_short(wanted)))

    @rx.event
    @allow("*")
    def order(self, by: str) -> EventSpec:
        """List in another order, from the first page on."""
        return rx.redirect(write(self._given, sort="" if by == "relevance" else str(by)[:20]))

    def _show_fields(self, asked: Asked) -> None:
        given = asked.given
        fields = {name: given.get(name, "") for name in FIELDS}
        self.filters = Filters(
            first_day=fields.pop("from"),
            last_day=fields.pop("to"),
            sort=given.get("sort", "relevance"),
            **fields,
        )
        self.version = write(given, page=str(asked.page))
        self.note = (
            "Left out, because it could not be read: " + ", ".join(asked.ignored) + "."
            if asked.ignored
            else ""
        )

    def _show(self, asked: Asked, found: SearchPage, drops: list[Choice]) -> None:
        given, first = asked.given, asked.query.offset
        ask = {"travellers": given.get("travellers", ""), "from_": given.get("from", "")}
        self.trips = [trip_card(card, **ask) for card in found.items]
        self.active = list(_active(given, found))
        self.groups = _groups(given, found)
        self.quick = list(_quick(given, found))
        self.drops = drops
        self.summary = "1 trip" if found.total == 1 else f"{formats.number(found.total)} trips"
        last = first + len(found.items)
        self.position = (
            f"{formats.number(first + 1)}–{formats.number(last)} of {formats.number(found.total)}"
        )
        self.previous = write(given, page=str(asked.page - 1)) if asked.page > 1 else ""
        self.following = write(given, page=str(asked.page + 1)) if found.next else ""
        pages = -(-found.total // PAGE_SIZE)
        self.beyond = write(given, page=str(pages)) if found.total and not found.items else ""
        self.problem, self.ready = "", True


def _short(wanted: dict[str, str]) -> dict[str, str]:
    """Values as an address may carry them; the next page says what is wrong with them."""
    return {name: value[:200] for name, value in wanted.items()}


def _label(name: str, value: str, found: SearchPage) -> str:
    """One chosen filter in words."""
    known = next((f.label for f in found.facets.get(name, ()) if f.value == value), "")
    match name:
        case "q":
            return f"“{value}”"
        case "country":
            return country_name(value)
        case "board":
            return board_label(value)
        case "stars":
            return f"{value}★ and up" if value != "5" else "5★"
        case "travellers":
            return f"Free seats for {value}"
        case "from":
            return f"From {value}"
        case "to":
            return f"Until {value}"
        case "min_price":
            return f"Price from {formats.number(int(value))}"
        case "max_price":
            return f"Price up to {formats.number(int(value))}"
        case "min_nights":
            return f"At least {formats.nights(int(value))}"
        case "max_nights":
            return f"At most {formats.nights(int(value))}"
        case _:
            return known or value.replace("-", " ").capitalize()


def _active(given: dict[str, str], found: SearchPage) -> Iterator[Choice]:
    for name, value in given.items():
        if name != "sort":
            label = _label(name, value, found)
            yield Choice(label, write(given, **{name: ""}), on=True)


def _quick(given: dict[str, str], found: SearchPage) -> Iterator[Choice]:
    """The few filters worth a chip of their own before anybody opens the drawer."""
    if "travellers" not in given:
        yield Choice("Free seats for 2", write(given, travellers="2"))
    if "stars" not in given:
        yield Choice("4★ and up", write(given, stars="4"))
    if "tag" not in given:
        for tag in found.facets.get("tag", ())[:QUICK_TAGS]:
            yield Choice(_plain(tag), write(given, tag=tag.value))


def _groups(given: dict[str, str], found: SearchPage) -> list[Group]:
    groups: list[Group] = []
    for name, title in GROUPS.items():
        chosen = given.get(name, "")
        choices = [
            Choice(
                _label(name, value.value, found) if name == "stars" else _plain(value),
                write(given, **{name: "" if value.value == chosen else value.value}),
                formats.number(value.count),
                value.value == chosen,
            )
            for value in found.facets.get(name, ())
        ]
        if choices:
            groups.append(Group(name, title, choices))
    return groups


def _plain(value: FacetValue) -> str:
    label = value.label
    return label.replace("-", " ").capitalize() if label == value.value else label


def _drops(asked: Asked) -> list[Choice]:
    """Each filter with the number of trips there would be without it, the best first."""
    names = [name for name in asked.given if name != "sort"][:DROPPABLE]
    without: list[SearchQuery] = []
    for name in names:
        rest = {key: value for key, value in asked.given.items() if key != name}
        without.append(replace(read(rest).query, offset=0))
    nothing = SearchPage((), 0, None)
    counted = zip(names, services().search.counts(without), strict=True)
    return [
        Choice(
            _label(name, asked.given[name], nothing),
            write(asked.given, **{name: ""}),
            "1 trip" if count == 1 else f"{formats.number(count)} trips",
        )
        for name, count in sorted(counted, key=lambda pair: -pair[1])
        if count
    ]
