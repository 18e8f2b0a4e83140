"""On which terms an agency sells a trip: its contract with the operator, or what the package says."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agency_contracts
from ecosystem.database.tables import SeatClaim
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.agency_terms import PUBLIC, Sale, sale
from ecosystem.domain.price import Price
from ecosystem.domain.views import PackageView


def sale_of(
    session: RoutedSession,
    agency_id: UUID,
    package: PackageView,
    at: datetime,
    markup_percent: Decimal | None = None,
) -> Sale:
    """What an agency charges and earns on a package it sells now.

    Raises:
        Invalid: ``markup_percent`` can't be, or its terms know none.
    """
    terms = agency_contracts.terms(
        session,
        operator_id=package.operator.id,
        agency_id=agency_id,
        day=at.date(),
        package_percent=package.commission_percent,
    )
    return sale(agency_id, terms, markup_percent)


def sale_by(database: Database, actor: Actor, package: PackageView, at: datetime) -> Sale | None:
    """As :func:`sale_of` for the agency the actor works for; None for everybody else."""
    if actor.agency_id is None:
        return None
    with database.unit(RDS) as session:
        return sale_of(session, actor.agency_id, package, at)


def sale_in(claim: SeatClaim) -> Sale | None:
    """On which terms an agency sells what is held."""
    kept = claim.price.get("sale")
    return None if kept is None else Sale.from_json(kept)


def booked_price(claim: SeatClaim) -> dict[str, Any]:
    """What a booking keeps of the price that was held: the terms of an agency are columns of its
    own there."""
    return {part: kept for part, kept in claim.price.items() if part != "sale"}


def told_factor(actor: Actor, sale: Sale | None) -> Decimal:
    """By what amounts are multiplied before they are told: an agency's assistant hears the public
    price of what the agency owes."""
    hidden = sale is not None and sale.on_account and not actor.sees_commission
    return 1 / sale.factor if sale is not None and hidden else PUBLIC


def told_price(actor: Actor, claim: SeatClaim) -> Price:
    """What a hold costs, as the actor may know it."""
    price, factor = Price.from_json(claim.price), told_factor(actor, sale_in(claim))
    return price if factor == PUBLIC else price.times(factor)
