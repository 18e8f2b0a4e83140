"""One agency as an operator sees it: what it sells, the contract, an offer."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.agency_terms import MODELS, AgencyModel, AgencyTerms
from ecosystem.domain.contracts import MEANS, MOST_PERCENT, WITH_DAYS, Contract, SellingAgency
from ecosystem.domain.currencies import SHOWN
from ecosystem.domain.errors import EcosystemError, NotFound
from ecosystem.domain.money import Money
from ecosystem.services.agency_contracts import OfferForm
from ecosystem.services.forms import parse
from ecosystem.services.places.countries import country_name
from ecosystem.state import formats
from ecosystem.state.address import last_part
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.contract_lines import (
    ROUND,
    ContractLine,
    EndingContracts,
    SumLine,
    contract_line,
    example_lines,
    example_of,
    share_of,
)
from ecosystem.state.guard import allow
from ecosystem.state.provider.agencies import PATH
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.state.typed import minor_units, typed_in
from ecosystem.wiring import services

FIELDS = ("model", "percent", "days", "credit", "starts_on", "ends_on")
NO_ERRORS: dict[str, str] = dict.fromkeys(FIELDS, "")
DEFAULT_DAYS: dict[str, str] = {"agency_collects": "14", "operator_pays_later": "30"}


@dataclass(frozen=True)
class AgencyHead:
    """Who it is and what it sold. ``unverified`` says what that means for offers."""

    id: str = ""
    name: str = ""
    country: str = ""
    bookings: str = ""
    sold: str = ""
    last: str = ""
    unverified: bool = False


class ProviderAgencyState(EndingContracts, rx.State):
    """``phase`` is loading, shown, missing or failed. ``model`` and what follows it are the offer that is
    being written, with what it comes to on a trip of the operator."""

    phase: str = "loading"
    problem: str = ""
    agency: AgencyHead = AgencyHead()
    contracts: list[ContractLine] = []
    may_change: bool = False
    errors: dict[str, str] = NO_ERRORS
    refused: str = ""
    drawn: int = 0
    today: str = ""
    currency: str = "EUR"
    model: str = "commission"
    percent: str = "10"
    days: str = ""
    means: str = ""
    with_days: bool = False
    example: list[SumLine] = []
    example_of: str = ""

    _trip: tuple[str, Money] = ("", ROUND)

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Load the agency the address names."""
        drawn = self.drawn
        self.reset()
        self.drawn = drawn + 1
        try:
            actor = await current_actor(self)
            title, price = await call(services().agency_contracts.example_price, actor)
            self._trip = (title, price)
            self.currency = price.currency if price.currency in SHOWN else ROUND.currency
            self.may_change = actor.operator_role == "owner"
            await self._load()
            self._work()
            self.phase = "shown"
        except NotFound:
            self.phase = "missing"
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("provider")
    async def try_out(self, name: str, value: str) -> None:
        """Follow what is typed into the offer, so that the example shows what it comes to."""
        text = value[:20] if isinstance(value, str) else ""
        if name == "model" and text in MODELS:
            self.model, self.days = text, DEFAULT_DAYS.get(text, "")
        elif name == "percent":
            self.percent = text
        self._work()

    @rx.event
    @allow("provider", limit="mail")
    async def offer(self, form: dict[str, Any]) -> EventSpec | None:
        """Offer what was typed."""
        self.errors, self.refused = NO_ERRORS, ""
        try:
            wanted = parse(OfferForm, self._typed(form))
            actor = await current_actor(self)
            await call(services().agency_contracts.offer, actor, wanted)
            await self._load()
        except EcosystemError as error:
            return self._not_offered(error)
        self.drawn += 1
        return toast(f"{self.agency.name} gets an e-mail and decides.", "done")

    @rx.event
    @allow("provider", limit="mail")
    async def withdraw(self, contract_id: str) -> EventSpec | None:
        """Take back an offer that waits."""
        found = next((one for one in self.contracts if one.id == contract_id and one.open), None)
        if found is None:
            return None
        try:
            actor = await current_actor(self)
            await call(services().agency_contracts.withdraw, actor, UUID(found.id))
            await self._load()
        except EcosystemError as error:
            return failed(error, PATH)
        return toast("The offer was withdrawn. The agency is told.", "done")

    @rx.event
    @allow("provider")
    async def ask_to_end(self, contract_id: str) -> None:
        """Open the dialog about ending a contract."""
        found = (one for one in self.contracts if one.id == contract_id and one.current)
        self._ask_to_end(next(found, None))

    @rx.event
    @allow("provider")
    async def keep(self) -> None:
        """End nothing."""
        self._ask_to_end(None)

    @rx.event
    @allow("provider", limit="mail")
    async def end(self, form: dict[str, Any]) -> EventSpec | None:
        """Give the contract in the dialog its last day."""
        return await self._end(form, PATH)

    # --- inside -------------------------------------------------------------------------

    async def _load(self) -> None:
        contracts = services().agency_contracts
        found, listed = await call(
            contracts.agency, await current_actor(self), _id_of(self.agency.id or last_part(self))
        )
        self.today = str(contracts.today())
        self.agency = _head(found)
        self.contracts = [self._line(one) for one in listed]

    def _line(self, contract: Contract) -> ContractLine:
        return contract_line(
            contract, services().agency_contracts.today(), other=contract.agency_name
        )

    def _work(self) -> None:
        """What the offer being written comes to."""
        model = cast(AgencyModel, self.model)
        share = share_of(self.percent)
        title, price = self._trip
        self.means, self.with_days = MEANS[model], model in WITH_DAYS
        self.example_of = example_of(title, price)
        good = share is not None and share <= MOST_PERCENT
        terms = AgencyTerms(model, share if good and share is not None else Decimal(0))
        self.example = example_lines(terms, price) if good else []

    def _typed(self, form: Any) -> dict[str, Any]:
        values: dict[str, Any] = {
            "agency_id": self.agency.id,
            "model": typed_in(form, "model"),
            "percent": typed_in(form, "percent").strip().replace(",", ".").removesuffix("%"),
            "starts_on": typed_in(form, "starts_on"),
            "ends_on": typed_in(form, "ends_on") or None,
        }
        if values["model"] in WITH_DAYS:
            values["days"] = typed_in(form, "days").strip() or None
        credit = typed_in(form, "credit").strip()
        if values["model"] == "agency_collects" and credit:
            values["credit"] = {
                "amount": minor_units(credit, self.currency),
                "currency": self.currency,
            }
        return values

    def _not_offered(self, error: EcosystemError) -> EventSpec | None:
        found = {name.partition(".")[0]: text for name, text in field_errors(error).items()}
        if "credit" in found:
            found["credit"] = "Enter an amount like 5000, or nothing."
        self.errors = NO_ERRORS | {name: found[name] for name in FIELDS if name in found}
        if any(self.errors.values()):
            self.refused = "Nothing was offered yet: look at the fields marked below."
            return None
        return failed(error, PATH)


def _id_of(text: str) -> UUID:
    """An id; for what is none, one that nothing has."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _head(one: SellingAgency) -> AgencyHead:
    return AgencyHead(
        id=str(one.id),
        name=one.name,
        country=country_name(one.country),
        bookings=formats.number(one.bookings),
        sold=" · ".join(formats.money(amount) for amount in one.sold) or "Nothing yet",
        last="" if one.last_sold_at is None else formats.full_day(one.last_sold_at.date()),
        unverified=not one.verified,
    )
