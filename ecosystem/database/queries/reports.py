"""What an agency's sales and proposals add up to, by whatever they are divided. Group: rds.

All of it is added up here: ``bookings_agency_sold_idx`` has every column that the sums need, so
the rows themselves, which carry the package as sold, are not read; nor are those of the ledger:
``ledger_entries_commission_idx`` has what an agency earns of each. docs/algorithms/reports.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, text

from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.reports import By, Dates

_KEYS: dict[By, str] = {
    "month": "date_trunc('month', {day})::date",
    "operator": "b.operator_id",
    "country": "b.country",
    "city": "b.city",
    "agent": "b.agent_id",
    "booking": "b.id",
}
_DAYS: dict[Dates, str] = {
    "booked": "b.confirmed_at at time zone 'UTC'",
    "travel": "b.starts_on::timestamp",
}
_BETWEEN: dict[Dates, str] = {
    "booked": "b.confirmed_at >= :since and b.confirmed_at < :until",
    "travel": "b.starts_on >= :first and b.starts_on <= :last",
}
EARNED = """(
    select -coalesce(sum(l.amount_minor), 0) from ledger_entries l
    where l.booking_id = b.id and l.account = 'agency_payable'
      and l.cause not like 'transfer:%' and l.cause not like 'reversal:%'
)"""
SOLD = """(
    case when b.agency_model = 'agency_collects' then coalesce(b.public_minor, b.total_minor)
    else b.total_minor end
)"""
"""What the client paid: an agency that collects is charged less than that by us."""
KEPT = f"""(
    case when b.agency_model = 'agency_collects' and b.status <> 'cancelled'
    then {SOLD} - b.total_minor else 0 end
)"""
"""What an agency that collects keeps of it, which no ledger has."""
_FILTERS = {
    "operator_id": "b.operator_id = :operator_id",
    "country": "b.country = :country",
    "city": "b.city = :city",
    "agent_id": "b.agent_id = :agent_id",
}


@dataclass(frozen=True)
class Slice:
    """Whose sales of when. ``first`` to ``last`` by ``dates``; the others narrow it down."""

    agency_id: UUID
    dates: Dates
    first: date
    last: date
    since: datetime
    until: datetime
    operator_id: UUID | None = None
    country: str = ""
    city: str = ""
    agent_id: UUID | None = None

    @property
    def narrowed(self) -> tuple[str, ...]:
        return tuple(name for name in _FILTERS if getattr(self, name))


@lru_cache(maxsize=256)
def _sums(by: By, dates: Dates, narrowed: tuple[str, ...], earned: bool) -> TextClause:
    # Keys become text when they are grouped; the ledger is joined once, not asked row by row.
    key, where = _KEYS[by].format(day=_DAYS[dates]), _where(dates, narrowed)
    parts = [
        f"""
        select {key} as key, b.currency, count(*) filter (where b.status <> 'cancelled') as bookings,
               sum(b.adults + b.children) filter (where b.status <> 'cancelled') as travellers,
               count(*) filter (where b.status = 'cancelled') as cancelled,
               sum({SOLD}) filter (where b.status <> 'cancelled') as sold,
               sum({KEPT if earned else "0"}) as earned
        from bookings b where {where} group by 1, 2
        """
    ]
    if earned:
        parts.append(
            f"""
            select {key} as key, b.currency, 0, 0, 0, 0, -sum(l.amount_minor)
            from bookings b join ledger_entries l on l.booking_id = b.id
            where {where} and l.account = 'agency_payable'
              and l.cause not like 'transfer:%' and l.cause not like 'reversal:%'
            group by 1, 2
            """
        )
    return text(
        f"""
        select coalesce(key::text, '') as key, currency, sum(bookings)::int as bookings,
               coalesce(sum(travellers), 0)::int as travellers, sum(cancelled)::int as cancelled,
               coalesce(sum(sold), 0)::bigint as sold_minor,
               coalesce(sum(earned), 0)::bigint as earned_minor
        from ({" union all ".join(parts)}) parts
        group by parts.key, currency
        """
    )


@lru_cache(maxsize=256)
def _bookings(dates: Dates, narrowed: tuple[str, ...], earned: bool) -> TextClause:
    return text(
        f"""
        select b.reference as key, b.lead_name, b.snapshot #>> '{{package,title}}' as title,
               b.starts_on, b.currency, (b.status <> 'cancelled')::int as bookings,
               case when b.status <> 'cancelled' then b.adults + b.children else 0 end as travellers,
               (b.status = 'cancelled')::int as cancelled,
               (case when b.status <> 'cancelled' then {SOLD} else 0 end)::bigint as sold_minor,
               ({f"{EARNED} + {KEPT}" if earned else "0"})::bigint as earned_minor
        from (
          select b.id from bookings b where {_where(dates, narrowed)}
          order by {_DAYS[dates]} desc, b.id desc limit :limit offset :offset
        ) page
        join bookings b on b.id = page.id
        order by {_DAYS[dates]} desc, b.id desc
        """
    )


_OFFERED = {
    dates: text(
        f"""
        select distinct b.operator_id, b.country, b.agent_id from bookings b
        where b.agency_id = :agency_id and b.confirmed_at is not null
          and b.status in ('confirmed', 'completed', 'cancelled') and {between}
        """
    )
    for dates, between in _BETWEEN.items()
}

_PROPOSALS = {
    "month": "to_char(date_trunc('month', v.sent_at at time zone 'UTC'), 'YYYY-MM-DD')",
    "agent": "q.agent_id::text",
}
_QUOTES = {
    by: text(
        f"""
        select {key} as key, count(*)::int as sent,
               count(*) filter (where q.first_opened_at is not null)::int as opened,
               count(*) filter (where q.status = 'accepted')::int as accepted,
               count(*) filter (where q.status = 'declined')::int as declined,
               count(*) filter (where q.status in ('expired', 'withdrawn'))::int as ended,
               count(*) filter (where q.status not in
                 ('accepted', 'declined', 'expired', 'withdrawn'))::int as waiting
        from quotes q join quote_versions v on v.quote_id = q.id and v.number = 1
        where q.agency_id = :agency_id and v.sent_at >= :since and v.sent_at < :until
          and (cast(:agent_id as uuid) is null or q.agent_id = :agent_id)
        group by 1
        """
    )
    for by, key in _PROPOSALS.items()
}

_PEOPLE = text("select id, full_name from travel_agents where agency_id = :id order by full_name")

_SAVED = text(
    """
    select r.id, r.name, r.asked, r.shared, r.agent_id, a.full_name as agent_name
    from saved_reports r join travel_agents a on a.id = r.agent_id
    where r.agency_id = :agency_id and (r.agent_id = :agent_id or r.shared)
    order by (r.agent_id = :agent_id) desc, lower(r.name), r.id
    """
)
_KEEP = text(
    """
    insert into saved_reports (id, agency_id, agent_id, name, asked, shared)
    values (:id, :agency_id, :agent_id, :name, :asked, :shared)
    on conflict (agent_id, name) do update set asked = excluded.asked, shared = excluded.shared
    returning id
    """
)
_FORGET = text(
    """
    delete from saved_reports where agency_id = :agency_id and id = :id
      and (agent_id = :agent_id or (shared and :any_shared))
    returning name
    """
)


def _where(dates: Dates, narrowed: tuple[str, ...]) -> str:
    # The agency and that it was confirmed: what the index is of.
    conditions = [
        "b.agency_id = :agency_id",
        "b.confirmed_at is not null",
        "b.status in ('confirmed', 'completed', 'cancelled')",
        _BETWEEN[dates],
        *(_FILTERS[name] for name in narrowed),
    ]
    return " and ".join(conditions)


def sums(session: RoutedSession, of: Slice, by: By, *, earned: bool) -> Sequence[Row[Any]]:
    """A row for each value and currency: ``key currency bookings travellers cancelled sold_minor
    earned_minor``; keys are text. What was cancelled counts as that alone, and with what is
    earned of it. ``earned`` false: nothing is looked up, and it is 0."""
    return session.execute(_sums(by, of.dates, of.narrowed, earned), _values(of)).all()


def bookings(
    session: RoutedSession, of: Slice, *, earned: bool, limit: int, offset: int
) -> Sequence[Row[Any]]:
    """The bookings themselves, the latest first, as :func:`sums` counts them; with ``lead_name
    title starts_on``, and the reference as ``key``."""
    values = {**_values(of), "limit": limit, "offset": offset}
    return session.execute(_bookings(of.dates, of.narrowed, earned), values).all()


def offered(session: RoutedSession, of: Slice) -> Sequence[Row[Any]]:
    """Which operators, countries and agents there are in the span: their combinations."""
    return session.execute(_OFFERED[of.dates], _values(of)).all()


def proposals(session: RoutedSession, of: Slice, by: By) -> Sequence[Row[Any]]:
    """What came of the proposals first sent in the span: ``key sent opened accepted declined
    ended waiting``, whenever that was."""
    return session.execute(_QUOTES[by], _values(of)).all()


def people(session: RoutedSession, agency_id: UUID) -> dict[str, str]:
    """Everybody who ever worked for the agency: id → name, by name."""
    rows = session.execute(_PEOPLE, {"id": agency_id})
    return {str(row.id): row.full_name for row in rows}


def saved(session: RoutedSession, agency_id: UUID, agent_id: UUID) -> Sequence[Row[Any]]:
    """Filters of hers, then those others share: ``id name asked shared agent_id agent_name``."""
    return session.execute(_SAVED, {"agency_id": agency_id, "agent_id": agent_id}).all()


def keep(session: RoutedSession, **values: Any) -> UUID:
    """Keep a filter; one of the same name and person is replaced. Gives its id."""
    return session.execute(_KEEP, values).scalar_one()


def forget(
    session: RoutedSession, agency_id: UUID, agent_id: UUID, report_id: UUID, *, any_shared: bool
) -> str | None:
    """Delete a filter of hers, with ``any_shared`` anybody's that is shared. Its name, or None."""
    return session.execute(
        _FORGET,
        {
            "agency_id": agency_id,
            "agent_id": agent_id,
            "id": report_id,
            "any_shared": any_shared,
        },
    ).scalar_one_or_none()


def _values(of: Slice) -> dict[str, Any]:
    return dict(vars(of))
