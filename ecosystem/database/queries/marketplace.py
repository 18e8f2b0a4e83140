"""What the storefront's read model is made of, and the same reads from the databases."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, or_, select, text, tuple_

from ecosystem.database.queries.bookings import due_on, paid_minor
from ecosystem.database.tables import Agency, Booking, Operator, Package
from ecosystem.database.unit_of_work import RoutedSession

_COLUMNS = (
    "id", "reference", "status", "operator_id", "customer_id", "guest_key", "agency_id",
    "lead_name", "travellers", "adults", "children", "currency", "total_minor",
    "commission_percent", "snapshot", "starts_on", "ends_on", "created_at", "agency_model",
    "public_minor",
)  # fmt: skip


def next_version(session: RoutedSession) -> int:
    """A number above all that were drawn before. Draw it before reading. Group: rds."""
    return session.execute(text("select nextval('read_model_version')")).scalar_one()


def version_above(session: RoutedSession, least: int) -> None:
    """Let no number up to ``least`` be drawn any more. Group: rds."""
    session.execute(
        text(
            "select setval('read_model_version', greatest(last_value, :least))"
            " from read_model_version"
        ),
        {"least": least},
    )


def bookings(session: RoutedSession, ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """Bookings with ``agency_name``, ``paid_minor`` and ``due_on``. Group: rds."""
    return session.execute(_bookings().where(Booking.id.in_(ids))).all()  # type: ignore[attr-defined]


def trips(
    session: RoutedSession,
    customer_id: UUID | None,
    guest_key: str,
    *,
    limit: int,
    before: tuple[datetime, UUID] | None,
) -> Sequence[Row[Any]]:
    """What a customer or a browser has booked, newest first, from just after ``before``.
    Group: rds."""
    whose: list[ColumnElement[bool]] = []
    if customer_id is not None:
        whose.append(Booking.customer_id == customer_id)  # type: ignore[arg-type]
    if guest_key:
        whose.append(Booking.guest_key == guest_key)  # type: ignore[arg-type]
    if not whose:
        return ()
    statement = (
        _bookings()
        .where(or_(*whose))
        .order_by(Booking.created_at.desc(), Booking.id.desc())  # type: ignore[attr-defined]
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(tuple_(Booking.created_at, Booking.id) < before)  # type: ignore[arg-type]
    return session.execute(statement).all()


def departing(
    session: RoutedSession,
    operator_id: UUID,
    *,
    limit: int,
    before: tuple[date, UUID] | None,
) -> Sequence[Row[Any]]:
    """An operator's bookings, the last to depart first, from just after ``before``. Group: rds."""
    statement = (
        _bookings()
        .where(Booking.operator_id == operator_id)  # type: ignore[arg-type]
        .order_by(Booking.starts_on.desc(), Booking.id.desc())  # type: ignore[attr-defined]
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(tuple_(Booking.starts_on, Booking.id) < before)  # type: ignore[arg-type]
    return session.execute(statement).all()


def following(
    session: RoutedSession,
    table: type[Booking] | type[Operator] | type[Package],
    after: UUID,
    limit: int,
) -> list[UUID]:
    """The ids of a table in their order, from just after one."""
    return list(
        session.execute(
            select(table.id).where(table.id > after).order_by(table.id).limit(limit)  # type: ignore[arg-type,call-overload]
        ).scalars()
    )


def _bookings() -> Select[Any]:
    columns = (getattr(Booking, name) for name in _COLUMNS)
    return (
        select(*columns, Agency.name.label("agency_name"), paid_minor(), due_on())  # type: ignore[attr-defined]
        .select_from(Booking)
        .outerjoin(Agency, Agency.id == Booking.agency_id)  # type: ignore[arg-type]
    )
