"""Both databases of a move as a test sees them, and people who write to the source."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg

from ecosystem.database.engines import Address
from ecosystem.migration.carrier import Carrier
from ecosystem.migration.ends import APPLIER, Ends
from ecosystem.migration.moves import Moves
from ecosystem.migration.plan import TABLES
from ecosystem.migration.shape import read_shape

ADDONS, EXCLUSIONS = TABLES["package_extras"]
GROUP = "package_extras"


class Killed(BaseException):
    """As sudden as ``kill -9``: nothing of the product catches it."""


class Sides:
    """Source and target, each entered by its own role."""

    def __init__(self, addresses: dict[str, Address]) -> None:
        self.addresses = addresses
        self._opened: list[Ends] = []
        self.source = psycopg.connect(addresses["supabase"].libpq, autocommit=True)
        self.target = psycopg.connect(addresses["rds"].libpq, autocommit=True)

    def close(self) -> None:
        for ends in self._opened:
            ends.close()
        self.source.close()
        self.target.close()

    def ends(self) -> Ends:
        """Connections as a process of its own has them; closed with the test."""
        self._opened.append(Ends.connect(self.addresses["supabase"], self.addresses["rds"]))
        return self._opened[-1]

    def moves(self, **more: Any) -> Moves:
        """A process that moves tables, as the command line makes it."""
        return Moves(
            self.addresses["supabase"], self.addresses["rds"], **{"chunk_rows": 50, **more}
        )

    def add(self, count: int) -> None:
        """Rows with keys all over the range."""
        self.source.execute(
            f"insert into {ADDONS} (package_id, name, price)"  # type: ignore[arg-type]
            " select gen_random_uuid(), 'Transfer ' || n, mod(n, 90)"
            " from generate_series(1, %s) n",
            (count,),
        )
        self.source.execute(
            f"insert into {EXCLUSIONS} (package_id, text)"  # type: ignore[arg-type]
            " select gen_random_uuid(), 'Visa ' || n from generate_series(1, %s) n",
            (count // 4,),
        )

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        side = self.source if name == "supabase" else self.target
        return [
            row
            for table in (ADDONS, EXCLUSIONS)
            for row in side.execute(
                f"select id, t::text from {table} t order by id"  # type: ignore[arg-type]
            )
        ]

    @property
    def equal(self) -> bool:
        return self.rows("supabase") == self.rows("rds")

    def key(self, at: int = 0) -> UUID:
        """The key of one add-on, counted from the lowest."""
        row = self.source.execute(
            f"select id from {ADDONS} order by id offset %s limit 1",  # type: ignore[arg-type]
            (at,),
        ).fetchone()
        assert row
        return row[0]

    def rename(self, key: UUID, name: str) -> None:
        self.source.execute(
            f"update {ADDONS} set name = %s where id = %s",  # type: ignore[arg-type]
            (name, key),
        )

    def plant(self, statement: str, *values: Any) -> None:
        """Make the target wrong, as nobody does by accident: past its closed gate."""
        with self.target.transaction():
            self.target.execute(APPLIER)
            self.target.execute(statement, values)  # type: ignore[arg-type]

    @contextmanager
    def another(self) -> Iterator[psycopg.Connection[Any]]:
        """A second writer's connection; what it did not commit is rolled back at the end."""
        with psycopg.connect(self.addresses["supabase"].libpq) as connection:
            yield connection


def carrier(
    sides: Sides,
    kind: type[Carrier] = Carrier,
    on_step: Callable[[str], None] = lambda _step: None,
    table: str = ADDONS,
    **more: Any,
) -> Carrier:
    """What carries the add-ons, with connections of its own as a process has them."""
    ends = sides.ends()
    return kind(ends, read_shape(ends.source, table), on_step=on_step, chunk_rows=50, **more)


def finish(one: Carrier) -> None:
    while one.batch() or one.chunk() or not one.finished:
        pass


def write(address: Address, seed: int, stopped: Callable[[], bool]) -> int:
    """Insert, change, delete, put back, change keys and roll back; returns what was committed."""
    dice = random.Random(seed)
    done = 0
    with psycopg.connect(address.libpq) as connection:
        while not stopped():
            for _ in range(dice.randint(1, 4)):
                _one_change(connection, dice)
            if dice.random() < 0.15:
                connection.rollback()
            else:
                connection.commit()
                done += 1
    return done


def _one_change(connection: psycopg.Connection[Any], dice: random.Random) -> None:
    table, n = ADDONS, dice.randint(1, 3)
    where = (
        f"id in (select id from {table} where id > gen_random_uuid()"
        f" order by id limit {n} for update skip locked)"
    )
    fresh = f"select gen_random_uuid(), 'new', n from generate_series(1, {n}) n"
    again = "select gen_random_uuid(), package_id, name, price from gone"
    statement = dice.choice(
        [
            f"insert into {table} (package_id, name, price) {fresh}",
            f"update {table} set price = price + 1, name = name || 'x' where {where}",
            f"delete from {table} where {where}",
            f"update {table} set id = gen_random_uuid() where {where}",
            f"with gone as (delete from {table} where {where} returning *)"
            + f" insert into {table} (id, package_id, name, price) {again}",
        ]
    )
    connection.execute(statement)  # type: ignore[arg-type]


@contextmanager
def writers(sides: Sides, count: int) -> Iterator[list[int]]:
    """People who write to the source at full speed until the block ends; what each committed."""
    stop = threading.Event()
    committed: list[int] = []
    failures: list[BaseException] = []

    def run(seed: int) -> None:
        try:
            committed.append(write(sides.addresses["supabase"], seed, stop.is_set))
        except BaseException as error:  # noqa: BLE001  (a thread's failure is the test's)
            failures.append(error)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield committed
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures
