"""Contracts of Maple Travel as rows: one that holds, and an offer to answer."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from ecosystem.local.demo_data.operators import VIA_APPIA, DemoOperator
from ecosystem.local.demo_data.people import MAPLE, DemoAgency
from ecosystem.local.demo_data.rows import Rows
from ecosystem.local.demo_data.seeded import plain_id

SELLS_NET = "maison-tramontane"


def contract_rows(
    operators: Iterable[DemoOperator], agencies: Iterable[DemoAgency], anchor: datetime
) -> Rows:
    """``agency_contracts``: net prices of one operator; the demo operator offers that the agency
    collects itself."""
    houses = {one.slug: one for one in operators}
    maple = next(one for one in agencies if one.slug == MAPLE)
    owner = next(one for one in maple.agents if one.role == "owner")
    net, asks = houses[SELLS_NET], houses[VIA_APPIA]
    since, lately = anchor - timedelta(days=40), anchor - timedelta(days=1)
    return Rows(
        "agency_contracts",
        "id operator_id agency_id model percent days credit_minor currency starts_on state"
        " offered_by offered_at answered_by answered_at",
        [
            (
                plain_id("contract", net.slug), net.id, maple.id, "net", Decimal(18), 0, None,
                net.currency, since.date(), "active", net.user_id, since - timedelta(days=2),
                owner.id, since,
            ),
            (
                plain_id("contract", asks.slug), asks.id, maple.id, "agency_collects",
                Decimal("12.5"), 14, 5_000_00, asks.currency, anchor.date(), "offered",
                asks.user_id, lately, None, None,
            ),
        ],
    )  # fmt: skip
