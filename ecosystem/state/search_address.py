"""The query of ``/search``: read from an address, and written into the next one.

Anybody may type anything there. What can't be read is left out and said so; what is
left decides the search, the chips and the links.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from ecosystem.domain.search import PAGE_SIZE, SORTS, SearchQuery

MOST_TRAVELLERS = 99
MOST_NIGHTS = 365
MOST_PRICE = 10_000_000
MOST_PAGES = 500

LABELS = {
    "q": "words",
    "city": "city",
    "country": "country",
    "from": "first day",
    "to": "last day",
    "travellers": "number of travellers",
    "min_price": "lowest price",
    "max_price": "highest price",
    "min_nights": "fewest nights",
    "max_nights": "most nights",
    "stars": "stars",
    "board": "board",
    "tag": "tag",
    "operator": "operator",
    "sort": "order",
    "page": "page",
}
"""Every parameter in the order in which addresses carry them, and its name for people."""


@dataclass(frozen=True)
class Asked:
    """What an address asks for.

    ``given`` are the readable parameters as they go into the next address, without
    ``page``; ``ignored`` names the ones that could not be read.
    """

    query: SearchQuery
    page: int
    given: dict[str, str]
    ignored: tuple[str, ...]


def read(params: Mapping[str, str]) -> Asked:
    """Read a query; never fails. Parameters that are not ours are passed over in silence."""
    values: dict[str, Any] = {}
    given: dict[str, str] = {}
    ignored: list[str] = []
    for name, label in LABELS.items():
        text = params.get(name, "").strip()
        if not text:
            continue
        try:
            values[name] = _READERS[name](text)
        except ValueError:
            ignored.append(label)
        else:
            given[name] = str(values[name])
    for low, high in (("from", "to"), ("min_price", "max_price"), ("min_nights", "max_nights")):
        if low in values and high in values and values[low] > values[high]:
            ignored.append(f"{LABELS[high]}, which comes before the {LABELS[low]}")
            del values[high], given[high]
    page = values.pop("page", 1)
    given.pop("page", None)
    if "from" in values:
        values["from_"] = values.pop("from")
    query = SearchQuery(**values, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return Asked(query, page, given, tuple(ignored))


def write(given: Mapping[str, str], **changes: str) -> str:
    """The address with some parameters changed; an empty value drops one.

    The page is kept only if it is among the changes: another filter is another list.
    """
    wanted = {**given, **{name.rstrip("_"): value for name, value in changes.items()}}
    pairs = [(name, wanted[name]) for name in LABELS if wanted.get(name)]
    if wanted.get("page") == "1":
        pairs = [pair for pair in pairs if pair[0] != "page"]
    return f"/search?{urlencode(pairs)}" if pairs else "/search"


def _words(longest: int) -> Callable[[str], str]:
    def reader(text: str) -> str:
        if len(text) > longest or not text.isprintable():
            raise ValueError
        return text

    return reader


def _number(low: int, high: int) -> Callable[[str], int]:
    def reader(text: str) -> int:
        if len(text) > 9 or not (text.isascii() and text.isdigit()):
            raise ValueError
        number = int(text)
        if not low <= number <= high:
            raise ValueError
        return number

    return reader


def _day(text: str) -> date:
    if len(text) != 10:
        raise ValueError
    day = date.fromisoformat(text)
    if not 2000 <= day.year <= 2200:
        raise ValueError
    return day


def _country(text: str) -> str:
    if len(text) != 2 or not (text.isascii() and text.isalpha()):
        raise ValueError
    return text.upper()


def _sort(text: str) -> str:
    if text not in SORTS:
        raise ValueError
    return text


_READERS: dict[str, Callable[[str], Any]] = {
    "q": _words(200),
    "city": _words(120),
    "country": _country,
    "from": _day,
    "to": _day,
    "travellers": _number(1, MOST_TRAVELLERS),
    "min_price": _number(0, MOST_PRICE),
    "max_price": _number(0, MOST_PRICE),
    "min_nights": _number(1, MOST_NIGHTS),
    "max_nights": _number(1, MOST_NIGHTS),
    "stars": _number(1, 5),
    "board": _words(40),
    "tag": _words(60),
    "operator": _words(120),
    "sort": _sort,
    "page": _number(1, MOST_PAGES),
}
