"""The phases of a group: what the command line calls. Each may be repeated and resumes."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from ecosystem.database.engines import Address
from ecosystem.database.placement import SUPABASE
from ecosystem.migration import plan
from ecosystem.migration.capture import CONSUMER, capture, captured, sees_every_row
from ecosystem.migration.carrier import BATCH, CHUNK, Carrier
from ecosystem.migration.ends import APPLIER, Ends, transaction
from ecosystem.migration.plan import CAPTURING, COPYING, IN_SYNC, OFFERED, PLANNED, TABLES, Refused
from ecosystem.migration.progress import Progress
from ecosystem.migration.shape import Shape, count, same_shape
from ecosystem.migration.verify import Verification, Verifier

_IDLE_SECONDS = 0.2
_LOOK_SECONDS = 5.0
_AGAIN_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""How long we wait after a database went away, each time in a row; then we give up."""
_STEADY_SECONDS = 60.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class TableStatus:
    """What is true of one table now.

    Attributes:
        rows_source, rows_target: counted.
        copied: rows that chunks have brought (changes that followed are not counted).
        pending_changes: rows of the log that wait to be carried over.
        lag_seconds: how long the oldest of them has waited; 0 when none waits.
        last_verify: what the last comparison found, None when there was none.
    """

    group: str
    table: str
    phase: str
    authority: str
    rows_source: int
    rows_target: int
    copied: int
    pending_changes: int
    lag_seconds: float
    last_verify: dict[str, Any] | None


class Moves:
    """Moves groups of tables from ``source`` (Supabase) to ``target`` (RDS).

    Args:
        say: told a line about what goes on, for a person.
        on_step: told each step of carrying; see :class:`Carrier`.
        chunk_rows: how many rows are copied at once.
        carrier, verifier: what carries and compares a table; tests put weakened ones here.
    """

    def __init__(
        self,
        source: Address,
        target: Address,
        *,
        say: Say = lambda _line: None,
        on_step: Callable[[str], None] = lambda _step: None,
        chunk_rows: int = CHUNK,
        carrier: type[Carrier] = Carrier,
        verifier: type[Verifier] = Verifier,
    ) -> None:
        self._addresses = source, target
        self._say = say
        self._on_step = on_step
        self._chunk_rows = chunk_rows
        self._carrier = carrier
        self._verifier = verifier

    def status(self) -> list[TableStatus]:
        """Every table of every group, in the order in which they move."""
        ends = Ends.connect(*self._addresses)
        try:
            return [
                _status(ends, group, table) for group, tables in TABLES.items() for table in tables
            ]
        finally:
            ends.close()

    def prepare(self, group: str) -> None:
        """Make Supabase log every change of the group's tables; nothing moves yet.

        If the log was switched off meanwhile, or columns changed, what was copied is not to be
        relied upon: it is thrown away and the group begins again.

        Raises:
            Refused: with the reason.
        """
        with self._ends(group) as ends:
            tables = TABLES[group]
            shapes = [same_shape(ends, table) for table in tables]
            known = _fingerprints(ends, group)
            prepared = bool(known)
            if prepared and not _changed(ends, shapes, known):
                self._say(f"{group} is prepared: Supabase logs every change of it")
                return
            for table in tables:
                if not sees_every_row(ends.source, table):
                    raise Refused(
                        f"policies hide rows of {table} from our role in Supabase:"
                        " connect as the owner or as a role with BYPASSRLS"
                    )
            with transaction(ends.target):
                _authority(ends, group, lock=True)
                _make_room(ends, group, tables, again=prepared)
            capture(ends.source, tables)
            with transaction(ends.target):
                phase = _authority(ends, group, lock=True)["phase"]
                for shape in shapes:
                    ends.target.execute(
                        "insert into migration_state (tbl, move_group, fingerprint)"
                        " values (%s, %s, %s) on conflict (tbl) do nothing",
                        (shape.table, group, shape.fingerprint),
                    )
                if phase == PLANNED:
                    plan.enter(ends.target, group, CAPTURING, "prepared", again=prepared)
            self._say(f"{group}: Supabase logs every change from now on")

    def copy(self, group: str) -> None:
        """Copy what is there and carry over what changes, until both sides are in step.

        Raises:
            Refused: with the reason; ``Fenced`` when another process does it.
        """
        self._persist(group, lambda carriers, ends: self._until_in_step(group, carriers, ends))

    def verify(self, group: str, *, deep: bool = False) -> list[Verification]:
        """Compare both sides of every table, and remember what was found.

        Raises:
            Refused: the group has not been copied, or the columns differ.
        """
        with self._ends(group) as ends:
            _expect(ends, group, (IN_SYNC,), "copy it first")
            found = [
                self._verifier(ends, shape, deep=deep).compare() for shape in _shapes(ends, group)
            ]
            with transaction(ends.target):
                for one in found:
                    ends.target.execute(
                        "update migration_state set last_verify = %s where tbl = %s",
                        (Jsonb(one.as_json()), one.table),
                    )
                differing = sum(one.differing for one in found)
                plan.record(ends.target, group, "verified", differing=differing, deep=deep)
            return found

    def follow(self, group: str, stopped: Callable[[], bool]) -> None:
        """Carry over what changes until ``stopped`` says so.

        Raises:
            Refused: with the reason; ``Fenced`` when another process does it.
        """

        def on(carriers: Sequence[Carrier], ends: Ends) -> None:
            looked = time.monotonic()
            while not stopped():
                if time.monotonic() - looked > _LOOK_SECONDS:
                    _shapes(ends, group)
                    looked = time.monotonic()
                if not sum(carrier.batch() for carrier in carriers):
                    time.sleep(_IDLE_SECONDS)

        self._persist(group, on)

    # --- the inside ---------------------------------------------------------------------

    def _until_in_step(self, group: str, carriers: Sequence[Carrier], ends: Ends) -> None:
        with transaction(ends.target):
            if _authority(ends, group, lock=True)["phase"] == CAPTURING:
                plan.enter(ends.target, group, COPYING, "copying")
        progress = Progress(ends, [carrier.table for carrier in carriers], self._say)
        behind = True
        while behind:
            behind = False
            for carrier in carriers:
                # A batch that was not full leaves nothing but what came while it was applied.
                applied, copied = carrier.batch(), carrier.chunk()
                behind |= applied == BATCH or not carrier.claim.finished
                progress.add(carrier.table, copied, applied)
        progress.end()
        with transaction(ends.target):
            if _authority(ends, group, lock=True)["phase"] == COPYING:
                plan.enter(ends.target, group, IN_SYNC, "in_sync")

    def _persist(self, group: str, work: Callable[[Sequence[Carrier], Ends], None]) -> None:
        """Do ``work``; when a database goes away, claim the tables again and go on."""
        waits = iter(_AGAIN_SECONDS)
        while True:
            began = time.monotonic()
            try:
                with self._ends(group) as ends:
                    _expect(ends, group, (CAPTURING, COPYING, IN_SYNC), "prepare it first")
                    carriers = [
                        self._carrier(
                            ends, shape, on_step=self._on_step, chunk_rows=self._chunk_rows
                        )
                        for shape in _shapes(ends, group)
                    ]
                    work(carriers, ends)
                    return
            except (psycopg.IntegrityError, psycopg.DataError) as error:
                raise Refused(f"RDS does not take a row: {_first_line(error)}") from error
            except psycopg.OperationalError as error:
                if time.monotonic() - began > _STEADY_SECONDS:
                    waits = iter(_AGAIN_SECONDS)
                wait = next(waits, None)
                if wait is None:
                    raise Refused(f"a database does not answer: {error}") from error
                self._say(f"a database does not answer ({_first_line(error)}); again in {wait} s")
                time.sleep(wait)

    def _ends(self, group: str) -> "_Opened":
        if group not in OFFERED:
            raise Refused(
                f"{group} can't be moved yet: it has keys between its tables or unique columns,"
                f" which this version does not carry. It moves {', '.join(OFFERED)}"
            )
        return _Opened(self._addresses)


class _Opened:
    """Connections that are closed at the end."""

    def __init__(self, addresses: tuple[Address, Address]) -> None:
        self._addresses = addresses

    def __enter__(self) -> Ends:
        self._ends = Ends.connect(*self._addresses)
        return self._ends

    def __exit__(self, *_: object) -> None:
        self._ends.close()


def _authority(ends: Ends, group: str, *, lock: bool = False) -> dict[str, Any]:
    row = plan.group_row(ends.target, group, lock=lock)
    if row["authority"] != SUPABASE:
        raise Refused(f"{group} has left Supabase already: {row['authority']} has authority")
    return row


def _expect(ends: Ends, group: str, phases: tuple[str, ...], otherwise: str) -> None:
    phase = _authority(ends, group)["phase"]
    if phase not in phases:
        raise Refused(f"{group} is {phase}: {otherwise}")


def _fingerprints(ends: Ends, group: str) -> dict[str, str]:
    """Of the group's tables as they were prepared; empty when they were not."""
    rows = ends.target.execute(
        "select tbl, fingerprint from migration_state where move_group = %s", (group,)
    )
    return dict(rows.fetchall())  # type: ignore[arg-type]


def _changed(ends: Ends, shapes: Sequence[Shape], known: Mapping[str, str]) -> str:
    """What has changed since the tables were prepared, in words; empty: nothing."""
    for shape in shapes:
        if known.get(shape.table) != shape.fingerprint:
            return f"the columns of {shape.table} have changed since it was prepared"
        if not captured(ends.source, shape.table):
            return f"Supabase does not log the changes of {shape.table} any more"
    return ""


def _shapes(ends: Ends, group: str) -> list[Shape]:
    """The group's tables; refuses when something has changed since they were prepared."""
    shapes = [same_shape(ends, table) for table in TABLES[group]]
    if what := _changed(ends, shapes, _fingerprints(ends, group)):
        raise Refused(
            f"{what}: `ecosystem migrate prepare {group}` begins again with an empty copy"
        )
    return shapes


def _make_room(ends: Ends, group: str, tables: Sequence[str], *, again: bool) -> None:
    """The target begins empty: thrown away is only what we copied ourselves."""
    ends.target.execute(APPLIER)
    for table in reversed(tables):
        name = sql.Identifier("public", table)
        if again:
            ends.target.execute(sql.SQL("delete from {}").format(name))
        row = ends.target.execute(sql.SQL("select exists (select from {})").format(name)).fetchone()
        if row and row[0]:
            raise Refused(
                f"{table} in RDS has rows that were not put there by a move."
                " Look at them, and empty the table when they are not needed"
            )
    ends.target.execute("delete from migration_state where move_group = %s", (group,))
    if again:
        plan.enter(ends.target, group, PLANNED, "began_again")


def _status(ends: Ends, group: str, table: str) -> TableStatus:
    row = plan.group_row(ends.target, group)
    copied, last = ends.target.execute(
        "select copied, last_verify from migration_state where tbl = %s", (table,)
    ).fetchone() or (0, None)
    waiting = ends.source.execute(
        "select count(*), coalesce(extract(epoch from clock_timestamp() - min(at)), 0)::float8"
        " from public.migration_changes where consumer = %s and tbl = %s",
        (CONSUMER, table),
    ).fetchone() or (0, 0.0)
    return TableStatus(
        group=group,
        table=table,
        phase=row["phase"],
        authority=row["authority"],
        rows_source=count(ends.source, table),
        rows_target=count(ends.target, table),
        copied=copied,
        pending_changes=waiting[0],
        lag_seconds=round(max(0.0, waiting[1]), 3),
        last_verify=last,
    )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
