"""Reading the search index: a page of trips, how many there are, and their facets."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ecosystem.database.queries.search.asking import (
    CHANGING,
    CHOSEN,
    OPEN,
    SEATS_LEFT,
    Meaning,
)
from ecosystem.database.tables import TermKind
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.search import first_on_sale

# Which statements there are is decided by which filters are: each is read once.
_sql = lru_cache(maxsize=512)(text)

Counts = dict[str, list[tuple[str, str, int]]]
"""Facet → ``(value, label, packages)``, the commonest first."""

_WEIGHTS = "'{0.1, 0.3, 0.9, 1.0}'"
"""Of what the words match: nothing else, tags and operator, cities and countries, title."""

_RANK = (
    "(i.document @@ to_tsquery('simple', :exact))::integer"
    f" + ts_rank({_WEIGHTS}, i.document, to_tsquery('simple', :wide))"
    " + coalesce(i.rating, 0) / 50"
)
_FIRST_CERTAIN = """
      select min(lower(p) % 65536) from unnest(i.seats * cast(:points as int4multirange)) p
"""
_SOONEST = f"""
    cross join lateral (
      select ({_FIRST_CERTAIN}) as certain,
        ({_FIRST_CERTAIN.replace("i.seats", "i.seats_perhaps")}) as perhaps
    ) known
    cross join lateral (
      select case
        when {CHANGING} or perhaps < coalesce(certain, perhaps + 1)
        then (select d.starts_on - date '2000-01-01' from departures d
              where d.package_id = i.package_id and {OPEN} order by d.starts_on limit 1)
        else certain
      end as soonest
    ) first_one
"""
"""The first day with seats, as days since 2000-01-01; null if there is none. What the index knows
for certain decides, unless a day before it may have seats, too."""

_LEAVING = f"""
    departures d join package_index i using (package_id)
    where {OPEN} and not exists (
      select from departures earlier where earlier.package_id = d.package_id
        and earlier.starts_on < d.starts_on and {OPEN.replace("d.", "earlier.")}
    )
"""
"""Departures with seats in the order of their days, each package once."""

_SHOWN = f"""
    select p.package_id, p.slug, p.title, p.operator_slug, p.operator_name, p.cities,
           p.nights, p.currency, p.price_minor, p.rating, p.latitude, p.countries, p.cover,
           n.starts_on as next_departure, n.seats_left as next_seats_left,
           coalesce((select a.transfers_active from payout_accounts a
                     where a.party = 'operator' and a.party_id = p.operator_id), false) as payable
    from page join package_search p using (package_id)
    left join lateral (
      select d.starts_on, {SEATS_LEFT} as seats_left
      from departures d
      where d.package_id = p.package_id and {OPEN}
      order by d.starts_on limit 1
    ) n on true
    order by page.place
"""


def _order(meaning: Meaning) -> str:
    rank = _RANK if meaning.wide else "i.rating"
    soonest = "soonest" if meaning.dated else "i.stale_after"
    return {
        "relevance": f"{rank} desc nulls last, i.package_id",
        "price": f"{meaning.price}, i.package_id",
        "-price": f"{meaning.price} desc, i.package_id desc",
        "nights": f"i.nights, {meaning.price}, i.package_id",
        "rating": "i.rating desc nulls last, i.package_id",
        "soonest": f"{soonest} nulls last, i.package_id",
    }[meaning.query.sort]


def page(session: RoutedSession, meaning: Meaning, now: datetime) -> list[Row[Any]]:
    """One page of matches, each with the soonest departure that has seats for the party."""
    statement = f"""
        with page as (
          select package_id, row_number() over () as place
          from ({_matches(meaning)} limit :limit offset :offset) found
        )
        {_SHOWN}
    """
    query = meaning.query
    values = meaning.values() | {"now": now, "limit": query.limit, "offset": query.offset}
    return list(session.execute(_sql(statement), values).all())


def _matches(meaning: Meaning) -> str:
    """The ids of all matches, in order."""
    where = meaning.where()
    if meaning.dated and meaning.query.sort == "soonest":
        others = meaning.conditions(dated=False)
        if not meaning.narrow and meaning.factors is None:
            # Day by day from the first: a page is full long before the window ends.
            only = f" and {others}" if others else ""
            return f"select i.package_id from {_LEAVING}{only} order by d.starts_on, i.package_id"
        where = f"{_SOONEST} where soonest is not null{' and ' * bool(others)}{others}"
    return f"select i.package_id from {meaning.source()}{where} order by {_order(meaning)}"


def cards(session: RoutedSession, ids: Sequence[UUID], now: datetime) -> list[Row[Any]]:
    """These packages, in this order; those that are not on sale are left out."""
    statement = f"""
        with page as (
          select * from unnest(cast(:ids as uuid[])) with ordinality as g (package_id, place)
        )
        {_SHOWN}
    """
    values = {
        "ids": list(ids), "now": now, "first_day": first_on_sale(now), "last_day": None, "party": 1
    }  # fmt: skip
    return list(session.execute(_sql(statement), values).all())


def totals(
    session: RoutedSession, meaning: Meaning, now: datetime, *, per_facet: int = 12
) -> tuple[int, Counts]:
    """How many packages match, and the commonest values of each facet.

    A facet is counted over what matches everything but its own choice, so the count of a value
    is what choosing it would find. Counts that nothing narrows are kept by the index itself.
    """
    kinds = {kind: name for name, kind in CHOSEN.items()}
    open_kinds = [kind for kind in (TermKind.ANY, *kinds) if kinds.get(kind) not in meaning.codes]
    parts = [_counts(meaning, open_kinds)]
    parts += [_counts(meaning, [CHOSEN[name]], without=name) for name in meaning.codes]
    # Few are named: what has a chance to be among the commonest.
    statement = f"""
        with counted as ({" union all ".join(parts)}),
        common as (
          select id, n from (
            select id, n, rank() over (partition by id & 7 order by n desc) as nth
            from counted where n > 0
          ) ranked where nth <= :per_facet
        ),
        named as (
          select t.kind, t.key, t.label, c.n,
            row_number() over (partition by t.kind order by c.n desc, t.key) as nth
          from common c join search_terms t on t.id = c.id
        )
        select kind, key, label, n from named where nth <= :per_facet order by kind, nth
    """
    total, counts = 0, {name: list[tuple[str, str, int]]() for name in CHOSEN}
    values = meaning.values() | {"now": now, "per_facet": per_facet}
    for row in session.execute(_sql(statement), values):
        if row.kind == TermKind.ANY:
            total = row.n
        else:
            counts[kinds[TermKind(row.kind)]].append((row.key, row.label, row.n))
    return total, counts


def days(
    session: RoutedSession,
    meaning: Meaning,
    now: datetime,
    between: tuple[date, date | None],
    *,
    latest: bool,
) -> list[date]:
    """The latest day, or the two earliest, between two on which a match with seats leaves."""
    statement = f"""
        select distinct d.starts_on from {meaning.source()}
        join departures d on d.package_id = i.package_id and {OPEN}
        {meaning.where(dated=False)}
        order by d.starts_on {"desc" if latest else ""} limit {1 if latest else 2}
    """
    values = meaning.values() | {"now": now, "first_day": between[0], "last_day": between[1]}
    return [row.starts_on for row in session.execute(_sql(statement), values)]


def version(session: RoutedSession) -> int:
    """A number that changes with every change of what is searched."""
    return session.execute(text("select number from search_version")).scalar_one()


def total(session: RoutedSession, meaning: Meaning, now: datetime) -> int:
    """How many packages match."""
    statement = f"select count(*) from {meaning.source()}{meaning.where()}"
    return session.execute(_sql(statement), meaning.values() | {"now": now}).scalar_one()


def _counts(meaning: Meaning, kinds: Sequence[TermKind], *, without: str = "") -> str:
    """How many matches each term of some kinds has, as ``id n``."""
    listed = ", ".join(str(int(kind)) for kind in kinds)
    kept = f"select id, packages as n from search_terms where kind in ({listed})"
    conditions = meaning.conditions(without=without)
    if not conditions:
        return f"({kept})"
    if not meaning.sweeping(without=without) or meaning.factors is not None:
        source = f"{meaning.source()} where {conditions}"
        return f"({_counted(f'select unnest(i.facets) as code from {source}', listed)})"
    # Of all packages the matches are counted or those that are none, whichever are fewer.
    counted = _counted(
        "select unnest(facets) as code from judged where fits = (select fitting from fewer)",
        listed,
    )
    return f"""(
        with judged as materialized (
          select i.facets, {conditions} as fits from package_index i
        ), fewer as (
          select count(*) filter (where fits) * 2 <= count(*) as fitting from judged
        ), fewest as ({counted})
        select k.id, case when (select fitting from fewer) then coalesce(fewest.n, 0)
          else k.n - coalesce(fewest.n, 0) end as n
        from ({kept}) k left join fewest using (id)
    )"""


def _counted(codes: str, kinds: str) -> str:
    """Count ``codes``; of the stars, of which a package counts its highest, those below, too."""
    return f"""
        with each_one as (
          select code as id, count(*) as n from ({codes}) c
          where code & 7 in ({kinds}) group by code
        )
        select id, n from each_one where id & 7 <> {int(TermKind.STARS)}
        union all
        select below.id, sum(e.n)::bigint
        from each_one e join search_terms own on own.id = e.id
        join search_terms below on below.kind = own.kind and below.key <= own.key
        where e.id & 7 = {int(TermKind.STARS)} group by below.id
    """
