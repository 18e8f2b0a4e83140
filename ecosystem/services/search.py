"""Finding trips."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries.search import asking, finding, suggesting
from ecosystem.database.queries.search.asking import Meaning
from ecosystem.database.tables import TermKind
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.currencies import SHOWN
from ecosystem.domain.language import _, ngettext
from ecosystem.domain.search import SearchQuery, first_on_sale, fold
from ecosystem.domain.tags import tag_label
from ecosystem.domain.views import FacetValue, PackageCard, SearchPage, Suggestion
from ecosystem.services.cards import card_of
from ecosystem.services.exchange import Exchange
from ecosystem.services.places import Places, country_name
from ecosystem.services.ports import Clock

SUGGESTED = 4
"""Suggestions of each kind."""
ONE_DAY = timedelta(days=1)
COUNTS_KEPT = 1_000
"""Searches whose counts are kept, the latest asked for; about 10 KB each."""


def board_label(board: str) -> str:
    """What a stay includes, in words."""
    known = {
        "room_only": _("Room only"),
        "breakfast": _("Breakfast"),
        "half_board": _("Half board"),
        "full_board": _("Full board"),
        "all_inclusive": _("All inclusive"),
    }
    return known.get(board, board)


def stars_label(stars: str) -> str:
    """``4`` → ``4★ and up``: what choosing it finds."""
    return _("{count}★").format(count=5) if stars == "5" else _("{count}★ and up").format(
        count=stars
    )  # fmt: skip


class Search:
    """Over the search index, which the change logs keep current."""

    def __init__(
        self, database: Database, exchange: Exchange, clock: Clock, places: Places
    ) -> None:
        self._database = database
        self._places = places
        self._exchange = exchange
        self._clock = clock
        self._lock = threading.Lock()
        self._counted: OrderedDict[tuple[int, SearchQuery], tuple[int, finding.Counts]] = (
            OrderedDict()
        )

    def find(self, query: SearchQuery, *, facets: bool = True) -> SearchPage:
        """One page of trips, how many there are, and facets over all of them.

        Raises:
            Unavailable: ``currency`` is given and there are no exchange rates yet.
        """
        now = self._clock.now()
        factors = self._factors(query.currency)
        with self._database.unit(RDS) as session:
            meaning = self._meaning(session, query, first_on_sale(now), factors)
            rows = finding.page(session, meaning, now)
            total, counts = self._totals(session, meaning, now) if facets else (-1, {})
        following = query.offset + len(rows)
        return SearchPage(
            items=tuple(card_of(row) for row in rows),
            total=total,
            next=str(following) if rows and following < total else None,
            facets={
                name: tuple(FacetValue(key, _label(name, key, label), n) for key, label, n in found)
                for name, found in counts.items()
            },
        )

    def cards(self, package_ids: Sequence[UUID]) -> tuple[PackageCard, ...]:
        """These packages as cards, in this order; those that are not on sale are left out."""
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            return tuple(card_of(row) for row in finding.cards(session, package_ids, now))

    def counts(self, asked: Sequence[SearchQuery]) -> list[int]:
        """How many trips each query finds: what dropping one filter or another would give."""
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            return [
                finding.total(
                    session,
                    self._meaning(
                        session, query, first_on_sale(now), self._factors(query.currency)
                    ),
                    now,
                )
                for query in asked
            ]

    def nearest_days(self, query: SearchQuery) -> list[date]:
        """The days next to the asked ones on which a trip with seats for the party leaves.

        At most one before and two after them, everything else as asked.
        """
        now = self._clock.now()
        earliest = first_on_sale(now)
        first = max(query.from_ or earliest, earliest)
        last = query.to or first
        with self._database.unit(RDS) as session:
            anytime = replace(query, from_=None, to=None)
            meaning = self._meaning(session, anytime, earliest, self._factors(query.currency))
            return sorted(
                [
                    *finding.days(session, meaning, now, (earliest, first - ONE_DAY), latest=True),
                    *finding.days(session, meaning, now, (last + ONE_DAY, None), latest=False),
                ]
            )

    def suggest(self, typed: str) -> tuple[Suggestion, ...]:
        """Countries, cities, kinds of trip, operators and trips that fit what is typed so far.

        What begins with it comes first; near misses stand where nothing does.
        """
        with self._database.unit(RDS) as session:
            terms = suggesting.terms(session, typed, each=SUGGESTED)
            titles = suggesting.titles(session, typed, each=SUGGESTED)
        found = [
            Suggestion(name, row.key, _label(name, row.key, row.label), _detail(row))
            for row in terms
            if (name := _KINDS.get(row.kind))
        ]
        return (
            *found,
            *(Suggestion("package", row.slug, row.title, row.operator_name) for row in titles),
        )

    def _meaning(
        self,
        session: RoutedSession,
        query: SearchQuery,
        first_day: date,
        factors: Mapping[str, float] | None,
    ) -> Meaning:
        """What a query is about. A city may be typed as its people call it: Wien, Firenze.

        A word that some trip has means itself, whatever city is called so somewhere.
        """
        usual = self._places.main_name(query.q) if query.q else ""
        if usual and not suggesting.is_word(session, fold(query.q).strip()):
            query = replace(query, q=usual)
        return asking.meaning(session, query, first_day, factors)

    def _totals(
        self, session: RoutedSession, meaning: Meaning, now: datetime
    ) -> tuple[int, finding.Counts]:
        """Counts of the same search are kept until the index changes.

        Not with dates, where free seats count as they are at this moment, nor with prices by
        the day's rates.
        """
        query = meaning.query
        if meaning.dated or meaning.factors is not None:
            return finding.totals(session, meaning, now)
        # The version first: counts of a newer index under an older number are only too fresh.
        key = finding.version(session), replace(query, sort="relevance", offset=0, limit=1)
        with self._lock:
            if (known := self._counted.get(key)) is not None:
                self._counted.move_to_end(key)
                return known
        made = finding.totals(session, meaning, now)
        with self._lock:
            self._counted[key] = made
            while len(self._counted) > COUNTS_KEPT:
                self._counted.popitem(last=False)
        return made

    def _factors(self, currency: str) -> Mapping[str, float] | None:
        if currency not in SHOWN:
            return None
        rates = self._exchange.latest()
        known = {code: rates.rate(code, currency) for code in (*SHOWN, *rates.per_euro)}
        return {code: float(rate) for code, rate in known.items() if rate is not None}


_KINDS = {int(kind): name for name, kind in asking.CHOSEN.items()}

_LABELS: dict[str, Callable[[str, str], str]] = {
    "country": lambda key, _label: country_name(key),
    "stars": lambda key, _label: stars_label(key),
    "board": lambda key, _label: board_label(key),
    "tag": lambda key, _label: tag_label(key),
}


def _label(name: str, key: str, label: str) -> str:
    return _LABELS[name](key, label) if name in _LABELS else label


def _detail(row: finding.Row[object]) -> str:
    trips = ngettext("{count} trip", "{count} trips", row.packages).format(count=row.packages)
    return f"{country_name(row.country)} · {trips}" if row.kind == TermKind.CITY else trips
