"""Putting a trip into a proposal from wherever trips are shown to an agent."""

from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.quotes import QuoteRow
from ecosystem.services.forms import parse
from ecosystem.services.quotes.forms import TripItemForm
from ecosystem.state import formats
from ecosystem.state.agent.quote_lines import PATH
from ecosystem.state.calling import call, failed
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.typed import whole_in
from ecosystem.wiring import services

OPEN = ("draft", "sent", "opened")
MOST = 50


class AddToQuoteState(rx.State):
    """The dialog: ``slug`` is the trip it is about, empty while it is closed."""

    slug: str = ""
    title: str = ""
    quotes: list[dict[str, str]] = []
    dates: list[dict[str, str]] = []
    adults: str = "2"
    refused: str = ""

    @rx.event
    @allow("agent", limit="suggest")
    async def ask(self, slug: str) -> EventSpec | None:
        """Open it for a trip, with its dates and the proposals that are not decided."""
        self.reset()
        try:
            actor = await current_actor(self)
            package = await call(services().catalogue.package, str(slug)[:200])
            dates = await call(services().catalogue.departures, package.id)
            page = await call(services().quotes.rows, actor, limit=MOST, statuses=OPEN)
        except EcosystemError as error:
            return failed(error)
        self.quotes = [_choice(row) for row in page.items]
        self.dates = [
            {
                "value": str(row.id),
                "label": f"{formats.days(row.starts_on, row.ends_on)} · {formats.money(row.price)}"
                f" · {row.seats_left} left",
            }
            for row in dates
            if row.status == "open"
        ]
        self.slug, self.title = package.slug, package.title
        return None

    @rx.event
    @allow("agent")
    async def leave(self) -> None:
        """Close it."""
        self.slug = ""

    @rx.event
    @allow("agent")
    async def put(self, form: dict[str, Any]) -> EventSpec | None:
        """Put the trip into the chosen proposal and open that."""
        sent = form if isinstance(form, dict) else {}
        try:
            item = parse(
                TripItemForm,
                {
                    "kind": "trip",
                    "departure_id": sent.get("departure_id", ""),
                    "adults": whole_in(sent, "adults", 0),
                    "children": whole_in(sent, "children", 0),
                },
            )
            quote_id = UUID(str(sent.get("quote_id", ""))[:40])
            await call(services().quotes.add, await current_actor(self), quote_id, "", item)
        except ValueError:
            self.refused = "Choose a proposal."
            return None
        except EcosystemError as error:
            self.refused = error.fields[0].message if error.fields else error.detail
            return None
        self.slug = ""
        return rx.redirect(f"{PATH}/{quote_id}")


def _choice(row: QuoteRow) -> dict[str, str]:
    return {"value": str(row.id), "label": f"{row.client_name} · {row.title} ({row.number})"}
