"""Agencies with contracts, as tests need them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agencies
from ecosystem.database.tables import AgencyContract
from ecosystem.domain.actor import Actor
from ecosystem.domain.ids import uuid7
from tests.product import Product
from tests.services.test_desks import agent


def today(product: Product) -> date:
    """The day it is to the product."""
    return product.clock.now().astimezone(UTC).date()


def agency(product: Product, name: str = "Maple Travel", *, verified: bool = True) -> Actor:
    """An owner of a new agency."""
    actor = replace(agent(product, name), agency_role="owner")
    assert actor.agency_id is not None
    if verified:
        verify(product, actor.agency_id)
    return actor


def verify(product: Product, agency_id: UUID, verification: str = "verified") -> None:
    """What operations decide about an agency."""
    with product.database.unit(RDS) as session:
        agencies.set_agency(session, agency_id, verification=verification)


def contract(
    product: Product, operator_id: UUID, agency_id: UUID, model: str, percent: str, **more: Any
) -> UUID:
    """A contract that holds from yesterday on; its id. ``more`` are columns."""
    values: dict[str, Any] = {
        "currency": "EUR",
        "starts_on": today(product) - timedelta(days=1),
        "state": "active",
        "answered_by": uuid7(),
        "answered_at": datetime.now(UTC),
    }
    row = AgencyContract(
        operator_id=operator_id,
        agency_id=agency_id,
        model=model,
        percent=Decimal(percent),
        offered_by=uuid7(),
        **(values | more),
    )
    with product.database.unit(RDS) as session:
        session.add(row)
    return row.id
