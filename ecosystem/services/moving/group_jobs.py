"""How the jobs of a moving group are carried out."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from ecosystem.database.placement import RDS
from ecosystem.database.queries import moving
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import SYSTEM
from ecosystem.domain.moving import Action, Job
from ecosystem.services.moving.engine import Engine, Engines, NotDone, unsaid
from ecosystem.services.moving.jobs import Hold, Jobs
from ecosystem.services.moving.pace import Limits, Pace

_LEADS_TO: Final[Mapping[Action, str]] = {
    "switch": "switched",
    "rollback": "in_sync",
    "retire": "retired",
}

_BEGINS: Final[frozenset[Action]] = frozenset(("prepare", "run", "copy", "give_up"))


class GroupJobs:
    """The jobs of one group, in a thread of their own.

    Args:
        name: of this process.
    """

    def __init__(
        self, database: Database, engines: Engines, limits: Limits, group: str, name: str
    ) -> None:
        self._database = database
        self._engines = engines
        self._limits = limits
        self._group = group
        self._name = name
        self._jobs = Jobs(database, group, name, self._carry_out, self._decided)

    def stop(self) -> None:
        """This process ends: break off at the next step."""
        self._jobs.stop()

    def step(self) -> int:
        """Carry out the group's job; 1 if there was one."""
        return self._jobs.step()

    def _carry_out(self, job: Job, hold: Hold) -> None:
        pace = Pace(
            self._database,
            self._limits,
            self._engines.group_of,
            stopped=hold.stopped,
            rests=job.action not in _LEADS_TO,
            say=hold.say,
        )
        engine = self._engines.engine(
            hold.say, pace, self._name, hold.asked_by, "console", hold.check
        )
        if job.action in _BEGINS:
            # Why it was not followed before says nothing of what it is from here on.
            with self._database.unit(RDS) as session:
                moving.keep_pace(session, job.group, "", {})
        match job.action:
            case "prepare":
                engine.prepare(job.group)
            case "copy":
                engine.copy(job.group)
            case "verify":
                self._verify(engine, job)
            case "run":
                engine.prepare(job.group)
                engine.copy(job.group)
                self._verify(engine, job)
            case "switch":
                engine.switch(job.group)
            case "rollback":
                engine.rollback(job.group)
            case "retire":
                engine.retire(job.group)
            case "give_up":
                engine.give_up(job.group)
            case "backup":
                engine.backup(job.group)
            case _:
                raise NotDone(f"{job.group} can't be asked for {job.action}")

    def _verify(self, engine: Engine, job: Job) -> None:
        if differing := engine.verify(job.group, deep=job.deep):
            rows = "1 row is" if differing == 1 else f"{differing:,} rows are"
            raise NotDone(f"{rows} not the same on both sides")

    def _decided(self, action: Action) -> bool:
        """Whether a change of authority that was broken off has happened; it can't any more."""
        pace = Pace(self._database, self._limits, self._engines.group_of, rests=False)
        engine = self._engines.engine(unsaid, pace, self._name, SYSTEM, "worker")
        with suppress(NotDone):
            engine.settle(self._group)
        if not self._has_become(action):
            # Its worker may only be asleep: who claims the tables fences it off.
            with suppress(NotDone), engine.following(self._group):
                engine.settle(self._group)
        done = self._has_become(action)
        if done and action == "retire":
            # What it left: the last changes, Supabase's triggers.
            with suppress(NotDone):
                engine.retire(self._group)
        return done

    def _has_become(self, action: Action) -> bool:
        with self._database.unit(RDS) as session:
            now = moving.group(session, self._group)
        return now is not None and now.phase == _LEADS_TO[action]
