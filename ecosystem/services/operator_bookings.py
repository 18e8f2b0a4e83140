"""Bookings of an operator's own packages: listing, one by one, as CSV."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, conversations
from ecosystem.database.queries import departures as departure_queries
from ecosystem.database.queries import operator_bookings as queries
from ecosystem.database.queries.operator_bookings import Sort, Wanted
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.booking import SOLD
from ecosystem.domain.csv_text import rows_to_csv
from ecosystem.domain.errors import NotFound
from ecosystem.domain.views import BookingRow, BookingView
from ecosystem.services.bookings import Bookings, booking_row
from ecosystem.services.operator_access import operator_of
from ecosystem.services.ports import Clock

MOST_EXPORTED = 10_000
BOOKING_COLUMNS = (
    "Reference", "Status", "Package", "First day", "Last day", "Booked by", "E-mail", "Phone",
    "Adults", "Children", "Travellers", "Currency", "Total", "Paid", "Sold by", "Booked at (UTC)",
)  # fmt: skip
TRAVELLER_COLUMNS = (
    "First day", "Reference", "Status", "Number", "Name", "Adult or child", "Booked by", "E-mail",
    "Phone", "Sold by",
)  # fmt: skip


@dataclass(frozen=True)
class OwnBooking:
    """A booking in the operator's list; ``unread`` messages of its buyer."""

    row: BookingRow
    unread: int


class OperatorBookings:
    """Everything is fetched by operator and id together."""

    def __init__(self, database: Database, bookings: Bookings, clock: Clock) -> None:
        self._database = database
        self._bookings = bookings
        self._clock = clock

    def rows(
        self, actor: Actor, wanted: Wanted, *, sort: Sort = "newest", limit: int, offset: int = 0
    ) -> tuple[tuple[OwnBooking, ...], int]:
        """A page of the operator's bookings, and how many fit in all. Raises ``Forbidden``."""
        operator_id = operator_of(actor)
        with self._database.unit(RDS) as session:
            found = queries.rows(
                session, operator_id, wanted, sort=sort, limit=limit, offset=offset
            )
            total = queries.count(session, operator_id, wanted)
            ids = [row.Booking.id for row in found]
            unread = conversations.unread_bookings(session, operator_id, ids)
        return (
            tuple(OwnBooking(booking_row(*row), unread.get(row.Booking.id, 0)) for row in found),
            total,
        )

    def unread(self, actor: Actor, limit: int) -> tuple[OwnBooking, ...]:
        """Bookings whose buyer has written what nobody has read. Raises ``Forbidden``."""
        operator_id = operator_of(actor)
        with self._database.unit(RDS) as session:
            unread = conversations.unread_bookings(session, operator_id)
            wanted = Wanted(ids=tuple(unread))
            found = (
                queries.rows(session, operator_id, wanted, sort="newest", limit=limit)
                if unread
                else ()
            )
        return tuple(OwnBooking(booking_row(*row), unread[row.Booking.id]) for row in found)

    def get(self, actor: Actor, reference: str) -> BookingView:
        """One of the operator's own bookings, in full. Raises ``NotFound``."""
        operator_of(actor)
        view = self._bookings.get(actor, reference)
        if view.masked:  # somebody else's, of which the reference alone is known
            raise NotFound("There is no booking with this reference.", code="booking_not_found")
        return view

    def csv(self, actor: Actor, wanted: Wanted) -> str:
        """The operator's bookings as CSV, newest first, at most 10,000, with who travels.

        Amounts are in major units. That it was taken out is noted in the audit log.
        """
        operator_id = operator_of(actor)
        with self._database.unit(RDS) as session:
            found = queries.rows(session, operator_id, wanted, sort="newest", limit=MOST_EXPORTED)
            audit.record(
                session, actor, "bookings.exported", "operator", operator_id, rows=len(found)
            )
        return rows_to_csv(BOOKING_COLUMNS, (_booking_cells(*row) for row in found))

    def travellers_csv(self, actor: Actor, departure_id: UUID) -> str:
        """Who travels on a departure, a line each, also those who were not named.

        Only bookings that are paid for. Whatever else was stored of a traveller has a column
        of its own. That it was taken out is noted in the audit log.

        Raises:
            NotFound: not one of the operator's departures.
        """
        operator_id = operator_of(actor)
        wanted = Wanted(departure_id=departure_id)
        with self._database.unit(RDS) as session:
            if not departure_queries.by_id(session, operator_id, [departure_id], self._clock.now()):
                raise NotFound("This departure does not exist.", code="departure_not_found")
            found = queries.rows(
                session, operator_id, wanted, sort="traveller", limit=MOST_EXPORTED
            )
            audit.record(session, actor, "travellers.exported", "departure", departure_id)
        sold = [row for row in found if row.Booking.status in SOLD]
        known = {"name", "kind"}
        more = sorted(
            {key for row in sold for one in row.Booking.travellers for key in one} - known
        )
        lines = [line for row in sold for line in _traveller_cells(row, more)]
        return rows_to_csv((*TRAVELLER_COLUMNS, *map(_words, more)), lines)


def _booking_cells(
    booking: Any, agency_name: str | None, paid_minor: int, due_on: date | None
) -> list[object]:
    row = booking_row(booking, agency_name, paid_minor, due_on)
    return [
        row.reference,
        _words(row.status),
        row.title,
        row.starts_on,
        row.ends_on,
        row.lead_name,
        booking.lead_email,
        booking.lead_phone,
        booking.adults,
        booking.children,
        "; ".join(map(_person, booking.travellers)),
        row.total.currency,
        row.total.decimal,
        row.paid.decimal,
        agency_name or "direct",
        row.created_at,
    ]


def _person(traveller: dict[str, Any]) -> str:
    """``Maja Lindqvist (adult, 1990-05-17)``."""
    known = ", ".join(traveller[name] for name in ("kind", "birth_date") if traveller.get(name))
    return f"{traveller.get('name', '')} ({known})" if known else traveller.get("name", "")


def _words(name: str) -> str:
    """``birth_date`` → ``Birth date``."""
    return name.replace("_", " ").capitalize()


def _traveller_cells(row: Any, more: list[str]) -> Iterator[list[object]]:
    """A booking's travellers, filled up with the unnamed ones."""
    booking = row.Booking
    named = list(booking.travellers)
    children = sum(one.get("kind") == "child" for one in named)
    for number in range(max(booking.adults + booking.children, len(named))):
        one: dict[str, Any] = named[number] if number < len(named) else {}
        kind = one.get("kind") or ""
        if not one:
            # The children come last in a party; those who were named are not counted twice.
            left = booking.adults + booking.children - number
            kind = "child" if left <= booking.children - children else "adult"
        yield [
            booking.starts_on,
            booking.reference,
            _words(booking.status),
            number + 1,
            one.get("name", ""),
            kind,
            booking.lead_name,
            booking.lead_email,
            booking.lead_phone,
            row.agency_name or "direct",
            *(one.get(key) for key in more),
        ]
