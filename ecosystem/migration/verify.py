"""Whether source and target are equal, asked while everybody writes and without a lock.

Ranges of keys are compared by the sum of their rows' hashes. A range that differs is looked at
row by row, and a row that differs is only *divergent* when nothing explains it: no row of the log
names it, a later look at the target still differs, and the source is as it was before that look.
"""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from psycopg import sql

from ecosystem.migration.capture import CONSUMER
from ecosystem.migration.ends import Ends, transaction
from ecosystem.migration.plan import Connection
from ecosystem.migration.shape import Shape, within

RANGE: Final = 20_000
_ROUNDS: Final = 3
"""How often a row has to be found divergent: it could change there and back in one round."""
_PATIENCE: Final = 20
_SHOWN: Final = 100

Hash = int | None


@dataclass(frozen=True)
class Difference:
    """A row that is not the same and that nothing explains."""

    id: str
    what: str


@dataclass
class Verification:
    """What a comparison found.

    Attributes:
        rows: of the source, as they were counted range by range.
        waiting: rows that differ and are still to be carried: named in the log, or being written.
        differing: divergent rows in all; ``differences`` names the first of them.
        deep: compared by the text of every value instead of its hash.
    """

    table: str
    deep: bool
    at: str = ""
    rows: int = 0
    waiting: int = 0
    differing: int = 0
    seconds: float = 0.0
    differences: list[Difference] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        return not self.differing

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "equal": self.equal}


class Verifier:
    """Compares one table.

    Args:
        deep: by text instead of hashes: slower, and the same in every version of PostgreSQL.
        range_rows: how many rows are compared at once.
        pause: seconds between two looks at a row that differs.
    """

    def __init__(
        self,
        ends: Ends,
        shape: Shape,
        *,
        deep: bool = False,
        range_rows: int = RANGE,
        pause: float = 0.02,
    ) -> None:
        self._source, self._target = ends.source, ends.target
        self._shape = shape
        self._deep = deep
        self._range_rows = range_rows
        self._pause = pause
        columns = sql.SQL(", ").join(
            column.hashed for column in shape.columns if not column.generated
        )
        self._hash = sql.SQL(
            "hashtextextended(row({0})::text, 0)" if deep else "hash_record_extended(row({0}), 0)"
        ).format(columns)

    def compare(self) -> Verification:
        """All ranges, one after the other."""
        began = time.monotonic()
        found = Verification(self._shape.table, self._deep)
        for low, high in self._ranges():
            ours = self._sum(self._source, low, high)
            found.rows += ours[0]
            if ours != self._sum(self._target, low, high):
                self._look_closer(found, low, high)
        found.at = datetime.now(UTC).isoformat(timespec="seconds")
        found.seconds = round(time.monotonic() - began, 3)
        return found

    def _ranges(self) -> Iterator[tuple[UUID | None, UUID | None]]:
        """Ranges that together have every key there could be, also those only the target has."""
        low: UUID | None = None
        while True:
            high = self._end(low)
            yield low, high
            if high is None:
                return
            low = high

    def _end(self, low: UUID | None) -> UUID | None:
        with transaction(self._source):
            row = self._source.execute(
                sql.SQL("select id from {} {} order by id offset {} limit 1").format(
                    self._shape.name, within(low, None), sql.Literal(self._range_rows - 1)
                )
            ).fetchone()
        return row[0] if row else None

    def _sum(self, side: Connection, low: UUID | None, high: UUID | None) -> tuple[Any, ...]:
        with transaction(side):
            row = side.execute(
                sql.SQL("select count(*), sum({}::numeric) from {} {}").format(
                    self._hash, self._shape.name, within(low, high)
                )
            ).fetchone()
        return row or (0, None)

    def _look_closer(self, found: Verification, low: UUID | None, high: UUID | None) -> None:
        ours, theirs = (
            self._hashes(side, within(low, high)) for side in (self._source, self._target)
        )
        for key in sorted(ours.keys() | theirs.keys()):
            if ours.get(key) == theirs.get(key):
                continue
            match self._judge(key):
                case "":
                    pass
                case "waiting":
                    found.waiting += 1
                case what:
                    found.differing += 1
                    if len(found.differences) < _SHOWN:
                        found.differences.append(Difference(str(key), what))

    def _judge(self, key: UUID) -> str:
        """``""`` equal, ``waiting``, or how the row differs for good."""
        times = 0
        for _ in range(_PATIENCE):
            before, named = self._at_source(key)
            theirs = self._hashes(self._target, _only(key)).get(key)
            if before == theirs:
                return ""
            if named:
                return "waiting"
            times = times + 1 if self._at_source(key) == (before, False) else 0
            if times == _ROUNDS:
                return _what(before, theirs)
            time.sleep(self._pause)
        return "waiting"

    def _at_source(self, key: UUID) -> tuple[Hash, bool]:
        """A row's hash and whether the log names it, from one snapshot."""
        with transaction(self._source):
            row = self._source.execute(
                sql.SQL(
                    "select (select {hash} from {table} {only}),"
                    " exists (select from public.migration_changes"
                    " where consumer = {consumer} and tbl = {tbl} and pk = {key})"
                ).format(
                    hash=self._hash,
                    table=self._shape.name,
                    only=_only(key),
                    consumer=sql.Literal(CONSUMER),
                    tbl=sql.Literal(self._shape.table),
                    key=sql.Literal(key),
                )
            ).fetchone()
        return row or (None, False)  # type: ignore[return-value]

    def _hashes(self, side: Connection, where: sql.Composable) -> dict[UUID, Hash]:
        with transaction(side):
            return dict(
                side.execute(
                    sql.SQL("select id, {} from {} {}").format(self._hash, self._shape.name, where)
                ).fetchall()  # type: ignore[arg-type]
            )


def _only(key: UUID) -> sql.Composable:
    return sql.SQL("where id = {}").format(sql.Literal(key))


def _what(source: Hash, target: Hash) -> str:
    if target is None:
        return "missing in RDS"
    return "only in RDS" if source is None else "different in RDS"
