"""What a person may ask of the search, and how words are folded. Pure."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal

Sort = Literal["relevance", "price", "-price", "nights", "rating", "soonest"]
SORTS: tuple[Sort, ...] = ("relevance", "price", "-price", "nights", "rating", "soonest")

PAGE_SIZE = 24
NEARBY_KM = 100
"""How far around a city is near it, unless one says."""
FARTHEST_KM = 1_000


@dataclass(frozen=True)
class SearchQuery:
    """The query of ``/search`` and ``GET /api/packages``.

    Prices are whole major units per adult: of ``currency`` by the day's rates, else of each
    package's own. Dates bound the day of departure, ``travellers`` is the party that needs free
    seats. ``near`` is a city ("Rome", "Valencia, VE") or a point ("41.9,12.5"), ``radius`` is
    in kilometres around it.
    """

    q: str = ""
    city: str = ""
    country: str = ""
    from_: date | None = None
    to: date | None = None
    travellers: int | None = None
    min_price: int | None = None
    max_price: int | None = None
    min_nights: int | None = None
    max_nights: int | None = None
    stars: int | None = None
    board: str = ""
    tag: str = ""
    operator: str = ""
    near: str = ""
    radius: int = NEARBY_KM
    currency: str = ""
    sort: Sort = "relevance"
    offset: int = 0
    limit: int = PAGE_SIZE


def first_on_sale(now: datetime) -> date:
    """The first day whose departures can be found: on its own day nobody can reserve a seat."""
    return now.astimezone(UTC).date() + timedelta(days=1)


def fold(words: str) -> str:
    """Lower case without accents: ``Tōkaidō`` → ``tokaido``, ``Łódź`` → ``lodz``."""
    plain = words.casefold().translate(_LETTERS)
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


USUAL_RATING = 4.0
REVIEWS_THAT_TELL = 5
"""Of so few reviews, half of what counts is what trips usually get."""


def weighed_rating(rating: Decimal | None, reviews: int) -> float | None:
    """What a trip is sorted by: its rating, drawn the closer to the usual the fewer reviewed it.

    One review of 5 stars counts 4.17, forty of 4.8 count 4.71. A rating without a number of
    reviews, from the operators' own system, is one.
    """
    if rating is None:
        return None
    reviews = max(reviews, 1)
    told = float(rating) * reviews + USUAL_RATING * REVIEWS_THAT_TELL
    return round(told / (reviews + REVIEWS_THAT_TELL), 3)


_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)


def words_of(text: str) -> list[str]:
    """The folded words of a text, at most twelve: letters and digits, nothing else."""
    kept = "".join(c if c.isalnum() else " " for c in fold(text))
    return kept.split()[:12]


_SAYS_LITTLE = frozenset(
    [
        "a",
        "an",
        "and",
        "by",
        "der",
        "die",
        "das",
        "for",
        "from",
        "holiday",
        "in",
        "mit",
        "nach",
        "of",
        "or",
        "reise",
        "reisen",
        "the",
        "to",
        "tour",
        "tours",
        "trip",
        "trips",
        "und",
        "von",
        "with",
    ]
)


def telling_words(text: str) -> list[str]:
    """The words of a query without those that nearly every trip could have; all, if only those."""
    words = words_of(text)
    return [word for word in words if word not in _SAYS_LITTLE] or words


def allowed_slips(word: str) -> int:
    """How many letters may be wrong, missing, added or swapped in a typed word."""
    return 0 if len(word) < 4 or word.isdigit() else 1 if len(word) < 8 else 2


def slips(typed: str, meant: str) -> int:
    """How many letters one would correct: each wrong, missing, added, or swapped with the next.

    The optimal string alignment distance (Damerau 1964).
    """
    last: list[int] = []
    row = list(range(len(meant) + 1))
    for i, a in enumerate(typed, 1):
        before, last, row = last, row, [i]
        for j, b in enumerate(meant, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == meant[j - 2] and typed[i - 2] == b:
                best = min(best, before[j - 2] + 1)
            row.append(best)
    return row[-1]


def one_slip_away(word: str) -> list[str]:
    """What a word becomes when two neighbours are swapped or a letter is left out."""
    swapped = [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)]
    return list(dict.fromkeys([*swapped, *(word[:i] + word[i + 1 :] for i in range(len(word)))]))


def point(text: str) -> tuple[float, float] | None:
    """``41.9,12.5`` → latitude and longitude in degrees; None if it is not a point on earth."""
    latitude, comma, longitude = text.partition(",")
    try:
        found = float(latitude), float(longitude)
    except ValueError:
        return None
    return found if comma and abs(found[0]) <= 90 and abs(found[1]) <= 180 else None
