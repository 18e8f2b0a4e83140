"""Whether source and target are equal, asked while everybody writes and without a lock.

Ranges of keys are compared by the sum of their rows' hashes. A range that differs is looked at
row by row, and a row that differs is only *divergent* when nothing explains it: no row of the log
names it, a later look at the target still differs, and the source is as it was before that look.
"""

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from psycopg import sql

from ecosystem.migration.carrier import Pace, Step, no_pace
from ecosystem.migration.ends import Ends, transaction
from ecosystem.migration.plan import Connection
from ecosystem.migration.shape import Shape, one_of, within

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
        waiting_keys: the same by name.
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
    waiting_keys: list[UUID] = field(default_factory=list, repr=False)

    @property
    def equal(self) -> bool:
        return not self.differing

    def as_json(self) -> dict[str, Any]:
        kept = asdict(self)
        del kept["waiting_keys"]
        return {**kept, "equal": self.equal}


class Verifier:
    """Compares one table, over connections that nobody else uses meanwhile.

    Args:
        deep: by text instead of hashes: slower, and the same in every version of PostgreSQL.
        range_rows: how many rows are compared at once.
        pause: seconds between two looks at a row that differs.
        pace: told each range after it: it may wait, or raise to end.
    """

    def __init__(
        self,
        ends: Ends,
        shape: Shape,
        *,
        deep: bool = False,
        range_rows: int = RANGE,
        pause: float = 0.02,
        pace: Pace = no_pace,
    ) -> None:
        self._ends = ends
        self._source, self._target = ends.source, ends.target
        self._shape = shape
        self._deep = deep
        self._range_rows = range_rows
        self._pause = pause
        self._pace = pace
        columns = sql.SQL(", ").join(
            column.hashed for column in shape.columns if not column.generated
        )
        self._hash = sql.SQL(
            "hashtextextended(row({0})::text, 0)" if deep else "hash_record_extended(row({0}), 0)"
        ).format(columns)

    def compare(self) -> Verification:
        """The whole table, range by range; both databases work at the same time."""
        found, began = self._begun()
        with ThreadPoolExecutor(1) as other:
            low: UUID | None = None
            while True:
                started = time.monotonic()
                high = self._end(low)
                theirs = other.submit(self._sum, self._target, low, high)
                ours = self._sum(self._source, low, high)
                found.rows += ours[0]
                if ours != theirs.result():
                    self._look_closer(found, within(low, high))
                self._pace(Step(found.table, "range", ours[0], time.monotonic() - started))
                if high is None:
                    return self._ended(found, began)
                low = high

    def compare_keys(self, keys: Iterable[UUID]) -> Verification:
        """Only these rows, in the same way; ``rows`` counts the keys."""
        found, began = self._begun()
        wanted = sorted(set(keys))
        for at in range(0, len(wanted), self._range_rows):
            some = wanted[at : at + self._range_rows]
            found.rows += len(some)
            self._look_closer(found, one_of(some))
        return self._ended(found, began)

    def _begun(self) -> tuple[Verification, float]:
        return Verification(self._shape.table, self._deep), time.monotonic()

    def _ended(self, found: Verification, began: float) -> Verification:
        found.at = datetime.now(UTC).isoformat(timespec="seconds")
        found.seconds = round(time.monotonic() - began, 3)
        return found

    def _end(self, low: UUID | None) -> UUID | None:
        """The last key of a range of so many rows. The last range has no end, so that together
        they have every key there could be, also those only the target has."""
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
                sql.SQL("select count(*), sum({}) from {} {}").format(
                    self._hash, self._shape.name, within(low, high)
                )
            ).fetchone()
        return row or (0, None)

    def _look_closer(self, found: Verification, where: sql.Composable) -> None:
        ours, theirs = (self._hashes(side, where) for side in (self._source, self._target))
        if ours == theirs:
            return
        for key in sorted(ours.keys() | theirs.keys()):
            if ours.get(key) == theirs.get(key):
                continue
            match self._judge(key):
                case "":
                    pass
                case "waiting":
                    found.waiting += 1
                    found.waiting_keys.append(key)
                case what:
                    found.differing += 1
                    if len(found.differences) < _SHOWN:
                        found.differences.append(Difference(str(key), what))

    def _judge(self, key: UUID) -> str:
        """``""`` equal, ``waiting``, or how the row differs for good."""
        times = 0
        for _ in range(_PATIENCE):
            before, named = self._at_source(key)
            theirs = self._hashes(self._target, one_of([key])).get(key)
            if before == theirs:
                return ""
            if named:
                return "waiting"
            times = times + 1 if self._at_source(key) == (before, False) else 0
            if times == _ROUNDS:
                return self._what(before, theirs)
            time.sleep(self._pause)
        return "waiting"

    def _what(self, source: Hash, target: Hash) -> str:
        if target is None:
            return f"missing in {self._ends.target_words}"
        how = "only" if source is None else "different"
        return f"{how} in {self._ends.target_words}"

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
                    only=one_of([key]),
                    consumer=sql.Literal(self._ends.consumer),
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


def orphans(side: Connection, tables: Sequence[str]) -> list[str]:
    """Foreign keys between these tables that a row breaks, in words; none of them: empty.

    Whoever carries rows writes them without a look at foreign keys. Keys that lead out of the
    group (to ``auth.users``) are not looked at: the row they name may live elsewhere.
    """
    with transaction(side):
        keys = side.execute(
            """
            select child.relname, parent.relname, c.conname,
                   array(select a.attname from unnest(c.conkey) with ordinality k (n, i)
                         join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.n
                         order by i),
                   array(select a.attname from unnest(c.confkey) with ordinality k (n, i)
                         join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.n
                         order by i)
            from pg_constraint c join pg_class child on child.oid = c.conrelid
                 join pg_class parent on parent.oid = c.confrelid
            where c.contype = 'f' and child.relname = any(%(tables)s)
              and parent.relname = any(%(tables)s)
              and child.relnamespace = 'public'::regnamespace
              and parent.relnamespace = 'public'::regnamespace
            order by 1, 3
            """,
            {"tables": list(tables)},
        ).fetchall()
        told: list[str] = []
        for child, parent, name, columns, referred in keys:
            row = side.execute(_without_parent(child, parent, columns, referred)).fetchone()
            if row and row[0]:
                told.append(
                    f"{row[0]:,} rows of {child} name a row of {parent} that is not there ({name})"
                )
        return told


def _without_parent(
    child: str, parent: str, columns: Sequence[str], referred: Sequence[str]
) -> sql.Composed:
    pairs = list(zip(columns, referred, strict=True))
    return sql.SQL(
        "select count(*) from {child} c where {given} and not exists"
        " (select from {parent} p where {same})"
    ).format(
        child=sql.Identifier("public", child),
        parent=sql.Identifier("public", parent),
        given=sql.SQL(" and ").join(
            sql.SQL("c.{} is not null").format(sql.Identifier(column)) for column in columns
        ),
        same=sql.SQL(" and ").join(
            sql.SQL("p.{} = c.{}").format(sql.Identifier(theirs), sql.Identifier(ours))
            for ours, theirs in pairs
        ),
    )
