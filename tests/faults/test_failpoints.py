"""Killed before or after any commit and any vendor's call: as if it had never been killed."""

import pytest

from tests.faults.flows import FLOWS, run
from tests.money_facts import true_at_rest
from tests.product import Product

pytestmark = [pytest.mark.xdist_group("failpoints"), pytest.mark.timeout(900)]

_died_at: set[str] = set()
"""Places at which some flow of this run has died."""


@pytest.mark.parametrize("name", FLOWS)
def test_a_kill_changes_nothing_in_the_end(product: Product, name: str, soak: bool) -> None:
    """The short form kills at each place in the code once, in the first flow that comes past
    it; the long form kills each flow every time it comes past any."""
    flow = FLOWS[name]
    expected, points, made = run(product, flow)
    assert len(points) == len(set(points)) >= 6
    bookings = [made.booking_id]
    for point in points:
        place = point.partition(" #")[0]
        if place in _died_at and not soak:
            continue
        _died_at.add(place)
        became, _, made = run(product, flow, point)
        assert became == expected, f"killed {point}"
        bookings.append(made.booking_id)
    true_at_rest(product, bookings)
