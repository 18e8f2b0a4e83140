"""What an agency's day is made of: its sums, and what waits for somebody. Group: rds."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from ecosystem.database.queries import desks, travellers
from ecosystem.database.statements import Statement, written

_WAITING = text(
    """
    select b.reference, b.snapshot #>> '{package,title}' as title, b.lead_name,
           b.adults + b.children as people, c.expires_at, b.timezone
    from bookings b
    join seat_claims c on c.id = b.claim_id
    where b.agency_id = :id and b.status = 'pending_payment' and c.expires_at > :now
    order by c.expires_at
    limit :limit
    """
)

_BALANCES = text(
    """
    select b.reference, b.snapshot #>> '{package,title}' as title, b.lead_name,
           p.amount_minor, p.currency, p.due_on, p.kind = 'account' as owed
    from bookings b
    join payments p on p.booking_id = b.id
    where b.agency_id = :id and (b.status = 'confirmed' or p.kind = 'account')
      and p.status in ('due', 'failed') and p.closed_at is null and p.kind <> 'change'
      and p.due_on <= :until
    order by p.due_on, b.reference
    limit :limit
    """
)

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
    select count(*) as clients from (select distinct b.client_id from bookings b where {_LEAVING}) leaving
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


_LATEST = text(
    """
    select b.reference, b.status, b.total_minor, b.lead_name, b.adults + b.children as people,
           b.starts_on,
           (select string_agg(p.status || p.amount_minor || '-' || p.refunded_minor, ' ' order by p.id)
            from payments p where p.booking_id = b.id) as paid
    from bookings b where b.agency_id = :id
    order by b.created_at desc, b.id desc limit 6
    """
)


@dataclass(frozen=True)
class Span:
    """The moments and days that a day looks at; ``month`` is this month's first instant."""

    now: datetime
    month: datetime
    before: datetime
    """Last month's."""
    year: datetime
    """That of the first of twelve months."""
    travel_days: int
    balances_until: date
    news_since: datetime
    quotes_soon: date
    passports_last: date
    passport_months: int
    without_last: date
    unnamed_last: date


def day(agency_id: UUID, span: Span, *, lines: int, passport_lines: int) -> dict[str, Statement]:
    """What an agency's day is made of, to be sent in one go.

    ``sold sold_before``: rows of :func:`desks.sold`, ``travel`` and ``months`` as there;
    ``waiting``: bookings whose seats are held until a first payment (``reference title lead_name
    people expires_at timezone``); ``balances``: what is to be paid, the overdue first (``reference
    title lead_name amount_minor currency due_on owed``: by the agency itself); ``quotes``: proposals
    with new comments, opened or accepted lately, or ending soon (``id number title client_name
    status valid_until accepted_at last_opened_at unread unpaid``); ``passports``: clients who leave
    with one that ends too soon, each with the first such trip (``client_id client_name title
    starts_on ends_on until``); ``without``: how many leave with none on file; ``unnamed``: rows of
    :func:`travellers.unnamed`; ``pipeline``: ``drafts waiting accepted ended``; ``latest``: how the
    newest bookings stand.
    """
    of = {"id": agency_id, "limit": lines}
    today = span.now.date()
    leaving = {"id": agency_id, "first": today}
    return {
        "sold": written(desks.SOLD["agency"], of | {"first": span.month, "last": span.now}),
        "sold_before": written(
            desks.SOLD["agency"],
            of | {"first": span.before, "last": span.before + (span.now - span.month)},
        ),
        "travel": written(
            desks.TRAVEL["agency"], of | {"now": span.now, "ahead": span.travel_days}
        ),
        "months": written(desks.MONTHS["agency"], of | {"first": span.year}),
        "waiting": written(_WAITING, of | {"now": span.now}),
        "balances": written(_BALANCES, of | {"until": span.balances_until}),
        "quotes": written(_NEWS, of | {"since": span.news_since, "soon": span.quotes_soon}),
        "passports": written(
            _PASSPORTS,
            leaving
            | {
                "last": span.passports_last,
                "months": span.passport_months,
                "limit": passport_lines,
            },
        ),
        "without": written(_WITHOUT, leaving | {"last": span.without_last}),
        "unnamed": travellers.unnamed(agency_id, first=today, last=span.unnamed_last, limit=lines),
        "pipeline": written(_PIPELINE, of | {"first": span.month}),
        "latest": written(_LATEST, of),
    }
