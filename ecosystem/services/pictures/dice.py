"""Chance that falls the same way everywhere, on every release of Python."""

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")

_WHOLE = 2**32


class Dice:
    """Numbers drawn from a seed: SHA-256 of the seed and a count, four bytes a number."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode("utf-8", "surrogatepass")
        self._drawn = 0

    def number(self, low: float = 0.0, high: float = 1.0) -> float:
        """A number from `low` up to, but not including, `high`."""
        digest = sha256(self._seed + b"/%d" % self._drawn).digest()
        self._drawn += 1
        return low + (high - low) * (int.from_bytes(digest[:4], "big") / _WHOLE)

    def choice(self, options: Sequence[T]) -> T:
        """One of the options, each as likely."""
        return options[int(self.number() * len(options))]

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.number() < probability
