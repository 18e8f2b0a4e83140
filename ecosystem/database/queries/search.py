"""The search index ``package_search`` and the departures beside it. Group: rds."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import bindparam

from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.money import exponent
from ecosystem.domain.search import SearchQuery, fold, words_of

_SEATS_LEFT = """
    d.capacity - coalesce((
      select sum(c.seats) from seat_claims c
      where c.departure_id = d.id
        and (c.state = 'sold' or (c.state = 'held' and c.expires_at > :now))
    ), 0)
"""

_ORDER = {
    "relevance": "rank desc, p.rating desc nulls last, p.package_id",
    "price": "p.price_minor / p.currency_unit, p.package_id",
    "-price": "p.price_minor / p.currency_unit desc, p.package_id",
    "nights": "p.nights, p.price_minor / p.currency_unit, p.package_id",
    "rating": "p.rating desc nulls last, p.package_id",
    "soonest": "soonest nulls last, p.package_id",
}

FACETS = {
    "country": "unnest(countries)",
    "city": "unnest(city_keys)",
    "tag": "unnest(tags)",
    "operator": "operator_slug",
    "stars": "stars::text",
    "board": "unnest(boards)",
}
"""Facet key (the query parameter that selects a value) → expression over the matches."""


def _conditions(query: SearchQuery, today: date) -> tuple[list[str], dict[str, Any]]:
    where: list[str] = []
    values: dict[str, Any] = {}

    def add(condition: str, **named: Any) -> None:
        where.append(condition)
        values.update(named)

    words = words_of(query.q)
    if words:
        add(
            # Near misses count only when nobody has the words themselves: "rome" must
            # not find Romania while there is a Rome.
            "(p.document @@ to_tsquery('simple', :tsquery) or (:folded <% p.words and not exists"
            " (select from package_search w where w.document @@ to_tsquery('simple', :tsquery))))",
            tsquery=" & ".join(f"{word}:*" for word in words),
            folded=" ".join(words),
        )
    if query.city:
        add("p.city_keys @> array[:city]", city=fold(query.city))
    if query.country:
        add("p.countries @> array[:country]", country=query.country.upper())
    if query.tag:
        add("p.tags @> array[:tag]", tag=query.tag)
    if query.board:
        add("p.boards @> array[:board]", board=query.board)
    if query.operator:
        add("p.operator_slug = :operator", operator=query.operator)
    if query.stars is not None:
        add("p.stars >= :stars", stars=query.stars)
    if query.min_nights is not None:
        add("p.nights >= :min_nights", min_nights=query.min_nights)
    if query.max_nights is not None:
        add("p.nights <= :max_nights", max_nights=query.max_nights)
    if query.min_price is not None:
        add("p.price_minor >= :min_price * p.currency_unit", min_price=query.min_price)
    if query.max_price is not None:
        add("p.price_minor <= :max_price * p.currency_unit", max_price=query.max_price)
    if query.from_ is not None or query.to is not None or query.travellers is not None:
        add(
            "exists (select from departures d where d.package_id = p.package_id"
            " and d.status = 'open' and d.starts_on >= :first"
            " and (cast(:last as date) is null or d.starts_on <= :last)"
            f" and {_SEATS_LEFT} >= :seats)",
            first=max(query.from_ or today, today),
            last=query.to,
            seats=query.travellers or 1,
        )
    return where, values


def _matches(where: Sequence[str]) -> str:
    return " where " + " and ".join(where) if where else ""


def find(session: RoutedSession, query: SearchQuery, now: datetime) -> list[Row[Any]]:
    """One page of matches with the soonest departure that has seats for the party."""
    where, values = _conditions(query, now.date())
    ranked = (
        "ts_rank(p.document, to_tsquery('simple', :tsquery)) + word_similarity(:folded, p.words)"
        if "tsquery" in values
        else "coalesce(p.rating, 0)"
    )
    soonest = (
        "(select min(d.starts_on) from departures d where d.package_id = p.package_id"
        " and d.status = 'open' and d.starts_on >= :today)"
        if query.sort == "soonest"
        else "null::date"
    )
    statement = f"""
        with page as (
          select p.*, {ranked} as rank, {soonest} as soonest
          from package_search p{_matches(where)}
          order by {_ORDER[query.sort]}
          limit :limit offset :offset
        )
        select p.package_id, p.slug, p.title, p.operator_slug, p.operator_name, p.cities,
               p.nights, p.currency, p.price_minor, p.rating, p.latitude, p.countries,
               n.starts_on as next_departure, n.seats_left as next_seats_left,
               exists (select from payout_accounts a where a.party = 'operator'
                       and a.party_id = p.operator_id and a.transfers_active) as payable
        from page p
        left join lateral (
          select d.starts_on, {_SEATS_LEFT} as seats_left
          from departures d
          where d.package_id = p.package_id and d.status = 'open' and d.starts_on >= :first_day
            and (cast(:last_day as date) is null or d.starts_on <= :last_day)
            and {_SEATS_LEFT} >= :party
          order by d.starts_on limit 1
        ) n on true
        order by {_ORDER[query.sort]}
    """
    today = now.date()
    values |= {
        "now": now,
        "today": today,
        "limit": query.limit,
        "offset": query.offset,
        "first_day": max(query.from_ or today, today),
        "last_day": query.to,
        "party": query.travellers or 1,
    }
    return list(session.execute(text(statement), values).all())


def totals(
    session: RoutedSession, query: SearchQuery, now: datetime, *, per_facet: int = 12
) -> tuple[int, dict[str, list[tuple[str, int]]]]:
    """How many packages match, and the commonest values of each facet among them."""
    where, values = _conditions(query, now.date())
    parts = [
        f"(select '{name}' as facet, value, count(*) as n from"
        f" (select {expression} as value from matched) v where value is not null"
        f" group by value order by n desc, value limit {per_facet})"
        for name, expression in FACETS.items()
    ]
    statement = f"""
        with matched as materialized (
          select p.countries, p.city_keys, p.tags, p.operator_slug, p.stars, p.boards
          from package_search p{_matches(where)}
        )
        select '' as facet, '' as value, count(*) as n from matched
        union all {" union all ".join(parts)}
    """
    total = 0
    facets: dict[str, list[tuple[str, int]]] = {name: [] for name in FACETS}
    for row in session.execute(text(statement), values | {"now": now}):
        if row.facet:
            facets[row.facet].append((row.value, row.n))
        else:
            total = row.n
    return total, facets


def labels(
    session: RoutedSession, *, cities: Sequence[str], operators: Sequence[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """How folded city keys and operator slugs are written for people."""
    names = {
        fold(row.name): row.name
        for row in session.execute(
            text(
                "select distinct c->>'name' as name from package_search p,"
                " jsonb_array_elements(p.cities) c where p.city_keys && :keys limit 500"
            ),
            {"keys": list(cities)},
        )
    }
    companies = {
        row.operator_slug: row.operator_name
        for row in session.execute(
            text(
                "select distinct operator_slug, operator_name from package_search"
                " where operator_slug = any(:slugs)"
            ),
            {"slugs": list(operators)},
        )
    }
    return names, companies


_UPSERT = text(
    """
    insert into package_search
      (package_id, slug, title, summary, operator_id, operator_slug, operator_name, cities,
       countries, city_keys, boards, tags, stars, nights, latitude, currency, currency_unit,
       price_minor, rating, words, published_at, indexed_at)
    values
      (:package_id, :slug, :title, :summary, :operator_id, :operator_slug, :operator_name,
       :cities, :countries, :city_keys, :boards, :tags, :stars, :nights, :latitude, :currency,
       :currency_unit,
       coalesce((select min(coalesce(d.price_minor, :price_minor)) from departures d
                 where d.package_id = :package_id and d.status = 'open'
                   and d.starts_on >= :today), :price_minor),
       :rating, :words, :published_at, :now)
    on conflict (package_id) do update set
      (slug, title, summary, operator_id, operator_slug, operator_name, cities, countries,
       city_keys, boards, tags, stars, nights, latitude, currency, currency_unit, price_minor,
       rating, words, published_at, indexed_at)
      = (excluded.slug, excluded.title, excluded.summary, excluded.operator_id,
         excluded.operator_slug, excluded.operator_name, excluded.cities, excluded.countries,
         excluded.city_keys, excluded.boards, excluded.tags, excluded.stars, excluded.nights,
         excluded.latitude, excluded.currency, excluded.currency_unit, excluded.price_minor,
         excluded.rating, excluded.words, excluded.published_at, excluded.indexed_at)
    """
).bindparams(bindparam("cities", type_=JSONB))


def put(session: RoutedSession, rows: Sequence[dict[str, Any]], now: datetime) -> None:
    """Write index rows; ``price_minor`` falls to the cheapest upcoming open departure."""
    if rows:
        session.execute(
            _UPSERT,
            [
                {
                    **row,
                    "currency_unit": 10 ** exponent(row["currency"]),
                    "now": now,
                    "today": now.date(),
                }
                for row in rows
            ],
        )


def remove(session: RoutedSession, package_ids: Sequence[UUID]) -> None:
    """Take packages out of the index: unpublished or deleted."""
    session.execute(
        text("delete from package_search where package_id = any(:ids)"), {"ids": list(package_ids)}
    )


def indexed_slugs(session: RoutedSession) -> list[Row[Any]]:
    """Slug and time of every package in the index: the sitemap."""
    return list(
        session.execute(text("select slug, indexed_at from package_search order by slug")).all()
    )


def packages_with_stays(session: RoutedSession, stay_ids: Sequence[UUID]) -> set[UUID]:
    """Packages whose index row still shows these stays: their rows may be gone by now."""
    rows = session.execute(
        text(
            "select distinct p.package_id from package_search p,"
            " jsonb_array_elements(p.cities) c where c->>'id' = any(:ids)"
        ),
        {"ids": [str(stay_id) for stay_id in stay_ids]},
    )
    return {row.package_id for row in rows}
