"""Contracts between operators and agencies as people see them, and what one comes to. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from ecosystem.domain import formats
from ecosystem.domain.agency_terms import AgencyModel, AgencyTerms, sale
from ecosystem.domain.money import Money
from ecosystem.domain.split import PLATFORM_PERCENT, split

ContractState = Literal["offered", "active", "declined", "withdrawn", "ended"]
Standing = Literal[
    "offered", "lapsed", "coming", "holds", "unverified", "over", "declined", "withdrawn"
]

NEEDS_VERIFICATION: frozenset[AgencyModel] = frozenset({"net", "agency_collects"})
"""Models in which an agency sees net prices or owes money: for verified agencies only."""
WITH_DAYS: frozenset[AgencyModel] = frozenset({"agency_collects", "operator_pays_later"})
MOST_PERCENT = 100 - PLATFORM_PERCENT
MOST_DAYS = 365
EXAMPLE_MARKUP = Decimal(20)
"""Percent of the net price, where an example needs one."""

NAMES: dict[AgencyModel, str] = {
    "commission": "Commission",
    "net": "Net price",
    "agency_collects": "Agency collects",
    "operator_pays_later": "Commission paid later",
}
MEANS: dict[AgencyModel, str] = {
    "commission": "The client pays the public price here, and the agency gets its percentage of"
    " it when the shares of the trip are paid out.",
    "net": "The agency buys at the public price less its percentage, sets its own price, and"
    " keeps what lies between.",
    "agency_collects": "The client pays the agency, and the agency owes the public price less its"
    " percentage within the days agreed on, at the latest on departure.",
    "operator_pays_later": "The client pays the public price here, and the agency gets its"
    " percentage of it some days after the trip has ended.",
}
"""Each model in one sentence, for both sides."""


@dataclass(frozen=True)
class Contract:
    """An offer and what came of it. It holds from ``starts_on`` to ``ends_on``, None: no end."""

    id: UUID
    operator_id: UUID
    operator_name: str
    agency_id: UUID
    agency_name: str
    agency_verified: bool
    terms: AgencyTerms
    currency: str
    starts_on: date
    ends_on: date | None
    state: ContractState
    offered_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None

    def standing(self, today: date) -> Standing:
        """How it stands on a day. ``unverified``: it would hold if the agency were verified."""
        last = self.ends_on
        over = last is not None and (last < today or last < self.starts_on)
        if self.state == "offered":
            return "lapsed" if over else "offered"
        if self.state in ("declined", "withdrawn"):
            return self.state
        if over:
            return "over"
        if not self.agency_verified and self.terms.model in NEEDS_VERIFICATION:
            return "unverified"
        return "coming" if self.starts_on > today else "holds"

    def current(self, today: date) -> bool:
        """Whether it was accepted and is not over."""
        return self.standing(today) in ("coming", "holds", "unverified")


@dataclass(frozen=True)
class SellingAgency:
    """An agency as an operator sees it: what it sold of the operator's trips (not cancelled), one
    sum a currency, the contract that was accepted and is not over, and the open offer."""

    id: UUID
    name: str
    country: str
    verified: bool
    bookings: int
    sold: tuple[Money, ...]
    last_sold_at: datetime | None
    contract: Contract | None
    offer: Contract | None


@dataclass(frozen=True)
class Worked:
    """One sale at a public price: what the client pays and to whom, and what each one has of it.

    ``agency + operator + platform = client``. ``owed`` is what the agency pays here itself.
    """

    client: Money
    agency: Money
    operator: Money
    platform: Money
    owed: Money | None


def worked(
    agency_id: UUID, terms: AgencyTerms, public: Money, markup: Decimal = EXAMPLE_MARKUP
) -> Worked:
    """What a sale at the public price comes to, as bookings compute it.

    A net price is sold with ``markup`` percent; an agency that collects asks the public price.
    """
    agreed = sale(agency_id, terms, markup if terms.model == "net" else None)
    charged = public.times(agreed.factor)
    parts = split(charged, agreed.commission_percent, by_agency=True)
    if terms.model == "agency_collects":
        return Worked(public, public - charged, parts.operator, parts.platform, charged)
    return Worked(charged, parts.agency, parts.operator, parts.platform, None)


def percentage(value: Decimal) -> str:
    """``12.5 %``, without zeros at the end."""
    return f"{value.normalize():f} %"


def facts(terms: AgencyTerms) -> list[str]:
    """What was agreed on, a line each, in English as work pages are."""
    days = f"{terms.days} {'day' if terms.days == 1 else 'days'} after"
    said = [f"{percentage(terms.percent)} of the public price"]
    if terms.model == "agency_collects":
        due = "on the day of booking" if terms.days == 0 else f"{days} booking"
        said.append(f"The agency pays {due}, at the latest on departure")
    if terms.model == "operator_pays_later":
        due = "when the trip has ended" if terms.days == 0 else f"{days} the end of the trip"
        said.append(f"The commission is paid {due}")
    if terms.credit is not None:
        said.append(f"At most {formats.money(terms.credit)} may be owed at a time")
    return said
