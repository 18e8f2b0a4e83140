"""Carrying one table: what the log names, and what has never been touched, chunk by chunk.

Invariant: for every key at or below ``copied_to`` target and source are equal, or a committed
row of the log names the key.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from uuid import UUID

from psycopg import sql

from ecosystem.migration.capture import CONSUMER
from ecosystem.migration.ends import APPLIER, Ends, transaction
from ecosystem.migration.plan import Claim, claim, hold
from ecosystem.migration.shape import Shape, within

BATCH = 1_000
"""Log rows at a time: their current rows are held in memory."""

CHUNK = 20_000
_BLOCK = 256 * 1024


def _nothing(_name: str) -> None:
    return None


class Carrier:
    """One table, claimed by this process.

    Args:
        on_step: told the name of each step as it is reached; an exception from it ends the work
            there, as a crash would.
        chunk_rows: how many rows a chunk has.
    """

    def __init__(
        self,
        ends: Ends,
        shape: Shape,
        *,
        on_step: Callable[[str], None] = _nothing,
        chunk_rows: int = CHUNK,
    ) -> None:
        self._source, self._target = ends.source, ends.target
        self._shape = shape
        self._on_step = on_step
        self._chunk_rows = chunk_rows
        self.table = shape.table
        with transaction(self._target):
            self.claim: Claim = claim(self._target, self.table)

    def batch(self) -> int:
        """Apply one batch of the log; returns how many rows of it are done.

        Raises:
            Fenced: another process has claimed the table. Nothing was written.
        """
        log = self._pending()
        if not log:
            return 0
        self._on_step("log read")
        # The rows are read after the log: what they say is at least as new as what it named.
        # A key that no chunk has reached comes with its chunk, which is read later still.
        keys = [key for key in {key for _, key in log} if self._reached(key)]
        if keys:
            rows = self._read(keys)
            self._on_step("rows read")
            self._apply(keys, rows)
            self._on_step("applied")
        self._forget([seq for seq, _ in log])
        self._on_step("forgotten")
        return len(log)

    def chunk(self) -> int:
        """Copy the next range of keys; returns how many rows. Its checkpoint is in the same commit.

        Raises:
            Fenced: another process has claimed the table. Nothing was written.
        """
        if self.claim.finished:
            return 0
        last = self._last_of_chunk()
        with transaction(self._target):
            self._hold()
            self._target.execute(APPLIER)
            rows = self._copy_until(last)
            self._on_step("chunk copied")
            self._checkpoint(last, rows)
            self._on_step("chunk checkpointed")
        self.claim = replace(
            self.claim,
            copied_to=last or self.claim.copied_to,
            copied=self.claim.copied + rows,
            finished=last is None,
        )
        self._on_step("chunk committed")
        return rows

    # --- the log ------------------------------------------------------------------------

    def _pending(self) -> list[tuple[int, UUID]]:
        with transaction(self._source):
            return self._source.execute(
                "select seq, pk from public.migration_changes where consumer = %s and tbl = %s"
                " order by seq limit %s",
                (CONSUMER, self.table, BATCH),
            ).fetchall()  # type: ignore[return-value]

    def _forget(self, seqs: Sequence[int]) -> None:
        # Exactly these: a number that was given earlier may become visible later.
        with transaction(self._source):
            self._source.execute(
                "delete from public.migration_changes where seq = any(%s)", (list(seqs),)
            )

    def _reached(self, key: UUID) -> bool:
        to = self.claim.copied_to
        return self.claim.finished or (to is not None and key <= to)

    def _read(self, keys: Sequence[UUID]) -> bytes:
        query = sql.SQL(
            "copy (select {columns} from {table} where id = any({keys}::uuid[]))"
            " to stdout (format binary)"
        ).format(
            columns=self._shape.listed,
            table=self._shape.name,
            keys=sql.Literal([str(key) for key in keys]),
        )
        with transaction(self._source), self._source.cursor().copy(query) as copy:
            return b"".join(bytes(block) for block in copy)

    def _apply(self, keys: Sequence[UUID], rows: bytes) -> None:
        parts = {
            "table": self._shape.name,
            "columns": self._shape.listed,
            "set": sql.SQL(", ").join(
                sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name))
                for name in self._shape.copied
            ),
        }
        target = self._target
        with transaction(target):
            self._hold()
            target.execute(APPLIER)
            target.execute(
                sql.SQL(
                    "create temporary table moving on commit drop as"
                    " select {columns} from {table} with no data"
                ).format(**parts)
            )
            with target.cursor().copy(
                sql.SQL("copy pg_temp.moving ({columns}) from stdin (format binary)").format(
                    **parts
                )
            ) as copy:
                copy.write(rows)
            target.execute(
                sql.SQL(
                    "delete from {table} where id = any(%s)"
                    " and id not in (select id from pg_temp.moving)"
                ).format(**parts),
                (list(keys),),
            )
            target.execute(
                sql.SQL(
                    "insert into {table} ({columns}) select {columns} from pg_temp.moving"
                    " on conflict (id) do update set {set}"
                ).format(**parts)
            )
            self._on_step("applying")

    # --- chunks -------------------------------------------------------------------------

    def _last_of_chunk(self) -> UUID | None:
        """The last key of the next full chunk; None when what is left is less than one."""
        with transaction(self._source):
            row = self._source.execute(
                sql.SQL("select id from {table} {beyond} order by id offset {n} limit 1").format(
                    table=self._shape.name,
                    beyond=within(self.claim.copied_to, None),
                    n=sql.Literal(self._chunk_rows - 1),
                )
            ).fetchone()
        return row[0] if row else None

    def _copy_until(self, last: UUID | None) -> int:
        out = sql.SQL(
            "copy (select {columns} from {table} {range} order by id) to stdout (format binary)"
        ).format(
            columns=self._shape.listed,
            table=self._shape.name,
            range=within(self.claim.copied_to, last),
        )
        into = sql.SQL("copy {table} ({columns}) from stdin (format binary)").format(
            table=self._shape.name, columns=self._shape.listed
        )
        writing = self._target.cursor()
        with (
            transaction(self._source),
            self._source.cursor().copy(out) as reading,
            writing.copy(into) as copy,
        ):
            for block in _blocks(reading):
                copy.write(block)
        return writing.rowcount

    def _checkpoint(self, last: UUID | None, rows: int) -> None:
        self._target.execute(
            "update migration_state set copied_to = coalesce(%s, copied_to),"
            " copied = copied + %s, updated_at = now(),"
            " copy_finished_at = case when %s then now() end where tbl = %s",
            (last, rows, last is None, self.table),
        )

    def _hold(self) -> None:
        hold(self._target, self.claim)


def _blocks(parts: Iterable[bytes | bytearray | memoryview]) -> Iterator[bytes]:
    """What the driver hands over row by row, in blocks that are worth sending."""
    buffer = bytearray()
    for part in parts:
        buffer += part
        if len(buffer) >= _BLOCK:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer)
