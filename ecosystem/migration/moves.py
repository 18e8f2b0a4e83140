"""The phases of a group: what the command line and the worker call. Each may be repeated and resumes.

A group is carried from the database that has authority over it to the other one: from Supabase to
RDS until it is switched, and back from RDS to Supabase from then on, so that it can return at once.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from ecosystem.database.engines import Address
from ecosystem.database.placement import RDS, SUPABASE
from ecosystem.migration import gates, plan, status
from ecosystem.migration.adopting import adopt
from ecosystem.migration.capture import capture
from ecosystem.migration.carrier import CHUNK, Carrier, Pace, no_pace
from ecosystem.migration.copying import copy_all
from ecosystem.migration.ends import WORDS, Ends, transaction
from ecosystem.migration.fence import begin, leave
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
    first_line,
)
from ecosystem.migration.progress import Progress
from ecosystem.migration.readiness import (
    at_home,
    awake,
    changed,
    expect,
    make_room,
    prepared_as,
    ready,
    shapes_of,
    steady,
    unmoved,
)
from ecosystem.migration.retiring import retire
from ecosystem.migration.settling import settle
from ecosystem.migration.shape import Shape, same_shape
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

        If the log was switched off meanwhile, or columns changed, what was copied is not to be
        relied upon: it is thrown away and the group begins again. After a switch nothing is: every
        row is carried once more.

        Raises:
            Refused: with the reason.
        """
        with self._ends(group) as ends:
            tables = TABLES[group]
            if plan.group_row(ends.rds, group).phase == SWITCHED:
                self._say(adopt(ends, group, self._who))
                return
            at_home(ends, group)
            shapes = [same_shape(ends, table) for table in tables]
            known = prepared_as(ends, group)
            prepared = bool(known)
            if prepared and not changed(ends, shapes, known):
                self._say(f"{group} is prepared: Supabase logs every change of it")
                return
            ready(ends, tables)
            with transaction(ends.rds):
                steady(ends, at_home(ends, group, lock=True))
                # Nobody is in there: it takes the lock at once, or a stranger has it.
                gates.shut(ends.rds, group, tables)
                make_room(ends, tables, again=prepared)
                if prepared:
                    plan.enter(ends.rds, group, plan.PLANNED, "began_again", self._who)
            capture(ends.supabase, tables, RDS)
            with transaction(ends.rds):
                row = at_home(ends, group, lock=True)
                for shape in shapes:
                    begin(ends.rds, group, shape)
                if row.phase == plan.PLANNED:
                    plan.enter(ends.rds, group, CAPTURING, "prepared", self._who, again=prepared)
            self._say(f"{group}: Supabase logs every change from now on")

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

    # --- the inside ---------------------------------------------------------------------

    def _turn(self, group: str, to: str) -> int:
        phase = IN_SYNC if to == RDS else SWITCHED
        try:
            with self._ends(group) as ends:
                expect(ends, group, (phase,), _NEEDED[to])
                awake(ends, group)
                if to == RDS:
                    # Going back loses nothing, and may be urgent while the bucket does not answer.
                    self._keep(group)
                turn = Turn(
                    ends,
                    expect(ends, group, (phase,), _NEEDED[to]),
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
        except (psycopg.Error, Refused) as error:
            # The answer to what decided may have been lost on its way, or somebody was quicker.
            return self._decided(group, to, error)

    def _decided(self, group: str, to: str, error: psycopg.Error | Refused) -> int:
        try:
            with self._ends(group) as ends:
                row = plan.group_row(ends.rds, group)
        except psycopg.OperationalError:
            raise Refused(
                f"a database does not answer ({first_line(error)}); `ecosystem migrate status`"
                " says where the group is when it does"
            ) from error
        if row.authority == to and row.phase in IN_STEP and row.epoch > 1:
            self._say(f"{group} is written in {WORDS[to]} already")
            return row.pause_ms or 0
        if isinstance(error, Refused):
            raise error
        raise Refused(
            f"{first_line(error)}; {group} stays in {WORDS[row.authority]}, nothing was changed"
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
                raise Refused(f"a row is not taken: {first_line(error)}") from error
            except psycopg.OperationalError as error:
                if time.monotonic() - began > _STEADY_SECONDS:
                    waits = iter(_AGAIN_SECONDS)
                wait = next(waits, None)
                if wait is None:
                    raise Refused(f"a database does not answer: {error}") from error
                self._say(f"a database does not answer ({first_line(error)}); again in {wait} s")
                time.sleep(wait)

    def _both(self) -> Ends:
        return Ends.connect(*self._addresses)

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
    RDS: "it has to be in sync (`run` brings it there)",
    SUPABASE: "only a group that was switched, and not retired, can go back",
}
