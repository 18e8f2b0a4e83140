"""Rooming lists: who shares which room on a departure, as CSV and on paper; of one booking too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ecosystem.database.placement import PACKAGES, RDS
from ecosystem.database.queries import audit, catalogue
from ecosystem.database.queries import departures as departure_queries
from ecosystem.database.queries import travellers as queries
from ecosystem.database.unit_of_work import Database
from ecosystem.domain import formats
from ecosystem.domain.actor import Actor
from ecosystem.domain.csv_text import rows_to_csv
from ecosystem.domain.errors import NotFound
from ecosystem.domain.language import ENGLISH, speaking
from ecosystem.domain.party import sleepers
from ecosystem.domain.price import Price
from ecosystem.domain.rooming import Room, Sleeper, allotted, room_sizes
from ecosystem.services.documents.paper import Column, Paper
from ecosystem.services.operator_access import operator_of
from ecosystem.services.ports import Clock

COLUMNS = (
    "Room", "Type", "Name", "Adult or child", "Birth date", "Reference", "Booked by", "Phone",
    "Sold by",
)  # fmt: skip
TYPES = {1: "Single", 2: "Double", 3: "Triple", 4: "Quad"}


@dataclass(frozen=True)
class _Line:
    """Somebody in a room; ``room`` counts over the whole departure."""

    room: int
    kind: str
    sleeper: Sleeper
    booking: Any


class TravellerLists:
    """An operator's own departures; everything is fetched by operator and id together."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def rooming_csv(self, actor: Actor, departure_id: UUID) -> str:
        """Every traveller of the departure's paid bookings by room, also those without a name.

        That it was taken out is noted in the audit log.

        Raises:
            NotFound: not one of the operator's departures.
        """
        _departure, lines = self._lines(actor, departure_id)
        return rows_to_csv(COLUMNS, (_cells(line) for line in lines))

    def rooming_pdf(self, actor: Actor, departure_id: UUID) -> bytes:
        """The same on paper, in English. Raises ``NotFound``."""
        departure, lines = self._lines(actor, departure_id)
        with self._database.unit(PACKAGES) as session:
            package = catalogue.package(session, package_id=departure.package_id)
        title = package.title if package is not None else ""
        with speaking(ENGLISH.code):
            rooms = len({line.room for line in lines})
            days = formats.days(departure.starts_on, departure.ends_on)
            paper = Paper(
                "Rooming list",
                made=self._clock.now(),
                sender=title,
                foot=f"{title} · {days}",
            )
            paper.facts(
                [
                    ("Dates", days),
                    ("Rooms", f"{rooms}: {_counted(lines)}" if rooms else "none sold yet"),
                    ("Travellers", str(len(lines))),
                    ("Not named yet", str(sum(not line.sleeper.name for line in lines) or "")),
                ]
            )
            paper.gap(3)
            if lines:
                paper.table(
                    (
                        Column("Room", 1.5),
                        Column("Name", 3.2),
                        Column("Born", 1.6),
                        Column("Booking", 2.0),
                        Column("Booked by", 2.6),
                    ),
                    list(_rows(lines)),
                )
            return paper.finished()

    def _lines(self, actor: Actor, departure_id: UUID) -> tuple[Any, list[_Line]]:
        operator_id = operator_of(actor)
        with self._database.unit(RDS) as session:
            found = departure_queries.by_id(session, operator_id, [departure_id], self._clock.now())
            if not found:
                raise NotFound("This departure does not exist.", code="departure_not_found")
            sold = queries.on_departure(session, operator_id, departure_id)
            audit.record(session, actor, "rooming.exported", "departure", departure_id)
        return found[0], list(_numbered(sold))


def rooms_of(booking: Any) -> tuple[Room, ...]:
    """The rooms of a row with ``adults children travellers price``."""
    people = sleepers(booking.adults, booking.children, booking.travellers)
    return allotted(room_sizes(Price.from_json(booking.price).lines, booking.adults), people)


def _numbered(sold: Sequence[Any]) -> Iterator[_Line]:
    before = 0
    for booking in sold:
        rooms = rooms_of(booking)
        for room in rooms:
            for sleeper in room.sleepers:
                kind = TYPES.get(room.adults, f"For {room.adults}")
                yield _Line(before + room.number, kind, sleeper, booking)
        before += len(rooms)


def _cells(line: _Line) -> list[object]:
    booking, sleeper = line.booking, line.sleeper
    return [
        line.room,
        line.kind,
        sleeper.name,
        sleeper.kind,
        sleeper.birth_date,
        booking.reference,
        booking.lead_name,
        booking.lead_phone,
        booking.agency_name or "direct",
    ]


def _rows(lines: Sequence[_Line]) -> Iterator[tuple[str, ...]]:
    """Rows of the paper: a room is named once, at its first line."""
    last = 0
    for line in lines:
        child = " (child)" if line.sleeper.kind == "child" else ""
        born = line.sleeper.birth_date
        yield (
            f"{line.room} · {line.kind}" if line.room != last else "",
            f"{line.sleeper.name or 'not named yet'}{child}",
            born.isoformat() if born else "",
            line.booking.reference,
            line.booking.lead_name,
        )
        last = line.room


def _counted(lines: Sequence[_Line]) -> str:
    """``3 Double, 1 Single``."""
    kinds: dict[str, set[int]] = {}
    for line in lines:
        kinds.setdefault(line.kind, set()).add(line.room)
    return ", ".join(f"{len(rooms)} {kind.lower()}" for kind, rooms in kinds.items())
