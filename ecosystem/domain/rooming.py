"""Who shares which room of a booking. Pure; see docs/algorithms/rooming.md.

How many rooms there are, and for how many adults each, is what was paid for: the price lines of
a package whose price depends on it. Elsewhere two adults share a room. Children sleep in rooms of
adults and take no adult's place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ecosystem.domain.price import Line


@dataclass(frozen=True)
class Sleeper:
    """Somebody who travels; ``name`` is empty as long as it is not known, ``room`` 0 if nobody
    chose one. ``number`` counts the travellers of the booking from 1."""

    number: int
    name: str
    kind: str
    birth_date: date | None = None
    room: int = 0


@dataclass(frozen=True)
class Room:
    """A room for so many ``adults``, and who sleeps there."""

    number: int
    adults: int
    sleepers: tuple[Sleeper, ...] = ()


def room_sizes(lines: Iterable[Line], adults: int) -> tuple[int, ...]:
    """For how many adults each room of a booking is, the largest first."""
    sizes: list[int] = []
    for line in lines:
        kind, __, size = line.code.partition(":")
        if kind == "adult" and size.isdecimal() and int(size):
            sizes += [int(size)] * (line.quantity // int(size))
    if sum(sizes) != adults:
        sizes = [2] * (adults // 2) + [1] * (adults % 2)
    return tuple(sorted(sizes, reverse=True))


def allotted(sizes: Sequence[int], people: Sequence[Sleeper]) -> tuple[Room, ...]:
    """The rooms with their sleepers: where somebody chose, as far as there is a place; all others
    where there is one, in their order, children with the fewest children."""
    rooms: list[list[Sleeper]] = [[] for _ in sizes]

    def free(at: int, sleeper: Sleeper) -> bool:
        taken = sum(one.kind == "adult" for one in rooms[at])
        return sleeper.kind == "child" or taken < sizes[at]

    left: list[Sleeper] = []
    for sleeper in people:
        at = sleeper.room - 1
        if 0 <= at < len(rooms) and free(at, sleeper):
            rooms[at].append(sleeper)
        else:
            left.append(sleeper)
    # Adults first: a child is put to somebody.
    for sleeper in sorted(left, key=lambda one: one.kind == "child"):
        open_ = [at for at in range(len(rooms)) if free(at, sleeper)]
        if sleeper.kind == "child":
            open_.sort(key=lambda at: sum(one.kind == "child" for one in rooms[at]))
        if open_:
            rooms[open_[0]].append(sleeper)
    return tuple(
        Room(at, size, tuple(sorted(found, key=lambda one: one.number)))
        for at, (size, found) in enumerate(zip(sizes, rooms, strict=True), 1)
    )


def overfull(sizes: Sequence[int], people: Sequence[Sleeper]) -> int | None:
    """The number of the first room that more adults were put into than it is for."""
    for number, size in enumerate(sizes, 1):
        if sum(one.room == number and one.kind == "adult" for one in people) > size:
            return number
    return None
