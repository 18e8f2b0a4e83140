"""What a person may ask of the search, and how words are folded. Pure."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

Sort = Literal["relevance", "price", "-price", "nights", "rating", "soonest"]
SORTS: tuple[Sort, ...] = ("relevance", "price", "-price", "nights", "rating", "soonest")

PAGE_SIZE = 24


@dataclass(frozen=True)
class SearchQuery:
    """The query of ``/search`` and ``GET /api/packages``.

    Prices are whole major units per adult in the package's own currency, dates
    bound the day of departure, ``travellers`` is the party that needs free seats.
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
    sort: Sort = "relevance"
    offset: int = 0
    limit: int = PAGE_SIZE


def fold(words: str) -> str:
    """Lower case without accents: ``Tōkaidō`` → ``tokaido``, ``Łódź`` → ``lodz``."""
    plain = words.casefold().translate(_LETTERS)
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)


def words_of(text: str) -> list[str]:
    """The folded words of a text, at most twelve: letters and digits, nothing else."""
    kept = "".join(c if c.isalnum() else " " for c in fold(text))
    return kept.split()[:12]
