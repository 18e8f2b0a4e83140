"""What a person may be about to type."""

from typing import Any

from sqlalchemy import Row, text

from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.search import words_of

_TERMS = text(
    """
    with fitting as (
      select kind, key, label, country, packages,
        (name like :start or name like :inside) as begins, similarity(name, :name) as alike
      from search_terms
      where kind in (1, 2, 3, 4) and packages > 0
        and (name like :start or name like :inside or name % :name)
    )
    select kind, key, label, country, packages, begins from (
      select *, row_number() over (
        partition by kind order by begins desc, case when begins then packages end desc,
        alike desc, key) as nth
      from fitting
      -- Near misses only where nothing begins with what was typed.
      where begins or (alike >= 0.4 and not exists (
        select from fitting f where f.kind = fitting.kind and f.begins))
    ) ranked
    where nth <= :each order by begins desc, kind, nth
    """
)

_TITLES = text(
    """
    with page as (
      select package_id, 1 as way, row_number() over () as nth from (
        select package_id from package_index where title like :title order by title limit :each
      ) beginning
    ), words as (
      select package_id, 2, row_number() over () from (
        select package_id from package_index
        where cast(:rare as boolean) and document @@ to_tsquery('simple', :words)
          and not exists (select from page having count(*) >= :each)
        order by rating desc nulls last, package_id limit :each
      ) having_the_words
    )
    select p.slug, p.title, p.operator_name from (
      select package_id, min(way * 100 + nth) as place
      from (select * from page union all select * from words) found
      group by package_id order by place limit :each
    ) best
    join package_search p using (package_id) order by best.place
    """
)
_KNOWN = text("select exists (select from search_words where word = :word and packages > 0)")
_RAREST = text(
    """
    select min(n) from (
      select coalesce(sum(w.packages), 0) as n
      from unnest(cast(:words as text[])) as t (word)
      left join search_words w on w.word like t.word || '%'
      group by t.word
    ) each_one
    """
)
_RARE = 2_000
"""Packages that are looked through for a title: more have to begin with what is typed."""


def terms(session: RoutedSession, typed: str, *, each: int) -> list[Row[Any]]:
    """Countries, cities, tags and operators: ``kind key label country packages begins``."""
    name = " ".join(words_of(typed))
    values = {"name": f"|{name}", "start": f"%|{name}%", "inside": f"% {name}%", "each": each}
    return list(session.execute(_TERMS, values).all()) if name else []


def titles(session: RoutedSession, typed: str, *, each: int) -> list[Row[Any]]:
    """Packages by the beginning of their title, else by words of it: ``slug title operator_name``."""
    words = words_of(typed)
    if not words:
        return []
    known = session.execute(_RAREST, {"words": words}).scalar() or 0
    values = {
        "title": f"{' '.join(words)}%",
        "words": " & ".join(f"{word}:*A" for word in words),
        "rare": 0 < known <= _RARE,
        "each": each,
    }
    return list(session.execute(_TITLES, values).all())


def is_word(session: RoutedSession, word: str) -> bool:
    """Whether a trip has this folded word."""
    return bool(session.scalar(_KNOWN, {"word": word}))
