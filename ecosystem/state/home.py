"""The home page's grid of trips."""

import reflex as rx

from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.search import SearchQuery
from ecosystem.state.calling import call
from ecosystem.state.cards import TripCard, trip_card
from ecosystem.state.currency import shown_in
from ecosystem.state.guard import allow
from ecosystem.wiring import services

SHOWN = 6


class HomeState(rx.State):
    """Some of the best rated trips. ``problem`` is why there are none to show."""

    trips: list[TripCard] = []
    ready: bool = False
    problem: str = ""
    rate_note: str = ""

    @rx.event
    @allow("*")
    async def open(self) -> None:
        """Load the grid."""
        self.problem = ""
        try:
            found = await call(
                services().search.find, SearchQuery(sort="rating", limit=SHOWN), facets=False
            )
            conversion = await shown_in(self)
            self.trips = [trip_card(card, conversion) for card in found.items]
            self.rate_note = conversion.note
        except EcosystemError as error:
            self.trips, self.problem = [], error.detail
        self.ready = True
