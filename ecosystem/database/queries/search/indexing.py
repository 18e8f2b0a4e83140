"""Writing the search index."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import bindparam

from ecosystem.database.tables import TermKind
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.money import exponent
from ecosystem.domain.search import first_on_sale

_WRITER = 7_360_101
"""Key of the advisory lock that the writer of the index holds until its commit."""


@dataclass(frozen=True)
class Term:
    """A value that a filter can choose; ``latitude`` and ``longitude`` in degrees for places;
    ``name`` is what people type for it, each way of calling it after a bar, empty for none."""

    kind: TermKind
    key: str
    label: str
    name: str
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None


def become_writer(session: RoutedSession, *, wait: bool) -> bool:
    """Keep other writers of the index out until the end of the transaction.

    What is written was read after this: two writers can't put an older state over a newer one.
    """
    if wait:
        session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _WRITER})
        return True
    return bool(
        session.execute(text("select pg_try_advisory_xact_lock(:key)"), {"key": _WRITER}).scalar()
    )


_NEW_TERMS = text(
    """
    with given as (
      select * from jsonb_to_recordset(:terms) as t (kind smallint, key text, label text, name text,
        country char(2), latitude double precision, longitude double precision)
    ), relabelled as (
      update search_terms t
      set label = g.label, name = g.name, latitude = g.latitude, longitude = g.longitude
      from given g
      where t.kind = g.kind and t.key = g.key
        and (t.label, t.name, t.latitude, t.longitude)
          is distinct from (g.label, g.name, g.latitude, g.longitude)
    )
    insert into search_terms (id, kind, key, label, name, country, latitude, longitude)
    select nextval('search_terms_number') * 8 + g.kind, g.* from given g
    where not exists (select from search_terms t where t.kind = g.kind and t.key = g.key)
    on conflict (kind, key) do nothing
    """
).bindparams(bindparam("terms", type_=JSONB))
_TERM_IDS = text(
    """
    select t.id, t.kind, t.key
    from unnest(cast(:kinds as smallint[]), cast(:keys as text[])) as g (kind, key)
    join search_terms t using (kind, key)
    """
)


def term_ids(session: RoutedSession, terms: Iterable[Term]) -> dict[tuple[int, str], int]:
    """The id of each term by kind and key; new ones get theirs now."""
    given = {(int(term.kind), term.key): term for term in terms}
    session.execute(_NEW_TERMS, {"terms": [asdict(term) for term in given.values()]})
    keys = {"kinds": [kind for kind, _ in given], "keys": [key for _, key in given]}
    return {(row.kind, row.key): row.id for row in session.execute(_TERM_IDS, keys)}


# A slug that another package has in the index was given up by it: its own change is in the
# log. Until that is dealt with its id is its slug, so that two can swap theirs in one batch.
_FREE_SLUGS = text(
    """
    update package_search p set slug = p.package_id::text
    from unnest(cast(:ids as uuid[]), cast(:slugs as text[])) as n (id, slug)
    where p.slug = n.slug and p.package_id <> n.id
    """
)

_SHOWN = text(
    """
    with given as (
      select * from jsonb_to_recordset(:rows) as r (
        package_id uuid, slug text, title text, summary text, operator_id uuid,
        operator_slug text, operator_name text, cities jsonb, countries text[],
        city_keys text[], boards text[], tags text[], stars smallint, nights smallint,
        latitude double precision, currency char(3), currency_unit integer, price_minor bigint,
        rating numeric(2,1), published_at timestamptz)
    )
    insert into package_search as p
      (package_id, slug, title, summary, operator_id, operator_slug, operator_name, cities,
       countries, city_keys, boards, tags, stars, nights, latitude, currency, currency_unit,
       price_minor, rating, published_at, cover, indexed_at)
    select g.package_id, g.slug, g.title, g.summary, g.operator_id, g.operator_slug,
      g.operator_name, g.cities, g.countries, g.city_keys, g.boards, g.tags, g.stars, g.nights,
      g.latitude, g.currency, g.currency_unit,
      coalesce((select min(coalesce(d.price_minor, g.price_minor)) from departures d
                where d.package_id = g.package_id and d.status = 'open'
                  and d.starts_on >= :first_day), g.price_minor),
      g.rating, g.published_at,
      (select f.id from package_pictures f
       where f.package_id = g.package_id and f.state = 'ready'
       order by f.position, f.id limit 1),
      :now
    from given g
    on conflict (package_id) do update set
      (slug, title, summary, operator_id, operator_slug, operator_name, cities, countries,
       city_keys, boards, tags, stars, nights, latitude, currency, currency_unit, price_minor,
       rating, published_at, cover, indexed_at)
      = (excluded.slug, excluded.title, excluded.summary, excluded.operator_id,
         excluded.operator_slug, excluded.operator_name, excluded.cities, excluded.countries,
         excluded.city_keys, excluded.boards, excluded.tags, excluded.stars, excluded.nights,
         excluded.latitude, excluded.currency, excluded.currency_unit, excluded.price_minor,
         excluded.rating, excluded.published_at, excluded.cover, excluded.indexed_at)
    """
).bindparams(bindparam("rows", type_=JSONB))

# Open days to come with the seats left, whatever becomes of the holds (``least``) and if all of
# them end (``most``); see ``domain.seat_levels``. A thousand seats and more are never certain.
_DAYS = """
    days as (
      select d.package_id, d.starts_on - date '2000-01-01' as day,
        case when d.capacity < 1000 then seat_level(d.capacity - taken.all_claims) else 0 end
          as least,
        least(seat_level(d.capacity - taken.sold - 1) + 1, 14) as most
      from departures d
      cross join lateral (
        select coalesce(sum(c.seats), 0) as all_claims,
          coalesce(sum(c.seats) filter (where c.state = 'sold'), 0) as sold
        from seat_claims c where c.departure_id = d.id and c.state <> 'released'
      ) taken
      where d.package_id = any(cast(:ids as uuid[])) and d.status = 'open'
        and d.starts_on >= :first_day and d.capacity > taken.sold
        and d.starts_on - date '2000-01-01' between 0 and 65535
    ), open_days as (
      select package_id,
        range_agg(int4range(least * 65536 + day, least * 65536 + day, '[]'))
          filter (where least > 0) as seats,
        range_agg(int4range(most * 65536 + day, most * 65536 + day, '[]'))
          filter (where most > least) as seats_perhaps
      from days group by package_id
    )
"""

_SEARCHED = text(
    f"""
    with {_DAYS}
    insert into package_index as i
      (package_id, title, terms, document, currency, price, nights, rating, stale_after, facets,
       seats, seats_perhaps)
    select r.package_id, r.title_words, r.terms,
      setweight(to_tsvector('simple', r.title_words), 'A')
        || setweight(to_tsvector('simple', r.place_words), 'B')
        || setweight(to_tsvector('simple', r.kind_words), 'C'),
      p.currency, p.price_minor / p.currency_unit::double precision, p.nights, r.weighed_rating,
      (select min(d.starts_on) from departures d
       where d.package_id = r.package_id and d.status = 'open' and d.starts_on >= :first_day),
      r.facets, coalesce(o.seats, '{{}}'), coalesce(o.seats_perhaps, '{{}}')
    from jsonb_to_recordset(:rows) as r (package_id uuid, title_words text, place_words text,
      kind_words text, weighed_rating real, terms integer[], facets integer[])
    join package_search p using (package_id)
    left join open_days o using (package_id)
    on conflict (package_id) do update set
      (title, terms, document, currency, price, nights, rating, stale_after, facets, seats,
       seats_perhaps)
      = (excluded.title, excluded.terms, excluded.document, excluded.currency, excluded.price,
         excluded.nights, excluded.rating, excluded.stale_after, excluded.facets, excluded.seats,
         excluded.seats_perhaps)
    where (i.title, i.terms, i.document, i.currency, i.price, i.nights, i.rating, i.stale_after,
        i.facets, i.seats, i.seats_perhaps)
      is distinct from (excluded.title, excluded.terms, excluded.document, excluded.currency,
         excluded.price, excluded.nights, excluded.rating, excluded.stale_after, excluded.facets,
         excluded.seats, excluded.seats_perhaps)
    """
).bindparams(bindparam("rows", type_=JSONB))

_SEATS = text(
    f"""
    with {_DAYS}, now as (
      select given.package_id, coalesce(o.seats, '{{}}') as seats,
        coalesce(o.seats_perhaps, '{{}}') as seats_perhaps
      from unnest(cast(:ids as uuid[])) as given (package_id)
      left join open_days o using (package_id)
    )
    update package_index i set seats = now.seats, seats_perhaps = now.seats_perhaps
    from now where now.package_id = i.package_id
      and (i.seats, i.seats_perhaps) is distinct from (now.seats, now.seats_perhaps)
    """
)


def put_seats(session: RoutedSession, package_ids: Sequence[UUID], first_day: date) -> None:
    """Write the open days of packages and the seats left on them as they are now."""
    if package_ids:
        session.execute(_SEATS, {"ids": list(package_ids), "first_day": first_day})


def _counted(terms: Sequence[Term], ids: dict[tuple[int, str], int]) -> list[int]:
    """What facets count of a package: not its places, and of its stars the highest only."""
    stars = max((term.key for term in terms if term.kind == TermKind.STARS), default="")
    return sorted(
        {
            ids[int(term.kind), term.key]
            for term in terms
            if term.kind != TermKind.PLACE and (term.kind != TermKind.STARS or term.key == stars)
        }
    )


def put(
    session: RoutedSession,
    rows: Sequence[dict[str, Any]],
    terms: Sequence[Sequence[Term]],
    now: datetime,
) -> None:
    """Write packages into the index, each with its terms.

    ``price_minor`` falls to the cheapest open departure to come, ``cover`` is the first picture
    that is ready. A row has plain JSON values: the columns of ``package_search``,
    ``title_words place_words kind_words``, folded, and ``weighed_rating``, by which is sorted.
    """
    if not rows:
        return
    ids = term_ids(session, (term for each in terms for term in each))
    ready = [
        {
            **row,
            "currency_unit": 10 ** exponent(row["currency"]),
            "terms": sorted({ids[int(term.kind), term.key] for term in each}),
            "facets": _counted(each, ids),
        }
        for row, each in zip(rows, terms, strict=True)
    ]
    session.execute(
        _FREE_SLUGS,
        {"ids": [row["package_id"] for row in rows], "slugs": [row["slug"] for row in rows]},
    )
    values = {
        "rows": ready,
        "ids": [row["package_id"] for row in rows],
        "now": now,
        "first_day": first_on_sale(now),
    }
    session.execute(_SHOWN, values)
    session.execute(_SEARCHED, values)


def remove(session: RoutedSession, package_ids: Sequence[UUID]) -> None:
    """Take packages out of the index: unpublished or deleted."""
    if not package_ids:
        return
    for table in ("package_index", "package_search"):
        session.execute(
            text(f"delete from {table} where package_id = any(:ids)"), {"ids": list(package_ids)}
        )


def stale(session: RoutedSession, first_day: date, limit: int) -> set[UUID]:
    """Packages whose next departure in the index is in the past by now: their price may differ."""
    rows = session.execute(
        text(
            "select package_id from package_index where stale_after < :first_day"
            " order by stale_after limit :limit"
        ),
        {"first_day": first_day, "limit": limit},
    )
    return {row.package_id for row in rows}


def packages_with_stays(session: RoutedSession, stay_ids: Sequence[UUID]) -> set[UUID]:
    """Packages whose index row still shows these stays: their rows may be gone by now."""
    rows = session.execute(
        text(
            "select distinct p.package_id from unnest(cast(:ids as text[])) as gone (id)"
            " join package_search p"
            " on p.cities @> jsonb_build_array(jsonb_build_object('id', gone.id))"
        ),
        {"ids": [str(stay_id) for stay_id in stay_ids]},
    )
    return {row.package_id for row in rows}
