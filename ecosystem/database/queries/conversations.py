"""Messages between buyers and operators. Group: rds."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text, update

from ecosystem.database.tables import Booking, Message
from ecosystem.database.unit_of_work import RoutedSession


def latest(session: RoutedSession, booking_id: UUID, limit: int) -> tuple[list[Message], int]:
    """The latest messages, oldest first, and how many there are in all."""
    rows = session.execute(
        select(Message)
        .where(Message.booking_id == booking_id)
        .order_by(Message.created_at.desc(), Message.id.desc())  # type: ignore[attr-defined]
        .limit(limit)
    ).scalars()
    total = session.execute(
        select(func.count()).select_from(Message).where(Message.booking_id == booking_id)
    ).scalar_one()
    return list(rows)[::-1], total


def written(
    session: RoutedSession, booking_id: UUID, author: str, first: datetime, last: datetime
) -> list[Message]:
    """What one side wrote from ``first`` up to but not including ``last``, in order."""
    return list(
        session.execute(
            select(Message)
            .where(
                Message.booking_id == booking_id,
                Message.author == author,
                Message.created_at >= first,
                Message.created_at < last,
            )
            .order_by(Message.created_at, Message.id)  # type: ignore[arg-type]
        ).scalars()
    )


def take_turns(session: RoutedSession, booking_id: UUID) -> None:
    """Until the commit nobody else writes to this booking's conversation."""
    session.execute(
        text("select pg_advisory_xact_lock(hashtextextended('messages:' || :id, 0))"),
        {"id": str(booking_id)},
    )


def add(session: RoutedSession, message: Message) -> None:
    session.add(message)
    session.flush()


def mark_read(session: RoutedSession, booking_id: UUID, author: str, now: datetime) -> int:
    """The other side has seen what ``author`` wrote; how many were new to it."""
    result = session.execute(
        update(Message)
        .where(
            Message.booking_id == booking_id,
            Message.author == author,
            Message.read_at.is_(None),  # type: ignore[union-attr]
        )
        .values(read_at=now)
    )
    return result.rowcount  # type: ignore[attr-defined,no-any-return]


def unread_bookings(
    session: RoutedSession, operator_id: UUID, booking_ids: Sequence[UUID] | None = None
) -> dict[UUID, int]:
    """Unread messages of buyers by booking, of an operator's own bookings."""
    statement = (
        select(Message.booking_id, func.count())
        .join(Booking, Booking.id == Message.booking_id)  # type: ignore[arg-type]
        .where(
            Message.read_at.is_(None),  # type: ignore[union-attr]
            Message.author == "buyer",
            Booking.operator_id == operator_id,
        )
        .group_by(Message.booking_id)  # type: ignore[arg-type]
    )
    if booking_ids is not None:
        statement = statement.where(Message.booking_id.in_(booking_ids))
    return dict(list(session.execute(statement)))
