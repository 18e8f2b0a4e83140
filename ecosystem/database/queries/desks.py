"""What the desks of agencies and operators add up. Group: rds.

``party`` decides whose bookings count: one condition on an indexed column
(``bookings_agency_idx``, ``bookings_operator_idx``), so each sum reads only the
rows of its own agency or operator. Currencies are never added together.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import Row, text

from ecosystem.database.queries import reports
from ecosystem.database.unit_of_work import RoutedSession

Party = Literal["agency", "operator"]
PARTIES: tuple[Party, ...] = get_args(Party)

_SHARE: dict[Party, str] = {
    # What is kept of a cancelled booking is earned, too: as reports and statements say.
    "agency": f"{reports.EARNED} + {reports.KEPT}",
    "operator": """case when b.status = 'cancelled' then 0 else (
          select -l.amount_minor from ledger_entries l
          where l.cause = 'booking:' || b.id || '\\:sold' and l.account = 'operator_payable'
        ) end""",
}
_TOTAL: dict[Party, str] = {"agency": reports.SOLD, "operator": "b.total_minor"}
SOLD = {
    party: text(
        f"""
        select * from (
          select b.currency, count(*) filter (where b.status <> 'cancelled') as bookings,
                 coalesce(sum({_TOTAL[party]}) filter (where b.status <> 'cancelled'), 0)::bigint
                   as total_minor,
                 coalesce(sum({_SHARE[party]}), 0)::bigint as share_minor
          from bookings b
          where b.{party}_id = :id and b.status in ('confirmed', 'completed', 'cancelled')
            and b.confirmed_at >= :first and b.confirmed_at <= :last
          group by b.currency
        ) sums
        where bookings > 0 or share_minor <> 0
        order by total_minor desc, currency
        """
    )
    for party in PARTIES
}

# "Today" is each trip's own: a journey to Tokyo begins hours before one to Lisbon.
TRAVEL = {
    party: text(
        f"""
        with sold as (
          select b.starts_on, b.ends_on, b.timezone, count(*) as bookings,
                 sum(b.adults + b.children) as people
          from bookings b
          where b.{party}_id = :id and b.status in ('confirmed', 'completed')
            and b.ends_on >= cast(:now as timestamptz)::date - 2
          group by b.starts_on, b.ends_on, b.timezone
        ), zones as (
          select timezone, (cast(:now as timestamptz) at time zone timezone)::date as today
          from (select distinct timezone from sold) known
        ), days as (
          select bookings, people, today between starts_on and ends_on as now,
                 starts_on > today as upcoming,
                 starts_on > today and starts_on <= today + :ahead as soon
          from sold join zones using (timezone)
        )
        select coalesce(sum(bookings) filter (where now), 0)::int as now_bookings,
               coalesce(sum(people) filter (where now), 0)::int as now_people,
               coalesce(sum(bookings) filter (where upcoming), 0)::int as upcoming_bookings,
               coalesce(sum(people) filter (where upcoming), 0)::int as upcoming_people,
               coalesce(sum(bookings) filter (where soon), 0)::int as soon_bookings,
               coalesce(sum(people) filter (where soon), 0)::int as soon_people
        from days
        """
    )
    for party in PARTIES
}

MONTHS = {
    party: text(
        f"""
        select date_trunc('month', b.confirmed_at at time zone 'UTC')::date as month,
               b.currency, sum({_TOTAL[party]})::bigint as total_minor
        from bookings b
        where b.{party}_id = :id and b.status in ('confirmed', 'completed')
          and b.confirmed_at >= :first
        group by 1, 2
        """
    )
    for party in PARTIES
}

_SOLD_SEATS = """
    select d.id, d.package_id, d.starts_on, d.ends_on, d.capacity, d.status,
           coalesce((select sum(c.seats) from seat_claims c
                     where c.departure_id = d.id and c.state <> 'released'
                       and c.state = 'sold'), 0)::int as sold
    from departures d
    where d.operator_id = :id and d.starts_on >= :first
"""

_DEPARTURES = text(f"{_SOLD_SEATS} order by d.starts_on, d.id limit :limit")

_NEARLY_FULL = text(
    f"""
    select * from ({_SOLD_SEATS} and d.starts_on <= :last and d.status = 'open') d
    where d.sold < d.capacity and d.capacity - d.sold <= :seats and d.sold > 0
    order by d.capacity - d.sold, d.starts_on, d.id
    limit :limit
    """
)

_SEATS = text(
    f"""
    select date_trunc('month', d.starts_on)::date as month,
           sum(d.capacity)::int as capacity, sum(d.sold)::int as sold
    from ({_SOLD_SEATS} and d.starts_on < :last) d
    group by 1
    """
)

_ON_SALE = text(
    "select distinct package_id from departures"
    " where operator_id = :id and status = 'open' and starts_on > :today"
)

_FAILING = text(
    """
    (select 'outbox' as queue, topic as kind, attempts, last_error as error,
            created_at as since, available_at as next_try
     from outbox where done_at is null and last_error is not null)
    union all
    (select 'inbox', type, attempts, last_error, received_at, available_at
     from inbox where processed_at is null and last_error is not null)
    order by since
    limit :limit
    """
)


def sold(
    session: RoutedSession, party: Party, party_id: UUID, first: datetime, last: datetime
) -> Sequence[Row[Any]]:
    """What was confirmed from ``first`` to ``last``, by currency, largest first.

    Rows: ``currency bookings total_minor share_minor``. The share is what the ledger
    credits the party: an agency after every change and of cancelled bookings too, an operator
    when it was sold.
    """
    return session.execute(SOLD[party], {"id": party_id, "first": first, "last": last}).all()


def travel(
    session: RoutedSession, party: Party, party_id: UUID, now: datetime, ahead_days: int
) -> Row[Any]:
    """Bookings and people on their way now, still to travel, and leaving soon.

    "Soon" is from tomorrow to ``ahead_days`` ahead, in each destination's own day.
    """
    return session.execute(TRAVEL[party], {"id": party_id, "now": now, "ahead": ahead_days}).one()


def months(
    session: RoutedSession, party: Party, party_id: UUID, first: datetime
) -> Sequence[Row[Any]]:
    """Sales by month (UTC) and currency since ``first``."""
    return session.execute(MONTHS[party], {"id": party_id, "first": first}).all()


def next_departures(
    session: RoutedSession, operator_id: UUID, first: date, limit: int
) -> Sequence[Row[Any]]:
    """An operator's departures from ``first`` on, with seats sold."""
    return session.execute(_DEPARTURES, {"id": operator_id, "first": first, "limit": limit}).all()


def nearly_full(
    session: RoutedSession, operator_id: UUID, first: date, last: date, seats: int, limit: int
) -> Sequence[Row[Any]]:
    """Open departures that sell and have at most ``seats`` left, fewest first."""
    return session.execute(
        _NEARLY_FULL,
        {"id": operator_id, "first": first, "last": last, "seats": seats, "limit": limit},
    ).all()


def seats_by_month(
    session: RoutedSession, operator_id: UUID, first: date, last: date
) -> Sequence[Row[Any]]:
    """Capacity and seats sold of departures from ``first`` up to but not including ``last``."""
    return session.execute(_SEATS, {"id": operator_id, "first": first, "last": last}).all()


def packages_on_sale(session: RoutedSession, operator_id: UUID, today: date) -> set[UUID]:
    """Packages with an open departure to come."""
    return set(session.execute(_ON_SALE, {"id": operator_id, "today": today}).scalars())


def failing_messages(session: RoutedSession, limit: int) -> Sequence[Row[Any]]:
    """Messages of both queues that failed at least once and wait for another try, oldest first."""
    return session.execute(_FAILING, {"limit": limit}).all()
