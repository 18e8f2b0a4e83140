"""The cancellation policy: tiers of (days before departure, refund percent). Pure.

A tier ``{"days_before": 30, "refund_percent": 100}`` holds while the departure
is at least 30 days away, counted in whole local days of the departure's zone.
Below the last tier nothing comes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any


@dataclass(frozen=True)
class Tier:
    days_before: int
    refund_percent: int


@dataclass(frozen=True)
class DatedTier:
    """``refund_percent`` comes back from ``first`` to ``last``, both days included.

    ``first`` is None for the earliest tier (from now), ``last`` is None for the
    final one (until departure).
    """

    first: date | None
    last: date | None
    refund_percent: int


def tiers(policy: Sequence[dict[str, Any]]) -> tuple[Tier, ...]:
    """The policy as kept in jsonb, most generous (longest notice) first."""
    found = [Tier(int(t["days_before"]), int(t["refund_percent"])) for t in policy]
    return tuple(sorted(found, key=lambda tier: -tier.days_before))


def dated(policy: Sequence[dict[str, Any]], starts_on: date) -> tuple[DatedTier, ...]:
    """The policy with real dates for a departure."""
    result: list[DatedTier] = []
    first: date | None = None
    for tier in tiers(policy):
        last = starts_on - timedelta(days=tier.days_before)
        result.append(DatedTier(first, last, tier.refund_percent))
        first = last + timedelta(days=1)
    result.append(DatedTier(first, None, 0))
    return tuple(result)


def refund_percent(policy: Sequence[dict[str, Any]], starts_on: date, today: date) -> int:
    """How much of what was paid comes back when it is given up ``today``.

    Both days are local to the departure's zone; a tier holds while ``starts_on`` is at least
    its ``days_before`` whole days away, as ``dated`` shows it.
    """
    days = (starts_on - today).days
    return next((tier.refund_percent for tier in tiers(policy) if days >= tier.days_before), 0)


def capped(policy: Sequence[dict[str, Any]], percent: int) -> list[dict[str, Any]]:
    """The policy of a booking that moved to another date on a day when ``percent`` came back.

    A new date brings no better refund than there was on the day of the move: otherwise a trip
    that begins tomorrow could be moved to next year and cancelled for nothing.
    """
    found: list[dict[str, Any]] = []
    for tier in tiers(policy):
        share = min(tier.refund_percent, percent)
        if found and found[-1]["refund_percent"] == share:
            found[-1]["days_before"] = tier.days_before
        else:
            found.append({"days_before": tier.days_before, "refund_percent": share})
    return found
