"""Erasing clients: what stands in the way, what is left of them. Group: rds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text, update

from ecosystem.database.tables import Booking, Client
from ecosystem.database.unit_of_work import RoutedSession


def booked(session: RoutedSession, client_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """Bookings of clients: ``id reference status ends_on``, locked against change."""
    return session.execute(
        select(Booking.id, Booking.reference, Booking.status, Booking.ends_on)
        .where(Booking.client_id.in_(client_ids))  # type: ignore[union-attr]
        .order_by(Booking.id)  # type: ignore[arg-type]
        .with_for_update()
    ).all()


def anonymise(
    session: RoutedSession, client_ids: Sequence[UUID], name: str, now: datetime
) -> set[UUID]:
    """Leave of clients only that they were there. Returns the households they were in."""
    left = session.execute(
        select(Client.household_id).where(
            Client.id.in_(client_ids),  # type: ignore[attr-defined]
            Client.household_id.is_not(None),  # type: ignore[union-attr]
        )
    ).scalars()
    households = {one for one in left if one is not None}
    empty = dict.fromkeys(
        ("email", "phone", "address", "language", "preferences", "notes", "consent_source",
         "name_key", "phone_key", "words"), "",
    )  # fmt: skip
    nothing = dict.fromkeys(
        ("country", "birth_date", "nationality", "agent_id", "household_id", "consent_at")
    )
    session.execute(
        update(Client)
        .where(Client.id.in_(client_ids))  # type: ignore[attr-defined]
        .values(
            full_name=name,
            tags=[],
            erased_at=now,
            updated_at=now,
            version=Client.version + 1,
            **empty,
            **nothing,
        )
        .execution_options(synchronize_session=False)
    )
    return households


_THIN = text(
    """
    update bookings set lead_phone = '', updated_at = :now, travellers = coalesce(
      (select jsonb_agg(one - 'birth_date' order by place)
       from jsonb_array_elements(travellers) with ordinality as t (one, place)), '[]')
    where id = any(:ids)
    """
)


def thin_bookings(session: RoutedSession, booking_ids: Sequence[UUID], now: datetime) -> None:
    """Take telephone numbers and dates of birth off bookings that are over."""
    if booking_ids:
        session.execute(_THIN, {"ids": list(booking_ids), "now": now})
