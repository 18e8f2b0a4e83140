"""Who travels on a booking, and what of it is still to be said. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from ecosystem.domain.rooming import Room, Sleeper

NAMES_BEFORE: Final = timedelta(days=3)
"""So long before departure the last names are told: hotels and carriers get their lists then."""


@dataclass(frozen=True)
class Party:
    """The travellers of a booking as one of its sides sees them.

    ``birth_dates``: the operator asks for them. ``until`` is the last day on which this side
    may name somebody, in the destination's zone; ``why_not`` says why the reader can't, empty if she
    can. ``missing`` counts travellers of whom something is not known that is needed. ``stamp`` is
    sent back with a change, so that it overwrites nothing that was not read.
    """

    reference: str
    title: str
    lead_name: str
    birth_dates: bool
    until: date
    why_not: str
    missing: int
    people: tuple[Sleeper, ...]
    rooms: tuple[Room, ...]
    facts: tuple[str, ...]
    stamp: str


def names_until(starts_on: date) -> date:
    """The last day on which the buyer may say who travels."""
    return starts_on - NAMES_BEFORE


def missing(party: int, named: Sequence[Mapping[str, Any]], *, birth_dates: bool) -> int:
    """Of how many something is not known: a name, or the date of birth where that is asked for.

    Who travels alone and books it is known by the booking itself.
    """
    if party == 1 and not named and not birth_dates:
        return 0
    unnamed = max(party - len(named), 0)
    undated = sum(not one.get("birth_date") for one in named) if birth_dates else 0
    return unnamed + undated


def sleepers(adults: int, children: int, named: Sequence[Mapping[str, Any]]) -> list[Sleeper]:
    """Everybody who travels: those with a name first, then the others, adults first."""
    people = [
        Sleeper(
            number,
            str(one.get("name", "")),
            "child" if one.get("kind") == "child" else "adult",
            date.fromisoformat(one["birth_date"]) if one.get("birth_date") else None,
            int(one.get("room") or 0),
        )
        for number, one in enumerate(named, 1)
    ]
    for kind, count in (("adult", adults), ("child", children)):
        known = sum(one.kind == kind for one in people)
        for _ in range(count - known):
            people.append(Sleeper(len(people) + 1, "", kind))
    return people
