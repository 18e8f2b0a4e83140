"""Killed before or after any commit and any vendor's call: as if it had never been killed."""

from pathlib import Path

import pytest

from tests.faults.flows import FLOWS, run
from tests.money_facts import true_at_rest
from tests.product import Product

pytestmark = pytest.mark.timeout(900)


class Places:
    """Places in the code at which some flow has died, whichever worker of the run it was."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def new(self, place: str) -> bool:
        """Take it; False when a flow has died there."""
        try:
            (self._folder / place.replace("/", "-")).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


@pytest.fixture(scope="session")
def places(run_folder: Path) -> Places:
    return Places(run_folder / "died-at")


def deaths(points: list[str]) -> list[str]:
    """Points that leave different things behind.

    Who dies before a commit or a call leaves what stood after the last one: both are one death,
    but for the first of all.
    """
    return [*points[:1], *(point for point in points[1:] if point.startswith("after "))]


@pytest.mark.parametrize("name", FLOWS)
def test_a_kill_changes_nothing_in_the_end(
    product: Product, places: Places, name: str, soak: bool
) -> None:
    """The short form kills at each place in the code once, in the first flow that comes past
    it; the long form kills each flow every time it comes past any."""
    flow = FLOWS[name]
    expected, points, made = run(product, flow)
    assert len(points) == len(set(points)) >= 6
    bookings = [made.booking_id]
    for point in points if soak else deaths(points):
        if soak or places.new(point.partition(" #")[0]):
            became, passed, made = run(product, flow, point)
            assert passed[-1] == point, "nobody died there, so this proves nothing"
            assert became == expected, f"killed {point}"
            bookings.append(made.booking_id)
    true_at_rest(product, bookings)
