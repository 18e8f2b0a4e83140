"""How an agency earns on what it sells: four models, and what each does to a price. Pure.

Every model comes down to two numbers that a booking keeps: the ``factor`` by which the public
rates are multiplied for who pays through the marketplace, and the agency's percentage of that
amount. The marketplace's share is of what is charged through it; the operator never gets less
than the public price less the agency's percentage of it and the marketplace's share of it.
docs/algorithms/agency-money.md has worked tables.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from uuid import UUID

from ecosystem.domain.errors import Invalid
from ecosystem.domain.money import Money
from ecosystem.domain.split import PLATFORM_PERCENT

AgencyModel = Literal["commission", "net", "agency_collects", "operator_pays_later"]
MODELS: tuple[AgencyModel, ...] = ("commission", "net", "agency_collects", "operator_pays_later")

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
    """What a booking keeps of its agency's terms; ``factor`` of the public rates is charged, and
    ``commission_percent`` of what is charged is the agency's."""

    factor: Decimal
    commission_percent: Decimal


def by_package(percent: Decimal) -> AgencyTerms:
    """The terms of an agency without a contract: the operator's commission on the public price."""
    return AgencyTerms("commission", percent)


def sale(terms: AgencyTerms, markup_percent: Decimal = Decimal(0)) -> Sale:
    """What is charged and what the agency gets of it.

    ``markup_percent`` is of the net price, and only of the model ``net``.

    Raises:
        Invalid: a mark-up below zero, above ``MOST_MARKUP``, or of another model.
    """
    if not 0 <= markup_percent <= MOST_MARKUP:
        raise Invalid.one("markup_percent", "A mark-up is between 0 and 100 percent.")
    if markup_percent and terms.model != "net":
        raise Invalid.one("markup_percent", "Only trips bought at a net price carry a mark-up.")
    percent = min(terms.percent, 100 - PLATFORM_PERCENT)
    net = 1 - percent / 100
    match terms.model:
        case "commission" | "operator_pays_later":
            return Sale(Decimal(1), percent)
        case "agency_collects":
            return Sale(net, Decimal(0))
        case "net":
            factor = net * (1 + markup_percent / 100)
            fee = PLATFORM_PERCENT / 100
            earned = factor * (1 - fee) - (net - fee)
            return Sale(factor, (100 * earned / factor).quantize(_EXACT))
