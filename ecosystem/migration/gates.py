"""The gate of a group, one in each database: whether the group may be read and written there.

A gate that is closed for a change of authority opens by itself when its time is over, so a process
that dies or sleeps keeps nobody out. It becomes final in one statement, and only in its time: that
is the moment at which authority is lost. Gates are tied to the epoch of the change that moved them
last, so what slept over a later change moves nothing.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, LiteralString
from uuid import UUID, uuid4

from psycopg import errors as pg
from psycopg import sql
from psycopg.rows import class_row

from ecosystem.database.pipelines import in_one_go
from ecosystem.migration.ends import transaction
from ecosystem.migration.plan import Connection, Refused

LEASE_SECONDS: Final = 5.0
MARGIN_SECONDS: Final = 1.0
"""What has to be left of the lease when a gate becomes final."""

_LOCK_MS: Final = 150
_BETWEEN_SECONDS: Final = 0.25
_PATIENCE_SECONDS: Final = 20.0
"""How long writers wait for us at most, how long they go on before we ask again, and for how long
we ask."""

_VACUUM_LOCK_MS: Final = 3_000

_REST_LOCK_MS: Final = 50

_CLOSED: Final[LiteralString] = (
    "coalesce(clock_timestamp() >= closed_at and clock_timestamp() < closed_until, false)"
)
"""In its time: a clock that was set back ends it as well."""


@dataclass(frozen=True)
class Gate:
    """What one database says of a group.

    Attributes:
        epoch: of the change of authority that closed or opened it last.
        closed: nobody but what copies may write, and the product does not read.
        final: it stays so until authority comes back.
        since_ms: how long it has been closed; None when it is open.
        token: of the closing; in a copy of the one that it is complete for (:func:`complete`).
    """

    epoch: int
    closed: bool
    final: bool
    since_ms: int | None
    token: UUID | None = None


def look(side: Connection, group: str) -> Gate:
    """The gate as it is now.

    Raises:
        Refused: this database has never heard of the group.
    """
    cursor = side.cursor(row_factory=class_row(Gate))
    gate = cursor.execute(
        f"select epoch, final or {_CLOSED} as closed, final,"
        " (extract(epoch from clock_timestamp() - closed_at) * 1000)::integer as since_ms,"
        " token"
        " from public.migration_gates where move_group = %s",
        (group,),
    ).fetchone()
    if gate is None:
        raise Refused(
            f"{group} has no gate that our role could see: run `ecosystem db upgrade`, and connect"
            " as the owner or as a role with BYPASSRLS"
        )
    return gate


def close(
    side: Connection,
    group: str,
    tables: Sequence[str],
    epoch: int,
    meanwhile: Callable[[], object] = lambda: None,
) -> tuple[UUID, float]:
    """Keep everybody out for a few seconds, once those who are inside have left.

    ``meanwhile`` is what is done between two attempts, while everybody goes on.

    Returns:
        What proves that we closed it, and when (monotonic) we asked those outside to wait.
    Raises:
        Refused: somebody else has closed it, authority has changed since, or a transaction
            holds a table through all attempts.
    """
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        token = uuid4()
        with suppress(pg.LockNotAvailable, pg.DeadlockDetected):
            asked = _close(side, group, tables, epoch, token)
            if asked is not None:
                return token, asked
        again = time.monotonic() + _BETWEEN_SECONDS
        meanwhile()
        time.sleep(max(0.0, again - time.monotonic()))
    raise Refused(
        f"a long transaction uses {' or '.join(tables)}, or another process is moving {group};"
        " nothing was changed. Try again when it has ended"
    )


def _close(
    side: Connection, group: str, tables: Sequence[str], epoch: int, token: UUID
) -> float | None:
    """When we asked; None: somebody else's closing is not over yet, and he may be gone."""
    with transaction(side, lock_ms=_VACUUM_LOCK_MS):
        # Writers do not mind this lock. A vacuum that runs by itself does: it gives way to who has
        # waited for `deadlock_timeout` (a second), and would keep the next one waiting for ever.
        side.execute(
            sql.SQL("lock table {} in share update exclusive mode").format(_listed(tables))
        )
        asked = time.monotonic()
        with in_one_go(side):
            _wait_at_most(side, _LOCK_MS)
            # New ones wait from here on: the pause that is told begins here, by the same clock
            # that it is told by.
            clock = side.execute("select clock_timestamp()")
            # The product holds this lock, shared, while it reads or writes the group.
            side.execute("select pg_advisory_xact_lock(7204114, hashtext(%s))", (group,))
        [(began,)] = clock.fetchall()
        closed = side.execute(
            "update public.migration_gates set token = %s, closed_at = %s,"
            " closed_until = clock_timestamp() + make_interval(secs => %s)"
            " where move_group = %s and epoch = %s and not final"
            f" and not {_CLOSED}",
            (token, began, LEASE_SECONDS, group, epoch),
        )
        if not closed.rowcount:
            gate = look(side, group)
            if gate.final or gate.epoch != epoch:
                raise Refused(f"another process has moved {group} meanwhile; nothing was changed")
            return None
        # The locks that this takes wait for everybody else who is writing: all of them together
        # no longer than the first alone.
        with in_one_go(side):
            _wait_at_most(side, max(10, _LOCK_MS - round((time.monotonic() - asked) * 1000)))
            _guard(side, tables)
    return asked


def _wait_at_most(side: Connection, milliseconds: int) -> None:
    side.execute("select set_config('lock_timeout', %s, true)", (f"{milliseconds}ms",))


def _listed(tables: Sequence[str]) -> sql.Composable:
    return sql.SQL(", ").join(sql.Identifier("public", table) for table in tables)


def _guard(side: Connection, tables: Sequence[str]) -> None:
    side.execute(sql.SQL("lock table {} in share row exclusive mode").format(_listed(tables)))
    for table in tables:
        side.execute(
            sql.SQL("alter table {} enable always trigger migration_moved").format(
                sql.Identifier("public", table)
            )
        )


def complete(copy: Connection, group: str, token: UUID) -> bool:
    """Note in the copy that it has all that was written until the closing ``token``.

    Whoever finishes the change asks for it: a database that was restored to an earlier time does
    not know the closing. In a transaction of the caller, who holds the fence.

    Returns False when nothing keeps writers out of the copy.
    """
    done = copy.execute(
        "update public.migration_gates set token = %s where move_group = %s and final",
        (token, group),
    )
    return bool(done.rowcount)


def make_final(side: Connection, group: str, token: UUID, epoch: int) -> bool:
    """Give authority up, for the change ``epoch``: one statement, committed at once.

    Returns False, and changes nothing, when our time is over or somebody has closed it since.
    """
    done = side.execute(
        "update public.migration_gates set final = true, epoch = %s where move_group = %s"
        " and token = %s and not final and closed_at <= clock_timestamp()"
        " and closed_until > clock_timestamp() + make_interval(secs => %s)",
        (epoch, group, token, MARGIN_SECONDS),
    )
    return bool(done.rowcount)


def reopen(side: Connection, group: str, token: UUID) -> None:
    """Let everybody in again whom we kept out; nothing when it is not our closing any more."""
    side.execute(
        "update public.migration_gates set token = null, closed_at = null, closed_until = null"
        " where move_group = %s and token = %s and not final",
        (group, token),
    )


def open_for(side: Connection, group: str, epoch: int) -> None:
    """Let everybody in: authority has come here with the change ``epoch``. Repeating is harmless."""
    side.execute(
        "update public.migration_gates set epoch = %s, final = false, token = null,"
        " closed_at = null, closed_until = null where move_group = %s and epoch < %s",
        (epoch, group, epoch),
    )


def bar(side: Connection, group: str, epoch: int) -> None:
    """Keep the product out of a database that knows no later change than ``epoch``."""
    side.execute(
        "update public.migration_gates set final = true, closed_at = now() where move_group = %s"
        " and not final and epoch <= %s",
        (group, epoch),
    )


def shut(side: Connection, group: str, tables: Sequence[str]) -> None:
    """Keep everybody out of a copy that has no authority yet; in the caller's transaction."""
    side.execute(
        "update public.migration_gates set final = true, closed_at = now(), token = null"
        " where move_group = %s",
        (group,),
    )
    with in_one_go(side):
        _guard(side, tables)


def put(side: Connection, group: str, epoch: int, *, final: bool) -> bool:
    """Open or close it for good, when a person has decided so after a database was restored.

    Returns False, and changes nothing, when it knows that change or a later one.
    """
    done = side.execute(
        "update public.migration_gates set epoch = %(epoch)s, final = %(final)s, token = null,"
        " closed_at = case when %(final)s then now() end, closed_until = null"
        " where move_group = %(group)s and epoch < %(epoch)s",
        {"epoch": epoch, "final": final, "group": group},
    )
    return bool(done.rowcount)


def rest(side: Connection, group: str, tables: Sequence[str]) -> bool:
    """Take the triggers off an open gate, so that writers pay nothing; False: not at this time.

    Nothing depends on it: where the gate is open the triggers let everybody pass. The gate of a
    closing that was never decided, and whose time is over, is open.
    """
    on = side.execute(
        "select from pg_trigger where tgname = 'migration_moved' and tgenabled <> 'D'"
        " and tgrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace"
        " and relname = any(%s))",
        (list(tables),),
    )
    if not on.rowcount:
        return True
    try:
        with transaction(side, lock_ms=_REST_LOCK_MS):
            free = side.execute(
                "update public.migration_gates set token = null, closed_at = null,"
                f" closed_until = null where move_group = %s and not final and not {_CLOSED}",
                (group,),
            )
            if not free.rowcount:
                return False
            for table in tables:
                side.execute(
                    sql.SQL("alter table {} disable trigger migration_moved").format(
                        sql.Identifier("public", table)
                    )
                )
            return True
    except (pg.LockNotAvailable, pg.DeadlockDetected):
        return False


def guarded(side: Connection, table: str, *, on: bool = False) -> bool:
    """Whether the table's trigger is there; with ``on``, and keeps writers out of a closed gate."""
    row = side.execute(
        "select count(*) from pg_trigger where tgname = 'migration_moved'"
        " and tgrelid = to_regclass('public.' || quote_ident(%s)) and (not %s or tgenabled = 'A')",
        (table, on),
    ).fetchone()
    return row is not None and row[0] == 1
