"""On which terms an agency sells a trip: its contract with the operator, or what the package says."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agency_contracts
from ecosystem.database.tables import Booking, SeatClaim
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.agency_terms import ON_ACCOUNT, PUBLIC, Sale, sale
from ecosystem.domain.money import Money
from ecosystem.domain.public_price import Priced, Prices
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


def prices_in(claim: SeatClaim) -> Prices:
    """What is charged for what is held, and its public price."""
    sale = sale_in(claim)
    return Prices.from_json(claim.price, PUBLIC if sale is None else sale.factor)


def told_price(actor: Actor, sale: Sale | None, prices: Prices) -> Priced:
    """The price of a hold that the actor may know: an agency's assistant hears the public one of
    what the agency owes."""
    hidden = sale is not None and sale.on_account and not actor.sees_commission
    return prices.public if hidden else prices.charged


def public_total(booking: Booking) -> Money:
    """What everybody pays for what is booked, whatever is charged for it. ``booking`` was read
    from its table: a trigger writes what it needs of it."""
    minor = booking.public_minor
    return Money(booking.total_minor if minor is None else minor, booking.currency)


def client_total(booking: Booking) -> Money:
    """What the client pays for what is booked: to an agency that collects itself the public
    price. ``booking`` as for :func:`public_total`."""
    if booking.agency_model == ON_ACCOUNT:
        return public_total(booking)
    return Money(booking.total_minor, booking.currency)
