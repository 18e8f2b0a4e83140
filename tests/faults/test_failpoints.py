"""Killed before or after any commit and any vendor's call: as if it had never been killed."""

import pytest

from tests.faults.flows import FLOWS, run
from tests.money_facts import true_at_rest
from tests.product import Product

EVERYWHERE = ("inbox.", "outbox.", "mail.", "stripe.events_since")
"""Places that every flow comes past in the same way."""


@pytest.mark.parametrize("name", sorted(FLOWS))
def test_a_kill_changes_nothing_in_the_end(product: Product, name: str, soak: bool) -> None:
    """In the short form each place dies once, and those all flows share in one flow only; in
    the long form every time that a flow comes past it."""
    flow = FLOWS[name]
    expected, points, made = run(product, flow)
    assert len(points) == len(set(points)) >= 6
    bookings = [made.booking_id]
    for point in points:
        if not soak and _known(point, name):
            continue
        became, _, made = run(product, flow, point)
        assert became == expected, f"killed {point}"
        bookings.append(made.booking_id)
    true_at_rest(product, bookings)


def _known(point: str, flow: str) -> bool:
    """Whether the short form leaves a point out."""
    shared = any(f" {place}" in point for place in EVERYWHERE)
    return "#" in point or (shared and flow != "booking")
