"""Bookings as an operator lists, sorts and exports them. Group: rds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, or_, select

from ecosystem.database.queries.bookings import due_on, paid_minor
from ecosystem.database.tables import Agency, Booking
from ecosystem.database.unit_of_work import RoutedSession

Sort = Literal["newest", "oldest", "departure", "traveller", "total"]

_ORDER: dict[Sort, tuple[Any, ...]] = {
    "newest": (Booking.created_at.desc(), Booking.id.desc()),  # type: ignore[attr-defined]
    "oldest": (Booking.created_at, Booking.id),
    "departure": (Booking.starts_on, Booking.id),
    "traveller": (func.lower(Booking.lead_name), Booking.id),
    # Amounts of several currencies stand apart: they can't be compared.
    "total": (Booking.currency, Booking.total_minor.desc(), Booking.id),  # type: ignore[attr-defined]
}


@dataclass(frozen=True)
class Wanted:
    """Which bookings of an operator: all that fit every part that is given."""

    words: str = ""
    status: str = ""
    package_id: UUID | None = None
    departure_id: UUID | None = None
    ids: tuple[UUID, ...] | None = None


def _fits(operator_id: UUID, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[Any] = [Booking.operator_id == operator_id]
    if wanted.status:
        conditions.append(Booking.status == wanted.status)
    if wanted.package_id is not None:
        conditions.append(Booking.package_id == wanted.package_id)
    if wanted.departure_id is not None:
        conditions.append(Booking.departure_id == wanted.departure_id)
    if wanted.ids is not None:
        conditions.append(Booking.id.in_(wanted.ids))  # type: ignore[attr-defined]
    if wanted.words:
        title = Booking.snapshot["package"]["title"].astext  # type: ignore[index]
        conditions.append(
            or_(
                Booking.reference.icontains(wanted.words, autoescape=True),  # type: ignore[attr-defined]
                Booking.lead_name.icontains(wanted.words, autoescape=True),  # type: ignore[attr-defined]
                title.icontains(wanted.words, autoescape=True),
                # Whole addresses only: a part of one would find people by their provider.
                Booking.lead_email == wanted.words.lower(),
            )
        )
    return conditions


def rows(
    session: RoutedSession,
    operator_id: UUID,
    wanted: Wanted,
    *,
    sort: Sort,
    limit: int,
    offset: int = 0,
) -> Sequence[Row[Any]]:
    """Bookings with ``agency_name``, ``paid_minor`` and ``due_on``, in order."""
    return session.execute(
        select(Booking, Agency.name.label("agency_name"), paid_minor(), due_on())  # type: ignore[attr-defined]
        .outerjoin(Agency, Agency.id == Booking.agency_id)  # type: ignore[arg-type]
        .where(*_fits(operator_id, wanted))
        .order_by(*_ORDER[sort])
        .limit(limit)
        .offset(offset)
    ).all()


def count(session: RoutedSession, operator_id: UUID, wanted: Wanted) -> int:
    """How many bookings ``rows`` would list in all."""
    return session.execute(
        select(func.count()).select_from(Booking).where(*_fits(operator_id, wanted))
    ).scalar_one()
