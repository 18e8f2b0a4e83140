"""A change of authority: the source gives it up, the target has it afterwards.

Everything long comes first, while everybody writes: the way back is made, the tables are claimed,
all rows are compared, and those that changed meanwhile again until few are left. Then the source's
gate is closed, what is still in its log is carried over, and only the rows that came by since they
were compared are compared once more. The gate becomes final in one statement: before it nothing has
happened and the source opens again, after it anybody can finish what is left (``settling``).
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Final
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from ecosystem.database.placement import SUPABASE
from ecosystem.migration import fence, gates, plan, sequences
from ecosystem.migration.answers import in_words
from ecosystem.migration.capture import capture, captured
from ecosystem.migration.carrier import Carrier
from ecosystem.migration.ends import WORDS, Ends, transaction
from ecosystem.migration.plan import TABLES, Group, Refused, Who
from ecosystem.migration.readiness import awake, unmoved
from ecosystem.migration.settling import HURRY_SECONDS, settle
from ecosystem.migration.shape import Shape, read_shapes
from ecosystem.migration.verify import Verification, Verifier, orphans

FEW: Final = 2_000
"""So many rows are compared while nobody writes: some ten milliseconds."""

SHORT: Final = 500
"""So many changes of the log are carried over while nobody writes, besides what was on its way."""

_ROUNDS: Final = 20
_SETTLES: Final = 3
_PATIENCE_SECONDS: Final = 60.0
_KEEP_UP_SECONDS: Final = 1.0


class _Stopped(Exception):
    """The comparison is not wanted any more."""


class Turn:
    """One change of authority of one group.

    Args:
        row: the group as it was when we began.
        carriers: makes what carries the tables, claimed by us; told whom to tell the keys.
        on_step: told each step; an exception from it ends the work there.
    """

    def __init__(
        self,
        ends: Ends,
        row: Group,
        shapes: Sequence[Shape],
        *,
        carrier: Callable[[Shape, Callable[[Sequence[UUID]], None]], Carrier],
        verifier: type[Verifier],
        on_step: Callable[[str], None],
        say: Callable[[str], None],
        who: Who,
    ) -> None:
        self._ends = ends
        self._row = row
        self._tables = TABLES[row.name]
        self._shapes = shapes
        self._carrier = carrier
        self._verifier = verifier
        self._step = on_step
        self._say = say
        self._who = who
        self._unsure: dict[str, set[UUID]] = {shape.table: set() for shape in shapes}
        """Keys that came by since they were compared."""

    def run(self) -> int:
        """Returns how many milliseconds nobody could write.

        Raises:
            Refused: with the reason; nothing has changed.
        """
        self._step("switch begun")
        self._make_way_back()
        self._step("captured back")
        self._carriers = [
            self._carrier(shape, self._unsure[shape.table].update) for shape in self._shapes
        ]
        self._compare_all()
        self._step("verified")
        self._until_few_are_unsure()
        self._step("closing")
        # All that was before may have taken hours.
        awake(self._ends, self._row.name)
        token, asked = gates.close(
            self._ends.source, self._row.name, self._tables, self._row.epoch, self._keep_up
        )
        try:
            final = self._closed(token)
        except (Exception, KeyboardInterrupt):
            self._reopen(token)
            raise
        if not final:
            self._reopen(token)
            raise Refused(
                f"what was left to do took longer than {gates.LEASE_SECONDS:.0f} s, so"
                f" {self._row.name} stays in {self._ends.source_words}; nothing was changed"
            )
        self._step("final")
        pause = round((self._finish() - asked) * 1000)
        # As those who waited saw it: from our asking on, with every commit in between.
        self._ends.rds.execute(
            "update migration_groups set pause_ms = %s where name = %s and epoch = %s",
            (pause, self._row.name, self._row.epoch + 1),
        )
        self._say(
            f"{self._row.name} is written in {self._ends.target_words} now;"
            f" nobody could write for {pause} ms"
        )
        return pause

    def _finish(self) -> float:
        """Returns when (monotonic) everybody could write again."""
        over: list[float] = []

        def step(name: str) -> None:
            if name == "flipped":
                over.append(time.monotonic())
            self._step(name)

        for _ in range(_SETTLES):
            settle(self._ends, self._row.name, self._who, on_step=step)
            # Or somebody else has: a worker looks every second.
            if over or plan.group_row(self._ends.rds, self._row.name).epoch > self._row.epoch:
                return over[0] if over else time.monotonic()
        raise Refused(
            f"{self._row.name} leaves {self._ends.source_words}, but its row in RDS is held by"
            " another process; whoever asks next finishes that (`ecosystem migrate status`)"
        )

    # --- before ---------------------------------------------------------------------------

    def _make_way_back(self) -> None:
        """From the first write on, the target logs what is to be carried back."""
        ends = self._ends
        if not captured(ends.target, *self._tables):
            capture(ends.target, self._tables, ends.names[0])
        if ends.names[0] == SUPABASE:
            # Nothing has to be copied there: it is where the rows come from.
            with transaction(ends.source):
                for shape in self._shapes:
                    fence.begin(ends.source, self._row.name, shape, copied=True)
        self._sequences = sequences.of(ends, self._tables)
        for words in orphans(ends.source, self._tables):
            raise Refused(f"{words}: put that right in {ends.source_words} first")

    def _compare_all(self) -> None:
        """All rows, by connections of its own; what changes meanwhile is carried over."""
        stop = Event()

        def pace(_step: object) -> None:
            if stop.is_set():
                raise _Stopped

        def compare() -> list[Verification]:
            with self._ends.again() as ends:
                # By text: 1.10 and 1.1000 have the same hash, and so have -0 and 0.
                return [
                    self._verifier(ends, shape, deep=True, pace=pace).compare()
                    for shape in self._shapes
                ]

        with ThreadPoolExecutor(1) as pool:
            job = pool.submit(compare)
            try:
                while not job.done():
                    if not self._batch():
                        time.sleep(0.005)
            finally:
                stop.set()
            found = job.result()
        self._judge(found)

    def _until_few_are_unsure(self) -> None:
        """Compare what came by, and what came by meanwhile, until it is little."""
        until = time.monotonic() + _PATIENCE_SECONDS
        for _ in range(_ROUNDS):
            if time.monotonic() > until:
                break
            while self._batch() > SHORT and time.monotonic() < until:
                pass
            if sum(map(len, self._unsure.values())) <= FEW:
                return
            # Nobody needs to know why one differs: it is compared once more at the gate.
            self._compare_unsure(judged=False)
        raise Refused(
            f"{self._row.name} changes faster than it can be compared; nothing was changed."
            " Try again when less is written"
        )

    def _keep_up(self) -> None:
        """Between two attempts to close: nobody else takes tables that are being carried."""
        until = time.monotonic() + _KEEP_UP_SECONDS
        while self._batch() > SHORT and time.monotonic() < until:
            pass
        if sum(map(len, self._unsure.values())) > FEW:
            self._compare_unsure(judged=False)

    # --- while nobody writes ----------------------------------------------------------------

    def _closed(self, token: UUID) -> bool:
        ends = self._ends
        self._step("closed")
        self._same_columns()
        while left := self._left():
            for carrier in self._carriers:
                if carrier.table in left:
                    carrier.batch(hurried=True)
        self._step("drained")
        self._compare_unsure()
        if unsure := sum(map(len, self._unsure.values())):
            raise Refused(f"{unsure} rows could not be compared; nothing was changed. Try again")
        self._step("compared")
        sequences.carry(ends, self._sequences)
        self._step("sequences")
        self._complete(token)
        self._step("complete")
        return self._decide(token)

    def _same_columns(self) -> None:
        """What was written into a column that we have never seen would stay behind."""
        now = read_shapes(self._ends.source, [shape.table for shape in self._shapes])
        for shape, seen in zip(self._shapes, now, strict=True):
            if seen != shape:
                raise Refused(
                    f"the columns of {shape.table} were changed meanwhile; nothing was changed,"
                    f" {self._row.name} stays in {self._ends.source_words}"
                )

    def _complete(self, token: UUID) -> None:
        """Committed before anything is decided: what was restored to a time before does not have it."""
        ends = self._ends
        with transaction(ends.target, idle_seconds=HURRY_SECONDS):
            # Who slept over another one's closing leaves that one's mark alone.
            fence.hold(ends.target, *(carrier.claim for carrier in self._carriers))
            if not gates.complete(ends.target, self._row.name, token):
                raise Refused(
                    f"nothing keeps writers out of the copy in {ends.target_words}: its gate is"
                    " open; nothing was changed"
                )

    def _decide(self, token: UUID) -> bool:
        """Make the gate final while nobody can claim a table or throw the copy away.

        Whoever claimed one since we did has perhaps read what it has not written yet: then it is
        not decided. Whoever claims one afterwards finds an empty log and a closed source.
        """
        ends, row = self._ends, self._row
        # The target's transaction is the outer one: when the source is RDS, what is decided there
        # is committed while the tables are still held.
        soon = HURRY_SECONDS
        with (
            transaction(ends.target, idle_seconds=soon),
            transaction(ends.rds, idle_seconds=soon),
        ):
            if plan.group_row(ends.rds, row.name, lock=True) != row:
                raise Refused(
                    f"somebody else has changed {row.name} meanwhile; nothing was changed"
                )
            fence.hold(ends.target, *(carrier.claim for carrier in self._carriers))
            if self._left() or not captured(ends.source, *self._tables):
                raise Refused(f"the log of {row.name} was touched meanwhile; nothing was changed")
            final = gates.make_final(ends.source, row.name, token, row.epoch + 1)
            self._step("deciding")
            return final

    def _reopen(self, token: UUID) -> None:
        """The gate opens by itself in any case; this is sooner."""
        try:
            gates.reopen(self._ends.source, self._row.name, token)
            gates.rest(self._ends.source, self._row.name, self._tables)
        except psycopg.Error as error:
            self._say(
                f"{self._row.name} opens in {gates.LEASE_SECONDS:.0f} s by itself"
                f" ({in_words(error)})"
            )

    # --- both -----------------------------------------------------------------------------

    def _left(self) -> set[str]:
        """Tables with rows in the source's log that are not carried over yet."""
        rows = self._ends.source.execute(
            "select distinct tbl from public.migration_changes where consumer = %s"
            " and tbl = any(%s)",
            (self._ends.consumer, list(self._tables)),
        )
        return {row[0] for row in rows}

    def _batch(self) -> int:
        return sum(carrier.batch() for carrier in self._carriers)

    def _compare_unsure(self, *, judged: bool = True) -> None:
        found: list[Verification] = []
        for shape in self._shapes:
            keys = self._unsure[shape.table].copy()
            # Carriers hold the set itself.
            self._unsure[shape.table].clear()
            if keys:
                verifier = self._verifier(self._ends, shape, deep=True)
                found.append(verifier.compare_keys(keys, judged=judged))
        self._judge(found)

    def _judge(self, found: Sequence[Verification]) -> None:
        for one in found:
            self._unsure[one.table].update(one.waiting_keys)
        differing = [one for one in found if not one.equal]
        if not differing:
            return
        with transaction(self._ends.rds):
            unmoved(self._ends, self._row)
            for one in differing:
                self._ends.rds.execute(
                    "update migration_state set last_verify = %s where tbl = %s",
                    (Jsonb(one.as_json()), one.table),
                )
            plan.record(
                self._ends.rds,
                self._row.name,
                "refused",
                self._who,
                differing=sum(one.differing for one in differing),
            )
        told = "; ".join(
            f"{one.table} {difference.id} {difference.what}"
            for one in differing
            for difference in one.differences[:3]
        )
        raise Refused(
            f"{self._row.name} is not the same on both sides ({told}); it stays in"
            f" {WORDS[self._row.authority]} and nothing was changed"
        )
