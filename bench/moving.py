"""Moving a table: copying it, comparing both sides, and what capturing costs who writes."""

import resource
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

import psutil
import psycopg
from psycopg import sql

from bench.comparing import Plan, Range, quantile, ratios
from bench.loads import BenchFailed
from bench.report import Line, Row
from bench.world import empty_server
from ecosystem.database.engines import Address
from ecosystem.database.placement import PACKAGE_EXTRAS, RDS
from ecosystem.local.postgres import SUPABASE_DATABASE, SUPABASE_ROLE
from ecosystem.migration import fence
from ecosystem.migration.capture import capture, release
from ecosystem.migration.carrier import Carrier
from ecosystem.migration.copying import copy_all
from ecosystem.migration.ends import APPLIER, Ends, transaction
from ecosystem.migration.progress import Progress
from ecosystem.migration.shape import Shape, same_shape
from ecosystem.migration.verify import Verifier

COPY, VERIFY, CAPTURE = "move_copy", "move_verify", "move_capture"
NAMES = (COPY, VERIFY, CAPTURE)
ROWS, QUICK_ROWS = 1_000_000, 100_000
TABLE: Final = "multi_city_hotel_package_addons"
BARE: Final = "bare"
"""The same table in RDS with its indexes and without triggers: what the pipe writes into."""
MOST_ROUNDS: Final = 3
LEAST_COPY, LEAST_VERIFY, MOST_CAPTURE = 0.85, 1.0, 1.2


def measured(plan: Plan, rows: int, names: Sequence[str]) -> Iterator[Row]:
    """The rows that are asked for, over one table of so many rows."""
    with ExitStack() as stack:
        table = stack.enter_context(_table(rows))
        if COPY in names:
            yield _copy(table, plan, rows)
        if VERIFY in names:
            yield _verify(table, plan, rows)
        if CAPTURE in names:
            yield _capture(table, plan)


class _Table:
    """A table in Supabase, prepared to be copied."""

    def __init__(self, ends: Ends, shape: Shape, psql: Path) -> None:
        self.ends = ends
        self.shape = shape
        self.psql = psql

    def empty(self) -> None:
        """As it was before the first chunk."""
        target = self.ends.target
        with transaction(target):
            target.execute(APPLIER)
            fence.forget(target, [TABLE])
            fence.begin(target, PACKAGE_EXTRAS, self.shape)
            target.execute(sql.SQL("truncate {}, {}").format(*map(sql.Identifier, (TABLE, BARE))))

    def copy(self) -> None:
        """As ``ecosystem migrate copy`` does it."""
        progress = Progress(self.ends, [TABLE], lambda _line: None)
        copy_all(self.ends, [Carrier(self.ends, self.shape)], progress)

    def pipe(self) -> None:
        """``COPY BINARY | COPY BINARY`` by psql."""
        columns = self.shape.listed.as_string(None)
        out, into = (
            [str(self.psql), address.libpq, "-qXc", f"copy {what} (format binary)"]
            for address, what in zip(
                self.ends.addresses,
                (f"(select {columns} from {TABLE}) to stdout", f"{BARE} ({columns}) from stdin"),
                strict=True,
            )
        )
        with subprocess.Popen(out, stdout=subprocess.PIPE) as reading:
            if subprocess.run(into, stdin=reading.stdout, check=False).returncode:
                raise BenchFailed("psql could not copy")

    def count(self, table: str) -> int:
        row = self.ends.target.execute(
            sql.SQL("select count(*) from {}").format(sql.Identifier(table))
        ).fetchone()
        return row[0] if row else 0


@contextmanager
def _table(rows: int) -> Iterator[_Table]:
    with empty_server() as (server, _):
        source = Address.from_url(server.url(SUPABASE_DATABASE, SUPABASE_ROLE))
        target = Address.from_url(server.url())
        with Ends.connect(source, target) as ends:
            with transaction(ends.source):
                ends.source.execute(APPLIER)
                ends.source.execute(
                    f"insert into {TABLE} (package_id, name, price)"  # type: ignore[arg-type]
                    " select gen_random_uuid(), 'Transfer to the hotel, number ' || n, mod(n, 900)"
                    " from generate_series(1, %s) n",
                    (rows,),
                )
            ends.source.execute(f"vacuum (analyze) {TABLE}")  # type: ignore[arg-type]
            ends.target.execute(f"create table {BARE} (like {TABLE} including all)")  # type: ignore[arg-type]
            capture(ends.source, [TABLE], RDS)
            yield _Table(ends, same_shape(ends, TABLE), server.program("psql"))


def _copy(table: _Table, plan: Plan, rows: int) -> Row:
    peak = 0.0

    def ours() -> None:
        nonlocal peak
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        table.copy()
        peak = max(peak, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
        if table.count(TABLE) != rows:
            raise BenchFailed("not every row was copied")

    product, pipe = _in_turns(plan, ours, table.pipe, table.empty)
    return Row(
        f"Copying {rows:,} rows from Supabase to RDS, triggers on, checkpoints every 20,000",
        [
            Line("ecosystem migrate copy", Range.of([rows / one for one in product]), "rows/s"),
            Line("COPY BINARY | COPY BINARY", Range.of([rows / one for one in pipe]), "rows/s"),
        ],
        Range.of(ratios(pipe, product)),
        "product / pipe",
        at_least=LEAST_COPY,
        notes=[f"the copying process grew by {peak:.1f} MB at most"],
    )


def _verify(table: _Table, plan: Plan, rows: int) -> Row:
    table.empty()
    table.copy()
    for side in (table.ends.source, table.ends.target):
        side.execute(f"vacuum (analyze) {TABLE}")  # type: ignore[arg-type]

    def whole() -> None:
        text = sql.SQL("select sum(hashtextextended(t::text, 0)) from {} t").format(
            sql.Identifier(TABLE)
        )
        sides = (table.ends.source, table.ends.target)
        with ThreadPoolExecutor(2) as both:
            list(both.map(lambda side: side.execute(text).fetchone(), sides))

    def ours() -> None:
        found = Verifier(table.ends, table.shape).compare()
        if not found.equal or found.rows != rows:
            raise BenchFailed(f"{found.differing} rows differ of {found.rows}")

    product, whole_table = _in_turns(plan, ours, whole, lambda: None)
    return Row(
        f"Comparing {rows:,} rows of Supabase and RDS",
        [
            Line("ecosystem migrate verify", Range.of([rows / one for one in product]), "rows/s"),
            Line(
                "hashtextextended of both whole tables",
                Range.of([rows / one for one in whole_table]),
                "rows/s",
            ),
        ],
        Range.of(ratios(whole_table, product)),
        "product / whole tables",
        at_least=LEAST_VERIFY,
    )


def _capture(table: _Table, plan: Plan) -> Row:
    """Single rows, each in a transaction of its own, with the log and without."""
    source = table.ends.source
    found = source.execute(
        f"select id from {TABLE} where random() < 0.05 limit 2000"  # type: ignore[arg-type]
    ).fetchall()
    writer = _Writer(table.ends.addresses[0], [row[0] for row in found])
    on: list[tuple[float, float]] = []
    off: list[tuple[float, float]] = []
    try:
        for number in range(plan.rounds + 1):
            for sample in (on, off) if number % 2 else (off, on):
                if sample is on:
                    capture(source, [TABLE], RDS)
                else:
                    release(source, [TABLE])
                source.execute("vacuum (analyze) migration_changes")
                sample.append(writer.run(plan.seconds))
    finally:
        writer.close()
    # The first slice of each warms up.
    with_log, without = ([one[0] * 1e6 for one in sample[1:]] for sample in (on, off))
    slower = quantile([one[1] for one in on[1:]], 0.5) / quantile([one[1] for one in off[1:]], 0.5)
    return Row(
        "Changing one row of Supabase, its changes logged or not",
        [
            Line("logged", Range.of(with_log), "µs of the server's processor", 1),
            Line("not logged", Range.of(without), "µs of the server's processor", 1),
        ],
        Range.of(ratios(with_log, without)),
        "logged / not logged",
        at_most=MOST_CAPTURE,
        notes=[f"the time of a write, commit included, is {slower:.2f} times as long"],
    )


class _Writer:
    """One connection that changes one row after the other."""

    def __init__(self, address: Address, keys: Sequence[UUID]) -> None:
        self._connection = psycopg.connect(address.libpq, autocommit=True)
        self._server = psutil.Process(self._connection.info.backend_pid)
        self._keys = keys
        self._dice = Random(7)

    def run(self, seconds: float) -> tuple[float, float]:
        """Processor seconds and seconds of a write."""
        before, began, done = self._cpu(), time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            self._connection.execute(
                f"update {TABLE} set price = price + 1 where id = %s",  # type: ignore[arg-type]
                (self._dice.choice(self._keys),),
            )
            done += 1
        return (self._cpu() - before) / done, (time.perf_counter() - began) / done

    def _cpu(self) -> float:
        times = self._server.cpu_times()
        return times.user + times.system

    def close(self) -> None:
        self._connection.close()


def _in_turns(
    plan: Plan, ours: Callable[[], None], theirs: Callable[[], None], before: Callable[[], None]
) -> tuple[list[float], list[float]]:
    """Seconds of each, alternating who begins; each does the whole table."""
    times: dict[Callable[[], None], list[float]] = {ours: [], theirs: []}
    for number in range(min(plan.rounds, MOST_ROUNDS)):
        for one in (ours, theirs) if number % 2 else (theirs, ours):
            before()
            began = time.perf_counter()
            one()
            times[one].append(time.perf_counter() - began)
    return times[ours], times[theirs]
