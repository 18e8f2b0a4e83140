"""Agencies that sell an operator's trips."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.contracts import NAMES, SellingAgency, percentage
from ecosystem.domain.errors import EcosystemError
from ecosystem.services.agency_contracts import LEAST_WORDS
from ecosystem.services.places.countries import country_name
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.booking_list import search_words
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.wiring import services

PATH = "/provider/agencies"


@dataclass(frozen=True)
class AgencyLine:
    """An agency in the table."""

    href: str = ""
    name: str = ""
    country: str = ""
    sold: str = ""
    bookings: str = ""
    terms: str = ""
    terms_note: str = ""
    offer: str = ""


class ProviderAgenciesState(rx.State):
    """``phase`` is loading, shown or failed; ``words`` is what names are searched for."""

    phase: str = "loading"
    problem: str = ""
    words: str = ""
    rows: list[AgencyLine] = []

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Load the agencies the address asks for."""
        self.reset()
        self.words = search_words(query(self).get("q", ""))
        try:
            actor = await current_actor(self)
            found = await call(services().agency_contracts.agencies, actor, self.words)
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return
        self.rows = [agency_line(one) for one in found]
        self.phase = "shown"

    @rx.event
    @allow("provider")
    async def find(self, form: dict[str, Any]) -> EventSpec:
        """Search by name: a new address, which loads the list anew."""
        words = search_words(form.get("q") if isinstance(form, dict) else "")
        return rx.redirect(f"{PATH}?q={quote_plus(words)}" if words else PATH)


def agency_line(one: SellingAgency) -> AgencyLine:
    """An agency as the table lists it."""
    count = f"{formats.number(one.bookings)} booking{'s' * (one.bookings != 1)}"
    terms, note = "Your packages' commission", "No contract"
    if one.contract is not None:
        held = one.contract
        terms = f"{NAMES[held.terms.model]}, {percentage(held.terms.percent)}"
        note = "" if held.ends_on is None else f"Until {formats.full_day(held.ends_on)}"
    return AgencyLine(
        href=f"{PATH}/{one.id}",
        name=one.name,
        country=country_name(one.country) + ("" if one.verified else " · not verified"),
        sold=" · ".join(formats.money(amount) for amount in one.sold) or "Nothing yet",
        bookings=count if one.bookings else "",
        terms=terms,
        terms_note=note,
        offer="" if one.offer is None else "Offer waits",
    )


__all__ = ["LEAST_WORDS", "PATH", "AgencyLine", "ProviderAgenciesState", "agency_line"]
