"""A group that moves, as one dictionary: what everybody may do to it in any order.

Processes are threads that can be frozen at a step and thawed, or killed there, much later, while
others begin, writers write and long transactions stay open. Whatever happens, the product reads
exactly what was acknowledged, no product write fails, and at rest both databases are equal to
the dictionary.
"""

import threading
import time
from collections import Counter
from contextlib import AbstractContextManager, suppress
from typing import ClassVar
from uuid import UUID

import psycopg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ecosystem.database.engines import Address, rds_engine, supabase_engine
from ecosystem.database.placement import SUPABASE
from ecosystem.database.unit_of_work import Database
from ecosystem.migration.ends import Ends
from ecosystem.migration.moves import Moves
from ecosystem.migration.plan import (
    CAPTURING,
    COPYING,
    IN_SYNC,
    PLANNED,
    SWITCHED,
    Refused,
    Who,
    group_row,
)
from ecosystem.migration.settling import settle
from tests.migration.books import ADDONS, MovedAway, Run, legacy_door, product_door
from tests.migration.sides import Killed

GROUP = "package_extras"
_ONWARD = {
    PLANNED: "prepare",
    CAPTURING: "copy",
    COPYING: "copy",
    IN_SYNC: "switch",
    SWITCHED: "rollback",
}
_SECONDS = 60.0
_SOMEBODY = UUID(int=1)

IN_TRANSACTION = frozenset(
    ("chunk copied", "chunk checkpointed", "rows read", "applying", "untangled")
)
"""Steps at which a process holds locks: frozen there it would be ended by the next one's claim."""


def key_of(number: int) -> UUID:
    """Keys that lie all over the range."""
    return UUID(int=(number * 0x1D + 1) % 256 << 120 | number)


class Process:
    """A command in a thread of its own, which stops at one of its steps until it is told what
    becomes of it."""

    def __init__(self, addresses: dict[str, Address], name: str, freeze_at: int) -> None:
        self._left = freeze_at
        self._changed = threading.Condition()
        self._state = "runs"
        self.name, self.step = name, ""
        self.refused = ""
        self.failure: BaseException | None = None
        self._moves = Moves(
            addresses["supabase"], addresses["rds"], on_step=self._on_step, chunk_rows=3
        )
        self._thread = threading.Thread(target=self._run, name=name)
        self._thread.start()
        self._settle_down()

    @property
    def frozen(self) -> bool:
        return self._state == "frozen"

    @property
    def outcome(self) -> str:
        """What became of it."""
        return "refused" if self.refused else "dead" if self._state == "killed" else "done"

    def wake(self, *, die: bool) -> None:
        """Let it go on to its end, or die where it stands."""
        self._become("dies" if die else "runs")
        self._settle_down()

    def _run(self) -> None:
        try:
            if self.name == "follow":
                with self._moves.following(GROUP) as following:
                    while following.step():
                        pass
            else:
                getattr(self._moves, self.name)(GROUP)
        except Killed:
            self._become("killed")
            return
        except Refused as error:
            self.refused = str(error)
        except BaseException as error:  # noqa: BLE001  (a thread's failure is the test's)
            self.failure = error
        self._become("ended")

    def _on_step(self, name: str) -> None:
        if name in IN_TRANSACTION:
            return
        self._left -= 1
        if self._left == 0:
            self.step = name
            self._become("frozen")
            with self._changed:
                assert self._changed.wait_for(lambda: self._state != "frozen", _SECONDS * 10)
            if self._state == "dies":
                raise Killed(name)

    def _become(self, state: str) -> None:
        with self._changed:
            self._state = state
            self._changed.notify_all()

    def _settle_down(self) -> None:
        with self._changed:
            done = self._changed.wait_for(
                lambda: self._state in ("frozen", "killed", "ended"), _SECONDS
            )
        assert done, f"{self.name} hangs"
        if not self.frozen:
            self._thread.join()
            if self.failure is not None:
                raise self.failure


class LongWriter:
    """A transaction of the old application that stays open."""

    def __init__(self, address: Address, number: int, value: int) -> None:
        self.key, self.value = number, value
        self._connection = psycopg.connect(address.libpq)
        try:
            put(lambda s, *v: self._connection.execute(s, v), number, value)
        except psycopg.Error as error:
            self._connection.close()
            if error.sqlstate == "MG001":
                raise MovedAway from error
            raise

    def end(self, *, commit: bool) -> None:
        self._connection.commit() if commit else self._connection.rollback()
        self._connection.close()


def put(run: Run, number: int, value: int) -> None:
    """Make a row be there with this value."""
    run(
        f"insert into {ADDONS} (id, package_id, name, price) values (%s, %s, %s, %s)"
        " on conflict (id) do update set name = excluded.name, price = excluded.price",
        key_of(number),
        _SOMEBODY,
        f"v{value}",
        value,
    )


class MovingGroup(RuleBasedStateMachine):
    """The machine.

    Attributes:
        seen: what processes did, counted over all lives.
    """

    seen: ClassVar[Counter[str]] = Counter()

    @staticmethod
    def pair() -> AbstractContextManager[dict[str, Address]]:
        """Makes a fresh pair of databases for each life."""
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        self._made = self.pair()
        self.addresses: dict[str, Address] = self._made.__enter__()
        self.database = Database(
            rds_engine(self.addresses["rds"], pool_size=2),
            supabase_engine(self.addresses["supabase"], pool_size=2),
        )
        self.doors = {
            "product": product_door(self.database, GROUP),
            "legacy": legacy_door(self.database),
        }
        self.rows = dict.fromkeys(range(8), 0)
        with self.doors["legacy"]() as run:
            for number, value in self.rows.items():
                put(run, number, value)
        self._ends = Ends.connect(self.addresses["supabase"], self.addresses["rds"])
        self.value = 0
        self.frozen: list[Process] = []
        self.open: list[LongWriter] = []

    @initialize(far=st.sampled_from(["nothing", "in step", "switched"]))
    def begin(self, far: str) -> None:
        """A life begins somewhere on the way."""
        if far != "nothing":
            self._moves().prepare(GROUP)
            self._moves().copy(GROUP)
        if far == "switched":
            self._change_hands()

    # --- what writers do ------------------------------------------------------------------

    @rule(
        who=st.sampled_from(["product", "legacy"]),
        what=st.sampled_from(["put", "drop", "again", "rekey", "regret", "two"]),
        number=st.integers(0, 11),
        other=st.integers(0, 11),
    )
    def write(self, who: str, what: str, number: int, other: int) -> None:
        self.value += 1
        after = dict(self.rows)
        self._worker_looks()
        try:
            with self.doors[who]() as run:
                self._change(run, what, number, other, after)
                if what == "regret":
                    raise _Regret
        except _Regret:
            return
        except MovedAway:
            assert who == "legacy"
            return
        self.rows = after

    def _change(self, run: Run, what: str, number: int, other: int, rows: dict[int, int]) -> None:
        if what in ("drop", "again"):
            run(f"delete from {ADDONS} where id = %s", key_of(number))
            rows.pop(number, None)
        if what == "rekey" and number in rows and other not in rows:
            run(f"update {ADDONS} set id = %s where id = %s", key_of(other), key_of(number))
            rows[other] = rows.pop(number)
        if what in ("put", "again", "regret", "two"):
            put(run, number, self.value)
            rows[number] = self.value
        if what == "two":
            put(run, other, -self.value % 997)
            rows[other] = -self.value % 997

    @precondition(lambda self: len(self.open) < 2)
    @rule()
    def begin_long(self) -> None:
        self.value += 1
        number = 100 + self.value
        with suppress(MovedAway):
            self.open.append(LongWriter(self.addresses["supabase"], number, self.value))

    @precondition(lambda self: self.open)
    @rule(commit=st.booleans())
    def end_long(self, commit: bool) -> None:
        one = self.open.pop(0)
        one.end(commit=commit)
        if commit:
            self.rows[one.key] = one.value

    # --- what processes do ----------------------------------------------------------------

    @precondition(lambda self: len(self.frozen) < 3)
    @rule(
        name=st.sampled_from(["onward"] * 4 + ["copy", "follow", "switch", "rollback", "prepare"]),
        freeze_at=st.integers(1, 24),
    )
    def start(self, name: str, freeze_at: int) -> None:
        if name == "onward":
            name = _ONWARD[group_row(self._ends.rds, GROUP).phase]
        self._out_of_the_way(name)
        one = Process(self.addresses, name, freeze_at)
        if one.frozen:
            self.frozen.append(one)
        self.seen[f"{name} frozen at {one.step}" if one.frozen else f"{name} {one.outcome}"] += 1

    @precondition(lambda self: self.frozen)
    @rule(which=st.integers(0, 2), die=st.booleans())
    def wake(self, which: int, die: bool) -> None:
        one = self.frozen.pop(which % len(self.frozen))
        self._out_of_the_way(one.name)
        one.wake(die=die)
        self.seen[f"{one.name} {'killed' if die else 'woken'} at {one.step}: {one.outcome}"] += 1

    def _out_of_the_way(self, name: str) -> None:
        """A change waits for long transactions, and refuses in the end: that takes many seconds."""
        while self.open and name in ("prepare", "switch", "rollback"):
            self.end_long(commit=True)

    # --- what has to be true --------------------------------------------------------------

    @invariant()
    def the_product_reads_what_was_acknowledged(self) -> None:
        self._worker_looks()
        with self.doors["product"]() as run:
            assert read(run) == self.rows

    def teardown(self) -> None:
        try:
            while self.frozen:
                self.wake(0, die=False)
            while self.open:
                self.end_long(commit=False)
            self.the_product_reads_what_was_acknowledged()
            self._come_to_rest()
        finally:
            for one in self.frozen:
                one.wake(die=True)
            for one in self.open:
                one.end(commit=False)
            self._ends.close()
            self.database.dispose()
            self._made.__exit__(None, None, None)

    def _come_to_rest(self) -> None:
        if group_row(self._ends.rds, GROUP).authority == SUPABASE:
            self._moves().prepare(GROUP)
        self._moves().copy(GROUP)
        self._both_are("in step")
        self._change_hands()
        self._both_are("after another change of authority")
        self.the_product_reads_what_was_acknowledged()

    def _change_hands(self) -> None:
        here = group_row(self._ends.rds, GROUP).authority
        moves = self._moves()
        for last in (False, False, False, True):
            try:
                (moves.switch if here == SUPABASE else moves.rollback)(GROUP)
                break
            except Refused as error:
                # Whoever died or sleeps in the pause keeps the gate closed for its time.
                if last or (
                    "another process" not in str(error) and "took longer" not in str(error)
                ):
                    raise
                time.sleep(0.5)
        assert group_row(self._ends.rds, GROUP).authority != here

    def _both_are(self, when: str) -> None:
        for name, engine in self.database.engines.items():
            with engine.connect() as connection:
                found = read(lambda s, *v, c=connection: c.exec_driver_sql(s, v))
            assert found == self.rows, f"{name} {when}"

    def _moves(self) -> Moves:
        return Moves(self.addresses["supabase"], self.addresses["rds"], chunk_rows=3)

    def _worker_looks(self) -> None:
        """Somebody finishes what a killed or frozen process has decided, as the worker does."""
        settle(self._ends, GROUP, Who())


class _Regret(Exception):
    pass


def read(run: Run) -> dict[int, int]:
    """What a database has, as the dictionary has it."""
    found: dict[int, int] = {}
    for key, name, price in run(f"select id, name, price from {ADDONS}").fetchall():
        assert name == f"v{int(price)}"
        found[key.int % 2**120] = int(price)
    return found
