"""An operator's page: who they are and what they offer."""

from urllib.parse import quote, urlsplit

import reflex as rx

from ecosystem.domain.errors import EcosystemError, NotFound
from ecosystem.domain.language import ngettext
from ecosystem.domain.search import PAGE_SIZE, SearchQuery
from ecosystem.domain.views import OperatorView
from ecosystem.services.places import country_name
from ecosystem.state import formats
from ecosystem.state.address import last_part, query
from ecosystem.state.calling import call
from ecosystem.state.cards import TripCard, trip_card
from ecosystem.state.currency import shown_in
from ecosystem.state.guard import allow
from ecosystem.state.search_address import read
from ecosystem.wiring import services


class OperatorState(rx.State):
    """``phase`` is loading, shown, missing or failed."""

    phase: str = "loading"
    problem: str = ""
    name: str = ""
    place: str = ""
    rating: str = ""
    languages: str = ""
    paragraphs: list[str] = []
    email: str = ""
    mail_to: str = ""
    phone: str = ""
    website: str = ""
    trips: list[TripCard] = []
    rate_note: str = ""
    summary: str = ""
    position: str = ""
    previous: str = ""
    following: str = ""

    @rx.event
    @allow("*", limit="search")
    async def open(self) -> None:
        """Load the operator the address names, and a page of trips."""
        self.reset()
        slug, page = last_part(self), read({"page": query(self).get("page", "")}).page
        ask = SearchQuery(operator=slug, sort="rating", offset=(page - 1) * PAGE_SIZE)
        try:
            operator = await call(services().marketplace.operator, slug)
            found = await call(services().search.find, ask)
        except NotFound:
            self.phase = "missing"
            return
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return
        self._show(operator)
        conversion = await shown_in(self)
        self.trips = [trip_card(card, conversion) for card in found.items]
        self.rate_note = conversion.note if found.items else ""
        self.summary = ngettext("{count} trip", "{count} trips", found.total).format(
            count=formats.number(found.total)
        )
        self.position = formats.range_of(ask.offset, len(found.items), found.total)
        here = f"/operators/{operator.slug}?page="
        self.previous = f"{here}{page - 1}" if page > 1 else ""
        self.following = f"{here}{page + 1}" if found.next else ""
        self.phase = "shown"

    def _show(self, operator: OperatorView) -> None:
        self.name = operator.name
        self.place = ", ".join(p for p in (operator.city, country_name(operator.country)) if p)
        self.rating = "" if operator.rating is None else f"★ {formats.rating(operator.rating)}"
        self.languages = formats.languages(operator.languages)
        self.paragraphs = [p.strip() for p in operator.description.split("\n") if p.strip()]
        self.email = operator.contact_email
        self.mail_to = f"mailto:{quote(operator.contact_email, safe='@')}"
        self.phone = operator.contact_phone
        self.website = web_address(operator.website)


def web_address(typed: str) -> str:
    """What an operator gave as website, if it is an address of the web; else nothing."""
    address = typed.strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    known = address.isprintable() and parts.scheme in ("http", "https") and parts.hostname
    return address if known else ""
