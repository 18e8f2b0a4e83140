"""Changes of bookings, and what they do to seats and transfers. Group: rds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text, update

from ecosystem.database.tables import BookingChange
from ecosystem.database.unit_of_work import RoutedSession


def of(session: RoutedSession, booking_id: UUID) -> list[BookingChange]:
    """The changes of a booking, oldest first."""
    return list(
        session.execute(
            select(BookingChange)
            .where(BookingChange.booking_id == booking_id)
            .order_by(BookingChange.created_at, BookingChange.id)  # type: ignore[arg-type]
            .execution_options(populate_existing=True)
        ).scalars()
    )


def get(session: RoutedSession, change_id: UUID) -> BookingChange | None:
    """One change as it is now. Call with its booking locked before it is changed."""
    return session.execute(
        select(BookingChange)
        .where(BookingChange.id == change_id)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def change(session: RoutedSession, change_id: UUID, **values: Any) -> None:
    session.execute(update(BookingChange).where(BookingChange.id == change_id).values(**values))


def add(session: RoutedSession, change: BookingChange) -> None:
    """Add a change before what refers to it."""
    session.add(change)
    session.flush()


def change_seats(
    session: RoutedSession,
    claim_id: UUID,
    *,
    adults: int,
    children: int,
    child_ages: Sequence[int],
    now: datetime,
) -> None:
    """A smaller party keeps its seats; call with the departure locked."""
    session.execute(
        text(
            "update seat_claims set seats = :seats, adults = :adults, children = :children,"
            " child_ages = :ages, updated_at = :now where id = :id"
        ),
        {
            "id": claim_id,
            "seats": adults + children,
            "adults": adults,
            "children": children,
            "ages": list(child_ages),
            "now": now,
        },
    )


def waiting_too_long(session: RoutedSession, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """Changes of date whose seats are not held any more: ``id``, ``booking_id``."""
    return session.execute(
        text(
            "select x.id, x.booking_id from booking_changes x"
            " join seat_claims c on c.id = (x.detail ->> 'claim_id')::uuid"
            " where x.state = 'waiting' and c.expires_at < :now"
            " order by c.expires_at limit :limit"
        ),
        {"now": now, "limit": limit},
    ).all()
