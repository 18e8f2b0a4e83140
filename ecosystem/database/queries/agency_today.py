"""What of an agency's proposals and clients waits for somebody. Group: rds."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ecosystem.database.unit_of_work import RoutedSession

_NEWS = text(
    """
    with asked as (
      select q.id, count(*) as unread
      from quotes q join quote_comments m on m.quote_id = q.id and m.by_client
        and (q.agency_read_at is null or m.at > q.agency_read_at)
      where q.agency_id = :id
      group by q.id
    ), news as (
      select id from asked
      union
      select id from quotes
      where agency_id = :id and (
        (status in ('sent', 'opened') and (valid_until <= :soon or last_opened_at > :since))
        or (status = 'accepted' and accepted_at > :since)
      )
    )
    select q.id, q.number, q.title, c.full_name as client_name, q.status, q.valid_until,
           q.accepted_at, q.last_opened_at, coalesce(asked.unread, 0) as unread,
           (select count(*) from quote_bookings l join bookings b on b.id = l.booking_id
            where l.quote_id = q.id and b.status = 'pending_payment') as unpaid
    from news
    join quotes q on q.id = news.id
    join clients c on c.id = q.client_id
    left join asked on asked.id = q.id
    order by greatest(q.accepted_at, q.last_opened_at, q.updated_at) desc, q.id
    limit :limit
    """
)

# ``ends_on`` says nothing that ``starts_on`` does not: it is what the index begins with.
_LEAVING = """
    b.agency_id = :id and b.status = 'confirmed' and b.client_id is not null
      and b.ends_on >= :first and b.starts_on between :first and :last
"""
_PASSPORTS = text(
    f"""
    with passport as (
      select client_id, max(expires_on) as until from identity_documents
      where agency_id = :id and kind = 'passport' group by client_id
    ), found as (
      select distinct on (b.client_id) b.client_id, b.id, b.starts_on, b.ends_on, p.until
      from bookings b join passport p on p.client_id = b.client_id
      where {_LEAVING} and p.until < (b.ends_on + make_interval(months => :months))::date
      order by b.client_id, b.starts_on, b.id
    )
    select f.client_id, c.full_name as client_name, b.snapshot #>> '{{package,title}}' as title,
           f.starts_on, f.ends_on, f.until
    from found f
    join clients c on c.id = f.client_id and c.erased_at is null
    join bookings b on b.id = f.id
    order by f.starts_on, f.client_id
    limit :limit
    """
)
_WITHOUT = text(
    f"""
    select count(*) from (select distinct b.client_id from bookings b where {_LEAVING}) leaving
    join clients c on c.id = leaving.client_id and c.erased_at is null
    where not exists (
      select from identity_documents d
      where d.client_id = c.id and d.kind = 'passport' and d.expires_on is not null
    )
    """
)

_PIPELINE = text(
    """
    select count(*) filter (where status = 'draft') as drafts,
           count(*) filter (where status in ('sent', 'opened')) as waiting,
           count(*) filter (where status = 'accepted' and accepted_at >= :first) as accepted,
           count(*) filter (where status in ('declined', 'withdrawn', 'expired')
                            and updated_at >= :first) as ended
    from quotes where agency_id = :id
    """
)


def quote_news(
    session: RoutedSession, agency_id: UUID, *, since: datetime, soon: date, limit: int
) -> Sequence[Row[Any]]:
    """Proposals with new comments, opened or accepted after ``since``, or valid only to ``soon``.

    Rows: ``id number title client_name status valid_until accepted_at last_opened_at unread
    unpaid``, the latest first.
    """
    return session.execute(
        _NEWS, {"id": agency_id, "since": since, "soon": soon, "limit": limit}
    ).all()


def passports(
    session: RoutedSession, agency_id: UUID, *, first: date, last: date, months: int, limit: int
) -> Sequence[Row[Any]]:
    """Clients who leave from ``first`` to ``last`` with a passport that is too short for it.

    Too short: over before so many months after the trip. Each client with the first such trip.
    Rows: ``client_id client_name title starts_on ends_on until``.
    """
    values = {"first": first, "last": last, "months": months, "limit": limit}
    return session.execute(_PASSPORTS, {"id": agency_id, **values}).all()


def without_passport(session: RoutedSession, agency_id: UUID, *, first: date, last: date) -> int:
    """How many clients who leave from ``first`` to ``last`` have no passport on file."""
    return session.execute(_WITHOUT, {"id": agency_id, "first": first, "last": last}).scalar_one()


def pipeline(session: RoutedSession, agency_id: UUID, first: datetime) -> Row[Any]:
    """How many proposals are drafts and with clients, and how they ended since ``first``."""
    return session.execute(_PIPELINE, {"id": agency_id, "first": first}).one()
