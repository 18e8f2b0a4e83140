"""The storefront's read model (DynamoDB), in our words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Index = Literal["gsi1", "gsi2"]


@dataclass(frozen=True)
class Item:
    """One thing under ``key`` (``BOOKING#…``).

    ``values`` are texts, whole numbers, booleans, None, and lists and dicts of them; None as a
    whole says that the thing is gone, which is kept for a while: an older state that comes late
    finds it. ``gsi1`` and ``gsi2`` are where else it is found: a partition, and a place in it.
    """

    key: str
    version: int
    values: dict[str, Any] | None
    gsi1: tuple[str, str] | None = None
    gsi2: tuple[str, str] | None = None

    @property
    def content(self) -> tuple[Any, ...]:
        """All but the version."""
        return (self.key, self.values, self.gsi1, self.gsi2)


@dataclass(frozen=True)
class Scanned:
    """Some of all items, in no order; ``next`` leads on, empty after the last."""

    items: tuple[Item, ...]
    next: str = field(default="")


class ReadModel(Protocol):
    """A table of items, each found by its key and in up to two indexes.

    Reads by key are current; those of an index may be a moment late. All raise ``Unavailable``.
    """

    def put(self, items: Sequence[Item]) -> set[str]:
        """Write items, each only over one with a lower version; the keys of those refused."""
        ...

    def get(self, keys: Iterable[str]) -> dict[str, Item]:
        """The items that are there, also those that say that something is gone."""
        ...

    def find(
        self,
        index: Index,
        partition: str,
        *,
        prefix: str = "",
        before: str = "",
        limit: int | None = None,
    ) -> list[Item]:
        """What an index has in a partition, the last place first: those whose place begins with
        ``prefix``, or stands before ``before``."""
        ...

    def scan(self, after: str = "", limit: int = 500) -> Scanned:
        """Everything, a part at a time."""
        ...

    def ping(self) -> None: ...
