"""Departures and the claims on their seats. Group: rds.

Seats left = capacity - sold - held and not yet expired, always computed from the
claims, and for a decision always under the departure's row lock. An expired hold
is free the moment it expires, without any sweeper.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Row, select, text, update

from ecosystem.database import statements
from ecosystem.database.statements import Statement
from ecosystem.database.tables import SeatClaim
from ecosystem.database.unit_of_work import Database, RoutedSession

_TAKEN: LiteralString = """
    coalesce((
      select sum(c.seats) from seat_claims c
      where c.departure_id = d.id
        and (c.state = 'sold' or (c.state = 'held' and c.expires_at > :now))
    ), 0)
"""

_PAYABLE: LiteralString = """
    exists (
      select from payout_accounts a
      where a.party = 'operator' and a.party_id = d.operator_id and a.transfers_active
    )
"""

_DEPARTURE: LiteralString = f"""
    select d.id, d.package_id, d.operator_id, d.starts_on, d.ends_on, d.timezone, d.capacity,
           d.currency, d.price_minor, d.status, {_PAYABLE} as payable,
           coalesce(
             (select t.asks_birth_dates from operator_terms t where t.operator_id = d.operator_id),
             false
           ) as asks_birth_dates
    from departures d
"""

_LOCK = text(f"{_DEPARTURE} where d.id = :id for update of d")
_LOCK_IN_ONE_GO: LiteralString = f"{_DEPARTURE} where d.id = %(id)s for update of d"
_READ = text(f"{_DEPARTURE} where d.id = :id")
_LEFT = text(f"select d.capacity - {_TAKEN} from departures d where d.id = :id")
_LIST = text(
    f"""
    select d.id, d.package_id, d.starts_on, d.ends_on, d.timezone, d.capacity, d.currency,
           d.price_minor, d.status, d.capacity - {_TAKEN} as seats_left
    from departures d
    where d.package_id = :package_id and d.starts_on between :first and :last
    order by d.starts_on
    limit :limit
    """
)
_CLAIM_OF_PAYMENT: LiteralString = (
    "id = (select b.claim_id from payments p join bookings b on b.id = p.booking_id"
    " where p.id = %(payment_id)s)"
)
_LOCK_ONLY = "select from departures where id = %(id)s for update"
_HOLD: LiteralString = f"""
    with own as (
      select c.id, c.seats, c.expires_at from seat_claims c
      where %(instead_of)s::text is not null and c.holder = %(instead_of)s::text
        and c.departure_id = %(id)s and c.state = 'held'
        and not exists (select from bookings b where b.claim_id = c.id)
    ), now as (
      select d.id, d.package_id, d.starts_on, d.ends_on, d.timezone, d.currency, d.price_minor,
        d.status, {_PAYABLE} as payable,
        (d.capacity - {_TAKEN.replace(":now", "%(now)s")}
          + coalesce((select sum(seats) from own where expires_at > %(now)s), 0))::int
          as seats_left
      from departures d where d.id = %(id)s
    ), fitting as (
      select * from now
      where status = 'open' and payable and seats_left >= %(seats)s
        and starts_on > (%(now)s::timestamptz at time zone timezone)::date
        and starts_on = %(starts_on)s
        and timezone = %(timezone)s and currency = %(currency)s
        and price_minor is not distinct from %(price_minor)s::bigint
    ), given_back as (
      update seat_claims c set state = 'released', updated_at = %(now)s
      from own, fitting where c.id = own.id
    ), made as (
      insert into seat_claims
        (id, departure_id, package_id, seats, state, expires_at, holder, adults, children,
         child_ages, price)
      select %(claim_id)s, id, package_id, %(seats)s, 'held', %(expires_at)s, %(holder)s,
             %(adults)s, %(children)s, %(child_ages)s::integer[], %(price)s
      from fitting returning id
    )
    select now.*, exists (select from made) as made from now
"""


def departure(session: RoutedSession, departure_id: UUID, *, lock: bool = False) -> Row[Any] | None:
    """A departure with ``payable`` and ``asks_birth_dates``; with ``lock`` its row stays ours until the commit.

    Everything that gives out seats locks here first, several departures in the
    order of their ids, and claims, bookings and payments only afterwards.
    """
    return session.execute(_LOCK if lock else _READ, {"id": departure_id}).one_or_none()


def locked_departure(departure_id: UUID) -> Statement:
    """What reads a departure as :func:`departure` does with ``lock``."""
    return _LOCK_IN_ONE_GO, {"id": departure_id}


def claimed(database: Database, claim_id: UUID) -> Any | None:
    """What never changes of a claim: ``package_id departure_id holder``."""
    sql: LiteralString = (
        "select package_id, departure_id, holder from seat_claims where id = %(id)s"
    )
    found = database.together((sql, {"id": claim_id}))[0]
    return found[0] if found else None


def seats_left(session: RoutedSession, departure_id: UUID, now: datetime) -> int:
    return session.execute(_LEFT, {"id": departure_id, "now": now}).scalar_one()


def departures(
    session: RoutedSession,
    package_id: UUID,
    first: date,
    last: date,
    now: datetime,
    limit: int = 800,
) -> Sequence[Row[Any]]:
    """A package's departures that start from ``first`` to ``last``, with seats left."""
    return session.execute(
        _LIST,
        {"package_id": package_id, "first": first, "last": last, "now": now, "limit": limit},
    ).all()


@dataclass(frozen=True)
class Wish:
    """A claim that is wanted, at a price made for this start, zone, currency and price per adult.

    ``instead_of`` is the holder whose unbooked claims on the departure it replaces.
    """

    claim_id: UUID
    departure_id: UUID
    seats: int
    expires_at: datetime
    holder: str
    instead_of: str | None
    adults: int
    children: int
    child_ages: list[int]
    price: dict[str, Any]
    starts_on: date
    timezone: str
    currency: str
    price_minor: int | None


def hold(database: Database, wish: Wish, now: datetime, *, lock: bool = True) -> Any | None:
    """Hold seats if everything fits at this moment: one transaction, in one go.

    Gives the departure as it was then, with ``payable``, ``seats_left`` (the claims to be
    replaced counted as free) and ``made``; None if there is no such departure. The lock is
    a statement of its own, so that the next one sees what others committed while we waited.
    """
    values = {
        **vars(wish),
        "id": wish.departure_id,
        "price": Jsonb(wish.price),
        "now": now,
    }
    first = [(_LOCK_ONLY, {"id": wish.departure_id})] if lock else []
    rows = database.together(*first, (_HOLD, values))[-1]
    return rows[0] if rows else None


def locked_claim(claim_id: UUID) -> Statement:
    """What reads a claim and keeps its row ours until the commit."""
    return statements.select(SeatClaim, "id = %(id)s", {"id": claim_id}, lock=True)


def locked_claim_of_payment(payment_id: UUID) -> Statement:
    """What does the same with the claim of the booking that a payment is for."""
    return statements.select(SeatClaim, _CLAIM_OF_PAYMENT, {"payment_id": payment_id}, lock=True)


def sold(claim_id: UUID, now: datetime) -> Statement:
    """What sells the seats of a claim; send it with their departure locked."""
    return statements.change(SeatClaim, claim_id, state="sold", updated_at=now)


def find_claim(session: RoutedSession, claim_id: UUID, *, lock: bool = False) -> SeatClaim | None:
    statement = select(SeatClaim).where(SeatClaim.id == claim_id)
    if lock:
        statement = statement.with_for_update()
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


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


def change_claim(session: RoutedSession, claim_id: UUID, **values: Any) -> None:
    """Change one claim; call with it locked, and with its departure for its time or state."""
    session.execute(update(SeatClaim).where(SeatClaim.id == claim_id).values(**values))


def latest_held(session: RoutedSession, holders: Sequence[str], now: datetime) -> Row[Any] | None:
    """The claim of these holders that is held for longest and not paid, with its departure."""
    return session.execute(
        text(
            "select c.id, c.seats, c.expires_at, c.package_id, d.starts_on, d.ends_on"
            " from seat_claims c join departures d on d.id = c.departure_id"
            " where c.holder = any(:holders) and c.state = 'held' and c.expires_at > :now"
            " and not exists (select from bookings b where b.claim_id = c.id"
            " and b.status <> 'pending_payment')"
            " order by c.expires_at desc limit 1"
        ),
        {"holders": list(holders), "now": now},
    ).one_or_none()


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
