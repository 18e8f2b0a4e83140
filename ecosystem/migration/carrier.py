"""Carrying one table: what the log names, and what has never been touched, chunk by chunk.

Invariant, for each range of keys: for every key at or below its checkpoint target and source are
equal, or a committed row of the log names the key.
"""

import copy
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final, Literal, Self
from uuid import UUID

from psycopg import errors as pg
from psycopg import sql

from ecosystem.migration import fence
from ecosystem.migration.ends import APPLIER, Ends, ask, transaction
from ecosystem.migration.fence import Claim, Part
from ecosystem.migration.shape import Shape, count, one_of, row_bytes, within

BATCH = 1_000
"""Log rows at a time."""

CHUNK = 20_000
_CHUNK_BYTES: Final = 64 * 1024 * 1024
_BLOCK: Final = 256 * 1024
_BREATH_SECONDS: Final = 2.0

IN_THE_WAY: Final = (pg.UniqueViolation, pg.ExclusionViolation)
"""A row arrives before the one whose place it takes has gone."""


@dataclass(frozen=True)
class Step:
    """What was just done (``range``: compared), for whoever says how fast to go on."""

    table: str
    what: Literal["chunk", "batch", "range"]
    rows: int
    seconds: float


Pace = Callable[[Step], None]


def no_pace(_step: Step) -> None:
    """As fast as it goes."""


class Carrier:
    """One table, claimed by this process; or some of its ranges (:meth:`over`).

    Args:
        on_step: told the name of each step as it is reached; an exception from it ends the work
            there, as a crash would.
        on_keys: told the keys of each batch of the log before it is applied.
        pace: told each step after it, with no transaction open: it may wait, or raise to end.
        chunk_rows: how many rows a chunk has at most; fewer when they are large.
        owner: who claims the table, for whoever asks.
        after: see :func:`fence.claim`.
    """

    def __init__(
        self,
        ends: Ends,
        shape: Shape,
        *,
        on_step: Callable[[str], None] = lambda _step: None,
        on_keys: Callable[[Sequence[UUID]], None] = lambda _keys: None,
        pace: Pace = no_pace,
        chunk_rows: int = CHUNK,
        owner: str = "",
        after: int | None = None,
    ) -> None:
        self._ends = ends
        self._source, self._target = ends.source, ends.target
        self._shape = shape
        self._on_step = on_step
        self._on_keys = on_keys
        self._pace = pace
        rows = _CHUNK_BYTES // row_bytes(self._source, shape.table)
        self._chunk_rows = max(1, min(chunk_rows, rows))
        self._breathed = time.monotonic()
        self.table = shape.table
        self.claim: Claim = fence.claim(self._target, self.table, owner, after=after)
        if not self.claim.parts:
            self._divide()
        self._mine: Sequence[Part] = self.claim.parts

    def over(self, ends: Ends, parts: Sequence[Part]) -> Self:
        """The same claim with other connections, for some of its ranges: another thread's."""
        other = copy.copy(self)
        other._ends, other._source, other._target = ends, ends.source, ends.target
        other._mine = parts
        return other

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.claim.parts

    @property
    def finished(self) -> bool:
        """Whether chunks have reached the end of every range of ours."""
        return all(part.finished for part in self._mine)

    def batch(self, *, hurried: bool = False) -> int:
        """Apply one batch of the log; returns how many rows of it are done.

        Args:
            hurried: people wait: nobody is given a sign of life meanwhile.

        Raises:
            Fenced: another process has claimed the table. Nothing was written.
        """
        began = time.monotonic()
        try:
            with _locked(self._mine):
                done = self._batch()
        except IN_THE_WAY:
            done = self._untangle()[0]
        if not hurried and time.monotonic() - self._breathed > _BREATH_SECONDS:
            fence.breathe(self._target, self.claim, self._mine[0])
            self._breathed = time.monotonic()
        if done:
            self._pace(Step(self.table, "batch", done, time.monotonic() - began))
        return done

    def drain(self) -> int:
        """Apply the log until it is empty; returns how many rows."""
        done = 0
        while batch := self.batch():
            done += batch
        return done

    def chunk(self) -> int:
        """Copy the next range of keys; returns how many rows. Its checkpoint is in the same commit.

        Raises:
            Fenced: another process has claimed the table. Nothing was written.
        """
        part = next((part for part in self._mine if not part.finished), None)
        if part is None:
            return 0
        began = time.monotonic()
        try:
            with _locked([part]):
                rows = self._chunk(part)
        except IN_THE_WAY:
            rows = self._untangle(part)[1]
        self._on_step("chunk committed")
        self._pace(Step(self.table, "chunk", rows, time.monotonic() - began))
        return rows

    def _batch(self) -> int:
        log = self._pending()
        if not log:
            return 0
        self._on_step("log read")
        self._on_keys([key for _, key in log])
        # The rows are read after the log: what they say is at least as new as what it named.
        # A key that no chunk has reached comes with its chunk, which is read later still.
        self._apply([key for key in {key for _, key in log} if self.claim.reached(key)])
        self._on_step("applied")
        self._forget([seq for seq, _ in log])
        self._on_step("forgotten")
        return len(log)

    def _chunk(self, part: Part) -> int:
        with transaction(self._source):
            last = self._last_of_chunk(part)
        with transaction(self._target):
            self._hold()
            self._target.execute(APPLIER)
            with transaction(self._source):
                rows = self._copy_until(part, last)
            self._on_step("chunk copied")
            self._checkpoint(part, last, rows)
            self._on_step("chunk checkpointed")
        self._done(part, last, rows)
        return rows

    def _untangle(self, part: Part | None = None) -> tuple[int, int]:
        """Apply all of the log, and with ``part`` its next chunk, as of one moment of the source.

        For rows that take each other's place, where batches could come in an order that a unique
        column does not allow. At one moment the source obeys its own rules; what the log names
        goes first, so the target is part of that moment's source throughout.

        Returns:
            Rows of the log, rows of the chunk.
        """
        with _locked(self.claim.parts):
            with transaction(self._source, one_snapshot=True), transaction(self._target):
                self._hold()
                log = self._pending(everything=True)
                self._on_keys([key for _, key in log])
                self._replace([key for key in {key for _, key in log} if self.claim.reached(key)])
                rows, last = 0, None
                if part is not None:
                    last = self._last_of_chunk(part)
                    rows = self._copy_until(part, last)
                    self._checkpoint(part, last, rows)
                self._on_step("untangled")
            if part is not None:
                self._done(part, last, rows)
            self._forget([seq for seq, _ in log])
        return len(log), rows

    # --- the log ------------------------------------------------------------------------

    def _pending(self, *, everything: bool = False) -> list[tuple[int, UUID]]:
        """Rows of the log that name keys of our ranges; ``everything`` of the table."""
        whole = everything or len(self._mine) == len(self.claim.parts)
        query = sql.SQL(
            "select seq, pk from public.migration_changes where consumer = {consumer}"
            " and tbl = {tbl} and {ours} order by seq limit {limit}"
        ).format(
            consumer=sql.Literal(self._ends.consumer),
            tbl=sql.Literal(self.table),
            ours=sql.SQL("true") if whole else sql.SQL(" or ").join(map(_keys_of, self._mine)),
            limit=sql.SQL("all") if everything else sql.Literal(BATCH),
        )
        if everything:
            return self._source.execute(query).fetchall()  # type: ignore[return-value]
        return ask(self._source, query)  # type: ignore[return-value]

    def _forget(self, seqs: Sequence[int]) -> None:
        # Exactly these: a number that was given earlier may become visible later.
        ask(
            self._source,
            "delete from public.migration_changes where seq = any(%s)",
            (list(seqs),),
        )

    def _apply(self, keys: Sequence[UUID]) -> None:
        with transaction(self._target), transaction(self._source):
            # Also when there is nothing to apply: what we believe to be beyond the checkpoint is
            # only to be forgotten while nobody else copies.
            self._hold()
            if keys:
                self._replace(keys)
                self._on_step("applying")

    def _replace(self, keys: Sequence[UUID]) -> None:
        """Put the source's rows of these keys in the place of the target's."""
        self._target.execute(APPLIER)
        with self._reading(one_of(keys)) as blocks:
            self._on_step("rows read")
            self._target.execute(
                sql.SQL("delete from {} {}").format(self._shape.name, one_of(keys))
            )
            self._write(blocks)

    # --- chunks -------------------------------------------------------------------------

    def _last_of_chunk(self, part: Part) -> UUID | None:
        """The last key of the next full chunk; None when what is left is less than one."""
        row = self._source.execute(
            sql.SQL("select id from {table} {left} order by id offset {n} limit 1").format(
                table=self._shape.name,
                left=within(part.cursor, part.until),
                n=sql.Literal(self._chunk_rows - 1),
            )
        ).fetchone()
        return row[0] if row else None

    def _copy_until(self, part: Part, last: UUID | None) -> int:
        chunk = within(part.cursor, last or part.until)
        with self._reading(chunk + sql.SQL(" order by id")) as blocks:
            return self._write(blocks)

    def _checkpoint(self, part: Part, last: UUID | None, rows: int) -> None:
        fence.checkpoint(self._target, self.table, part, last, rows)

    def _done(self, part: Part, last: UUID | None, rows: int) -> None:
        part.copied_to = last or part.copied_to
        part.copied += rows
        part.finished = last is None
        self._breathed = time.monotonic()

    def _divide(self) -> None:
        """Two ranges of as many rows, if there are enough; and fewer rows a chunk, if they are large."""
        with transaction(self._source):
            rows = count(self._source, self.table)
            middle = self._source.execute(
                sql.SQL("select id from {} order by id offset {} limit 1").format(
                    self._shape.name, sql.Literal(rows // 2)
                )
            ).fetchone()
        borders = [middle[0]] if middle and rows > 2 * self._chunk_rows else []
        with transaction(self._target):
            self._hold()
            self.claim = fence.divide(self._target, self.claim, borders)

    # --- both ---------------------------------------------------------------------------

    @contextmanager
    def _reading(self, which: sql.Composable) -> Iterator[Iterator[bytes]]:
        """Rows of the source as of this moment, in blocks; never all of them in memory."""
        query = sql.SQL("copy (select {} from {} {}) to stdout {}").format(
            self._shape.listed, self._shape.name, which, self._shape.format
        )
        with self._source.cursor().copy(query) as reading:
            yield _blocks(reading)

    def _write(self, blocks: Iterable[bytes]) -> int:
        """Add rows to the target; returns how many."""
        query = sql.SQL("copy {} ({}) from stdin {}").format(
            self._shape.name, self._shape.listed, self._shape.format
        )
        writing = self._target.cursor()
        with writing.copy(query) as copying:
            for block in blocks:
                copying.write(block)
        return writing.rowcount

    def _hold(self) -> None:
        fence.hold(self._target, self.claim)


def _keys_of(part: Part) -> sql.Composable:
    ends: list[sql.Composable] = [sql.SQL("true")]
    if part.after is not None:
        ends.append(sql.SQL("pk > {}").format(sql.Literal(part.after)))
    if part.until is not None:
        ends.append(sql.SQL("pk <= {}").format(sql.Literal(part.until)))
    return sql.SQL("(") + sql.SQL(" and ").join(ends) + sql.SQL(")")


@contextmanager
def _locked(parts: Sequence[Part]) -> Iterator[None]:
    """Nobody else of this process reads or writes these ranges meanwhile."""
    with ExitStack() as stack:
        for part in parts:
            stack.enter_context(part.lock)
        yield


def _blocks(parts: Iterable[bytes | bytearray | memoryview]) -> Iterator[bytes]:
    """What the driver hands over row by row, in blocks that are worth sending."""
    buffer = bytearray()
    for part in parts:
        buffer += part
        if len(buffer) >= _BLOCK:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer)
