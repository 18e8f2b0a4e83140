"""Looking up real cities (GeoNames, CC BY 4.0; ``scripts/build_places.py`` makes the file).

Read at the first question, about 25 MB for 150,000 cities; a question takes a millisecond.
"""

import gzip
import heapq
import string
import threading
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from babel import Locale

from ecosystem.domain.folding import folded

MOST_FOUND = 50
LONGEST = 60
_NEAR_MISS_FROM = 4
"""Shorter words are a letter away from too many others."""
OTHER_NAME = 8
"""A city known by that name among others weighs as one with so many times fewer people."""
MANY = 2000
_LETTERS = string.ascii_lowercase


@dataclass(frozen=True)
class Place:
    """A city. ``country`` is ISO 3166 alpha-2, ``timezone`` an IANA name, degrees are WGS 84."""

    name: str
    country: str
    latitude: float
    longitude: float
    timezone: str
    population: int


class Places:
    """Cities by what people type. One per process; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: list[bytes] = []
        self._keys: list[str] = []
        self._owners = array("I")
        self._people = array("I")

    def look_up(self, words: str, limit: int = 8) -> tuple[Place, ...]:
        """Cities whose name, in any common spelling, begins with ``words``.

        Accents and capitals do not matter; ``paris, us`` asks for a country too. The exact name
        comes first, then the largest city. When nothing begins so, names that are one letter
        away. Empty for words that no city has, and for none.
        """
        city, _, country = words[:LONGEST].partition(",")
        wanted = folded(city)
        if not wanted:
            return ()
        self._load()
        most = max(0, min(limit, MOST_FOUND))
        found = self._begin_with(wanted)
        if not found and len(wanted) >= _NEAR_MISS_FROM:
            found = [owner for near in _near(wanted) for owner in self._begin_with(near)]
        named = self._named(wanted)
        if len(found) > MANY and not country.strip():
            found = [*named, *heapq.nlargest(4 * most, found, key=self._weight)]
        weights: dict[int, int] = {}
        for owner in found:
            weights[owner // 2] = max(self._weight(owner), weights.get(owner // 2, 0))
        if country.strip():
            there = _codes(folded(country))
            weights = {rank: n for rank, n in weights.items() if self._country(rank) in there}
        exact = {owner // 2 for owner in named}
        ranks = heapq.nsmallest(most, weights, key=lambda r: (r not in exact, -weights[r], r))
        return tuple(self._place(rank) for rank in ranks)

    def named(self, name: str, country: str) -> Place | None:
        """The largest city of exactly this name in a country; None when there is none."""
        self._load()
        for rank in sorted(owner // 2 for owner in self._named(folded(name))):
            if self._country(rank) == country.upper():
                return self._place(rank)
        return None

    def main_name(self, other: str) -> str:
        """``Vienna`` for ``Wien``: the usual name of the best-known city that is called exactly
        so elsewhere; empty when no city is, or when it is the usual name of one."""
        wanted = folded(other[:LONGEST])
        if not wanted:
            return ""
        self._load()
        best = max(self._named(wanted), key=self._weight, default=0)
        return self._place(best // 2).name if best & 1 else ""

    def _load(self) -> None:
        with self._lock:
            if self._lines:
                return
            packed = resources.files("ecosystem.services.places").joinpath("cities.tsv.gz")
            lines, people, names, owners = gzip.decompress(packed.read_bytes()).split(b"\n\n")
            self._people = array("I", map(int, people.split(b" ")))
            self._keys = names.decode().split("\n")
            self._owners = array("I", map(int, owners.split(b" ")))
            self._lines = lines.split(b"\n")

    def _begin_with(self, words: str) -> Sequence[int]:
        """Twice the rank of each city whose main name begins so, one more for another name."""
        first = bisect_left(self._keys, words)
        return self._owners[first : bisect_left(self._keys, words + "\U0010ffff", first)]

    def _named(self, words: str) -> Sequence[int]:
        first = bisect_left(self._keys, words)
        return self._owners[first : bisect_left(self._keys, words + "\0", first)]

    def _weight(self, owner: int) -> int:
        return self._people[owner >> 1] // (OTHER_NAME if owner & 1 else 1)

    def _country(self, rank: int) -> str:
        return self._lines[rank].split(b"\t", 2)[1].decode()

    def _place(self, rank: int) -> Place:
        name, country, latitude, longitude, zone, population = (
            self._lines[rank].decode().split("\t")
        )
        return Place(name, country, float(latitude), float(longitude), zone, int(population))


@lru_cache(maxsize=256)
def _codes(words: str) -> frozenset[str]:
    """Countries of this code, or whose English name begins so."""
    names = Locale("en").territories.items()
    return frozenset(
        code
        for code, name in names
        if len(code) == 2 and (code.lower() == words or folded(name).startswith(words))
    )


def _near(word: str) -> Iterator[str]:
    """What ``word`` may have been meant for: one letter missing, too many, swapped or wrong."""
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        if tail:
            yield head + tail[1:]
            for letter in _LETTERS:
                yield head + letter + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in _LETTERS:
            yield head + letter + tail
