"""What somebody at a desk finds by a few words, whatever it is."""

from dataclasses import dataclass
from typing import Literal

FoundKind = Literal["client", "booking", "quote", "trip", "package", "operator", "agency"]


@dataclass(frozen=True)
class Found:
    """One thing. ``key`` leads to it: an id, a booking's reference, a trip's slug, and of
    operators and agencies the name, by which operations' lists are searched."""

    kind: FoundKind
    key: str
    label: str
    detail: str
