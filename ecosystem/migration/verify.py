"""Whether source and target are equal, asked while everybody writes and without a lock.

Each table is read once, as it lies on the disk, and the hashes of its rows are summed up for each
of some hundred ranges of keys. A range whose sums differ is looked at row by row, and a row that
differs is only *divergent* when nothing explains it: no row of the log names it, a later look at
the target still differs, and the source is as it was before that look.
"""

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from threading import Event
from typing import Any, Final
from uuid import UUID

from psycopg import sql

from ecosystem.migration.carrier import Pace, Step, no_pace
from ecosystem.migration.ends import Ends, ask, transaction
from ecosystem.migration.plan import Connection
from ecosystem.migration.shape import Shape, one_of, within

RANGE: Final = 20_000
_ROUNDS: Final = 3
"""How often a row has to be found divergent: it could change there and back in one round."""
_PATIENCE: Final = 20
_SHOWN: Final = 100

_FEW_PAGES: Final = 64
_SAMPLE_PAGES: Final = 64
_RANGE_PAGES: Final = 32
_MOST_RANGES: Final = 256
_PIECE_PAGES: Final = 8_192
_NO_PAGE: Final = 4_294_967_295

WAITING: Final = "waiting"

Hash = int | None
Sum = tuple[int, int]


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
        seconds: that it took, without those in which it had to wait.
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


class _Stopped(Exception):
    """The other side could not be read."""


class Verifier:
    """Compares one table, over connections that nobody else uses meanwhile.

    Args:
        deep: by text instead of hashes: slower, and the same in every version of PostgreSQL.
        range_rows: how many rows are compared one by one at once.
        pause: seconds between two looks at a row that differs.
        pace: told each piece of the table after it: it may wait, or raise to end.
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
        self._rested = 0.0
        columns = sql.SQL(", ").join(
            column.hashed for column in shape.columns if not column.generated
        )
        self._hash = sql.SQL(
            "hashtextextended(row({0})::text, 0)" if deep else "hash_record_extended(row({0}), 0)"
        ).format(columns)

    def compare(self) -> Verification:
        """The whole table; both databases work at the same time."""
        found, began = self._begun()
        borders = self._borders()
        stop = Event()
        with ThreadPoolExecutor(1) as other:
            job = other.submit(self._sums, self._target, borders, lambda _step: _go_on(stop))
            try:
                ours = self._sums(self._source, borders, self._rest)
            except BaseException:
                stop.set()
                raise
            theirs = job.result()
        found.rows = sum(rows for rows, _ in ours.values())
        # A border is the first key of its range; to `within` the one before it is the last.
        ends = [None, *(UUID(int=border.int - 1) for border in borders), None]
        for number, (low, high) in enumerate(pairwise(ends)):
            if ours.get(number) != theirs.get(number):
                self._compare_range(found, low, high)
        return self._ended(found, began)

    def compare_keys(self, keys: Iterable[UUID], *, judged: bool = True) -> Verification:
        """Only these rows, in the same way; ``rows`` counts the keys.

        Args:
            judged: False: what differs is waiting, and not asked for the reason: one look a side.
        """
        found, began = self._begun()
        wanted = sorted(set(keys))
        for at in range(0, len(wanted), self._range_rows):
            some = wanted[at : at + self._range_rows]
            found.rows += len(some)
            self._look_closer(found, one_of(some), judged=judged)
        return self._ended(found, began)

    def _rest(self, step: Step) -> None:
        began = time.monotonic()
        self._pace(step)
        self._rested += time.monotonic() - began

    def _begun(self) -> tuple[Verification, float]:
        self._rested = 0.0
        return Verification(self._shape.table, self._deep), time.monotonic()

    def _ended(self, found: Verification, began: float) -> Verification:
        found.at = datetime.now(UTC).isoformat(timespec="seconds")
        found.seconds = round(time.monotonic() - began - self._rested, 3)
        return found

    def _borders(self) -> list[UUID]:
        """Keys that divide the table into ranges of about as many rows, by a sample of it."""
        with transaction(self._source):
            pages = self._pages(self._source)
            if pages < _FEW_PAGES:
                return []
            share = min(100.0, max(1.0, 100 * _SAMPLE_PAGES / pages))
            query = sql.SQL("select id from {} tablesample system ({}) order by id").format(
                self._shape.name, sql.Literal(share)
            )
            sample = [row[0] for row in self._source.execute(query)]
        step = max(1, len(sample) // min(_MOST_RANGES, pages // _RANGE_PAGES))
        return [key for key in sample[step::step] if key.int]

    def _pages(self, side: Connection) -> int:
        row = side.execute(
            "select pg_relation_size(to_regclass('public.' || quote_ident(%s)))"
            " / current_setting('block_size')::bigint",
            (self._shape.table,),
        ).fetchone()
        return row[0] if row else 0

    def _sums(self, side: Connection, borders: Sequence[UUID], pace: Pace) -> dict[int, Sum]:
        """Count and sum of the hashes of each range, read as the rows lie on the disk.

        In pieces, so that no snapshot is old. A row that is changed meanwhile can be seen twice
        or not at all: its range is looked at again. A row that nobody changes is seen once.
        """
        sums: dict[int, Sum] = {}
        pages = self._pages(side)
        for first in range(0, pages + 1, _PIECE_PAGES):
            began, rows = time.monotonic(), 0
            # The last piece has no end: the table may have grown.
            last = first + _PIECE_PAGES if first + _PIECE_PAGES <= pages else _NO_PAGE
            with transaction(side):
                for number, count, total in side.execute(self._piece(borders, first, last)):
                    known = sums.get(number, (0, 0))
                    sums[number] = known[0] + count, known[1] + int(total)
                    rows += count
            pace(Step(self._shape.table, "range", rows, time.monotonic() - began))
        return sums

    def _piece(self, borders: Sequence[UUID], first: int, last: int) -> sql.Composed:
        return sql.SQL(
            "select width_bucket(id, {borders}::uuid[]), count(*), sum({hash}) from {table}"
            " where ctid >= {first}::tid and ctid < {last}::tid group by 1"
        ).format(
            borders=sql.Literal([str(border) for border in borders]),
            hash=self._hash,
            table=self._shape.name,
            first=sql.Literal(f"({first},0)"),
            last=sql.Literal(f"({last},0)"),
        )

    def _compare_range(self, found: Verification, low: UUID | None, high: UUID | None) -> None:
        """A range that differs, in parts of so many rows. Together they have every key of it
        that there could be, also those only the target has."""
        while low is None or high is None or low < high:
            end = self._end(low, high)
            self._look_closer(found, within(low, end or high))
            if end is None:
                return
            low = end

    def _end(self, low: UUID | None, high: UUID | None) -> UUID | None:
        with transaction(self._source):
            row = self._source.execute(
                sql.SQL("select id from {} {} order by id offset {} limit 1").format(
                    self._shape.name, within(low, high), sql.Literal(self._range_rows - 1)
                )
            ).fetchone()
        return row[0] if row else None

    def _look_closer(
        self, found: Verification, where: sql.Composable, *, judged: bool = True
    ) -> None:
        ours, theirs = (self._hashes(side, where) for side in (self._source, self._target))
        keys = sorted(
            key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)
        )
        for key, what in (self._judge(keys) if judged else dict.fromkeys(keys, WAITING)).items():
            if what == WAITING:
                found.waiting += 1
                found.waiting_keys.append(key)
            elif what:
                found.differing += 1
                if len(found.differences) < _SHOWN:
                    found.differences.append(Difference(str(key), what))

    def _judge(self, keys: Sequence[UUID]) -> dict[UUID, str]:
        """Of each row ``""`` (equal), ``waiting``, or how it differs for good."""
        told = dict.fromkeys(keys, WAITING)
        times = dict.fromkeys(keys, 0)
        for _ in range(_PATIENCE):
            if not times:
                break
            before = self._at_source(list(times))
            theirs = self._hashes(self._target, one_of(list(times)))
            for key, (ours, named) in before.items():
                if ours == theirs.get(key):
                    told[key] = ""
                if named or not told[key]:
                    del times[key]
            for key, after in self._at_source(list(times)).items():
                times[key] = times[key] + 1 if after == (before[key][0], False) else 0
                if times[key] == _ROUNDS:
                    told[key] = self._what(before[key][0], theirs.get(key))
                    del times[key]
            if times:
                time.sleep(self._pause)
        return told

    def _what(self, source: Hash, target: Hash) -> str:
        if target is None:
            return f"missing in {self._ends.target_words}"
        how = "only" if source is None else "different"
        return f"{how} in {self._ends.target_words}"

    def _at_source(self, keys: Sequence[UUID]) -> dict[UUID, tuple[Hash, bool]]:
        """Of each row its hash and whether the log names it, all from one snapshot."""
        if not keys:
            return {}
        with transaction(self._source):
            rows = self._source.execute(
                sql.SQL(
                    "select k.id, t.hash, c.pk is not null from unnest({keys}::uuid[]) k (id)"
                    " left join (select id, {hash} as hash from {table} {only}) t on t.id = k.id"
                    " left join (select distinct pk from public.migration_changes"
                    " where consumer = {consumer} and tbl = {tbl}) c on c.pk = k.id"
                ).format(
                    keys=sql.Literal([str(key) for key in keys]),
                    hash=self._hash,
                    table=self._shape.name,
                    only=one_of(keys),
                    consumer=sql.Literal(self._ends.consumer),
                    tbl=sql.Literal(self._shape.table),
                )
            ).fetchall()
        return {key: (ours, named) for key, ours, named in rows}

    def _hashes(self, side: Connection, where: sql.Composable) -> dict[UUID, Hash]:
        query = sql.SQL("select id, {} from {} {}").format(self._hash, self._shape.name, where)
        return dict(ask(side, query))  # type: ignore[arg-type]


def _go_on(stop: Event) -> None:
    if stop.is_set():
        raise _Stopped


def orphans(side: Connection, tables: Sequence[str]) -> list[str]:
    """Rows that break a foreign key between these tables, in words; none of them: empty.

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
                rows = "1 row" if row[0] == 1 else f"{row[0]:,} rows"
                told.append(f"{rows} of {child} without a row of {parent} ({name})")
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
