"""How an agency earns on what it sells: four models, and what each does to a price. Pure.

Every model comes down to two numbers that a booking keeps: the ``factor`` by which the public
rates are multiplied for who pays through the marketplace, and the agency's percentage of that
amount. The marketplace's share is of what is charged through it; the operator never gets less
than the public price less the agency's percentage of it and the marketplace's share of it.
docs/algorithms/agency-money.md has worked tables.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from ecosystem.domain.errors import Invalid
from ecosystem.domain.money import Money
from ecosystem.domain.split import PLATFORM_PERCENT

AgencyModel = Literal["commission", "net", "agency_collects", "operator_pays_later"]
MODELS: tuple[AgencyModel, ...] = ("commission", "net", "agency_collects", "operator_pays_later")

ON_ACCOUNT: AgencyModel = "agency_collects"
"""The model in which the agency owes what is charged, and no client pays here."""

PUBLIC = Decimal(1)
"""The factor of a trip that is sold at its public price."""

MOST_MARKUP = Decimal(100)
"""Percent of the net price. More than double is a typing error."""

_EXACT = Decimal("0.00000001")


@dataclass(frozen=True)
class AgencyTerms:
    """What an agency and an operator have agreed on, or, without a contract, what the package says.

    Attributes:
        model: ``commission``: the client pays the public price, the agency gets its percentage.
            ``net``: the agency buys at the public price less its percentage and sets its own
            price. ``agency_collects``: the client pays the agency, which owes the net price.
            ``operator_pays_later``: as ``commission``, paid out some days after the trip.
        percent: the agency's part of the public price.
        days: ``agency_collects``: days from the booking until the agency pays, never past the
            departure; ``operator_pays_later``: days from the end of the trip until the
            commission is paid; else 0.
        credit: ``agency_collects``: the most the agency may owe the operator; None: no limit.
        contract_id: the contract these terms come of; None without one.
    """

    model: AgencyModel
    percent: Decimal
    days: int = 0
    credit: Money | None = None
    contract_id: UUID | None = None


@dataclass(frozen=True)
class Sale:
    """What a hold and its booking keep of an agency's terms, as they were when it was priced.

    Attributes:
        factor: the public rates are multiplied by it for who pays through the marketplace.
        commission_percent: the agency's part of what is charged.
        percent: the agency's part of the public price, which makes its net price.
        markup_percent: on the net price, of the model ``net``; None where none was chosen and
            the trip is sold at the public price.
    """

    agency_id: UUID
    model: AgencyModel
    factor: Decimal
    commission_percent: Decimal
    percent: Decimal
    days: int = 0
    contract_id: UUID | None = None
    markup_percent: Decimal | None = None

    @property
    def on_account(self) -> bool:
        """Whether the agency owes what is charged, and no client pays here."""
        return self.model == ON_ACCOUNT

    @property
    def shown_factor(self) -> Decimal:
        """By what the public rates are multiplied for the client."""
        return PUBLIC if self.on_account else self.factor

    def net(self, charged: Money) -> Money:
        """What the trip is bought for of which ``charged`` is paid through the marketplace."""
        return charged.times((1 - self.percent / 100) / self.factor)

    def as_json(self) -> dict[str, Any]:
        """The form that is kept with a price."""
        return {
            "agency_id": str(self.agency_id),
            "model": self.model,
            "factor": str(self.factor),
            "commission_percent": str(self.commission_percent),
            "percent": str(self.percent),
            "days": self.days,
            "contract_id": None if self.contract_id is None else str(self.contract_id),
            "markup_percent": None if self.markup_percent is None else str(self.markup_percent),
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Sale":
        """The inverse of ``as_json``."""
        contract, markup = kept["contract_id"], kept["markup_percent"]
        return cls(
            agency_id=UUID(kept["agency_id"]),
            model=kept["model"],
            factor=Decimal(kept["factor"]),
            commission_percent=Decimal(kept["commission_percent"]),
            percent=Decimal(kept["percent"]),
            days=kept["days"],
            contract_id=None if contract is None else UUID(contract),
            markup_percent=None if markup is None else Decimal(markup),
        )


def by_package(percent: Decimal) -> AgencyTerms:
    """The terms of an agency without a contract: the operator's commission on the public price."""
    return AgencyTerms("commission", percent)


def sale(agency_id: UUID, terms: AgencyTerms, markup_percent: Decimal | None = None) -> Sale:
    """What is charged and what the agency gets of it.

    ``markup_percent`` is of the net price, and only of the model ``net``; without one a trip
    bought at a net price is sold at the public price.

    Raises:
        Invalid: a mark-up below zero, above ``MOST_MARKUP``, or of another model.
    """
    if markup_percent is not None and not 0 <= markup_percent <= MOST_MARKUP:
        raise Invalid.one("markup_percent", "A mark-up is between 0 and 100 percent.")
    if markup_percent is not None and terms.model != "net":
        raise Invalid.one("markup_percent", "Only trips bought at a net price carry a mark-up.")
    percent = min(terms.percent, 100 - PLATFORM_PERCENT)
    net, factor, earned = 1 - percent / 100, PUBLIC, percent
    if terms.model == ON_ACCOUNT:
        factor, earned = net, Decimal(0)
    elif markup_percent is not None:
        factor = net * (1 + markup_percent / 100)
        fee = PLATFORM_PERCENT / 100
        earned = (100 * (factor * (1 - fee) - (net - fee)) / factor).quantize(_EXACT)
    return Sale(
        agency_id=agency_id,
        model=terms.model,
        factor=factor,
        commission_percent=earned,
        percent=percent,
        days=terms.days,
        contract_id=terms.contract_id,
        markup_percent=markup_percent,
    )
