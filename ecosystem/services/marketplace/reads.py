"""The reads that a marketplace makes most, from the databases or from the read model."""

from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.queries import catalogue, marketplace
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.views import BookingRow, OperatorView
from ecosystem.services.catalogue import operator_view
from ecosystem.services.marketplace import items
from ecosystem.services.ports.read_model import ReadModel

Listed = tuple[UUID, BookingRow]
"""A booking's id, and what lists show of it."""


class Reads(Protocol):
    """``tests/contract/test_marketplace_reads.py`` holds for every implementation."""

    def operator(self, slug: str) -> OperatorView | None:
        """An operator by slug, verified or not."""
        ...

    def trips(
        self,
        customer_id: UUID | None,
        guest_key: str,
        *,
        limit: int,
        before: tuple[datetime, UUID] | None = None,
    ) -> list[Listed]:
        """What a customer or a browser has booked, newest first, from just after ``before``
        (when it was made, its id)."""
        ...

    def bookings(
        self, operator_id: UUID, *, limit: int, before: tuple[date, UUID] | None = None
    ) -> list[Listed]:
        """An operator's bookings, the last to depart first, from just after ``before`` (its first
        day, its id)."""
        ...


class DatabaseReads:
    """From the databases that hold the truth."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def operator(self, slug: str) -> OperatorView | None:
        with self._database.unit(ACCOUNTS) as session:
            found = catalogue.operator(session, slug=slug)
        return None if found is None else operator_view(found)

    def trips(
        self,
        customer_id: UUID | None,
        guest_key: str,
        *,
        limit: int,
        before: tuple[datetime, UUID] | None = None,
    ) -> list[Listed]:
        with self._database.unit(RDS) as session:
            rows = marketplace.trips(session, customer_id, guest_key, limit=limit, before=before)
        return [(row.id, items.listed(row)) for row in rows]

    def bookings(
        self, operator_id: UUID, *, limit: int, before: tuple[date, UUID] | None = None
    ) -> list[Listed]:
        with self._database.unit(RDS) as session:
            rows = marketplace.departing(session, operator_id, limit=limit, before=before)
        return [(row.id, items.listed(row)) for row in rows]


class ModelReads:
    """From the read model, which follows the databases within a second."""

    def __init__(self, model: ReadModel) -> None:
        self._model = model

    def operator(self, slug: str) -> OperatorView | None:
        found = self._model.find("gsi1", items.slug(slug), prefix="PROVIDER#")
        # For a moment after a slug has changed hands an index may have both.
        newest = max(found, key=lambda item: item.version, default=None)
        return None if newest is None else items.operator_of(newest)

    def trips(
        self,
        customer_id: UUID | None,
        guest_key: str,
        *,
        limit: int,
        before: tuple[datetime, UUID] | None = None,
    ) -> list[Listed]:
        partitions = [items.customer(customer_id)] if customer_id else []
        partitions += [items.guest(guest_key)] if guest_key else []
        # A person's trips are few and stand there by their first day: all are read, then ordered.
        rows = [items.row_of(one) for of in partitions for one in self._model.find("gsi1", of)]
        places = {booking_id: (row.created_at, booking_id) for booking_id, row in rows}
        rows.sort(key=lambda row: places[row[0]], reverse=True)
        return [row for row in rows if before is None or places[row[0]] < before][:limit]

    def bookings(
        self, operator_id: UUID, *, limit: int, before: tuple[date, UUID] | None = None
    ) -> list[Listed]:
        found = self._model.find(
            "gsi2",
            items.key_of("PROVIDER", operator_id),
            before=items.start(*before) if before else "",
            limit=limit,
        )
        return [items.row_of(item) for item in found]
