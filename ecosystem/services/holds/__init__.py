"""Holding seats of a departure for a while, at a frozen price.

``placing`` is the way in, for which everybody queues at the departure; ``keeping`` is what a
buyer does with seats that are held.
"""

from ecosystem.services.holds.keeping import Keeping, hold_ended, mine
from ecosystem.services.holds.placing import Placing, price_changed


class Holds(Placing, Keeping):
    """The whole service."""


__all__ = ["Holds", "hold_ended", "mine", "price_changed"]
