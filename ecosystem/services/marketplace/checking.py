"""Whether the read model says what the databases say, asked while everybody goes on writing."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS, SUPABASE
from ecosystem.database.queries import changes, marketplace
from ecosystem.database.unit_of_work import Database
from ecosystem.services.marketplace import items
from ecosystem.services.marketplace.items import KINDS, Kind
from ecosystem.services.marketplace.keeping import CONSUMER
from ecosystem.services.ports import Clock
from ecosystem.services.ports.read_model import Item, ReadModel

CHUNK = 500
ROUNDS = 3
"""How often a thing has to differ before it is called different."""


@dataclass(frozen=True)
class Difference:
    """One thing that the read model has wrong, and in which of its values."""

    key: str
    what: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.key}: {', '.join(self.what)}"


@dataclass(frozen=True)
class Verification:
    """How many things were looked at, and every one that differs, by key."""

    checked: dict[Kind, int]
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Backlog:
    """What the logs hold for the read model: rows, and seconds since the oldest was written."""

    rows: int
    lag_seconds: float


class ReadModelCheck:
    """Compares everything both ways: what ought to be there, and what is.

    A thing differs only if the databases say the same before and after the read model is asked,
    no change of it waits in a log in between, and that holds in three rounds. Locks nothing.
    """

    def __init__(
        self,
        database: Database,
        model: ReadModel,
        clock: Clock,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database = database
        self._model = model
        self._clock = clock
        self._sleep = sleep

    def verify(self) -> Verification:
        """Everything. Raises ``Unavailable``."""
        checked: dict[Kind, int] = {}
        found: dict[str, Difference] = {}
        for kind in KINDS:
            checked[kind] = 0
            after = UUID(int=0)
            while keys := self._following(kind, after):
                checked[kind] += len(keys)
                found |= self._differing(kind, keys)
                after = keys[-1]
        found |= self._unexpected()
        return Verification(checked, tuple(found[key] for key in sorted(found)))

    def backlog(self) -> Backlog:
        """What waits in both logs."""
        rows, oldest = 0, None
        for name in (RDS, SUPABASE):
            with self._database.at(name) as connection:
                here, at = changes.backlog(connection, CONSUMER)
            rows += here
            oldest = min((one for one in (oldest, at) if one is not None), default=None)
        return Backlog(rows, self._age(oldest))

    def _age(self, oldest: datetime | None) -> float:
        return max((self._clock.now() - oldest).total_seconds(), 0.0) if oldest else 0.0

    def _following(self, kind: Kind, after: UUID) -> list[UUID]:
        with self._database.unit(items.GROUPS[kind]) as session:
            return marketplace.following(session, items.TABLES[kind], after, CHUNK)

    def _unexpected(self) -> dict[str, Difference]:
        found: dict[str, Difference] = {}
        after, more = "", True
        while more:
            some = self._model.scan(after, CHUNK)
            there = [items.thing_of(item.key) for item in some.items if item.values is not None]
            for kind in KINDS:
                keys = [thing[1] for thing in there if thing is not None and thing[0] == kind]
                found |= self._differing(kind, keys)
            after, more = some.next, bool(some.next)
        return found

    def _differing(self, kind: Kind, keys: list[UUID]) -> dict[str, Difference]:
        found: dict[str, Difference] = {}
        for attempt in range(ROUNDS):
            if not keys:
                return {}
            if attempt:
                self._sleep(0.05 * 2**attempt)
            found = self._round(kind, keys)
            keys = [key for key in keys if items.key_of(kind, key) in found]
        return found

    def _round(self, kind: Kind, keys: list[UUID]) -> dict[str, Difference]:
        before = self._sources(kind, keys)
        # After the databases were read: a change that was seen there is still in its log now, or
        # has been written, so that the read model is asked late enough.
        waiting: set[UUID] = set()
        tbl = next(tbl for tbl, of in items.LOGGED.items() if of == kind)
        for name in (RDS, SUPABASE):
            with self._database.at(name) as connection:
                waiting |= changes.waiting(connection, CONSUMER, tbl, keys)
        there = self._model.get(before)
        after = self._sources(kind, keys)
        still = {items.key_of(kind, key) for key in waiting}
        return {
            key: difference
            for key, item in before.items()
            if key not in still
            and item.content == after[key].content
            and (difference := _compared(item, there.get(key))) is not None
        }

    def _sources(self, kind: Kind, keys: list[UUID]) -> dict[str, Item]:
        return {item.key: item for item in items.current(self._database, kind, keys, 0)}


def _compared(wanted: Item, there: Item | None) -> Difference | None:
    if there is None or there.values is None:
        return None if wanted.values is None else Difference(wanted.key, ("missing",))
    if wanted.values is None:
        return Difference(wanted.key, ("not in the databases",))
    names = sorted(_names(wanted.values, there.values))
    names += [name for name in ("gsi1", "gsi2") if getattr(wanted, name) != getattr(there, name)]
    return Difference(wanted.key, tuple(names)) if names else None


def _names(wanted: dict[str, Any], there: dict[str, Any]) -> set[str]:
    missing = object()
    return {
        name
        for name in wanted.keys() | there.keys()
        if wanted.get(name, missing) != there.get(name, missing)
    }
