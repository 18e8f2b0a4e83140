"""The query of ``/search``: read from an address, and written into the next one.

Anybody may type anything there. What can't be read is left out and said so; what is
left decides the search, the chips and the links.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from ecosystem.domain.currencies import shown
from ecosystem.domain.language import _
from ecosystem.domain.search import FARTHEST_KM, PAGE_SIZE, SORTS, SearchQuery
from ecosystem.state import formats

MOST_TRAVELLERS = 99
MOST_NIGHTS = 365
MOST_PRICE = 10_000_000
MOST_PAGES = 500


def labels() -> dict[str, str]:
    """Every parameter in the order in which addresses carry them, and its name for people."""
    return {
        "q": _("words"),
        "city": _("city"),
        "near": _("city to be near"),
        "radius": _("distance"),
        "country": _("country"),
        "from": _("first day"),
        "to": _("last day"),
        "travellers": _("number of travellers"),
        "min_price": _("lowest price"),
        "max_price": _("highest price"),
        "currency": _("currency"),
        "min_nights": _("fewest nights"),
        "max_nights": _("most nights"),
        "stars": _("stars"),
        "board": _("board"),
        "tag": _("tag"),
        "operator": _("operator"),
        "sort": _("order"),
        "page": _("page"),
    }


@dataclass(frozen=True)
class Asked:
    """What an address asks for.

    ``given`` are the readable parameters as they go into the next address, without
    ``page``; ``ignored`` says which ones could not be read, with what they may be.
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
    names = labels()
    for name, label in names.items():
        text = params.get(name, "").strip()
        if not text:
            continue
        try:
            values[name] = _READERS[name](text)
        except ValueError:
            ignored.append(_allowed(name, label))
        else:
            given[name] = str(values[name])
    for low, high in (("from", "to"), ("min_price", "max_price"), ("min_nights", "max_nights")):
        if low in values and high in values and values[low] > values[high]:
            ignored.append(
                _("{high}, which comes before the {low}").format(high=names[high], low=names[low])
            )
            del values[high], given[high]
    for name, needs in (("radius", ("near",)), ("currency", ("min_price", "max_price", "sort"))):
        if name in values and not any(need in values for need in needs):
            del values[name], given[name]
    page = values.pop("page", 1)
    given.pop("page", None)
    if "from" in values:
        values["from_"] = values.pop("from")
    query = SearchQuery(**values, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return Asked(query, page, given, tuple(ignored))


def write(given: Mapping[str, str], **changes: str) -> str:
    """The address with some parameters changed; an empty value drops one.

    The page is kept only if it is among the changes: another filter is another list. What no
    address can carry (half of a character beyond the first 65,536) becomes a question mark.
    """
    wanted = {**given, **{name.rstrip("_"): value for name, value in changes.items()}}
    pairs = [(name, wanted[name]) for name in _READERS if wanted.get(name)]
    if wanted.get("page") == "1":
        pairs = [pair for pair in pairs if pair[0] != "page"]
    return f"/search?{urlencode(pairs, errors='replace')}" if pairs else "/search"


def _words(longest: int) -> Callable[[str], str]:
    def reader(text: str) -> str:
        if len(text) > longest or not text.isprintable():
            raise ValueError
        return text

    return reader


def _number(name: str) -> Callable[[str], int]:
    low, high = _LIMITS[name]

    def reader(text: str) -> int:
        if len(text) > 9 or not (text.isascii() and text.isdigit()):
            raise ValueError
        number = int(text)
        if not low <= number <= high:
            raise ValueError
        return number

    return reader


def _allowed(name: str, label: str) -> str:
    """``number of travellers (1 to 99)``: what was left out, and what would be read."""
    if name not in _LIMITS:
        return label
    low, high = (formats.number(limit) for limit in _LIMITS[name])
    return _("{what} ({low} to {high})").format(what=label, low=low, high=high)


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


def _currency(text: str) -> str:
    if not shown(text):
        raise ValueError
    return text


def _sort(text: str) -> str:
    if text not in SORTS:
        raise ValueError
    return text


_LIMITS = {
    "radius": (1, FARTHEST_KM),
    "travellers": (1, MOST_TRAVELLERS),
    "min_price": (0, MOST_PRICE),
    "max_price": (0, MOST_PRICE),
    "min_nights": (1, MOST_NIGHTS),
    "max_nights": (1, MOST_NIGHTS),
    "stars": (1, 5),
    "page": (1, MOST_PAGES),
}

_READERS: dict[str, Callable[[str], Any]] = {
    "q": _words(200),
    "city": _words(120),
    "near": _words(120),
    "radius": _number("radius"),
    "country": _country,
    "from": _day,
    "to": _day,
    "travellers": _number("travellers"),
    "min_price": _number("min_price"),
    "max_price": _number("max_price"),
    "currency": _currency,
    "min_nights": _number("min_nights"),
    "max_nights": _number("max_nights"),
    "stars": _number("stars"),
    "board": _words(40),
    "tag": _words(60),
    "operator": _words(120),
    "sort": _sort,
    "page": _number("page"),
}
"""Every parameter in the order in which addresses carry them."""
