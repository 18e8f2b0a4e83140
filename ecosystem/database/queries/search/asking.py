"""What a query means in this index: ids of its terms, words near the typed ones, conditions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Row, text

from ecosystem.database.tables import TermKind
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.search import (
    SearchQuery,
    allowed_slips,
    fold,
    one_slip_away,
    point,
    slips,
    telling_words,
)
from ecosystem.domain.seat_levels import points

CHOSEN = {
    "country": TermKind.COUNTRY,
    "city": TermKind.CITY,
    "tag": TermKind.TAG,
    "operator": TermKind.OPERATOR,
    "stars": TermKind.STARS,
    "board": TermKind.BOARD,
}
"""Query parameter, which is a facet's key, → the kind of its terms."""

UNKNOWN = -1
"""The id of no term: nothing matches it."""

NEAR_WORDS = 4
COMMONER = 4
"""A word that is known counts as misspelt only beside one that is this many times as common."""

SEATS_LEFT = """
    d.capacity - coalesce((
      select sum(c.seats) from seat_claims c
      where c.departure_id = d.id
        and c.state <> 'released' and (c.state = 'sold' or c.expires_at > :now)
    ), 0)
"""
OPEN = (
    "d.status = 'open' and d.starts_on >= :first_day"
    " and (cast(:last_day as date) is null or d.starts_on <= :last_day)"
    f" and d.capacity >= :party and {SEATS_LEFT} >= :party"
)
"""A departure ``d`` within the asked dates that has seats for the party at this moment."""
CHANGING = """
    i.package_id in (
      select pk from migration_changes
      where consumer = 'search' and tbl in ('departures', 'seat_claims')
    )
"""
"""The days and seats of a package ``i`` may be others than the index knows: the transaction that
changes departures or claims writes the log."""

_ADDED_UP = f"""
    coalesce((select true from departures d
              where d.package_id = i.package_id and {OPEN} limit 1), false)
"""
WITH_SEATS = f"""
    case
      when {CHANGING} then {_ADDED_UP}
      when i.seats && cast(:points as int4multirange) then true
      when i.seats_perhaps && cast(:points as int4multirange) then {_ADDED_UP}
      else false
    end
"""
"""A package ``i`` with such a departure. What the index knows for certain decides; claims are
added up only where it may have changed and where nothing but holds is in the way."""


@dataclass(frozen=True)
class Meaning:
    """A query with everything looked up that the statements need.

    ``codes`` are term ids by parameter; ``places`` those near the wished place, None if there
    was no such wish; ``exact`` and ``wide`` are tsqueries, without and with near misses.
    """

    query: SearchQuery
    first_day: date
    codes: dict[str, int] = field(default_factory=dict)
    places: list[int] | None = None
    exact: str = ""
    wide: str = ""
    factors: Mapping[str, float] | None = None

    @property
    def dated(self) -> bool:
        """Whether only trips with seats in time are wanted."""
        query = self.query
        return not (query.from_ is query.to is query.travellers is None)

    @property
    def narrow(self) -> bool:
        """Whether an index leads to the matches: by words, a place or what a facet chooses."""
        return bool(self.codes or self.wide or self.places is not None)

    def sweeping(self, *, without: str) -> bool:
        """Whether, without that facet's choice, every package is looked at to find the matches."""
        return not (self.codes.keys() - {without} or self.wide or self.places is not None)

    def values(self) -> dict[str, Any]:
        """The parameters of every statement."""
        query = self.query
        factors = self.factors or {}
        first, party = max(query.from_ or self.first_day, self.first_day), query.travellers or 1
        return {
            "first_day": first,
            "last_day": query.to,
            "party": party,
            "points": points(first, query.to, party),
            "places": self.places,
            "exact": self.exact,
            "wide": self.wide,
            "min_price": query.min_price,
            "max_price": query.max_price,
            "min_nights": query.min_nights,
            "max_nights": query.max_nights,
            "currencies": list(factors),
            "factors": list(factors.values()),
            **{f"code_{name}": code for name, code in self.codes.items()},
        }

    def source(self) -> str:
        """What is searched: the index as ``i``, with ``price`` in the wished currency."""
        if self.factors is None:
            return "package_index i"
        return (
            "package_index i join unnest(cast(:currencies as text[]),"
            " cast(:factors as double precision[])) as rate (currency, factor)"
            " on rate.currency = i.currency"
        )

    @property
    def price(self) -> str:
        return "i.price" if self.factors is None else "i.price * rate.factor"

    def where(self, *, dated: bool = True) -> str:
        """The conditions as a clause; ``dated`` False leaves the dates away."""
        found = self.conditions(dated=dated)
        return f" where {found}" if found else ""

    def conditions(self, *, without: str = "", dated: bool = True) -> str:
        """What a match fulfils; ``without`` leaves one facet's choice away, ``dated`` the dates."""
        found = self._conditions()
        codes = [f":code_{name}" for name in self.codes if name != without]
        if codes:
            found.append(f"i.terms @> array[{', '.join(codes)}]::integer[]")
        if self.dated and dated:
            found.append(WITH_SEATS)
        return " and ".join(found)

    def _conditions(self) -> list[str]:
        query, found = self.query, list[str]()
        if self.wide:
            found.append("i.document @@ to_tsquery('simple', :wide)")
        if self.places is not None:
            found.append("i.terms && cast(:places as integer[])")
        if query.min_nights is not None:
            found.append("i.nights >= :min_nights")
        if query.max_nights is not None:
            found.append("i.nights <= :max_nights")
        if query.min_price is not None:
            found.append(f"{self.price} >= :min_price")
        if query.max_price is not None:
            found.append(f"{self.price} <= :max_price")
        return found


def meaning(
    session: RoutedSession, query: SearchQuery, first_day: date, factors: Mapping[str, float] | None
) -> Meaning:
    """Look up what a query is about.

    ``first_day`` is the first whose departures count.
    ``factors``: what one unit of each currency is worth in the wished one, or None.
    """
    wishes = {
        "country": query.country.upper(),
        "city": fold(query.city),
        "tag": query.tag,
        "operator": query.operator,
        "stars": "" if query.stars is None else str(query.stars),
        "board": query.board,
    }
    wishes = {name: key for name, key in wishes.items() if key}
    exact, wide = _words(session, query.q)
    return Meaning(
        query,
        first_day,
        _codes(session, wishes) if wishes else {},
        _near(session, query.near, query.radius) if query.near else None,
        exact,
        wide,
        factors,
    )


_CODES = text(
    "select t.kind, t.id from unnest(cast(:kinds as smallint[]), cast(:keys as text[]))"
    " as g (kind, key) join search_terms t using (kind, key)"
)


def _codes(session: RoutedSession, wishes: Mapping[str, str]) -> dict[str, int]:
    values = {"kinds": [int(CHOSEN[name]) for name in wishes], "keys": list(wishes.values())}
    found = {row.kind: row.id for row in session.execute(_CODES, values)}
    return {name: found.get(CHOSEN[name], UNKNOWN) for name in wishes}


_WORDS = text(
    """
    with typed as (
      select * from unnest(cast(:words as text[])) with ordinality as t (word, nth)
    )
    select nth, w.word, w.packages from typed
    join lateral (
      (select word, packages from search_words where word % typed.word and packages > 0
       order by similarity(word, typed.word) desc, packages desc limit 12)
      union
      (select word, packages from search_words
       where word like typed.word || '%' and packages > 0 order by packages desc limit 1)
    ) w on length(typed.word) > 3
    union all
    select v.nth, w.word, w.packages
    from unnest(cast(:variants as text[]), cast(:variant_of as integer[])) as v (word, nth)
    join search_words w using (word) where w.packages > 0
    """
)


def _words(session: RoutedSession, typed: str) -> tuple[str, str]:
    """The typed words as a tsquery, and the same with near misses of each beside it."""
    words = telling_words(typed)
    if not words:
        return "", ""
    variants = [(v, n) for n, word in enumerate(words, 1) if len(word) > 3
                for v in one_slip_away(word)]  # fmt: skip
    rows = session.execute(
        _WORDS,
        {
            "words": words,
            "variants": [word for word, _ in variants],
            "variant_of": [n for _, n in variants],
        },
    ).all()
    wide = [
        _either(word, near_misses(word, {row.word: row.packages for row in rows if row.nth == n}))
        for n, word in enumerate(words, 1)
    ]
    return " & ".join(f"{word}:*" for word in words), " & ".join(wide)


def _either(word: str, others: list[str]) -> str:
    return f"({' | '.join([f'{word}:*', *others])})"


def near_misses(word: str, known: Mapping[str, int]) -> list[str]:
    """Which of the ``known`` words, with their frequency, may have been meant, best first.

    A word that is itself known, or begins one, is taken for a slip only beside a much commoner
    one: "marakesh" of one trip finds "marrakesh" of forty, "rome" of many never finds "roma".
    """
    own = max((n for other, n in known.items() if other.startswith(word)), default=0)
    found = [
        (distance, -n, other)
        for other, n in known.items()
        if not other.startswith(word)
        and n >= COMMONER * own
        and (distance := slips(word, other)) <= allowed_slips(word)
    ]
    return [other for _, _, other in sorted(found)][:NEAR_WORDS]


_PLACE = text(
    """
    select latitude, longitude from search_terms
    where kind = 7 and key like :prefix and packages > 0
    order by packages desc limit 1
    """
)
_NAMED = text(
    """
    select key from search_terms
    where kind = 2 and packages > 0 and name % :name
    order by similarity(name, :name) desc, packages desc limit 1
    """
)
_AROUND = text(
    """
    select id from search_terms
    where kind = 7 and latitude between :south and :north
      and 6371 * acos(least(1, greatest(-1,
        sin(radians(latitude)) * sin(radians(cast(:latitude as double precision)))
        + cos(radians(latitude)) * cos(radians(cast(:latitude as double precision)))
          * cos(radians(longitude - cast(:longitude as double precision)))))) <= :radius
    """
)
_KM_A_DEGREE = 111.0


def _near(session: RoutedSession, near: str, radius: int) -> list[int]:
    """The places within ``radius`` km of a named city or a point; none if it is not known."""
    at = point(near) or _located(session, near)
    if at is None:
        return []
    degrees = radius / _KM_A_DEGREE + 0.1
    values = {
        "latitude": at[0],
        "longitude": at[1],
        "south": at[0] - degrees,
        "north": at[0] + degrees,
        "radius": radius,
    }
    return [row.id for row in session.execute(_AROUND, values)]


def _located(session: RoutedSession, near: str) -> tuple[float, float] | None:
    name, _, country = near.rpartition(",")
    if not name or len(country.strip()) != 2:
        name, country = near, ""
    key = fold(name.strip())
    row = _place(session, key, country.strip().upper())
    if row is None:
        # A near miss: the likeliest city of the index.
        meant = session.execute(_NAMED, {"name": f"|{key}"}).scalar()
        row = meant and _place(session, meant, country.strip().upper())
    return (row.latitude, row.longitude) if row else None


def _place(session: RoutedSession, key: str, country: str) -> Row[Any] | None:
    literal = key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return session.execute(_PLACE, {"prefix": f"{literal} {country or '__'} %"}).first()
