"""What an agency earns of its bookings, from the ledger, and what it owes. Group: rds."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ecosystem.database.unit_of_work import RoutedSession


@dataclass(frozen=True)
class Wanted:
    """Bookings confirmed from ``first`` to before ``end``, of one operator, in one ``state``;
    None: any."""

    first: datetime | None = None
    end: datetime | None = None
    operator: UUID | None = None
    state: str | None = None


# `earned` is what the ledger credited the agency as it is by now, `given` what left for its
# account, `back` what came from there; all in minor units. What an agency that collects earns is
# outside the ledger: the public price less the net one.
_SOLD = """
  select sold.*,
    case when agency_model = 'agency_collects' then 'outside'
      when earned <= 0 or owed < 0 or owed = 0 and back > 0 then 'reversed'
      when owed = 0 then 'sent'
      when not whole or expected_on > cast(:today as date) then 'expected'
      else 'due' end as state
  from (
    select b.id, b.reference, b.status, b.lead_name, b.starts_on, b.ends_on, b.currency,
      b.total_minor, b.operator_id, b.agency_model, b.created_at, b.public_minor,
      coalesce(b.agency_percent, b.commission_percent) as percent, b.markup_percent,
      b.snapshot #>> '{package,title}' as title, b.snapshot #>> '{operator,name}' as operator_name,
      l.earned, l.given, l.back, l.given - l.back as sent, l.earned - l.given + l.back as owed,
      case when b.agency_model = 'operator_pays_later' then b.ends_on + b.agency_days
        when t.pay_after = 'confirmation' then b.confirmed_at::date
        else b.starts_on + coalesce(t.pay_after_days, 1) end as expected_on,
      not exists (
        select from payments p where p.booking_id = b.id and p.closed_at is null
          and p.status in ('due', 'processing', 'failed')
      ) as whole
    from bookings b
    left join operator_terms t on t.operator_id = b.operator_id
    cross join lateral (
      select -coalesce(sum(amount_minor) filter (where not moved), 0)::bigint as earned,
             coalesce(sum(amount_minor) filter (where moved and amount_minor > 0), 0)::bigint
               as given,
             -coalesce(sum(amount_minor) filter (where moved and amount_minor < 0), 0)::bigint
               as back
      from (
        select amount_minor, cause like 'transfer:%' or cause like 'reversal:%' as moved
        from ledger_entries where booking_id = b.id and account = 'agency_payable'
      ) entries
    ) l
    where b.agency_id = :agency and b.status in ('confirmed', 'completed', 'cancelled')
      and b.confirmed_at is not null
      and (cast(:first as timestamptz) is null or b.confirmed_at >= :first)
      and (cast(:end as timestamptz) is null or b.confirmed_at < :end)
      and (cast(:operator as uuid) is null or b.operator_id = :operator)
  ) sold
"""
_ROWS = text(f"""
  select * from ({_SOLD}) found
  where (cast(:state as text) is null or state = :state)
    and (cast(:at as timestamptz) is null or (created_at, id) < (:at, cast(:id as uuid)))
  order by created_at desc, id desc limit :limit
""")
_TOTALS = text(f"""
  select state, currency, count(*)::int as bookings, sum(earned)::bigint as earned,
    sum(sent)::bigint as sent, sum(back)::bigint as back, sum(owed)::bigint as owed,
    coalesce(sum(coalesce(public_minor, total_minor) - total_minor)
      filter (where status <> 'cancelled'), 0)::bigint as outside
  from ({_SOLD}) found
  group by state, currency order by currency, state
""")
_OPERATORS = text("""
  select distinct on (operator_id) operator_id, snapshot #>> '{operator,name}' as name
  from bookings where agency_id = :agency and confirmed_at is not null
  order by operator_id, created_at desc
""")
_OWED = text("""
  select b.reference, b.lead_name, b.starts_on, b.operator_id,
    b.snapshot #>> '{package,title}' as title, b.snapshot #>> '{operator,name}' as operator_name,
    p.amount_minor, p.currency, p.due_on, p.status, p.pay_token
  from payments p join bookings b on b.id = p.booking_id
  where b.agency_id = :agency and p.kind = 'account' and p.closed_at is null
    and p.status in ('due', 'processing', 'failed')
  order by p.due_on, b.reference limit :limit
""")


def rows(
    session: RoutedSession,
    agency_id: UUID,
    today: date,
    wanted: Wanted,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Bookings that were sold, newest first, from just after ``before``: with ``earned``, the
    agency's part as it is now, ``sent``, what of it was transferred less what came back, and
    ``state``; minor units."""
    at, key = before or (None, None)
    values = {"agency": agency_id, "today": today, "at": at, "id": key, "limit": limit}
    return session.execute(_ROWS, {**asdict(wanted), **values}).all()


def totals(
    session: RoutedSession, agency_id: UUID, today: date, wanted: Wanted
) -> Sequence[Row[Any]]:
    """Sums of all states by state and currency, whatever ``wanted.state`` is."""
    values = {**asdict(wanted), "agency": agency_id, "today": today}
    del values["state"]
    return session.execute(_TOTALS, values).all()


def operators(session: RoutedSession, agency_id: UUID) -> dict[UUID, str]:
    """The operators of what the agency sold, with the name of the newest sale."""
    found = session.execute(_OPERATORS, {"agency": agency_id})
    return {row.operator_id: row.name or "" for row in found}


def owed(session: RoutedSession, agency_id: UUID, limit: int) -> Sequence[Row[Any]]:
    """What the agency has still to pay for bookings it collects for itself, the soonest first."""
    return session.execute(_OWED, {"agency": agency_id, "limit": limit}).all()
