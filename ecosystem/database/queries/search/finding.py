"""Reading the search index: a page of trips, how many there are, and their facets."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ecosystem.database.queries.search.asking import CHOSEN, OPEN, SEATS_LEFT, Meaning
from ecosystem.database.tables import TermKind
from ecosystem.database.unit_of_work import RoutedSession

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
_SOONEST = f"""
    cross join lateral (
      select d.starts_on as soonest from departures d
      where d.package_id = i.package_id and {OPEN} order by d.starts_on limit 1
    ) first_one
"""

_SHOWN = f"""
    select p.package_id, p.slug, p.title, p.operator_slug, p.operator_name, p.cities,
           p.nights, p.currency, p.price_minor, p.rating, p.latitude, p.countries, p.cover,
           n.starts_on as next_departure, n.seats_left as next_seats_left,
           exists (select from payout_accounts a where a.party = 'operator'
                   and a.party_id = p.operator_id and a.transfers_active) as payable
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
    # Whose first departure is found has one: it is looked for once, not twice.
    by_date = meaning.dated and meaning.query.sort == "soonest"
    source = meaning.source() + (_SOONEST if by_date else "")
    statement = f"""
        with page as (
          select package_id, row_number() over () as place from (
            select i.package_id from {source}{meaning.where(dated=not by_date)}
            order by {_order(meaning)} limit :limit offset :offset
          ) found
        )
        {_SHOWN}
    """
    query = meaning.query
    values = meaning.values() | {"now": now, "limit": query.limit, "offset": query.offset}
    return list(session.execute(_sql(statement), values).all())


def cards(session: RoutedSession, ids: Sequence[UUID], now: datetime) -> list[Row[Any]]:
    """These packages, in this order; those that are not on sale are left out."""
    statement = f"""
        with page as (
          select * from unnest(cast(:ids as uuid[])) with ordinality as g (package_id, place)
        )
        {_SHOWN}
    """
    values = {
        "ids": list(ids), "now": now, "first_day": now.date(), "last_day": None, "party": 1
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
    open_kinds = [
        int(kind) for kind in (TermKind.ANY, *kinds) if kinds.get(kind) not in meaning.codes
    ]
    parts: list[str] = []
    if meaning.bare and not meaning.codes:
        parts.append(_kept(open_kinds))
    else:
        parts.append(_counted(meaning.source(), meaning.where(), open_kinds))
    for name in meaning.codes:
        kind = [int(CHOSEN[name])]
        if meaning.bare and len(meaning.codes) == 1:
            parts.append(_kept(kind))
        else:
            parts.append(_counted(meaning.source(), meaning.where(without=name), kind))
    statement = f"""
        with counted as ({" union all ".join(parts)}),
        named as (
          select t.kind, t.key, t.label, c.n,
            row_number() over (partition by t.kind order by c.n desc, t.key) as nth
          from counted c join search_terms t on t.id = c.id
        )
        select kind, key, label, n from named
        where nth <= :per_facet or kind = 5 order by kind, nth
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


def _kept(kinds: list[int]) -> str:
    return (
        "select id, packages as n from search_terms"
        f" where packages > 0 and kind in ({', '.join(map(str, kinds))})"
    )


def _counted(source: str, where: str, kinds: list[int]) -> str:
    return (
        "select code as id, count(*) as n from"
        f" (select unnest(i.terms) as code from {source}{where}) each_one"
        f" where code & 7 in ({', '.join(map(str, kinds))}) group by code"
    )
