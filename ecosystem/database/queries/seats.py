"""Departures and the claims on their seats. Group: rds.

Seats left = capacity - sold - held and not yet expired, always computed from the
claims, and for a decision always under the departure's row lock. An expired hold
is free the moment it expires, without any sweeper.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import bindparam

from ecosystem.database.tables import Departure, SeatClaim
from ecosystem.database.unit_of_work import RoutedSession

_TAKEN = """
    coalesce((
      select sum(c.seats) from seat_claims c
      where c.departure_id = d.id
        and (c.state = 'sold' or (c.state = 'held' and c.expires_at > :now))
    ), 0)
"""

_PAYABLE = """
    exists (
      select from payout_accounts a
      where a.party = 'operator' and a.party_id = d.operator_id and a.transfers_active
    )
"""

_DEPARTURE = f"""
    select d.id, d.package_id, d.operator_id, d.starts_on, d.ends_on, d.timezone, d.capacity,
           d.currency, d.price_minor, d.status, {_PAYABLE} as payable
    from departures d
"""

_LOCK = text(f"{_DEPARTURE} where d.id = :id for update of d")
_READ = text(f"{_DEPARTURE} where d.id = :id")
_LEFT = text(f"select d.capacity - {_TAKEN} from departures d where d.id = :id")
_LIST = text(
    f"""
    select d.id, d.package_id, d.starts_on, d.ends_on, d.capacity, d.currency, d.price_minor,
           d.status, d.capacity - {_TAKEN} as seats_left
    from departures d
    where d.package_id = :package_id and d.starts_on between :first and :last
    order by d.starts_on
    limit :limit
    """
)
_CLAIM = text(
    f"""
    insert into seat_claims
      (id, departure_id, package_id, seats, state, expires_at, holder, adults, children, price)
    select :claim_id, d.id, d.package_id, :seats, 'held', :expires_at, :holder, :adults,
           :children, :price
    from departures d
    where d.id = :id and d.status = 'open' and d.capacity - {_TAKEN} >= :seats
    returning id
    """
).bindparams(bindparam("price", type_=JSONB))


def departure(session: RoutedSession, departure_id: UUID, *, lock: bool = False) -> Row[Any] | None:
    """A departure with ``payable``; with ``lock`` its row stays ours until the commit.

    Everything that gives out seats locks here first, several departures in the
    order of their ids, and claims, bookings and payments only afterwards.
    """
    return session.execute(_LOCK if lock else _READ, {"id": departure_id}).one_or_none()


def seats_left(session: RoutedSession, departure_id: UUID, now: datetime) -> int:
    return session.execute(_LEFT, {"id": departure_id, "now": now}).scalar_one()


def departures(
    session: RoutedSession,
    package_id: UUID,
    first: date,
    last: date,
    now: datetime,
    limit: int = 400,
) -> Sequence[Row[Any]]:
    """A package's departures that start from ``first`` to ``last``, with seats left."""
    return session.execute(
        _LIST,
        {"package_id": package_id, "first": first, "last": last, "now": now, "limit": limit},
    ).all()


def claim(
    session: RoutedSession,
    *,
    claim_id: UUID,
    departure_id: UUID,
    seats: int,
    expires_at: datetime,
    holder: str,
    adults: int,
    children: int,
    price: dict[str, Any],
    now: datetime,
) -> bool:
    """Hold seats if that many are left. Call with the departure locked."""
    row = session.execute(
        _CLAIM,
        {
            "claim_id": claim_id,
            "id": departure_id,
            "seats": seats,
            "expires_at": expires_at,
            "holder": holder,
            "adults": adults,
            "children": children,
            "price": price,
            "now": now,
        },
    ).one_or_none()
    return row is not None


def find_claim(session: RoutedSession, claim_id: UUID, *, lock: bool = False) -> SeatClaim | None:
    statement = select(SeatClaim).where(SeatClaim.id == claim_id)
    if lock:
        statement = statement.with_for_update()
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def unbooked_claims_of(session: RoutedSession, holder: str, departure_id: UUID) -> list[UUID]:
    """The holder's own held claims on a departure from which no booking was made."""
    rows = session.execute(
        text(
            "select c.id from seat_claims c where c.departure_id = :departure"
            " and c.holder = :holder and c.state = 'held'"
            " and not exists (select from bookings b where b.claim_id = c.id)"
        ),
        {"departure": departure_id, "holder": holder},
    )
    return [row.id for row in rows]


def set_claims(
    session: RoutedSession,
    claim_ids: Sequence[UUID],
    state: str,
    now: datetime,
    *,
    expires_at: datetime | None = None,
) -> None:
    """Move claims to ``state``; call with their departures locked."""
    session.execute(
        text(
            "update seat_claims set state = :state, updated_at = :now,"
            " expires_at = coalesce(:expires_at, expires_at) where id = any(:ids)"
        ),
        {"state": state, "now": now, "ids": list(claim_ids), "expires_at": expires_at},
    )


def tidy_expired_claims(session: RoutedSession, now: datetime, limit: int = 500) -> int:
    """Mark long-expired holds without a booking as released, so that indexes stay small."""
    result = session.execute(
        text(
            "update seat_claims set state = 'released', updated_at = :now where id in ("
            " select c.id from seat_claims c where c.state = 'held' and c.expires_at < :now"
            " and not exists (select from bookings b where b.claim_id = c.id)"
            " limit :limit for update skip locked)"
        ),
        {"now": now, "limit": limit},
    )
    return result.rowcount  # type: ignore[attr-defined,no-any-return]


def add_departures(session: RoutedSession, departures: Sequence[Departure]) -> None:
    session.add_all(departures)
