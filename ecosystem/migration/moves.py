"""The phases of a group: what the command line and the worker call. Each may be repeated and resumes.

A group is carried from the database that has authority over it to the other one: from Supabase to
RDS until it is switched, and back from RDS to Supabase from then on, so that it can return at once.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from ecosystem.database.engines import Address
from ecosystem.database.placement import RDS, SUPABASE
from ecosystem.migration import plan, restored, status
from ecosystem.migration.adopting import adopt
from ecosystem.migration.answers import in_words
from ecosystem.migration.carrier import CHUNK, Carrier, Pace, no_pace
from ecosystem.migration.copying import copy_all
from ecosystem.migration.ends import WORDS, Ends, transaction
from ecosystem.migration.fence import leave
from ecosystem.migration.following import Following
from ecosystem.migration.giving_up import give_up
from ecosystem.migration.plan import (
    CAPTURING,
    COPYING,
    IN_STEP,
    IN_SYNC,
    SWITCHED,
    TABLES,
    Refused,
    Who,
)
from ecosystem.migration.preparing import prepare
from ecosystem.migration.progress import Progress
from ecosystem.migration.readiness import awake, expect, shapes_of, unmoved
from ecosystem.migration.retiring import retire
from ecosystem.migration.settling import settle
from ecosystem.migration.shape import Shape
from ecosystem.migration.status import GroupStatus, TableStatus
from ecosystem.migration.turning import Turn
from ecosystem.migration.verify import Verification, Verifier

_IDLE_SECONDS, _STEADY_SECONDS = 0.2, 60.0
_AGAIN_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""How long we wait after a database went away, each time in a row; then we give up."""

Say = Callable[[str], None]
Carry = Callable[[Shape], Carrier]


class Moves:
    """Moves groups of tables between ``supabase`` and ``rds``.

    Args:
        say: told a line about what goes on, for a person.
        on_step: told each step of carrying and of a change of authority; an exception from it ends
            the work there, as a crash would.
        chunk_rows: how many rows are copied at once.
        carrier, verifier: what carries and compares a table; tests put weakened ones here.
        keep: makes sure that there is a fresh backup of a group.
        pace: called between steps with no transaction open: sleeps to slow down, raises to stop.
        owner: who carries, for those who look: ``command`` or a worker's name.
        who: for the audit log.
    """

    def __init__(
        self,
        supabase: Address,
        rds: Address,
        *,
        say: Say = lambda _line: None,
        on_step: Callable[[str], None] = lambda _step: None,
        chunk_rows: int = CHUNK,
        carrier: type[Carrier] = Carrier,
        verifier: type[Verifier] = Verifier,
        keep: Callable[[str], object] = lambda _group: None,
        pace: Pace = no_pace,
        owner: str = "command",
        who: Who = Who(),  # noqa: B008  (frozen)
    ) -> None:
        self._addresses = supabase, rds
        self._say = say
        self._on_step = on_step
        self._chunk_rows = chunk_rows
        self._carrier = carrier
        self._verifier = verifier
        self._keep = keep
        self._pace = pace
        self._owner = owner
        self._who = who

    # --- what is true -----------------------------------------------------------------------

    def groups(self) -> list[GroupStatus]:
        """Every group, in the order in which they move."""
        with self._both() as ends:
            return status.groups(ends.rds)

    def status(self) -> list[TableStatus]:
        """Every table of every group, in the order in which they move."""
        found: list[TableStatus] = []
        with self._both() as ends:
            for group, tables in TABLES.items():
                row = plan.group_row(ends.rds, group)
                way = ends.owned_by(row.authority)
                found += [status.table(way, row, table) for table in tables]
        return found

    # --- up to being in step ------------------------------------------------------------------

    def prepare(self, group: str) -> None:
        """Make Supabase log every change of the group's tables; nothing moves yet.

        A group whose log was off, or whose columns changed, begins again with an empty copy. After a
        switch nothing is thrown away: every row is carried once more.

        Raises:
            Refused: with the reason.
        """
        with self._ends(group) as ends:
            switched = plan.group_row(ends.rds, group).phase == SWITCHED
            self._say((adopt if switched else prepare)(ends, group, self._who))

    def give_up(self, group: str) -> None:
        """Undo what was prepared and copied. Raises ``Refused`` when RDS has authority."""
        with self._ends(group) as ends:
            self._say(give_up(ends, group, self._who, self._on_step))

    def copy(self, group: str) -> None:
        """Copy what is there and carry over what changes, until both sides are in step.

        Raises:
            Refused: with the reason; ``Fenced`` when another process does it.
        """
        self._persist(group, self._until_in_step)

    def verify(self, group: str, *, deep: bool = False) -> list[Verification]:
        """Compare both sides of every table, and remember what was found.

        Raises:
            Refused: the group has not been copied, or the columns differ.
        """
        with self._ends(group) as ends:
            row = expect(ends, group, IN_STEP, "copy it first")
            found = [
                self._verifier(ends, shape, deep=deep, pace=self._pace).compare()
                for shape in shapes_of(ends, group)
            ]
            with transaction(ends.rds):
                unmoved(ends, row)
                for one in found:
                    ends.rds.execute(
                        "update migration_state set last_verify = %s where tbl = %s",
                        (Jsonb(one.as_json()), one.table),
                    )
                differing = sum(one.differing for one in found)
                plan.record(ends.rds, group, "verified", self._who, differing=differing, deep=deep)
            return found

    def follow(self, group: str, stopped: Callable[[], bool]) -> None:
        """Carry over what changes until ``stopped`` says so.

        Raises:
            Refused: with the reason; ``Fenced`` when another process does it.
        """

        def on(ends: Ends, row: plan.Group, carry: Carry) -> None:
            following = Following(ends, row, carry)
            while not stopped():
                if not following.step():
                    time.sleep(_IDLE_SECONDS)

        self._persist(group, on)

    @contextmanager
    def following(self, group: str) -> Iterator[Following]:
        """The same for a caller who takes the steps; the tables are claimed at the beginning.

        Raises:
            Refused: the group is not in step.
        """
        with self._ends(group) as ends:
            row = expect(ends, group, IN_STEP, "copy it first")
            yield Following(ends, row, lambda shape: self._carry(ends, shape))

    # --- changes of authority -------------------------------------------------------------------

    def switch(self, group: str) -> int:
        """Give authority over a group to RDS; returns for how many milliseconds nobody could write.

        Raises:
            Refused: with the reason; nothing has changed.
        """
        return self._turn(group, RDS)

    def rollback(self, group: str) -> int:
        """Give authority back to Supabase, with everything that was written since.

        Returns for how many milliseconds nobody could write.

        Raises:
            Refused: with the reason; nothing has changed.
        """
        return self._turn(group, SUPABASE)

    def retire(self, group: str) -> None:
        """Write to Supabase no more: from here on there is no way back. Repeating goes on.

        Raises:
            Refused: with the reason.
        """
        with self._ends(group) as ends:
            retire(
                ends,
                group,
                carry=partial(self._carry, ends),
                keep=self._keep,
                on_step=self._on_step,
                say=self._say,
                who=self._who,
            )

    def settle(self, group: str | None = None) -> bool:
        """Finish a change of authority whose process died after it was decided.

        Returns whether there was one. Harmless at any time, by any number of processes.

        Raises:
            Refused: of a group one database is from an earlier time; the others are settled.
        """
        found, wrong = False, list[Refused]()
        with self._both() as ends:
            for one in (group,) if group else TABLES:
                try:
                    found |= settle(ends, one, self._who, on_step=self._on_step)
                except Refused as refused:
                    wrong.append(refused)
        if wrong:
            raise Refused("; ".join(map(str, wrong)))
        return found

    def consequences(self, group: str, keep: str) -> list[str]:
        """What :meth:`put_right` would do, in words. Raises ``Refused`` when it would not."""
        with self._apart(group) as ends:
            return restored.consequences(ends, group, keep)

    def put_right(self, group: str, keep: str) -> None:
        """Make one database's word true of both, after the other one was restored to an earlier
        time. Repeating goes on.

        Raises:
            Refused: they do not contradict each other, or ``keep`` is the one that lacks rows.
        """
        with self._apart(group) as ends:
            self._say(restored.put_right(ends, group, keep, self._who, self._on_step))

    # --- the inside ---------------------------------------------------------------------

    def _turn(self, group: str, to: str) -> int:
        phase, needed = IN_SYNC if to == RDS else SWITCHED, _NEEDED[to].format(group)
        try:
            with self._ends(group) as ends:
                expect(ends, group, (phase,), needed)
                awake(ends, group)
                if to == RDS:
                    # Going back loses nothing, and may be urgent while the bucket does not answer.
                    self._keep(group)
                turn = Turn(
                    ends,
                    expect(ends, group, (phase,), needed),
                    shapes_of(ends, group),
                    # Nothing slows down what people wait for.
                    carrier=lambda shape, on_keys: self._carry(
                        ends, shape, on_keys=on_keys, pace=no_pace
                    ),
                    verifier=self._verifier,
                    on_step=self._on_step,
                    say=self._say,
                    who=self._who,
                )
                return turn.run()
        except (psycopg.Error, Refused, KeyboardInterrupt) as error:
            # The answer to what decided may have been lost on its way, somebody was quicker, or
            # somebody pressed Ctrl-C just then.
            return self._decided(group, to, error)

    def _decided(
        self, group: str, to: str, error: psycopg.Error | Refused | KeyboardInterrupt
    ) -> int:
        try:
            with self._ends(group) as ends:
                row = plan.group_row(ends.rds, group)
        except psycopg.Error as unknown:
            raise Refused(
                f"{in_words(unknown)}: whether {group} has moved is settled, and shown, as soon as"
                " both databases answer"
            ) from error
        if row.authority == to and row.phase in IN_STEP and row.epoch > 1:
            self._say(f"{group} is written in {WORDS[to]} already")
            return row.pause_ms or 0
        if isinstance(error, Refused):
            raise error
        why = "stopped" if isinstance(error, KeyboardInterrupt) else in_words(error)
        raise Refused(
            f"{why}; {group} stays in {WORDS[row.authority]}, nothing was changed"
        ) from error

    def _until_in_step(self, ends: Ends, row: plan.Group, carry: Carry) -> None:
        carriers = [carry(shape) for shape in shapes_of(ends, row.name)]
        self._advance(ends, row.name, CAPTURING, COPYING, "copying")
        progress = Progress(ends, [carrier.table for carrier in carriers], self._say)
        copy_all(ends, carriers, progress)
        progress.end()
        self._advance(ends, row.name, COPYING, IN_SYNC, "in_sync")
        leave(ends.target, TABLES[row.name])

    def _advance(self, ends: Ends, group: str, before: str, after: str, action: str) -> None:
        with transaction(ends.rds):
            if plan.group_row(ends.rds, group, lock=True).phase == before:
                plan.enter(ends.rds, group, after, action, self._who)

    def _carry(self, ends: Ends, shape: Shape, **more: Any) -> Carrier:
        return self._carrier(
            ends,
            shape,
            chunk_rows=self._chunk_rows,
            owner=self._owner,
            **{"on_step": self._on_step, "pace": self._pace, **more},
        )

    def _persist(self, group: str, work: Callable[[Ends, plan.Group, Carry], None]) -> None:
        """Do ``work``; when a database goes away, claim again what nobody else has claimed since."""
        waits = iter(_AGAIN_SECONDS)
        had: dict[tuple[str, str], int] = {}

        def carry(ends: Ends, shape: Shape) -> Carrier:
            made = self._carry(ends, shape, after=had.get((ends.consumer, shape.table)))
            had[ends.consumer, shape.table] = made.claim.epoch
            return made

        while True:
            began = time.monotonic()
            try:
                with self._ends(group) as ends:
                    row = expect(ends, group, (CAPTURING, COPYING, *IN_STEP), "prepare it first")
                    work(ends, row, partial(carry, ends))
                    return
            except (psycopg.IntegrityError, psycopg.DataError) as error:
                raise Refused(f"a row is not taken: {in_words(error)}") from error
            except psycopg.OperationalError as error:
                if time.monotonic() - began > _STEADY_SECONDS:
                    waits = iter(_AGAIN_SECONDS)
                wait = next(waits, None)
                if wait is None:
                    raise Refused(f"{in_words(error)}, again and again") from error
                self._say(f"{in_words(error)}; again in {wait} s")
                time.sleep(wait)

    def _both(self) -> Ends:
        return Ends.connect(*self._addresses)

    @contextmanager
    def _apart(self, group: str) -> Iterator[Ends]:
        """Connections, whether or not the databases agree."""
        with self._both() as ends:
            with suppress(Refused):
                settle(ends, group, self._who, on_step=self._on_step)
            yield ends

    @contextmanager
    def _ends(self, group: str) -> Iterator[Ends]:
        """Connections in the direction in which the group is carried now.

        A change of authority whose process died after it was decided is finished before.
        """
        if group not in plan.OFFERED:
            raise Refused(f"{group} can't be moved; what can: {', '.join(plan.OFFERED)}")
        with self._both() as ends:
            settle(ends, group, self._who, on_step=self._on_step)
            yield ends.owned_by(plan.group_row(ends.rds, group).authority)


_NEEDED = {
    RDS: "it has to be in sync (`ecosystem migrate run {}` brings it there)",
    SUPABASE: "only a group that was switched, and not retired, can go back",
}
