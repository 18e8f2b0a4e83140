"""Who may write the copy of a table, and how far it is: kept in the database that is written.

Every writing transaction begins with :func:`hold`. Holders share the row, so that the workers of
one process do not wait for each other; :func:`claim` waits for all of them, and whoever begins
after it finds another epoch.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final
from uuid import UUID

from psycopg import errors as pg
from psycopg import sql

from ecosystem.database.pipelines import in_one_go
from ecosystem.migration.ends import transaction
from ecosystem.migration.plan import Connection, Fenced, Refused
from ecosystem.migration.shape import Shape

_PATIENCE_MS: Final = 1_000
_HOLDER: Final = "ecosystem migrate {}"
"""The name of a session that holds a table, so that it can be found if it never ends."""


@dataclass
class Part:
    """A range of keys with its checkpoint.

    Attributes:
        after: the first key is greater than it; None: there is no lower end.
        until: the last key; None: there is no upper end.
        copied_to: every key of the range up to this one has been copied; None: none yet.
        finished: chunks have reached the end of the range.
        lock: held by whoever reads or writes this range in our process.
    """

    number: int
    after: UUID | None
    until: UUID | None
    copied_to: UUID | None = None
    copied: int = 0
    finished: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def cursor(self) -> UUID | None:
        """What is still to be copied begins after it."""
        return self.copied_to or self.after

    def has(self, key: UUID) -> bool:
        return (self.after is None or key > self.after) and (
            self.until is None or key <= self.until
        )

    def reached(self, key: UUID) -> bool:
        """Whether a key of the range has been copied, so that the log has to be followed for it."""
        return self.finished or (self.copied_to is not None and key <= self.copied_to)


@dataclass(frozen=True)
class Claim:
    """The right to write one table of the target, until somebody else claims it.

    Attributes:
        parts: ranges that together have every key there could be; none: not divided yet.
    """

    table: str
    epoch: int
    parts: tuple[Part, ...] = ()

    @property
    def finished(self) -> bool:
        return bool(self.parts) and all(part.finished for part in self.parts)

    @property
    def copied(self) -> int:
        """Rows that chunks have brought."""
        return sum(part.copied for part in self.parts)

    def reached(self, key: UUID) -> bool:
        return any(part.has(key) and part.reached(key) for part in self.parts)


def begin(target: Connection, group: str, shape: Shape, *, copied: bool = False) -> None:
    """Note that a table is moved here, unless that is noted already.

    Args:
        copied: both sides are equal at this moment, only what changes is to be carried over.
    """
    # Epochs begin anywhere: a holder that slept since before ``forget`` meets none like its own.
    target.execute(
        "insert into public.migration_state (tbl, move_group, fingerprint, epoch)"
        " values (%s, %s, %s, floor(random() * 1e9)::integer)"
        " on conflict (tbl) do update set fingerprint = excluded.fingerprint",
        (shape.table, group, shape.fingerprint),
    )
    if copied:
        target.execute(
            "delete from public.migration_ranges where tbl = %s",
            (shape.table,),
        )
        target.execute(
            "insert into public.migration_ranges (tbl, part, finished_at) values (%s, 0, now())",
            (shape.table,),
        )


def forget(target: Connection, tables: Sequence[str]) -> None:
    """Nothing of these tables is moved here any more."""
    # Both by name: an applier's transaction does not hear foreign keys.
    for name in ("migration_ranges", "migration_state"):
        target.execute(
            sql.SQL("delete from {} where tbl = any(%s)").format(sql.Identifier("public", name)),
            (list(tables),),
        )


def claim(target: Connection, table: str, owner: str = "", *, after: int | None = None) -> Claim:
    """Take a table over, in a transaction of its own: from here on every other process is fenced off.

    A holder that does not end within a second was stopped in the middle: its session is ended.

    Args:
        after: the epoch of a claim of ours whose connection was cut: only if it still counts.

    Raises:
        Refused: the table has not been prepared.
        Fenced: another process has claimed it since ``after``.
    """
    try:
        return _claim(target, table, owner, after)
    except pg.LockNotAvailable:
        target.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname ="
            " current_database() and application_name = %s and pid <> pg_backend_pid()"
            " and usename = current_user",
            (_HOLDER.format(table)[:63],),
        )
        return _claim(target, table, owner, after)


def _claim(target: Connection, table: str, owner: str, after: int | None) -> Claim:
    with transaction(target, lock_ms=_PATIENCE_MS):
        row = target.execute(
            "update public.migration_state set epoch = epoch + 1, owner = %s, updated_at = now()"
            " where tbl = %s and epoch = coalesce(%s, epoch) returning epoch",
            (owner, table, after),
        ).fetchone()
        if row is None and after is not None:
            raise Fenced(table)
        if row is None:
            raise Refused(f"{table} is not prepared: run `ecosystem migrate prepare` first")
        parts = target.execute(
            "select part, after_id, until_id, copied_to, copied, finished_at is not null"
            " from public.migration_ranges where tbl = %s order by part",
            (table,),
        ).fetchall()
        return Claim(table, row[0], tuple(Part(*part) for part in parts))


def hold(target: Connection, *claimed: Claim) -> None:
    """Begin a writing transaction: the fence. Nobody can claim the tables until it ends.

    Raises:
        Fenced: one of the tables has been claimed by another.
    """
    with in_one_go(target):
        held = [
            target.execute(
                "select epoch, set_config('application_name', %s, true)"
                " from public.migration_state where tbl = %s for share",
                (_HOLDER.format(one.table)[:63], one.table),
            )
            for one in claimed
        ]
    for one, cursor in zip(claimed, held, strict=True):
        row = cursor.fetchone()
        if row is None or row[0] != one.epoch:
            raise Fenced(one.table)


def divide(target: Connection, claimed: Claim, borders: Sequence[UUID]) -> Claim:
    """Divide a claimed table into ranges at these keys; part of a transaction that holds it."""
    ends = [None, *borders, None]
    parts = tuple(
        Part(number, after, until) for number, (after, until) in enumerate(pairwise(ends))
    )
    for part in parts:
        target.execute(
            "insert into public.migration_ranges (tbl, part, after_id, until_id)"
            " values (%s, %s, %s, %s)",
            (claimed.table, part.number, part.after, part.until),
        )
    return Claim(claimed.table, claimed.epoch, parts)


def checkpoint(target: Connection, table: str, part: Part, last: UUID | None, rows: int) -> None:
    """Note that a range is copied up to ``last`` (None: to its end)."""
    target.execute(
        "update public.migration_ranges set copied_to = coalesce(%s, copied_to),"
        " copied = copied + %s, updated_at = clock_timestamp(),"
        " finished_at = case when %s then now() end where tbl = %s and part = %s",
        (last, rows, last is None, table, part.number),
    )


def breathe(target: Connection, claimed: Claim, part: Part) -> None:
    """Give a sign of life, in a transaction of its own. Raises ``Fenced``."""
    with transaction(target):
        hold(target, claimed)
        target.execute(
            "update public.migration_ranges set updated_at = clock_timestamp()"
            " where tbl = %s and part = %s",
            (claimed.table, part.number),
        )


def copied(target: Connection, table: str) -> int:
    """Rows that chunks have brought; changes that followed are not counted."""
    row = target.execute(
        "select coalesce(sum(copied), 0)::bigint from public.migration_ranges where tbl = %s",
        (table,),
    ).fetchone()
    return row[0] if row else 0


def quiet_seconds(target: Connection, tables: Sequence[str]) -> float:
    """How long ago whoever carries these tables gave a sign of life; infinite if nobody ever did."""
    row = target.execute(
        "select extract(epoch from clock_timestamp() - max(at))::float8 from ("
        " select updated_at as at from public.migration_state where tbl = any(%(tables)s)"
        " union all select updated_at from public.migration_ranges where tbl = any(%(tables)s)) s",
        {"tables": list(tables)},
    ).fetchone()
    return float("inf") if row is None or row[0] is None else max(0.0, row[0])


def leave(target: Connection, tables: Sequence[str]) -> None:
    """Say that nobody carries these tables: whoever comes next need not wait. Fences nobody off."""
    target.execute(
        "update public.migration_state set owner = '' where tbl = any(%s)", (list(tables),)
    )


def owner_of(target: Connection, table: str) -> str:
    """Who claimed a table last; empty if nobody did."""
    row = target.execute(
        "select owner from public.migration_state where tbl = %s", (table,)
    ).fetchone()
    return row[0] if row else ""
