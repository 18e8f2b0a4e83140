"""Taking a change of many departures back: each gets what it had."""

from collections.abc import Iterable
from typing import Any

from ecosystem.domain.departures import OwnDeparture
from ecosystem.services.departures.forms import DepartureChange
from ecosystem.state.sums import counted

Step = tuple[tuple[str, ...], DepartureChange]
"""Departures by id, and what becomes of them."""


def steps_back(before: Iterable[OwnDeparture], change: DepartureChange) -> list[Step]:
    """What brings ``before`` back after ``change``: one step for those that were alike."""
    alike: dict[tuple[tuple[str, Any], ...], list[str]] = {}
    for row in before:
        had: dict[str, Any] = {}
        if change.capacity is not None:
            had["capacity"] = row.capacity
        if "price" in change.model_fields_set:
            had["price"] = row.price.minor if row.own_price else None
        if change.status is not None:
            had["status"] = "closed" if row.closed else "open"
        alike.setdefault(tuple(had.items()), []).append(str(row.id))
    return [(tuple(ids), DepartureChange(**dict(had))) for had, ids in alike.items()]


def done_words(count: int, change: DepartureChange) -> str:
    """``3 departures closed``."""
    did = {"open": "reopened", "closed": "closed", None: "changed"}[change.status]
    return f"{counted(count, 'departure', 'departures')} {did}"
