"""Keeping the read model equal to the databases."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from ecosystem.database.placement import RDS, SUPABASE
from ecosystem.database.queries import changes, marketplace
from ecosystem.database.unit_of_work import Database
from ecosystem.services.marketplace import items
from ecosystem.services.marketplace.items import KINDS, Kind
from ecosystem.services.ports import Clock
from ecosystem.services.ports.read_model import Item, ReadModel

CONSUMER = "marketplace"
BATCH = 500
MARK = "MARKETPLACE"
"""The key of the item that says how far the read model has been built."""

_LOOK_AGAIN_SECONDS = 60.0
_NOTHING = UUID(int=0)
_ATTEMPTS = 2


@dataclass(frozen=True)
class _Progress:
    """How far building has come: ``kind`` and the last key, or that the sweep goes on."""

    since: int
    kind: Kind | Literal["SWEEP"]
    after: str

    @property
    def values(self) -> dict[str, object]:
        return {"shape": items.SHAPE, "since": self.since, "kind": self.kind, "after": self.after}


class ReadModelKeeping:
    """The second consumer of the change logs.

    A step reads a batch of a log, draws a version, reads the current rows of its keys, writes
    them, and only then deletes those rows of the log whose item was written. Killed anywhere, the
    next step does it again. Any number may work at once: an item is only replaced by one of a
    higher version, and who is refused leaves the log as it is and reads again.

    A table that was never built, or in another shape, is built first: every thing, kind by kind
    in the order of the ids, then a sweep for what is there and no longer in the databases. How
    far it has come stands in the table itself, so that a new one is never taken for a built one.
    """

    def __init__(self, database: Database, model: ReadModel, clock: Clock) -> None:
        self._database = database
        self._model = model
        self._clock = clock
        self._built_at: float | None = None

    def step(self) -> int:
        """Build a part of it, or deal with a batch of each log. Returns how much was done."""
        if not self.built():
            return self._build()
        return self._one_log(RDS) + self._one_log(SUPABASE)

    def built(self) -> bool:
        """Whether the table holds everything; asked anew every minute."""
        now = self._clock.now().timestamp()
        if self._built_at is not None and 0 <= now - self._built_at < _LOOK_AGAIN_SECONDS:
            return True
        mark = self._mark()
        done = mark is not None and mark.values == _done()
        self._built_at = now if done else None
        return done

    def progress(self) -> str:
        """``planned``, ``copying`` or ``in_sync``, in the words of a move of tables."""
        mark = self._mark()
        if mark is None or mark.values is None:
            return "planned"
        return "in_sync" if mark.values == _done() else "copying"

    def rebuild(self) -> None:
        """Let it be built anew, from the first thing on. Until that is done it is not read."""
        while refused := self._begin(self._version()):
            self._catch_up(refused)

    def bring(self, kind: Kind, ids: Iterable[UUID]) -> set[UUID]:
        """Write things as they are now; those that somebody else has written meanwhile."""
        keys = set(ids)
        for _attempt in range(_ATTEMPTS):
            if not keys:
                break
            version = self._version()
            refused = self._model.put(items.current(self._database, kind, keys, version))
            self._catch_up(refused)
            keys = {key for key in keys if items.key_of(kind, key) in refused}
        return keys

    def _one_log(self, name: str) -> int:
        # Both logs are read whatever is placed where: what a database logged before it lost
        # authority still has to be looked at, where the thing is now.
        with self._database.at(name) as connection:
            log = changes.pending(connection, CONSUMER, BATCH)
        wanted: dict[Kind, set[UUID]] = defaultdict(set)
        for row in log:
            if row.tbl in items.LOGGED:
                wanted[items.LOGGED[row.tbl]].add(row.pk)
        placement = self._database.placement
        if any(placement.database_of(items.GROUPS[kind]) != name for kind in wanted):
            # What is remembered may be from before a switch: ask where things are now.
            placement.forget()
        refused = {(kind, key) for kind, keys in wanted.items() for key in self.bring(kind, keys)}
        done = [row.seq for row in log if (items.LOGGED.get(row.tbl), row.pk) not in refused]
        if done:
            with self._database.at(name) as connection:
                changes.forget(connection, done)
        return len(done)

    def _begin(self, version: int) -> set[str]:
        self._built_at = None
        return self._model.put([Item(MARK, version, _Progress(version, KINDS[0], "").values)])

    def _build(self) -> int:
        # Drawn before the mark is read: one that somebody has set meanwhile stays.
        version, mark = self._version(), self._mark()
        known = mark.values if mark is not None else None
        if known is None or known.get("shape") != items.SHAPE:
            refused = self._begin(version)
        else:
            at = _Progress(known["since"], known["kind"], known["after"])
            following = self._sweep(at) if at.kind == "SWEEP" else self._chunk(at)
            refused = self._model.put([Item(MARK, version, following)])
        self._catch_up(refused)
        return 1

    def _chunk(self, at: _Progress) -> dict[str, object]:
        number = [str(kind) for kind in KINDS].index(at.kind)
        kind = KINDS[number]
        after = UUID(at.after) if at.after else _NOTHING
        with self._database.unit(items.GROUPS[kind]) as session:
            keys = marketplace.following(session, items.TABLES[kind], after, BATCH)
        self.bring(kind, keys)
        if len(keys) == BATCH:
            return _Progress(at.since, kind, str(keys[-1])).values
        return _Progress(at.since, (*KINDS, "SWEEP")[number + 1], "").values

    def _sweep(self, at: _Progress) -> dict[str, object]:
        found = self._model.scan(at.after, BATCH)
        # A number that has not been drawn yet is from before the database was restored.
        drawn = self._version()
        old: dict[Kind, set[UUID]] = defaultdict(set)
        for item in found.items:
            thing = items.thing_of(item.key)
            known = at.since <= item.version < drawn
            if thing is not None and item.values is not None and not known:
                old[thing[0]].add(thing[1])
        for kind, keys in old.items():
            self.bring(kind, keys)
        return _Progress(at.since, "SWEEP", found.next).values if found.next else _done()

    def _mark(self) -> Item | None:
        return self._model.get([MARK]).get(MARK)

    def _catch_up(self, refused: set[str]) -> None:
        """Draw higher numbers than these have. They are lower after a database was restored."""
        if refused:
            highest = max(item.version for item in self._model.get(refused).values())
            with self._database.unit(RDS) as session:
                marketplace.version_above(session, highest)

    def _version(self) -> int:
        with self._database.unit(RDS) as session:
            return marketplace.next_version(session)


def _done() -> dict[str, object]:
    return {"shape": items.SHAPE, "since": 0, "kind": "", "after": ""}
