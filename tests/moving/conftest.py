"""Workers that move tables between the two databases of a test, and the desk of operations."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.ids import uuid7
from ecosystem.domain.moving import Job
from ecosystem.migration.moves import Moves
from ecosystem.migration.plan import Who
from ecosystem.services.clock import SystemClock
from ecosystem.services.moving import (
    GroupJobs,
    GroupKeeping,
    Limits,
    Looks,
    MovingDesk,
    Pace,
    jobs,
    keeping,
    pace,
)
from ecosystem.settings import Settings
from ecosystem.wiring.moving import MoveEngine, MoveEngines, asking
from tests.migration.sides import GROUP, Sides

OPS = Actor(role="ops", source="cognito", user_id=uuid7(), name="Olivia", email="ops@demo.example")
CALM = Limits(load=1_000, latency=60.0)


class Engines(MoveEngines):
    """As wiring makes them, with backups that are only counted and steps that are told."""

    def __init__(self, sides: Sides, database: Database) -> None:
        super().__init__(_settings(sides), database)
        self._sides = sides
        self.backups: list[str] = []
        self.on_step: Callable[[str], None] = lambda _step: None

    def engine(
        self,
        say: Callable[[str], None],
        pace: Pace,
        owner: str,
        by: Actor,
        via: str,
        check: Callable[[], None] = lambda: None,
    ) -> MoveEngine:
        asked = asking(check)

        def on_step(step: str) -> None:
            self.on_step(step)
            asked(step)

        moves: Moves = self._sides.moves(
            say=say,
            pace=pace,
            owner=owner,
            who=Who(via, by.user_id, by.email),
            keep=self.backups.append,
            on_step=on_step,
        )
        return MoveEngine(moves, self.backups.append)


class Process:
    """A worker: what it has to do for one group, step by step."""

    def __init__(
        self, database: Database, engines: Engines, name: str, limits: Limits = CALM
    ) -> None:
        parts: Any = (database, engines, limits, GROUP, name)
        self.name = name
        self.jobs = GroupJobs(*parts)
        self.keeping = GroupKeeping(*parts)
        self.looks = Looks(database, engines, SystemClock(), None, None)

    def look(self) -> None:
        """See what is true now, as the worker does every few seconds."""
        self.looks.alive()
        self.looks._every = 0.0
        self.looks.step()

    def follow(self) -> int:
        """Carry over until nothing waits; how many changes."""
        done = 0
        while step := self.keeping.step():
            done += step
        return done

    def end(self) -> None:
        """As Ctrl-C ends it."""
        self.jobs.stop()
        self.keeping.stop()
        self.keeping.step()


class World:
    """Both databases, the desk, and workers."""

    def __init__(self, sides: Sides, database: Database) -> None:
        self.sides = sides
        self.database = database
        self.engines = Engines(sides, database)
        self.desk = MovingDesk(database, SystemClock(), sink=True)
        self._processes: list[Process] = []
        self.worker = self.another("worker one:1")

    def another(self, name: str, limits: Limits = CALM) -> Process:
        """One more worker, ended with the test."""
        self._processes.append(Process(self.database, self.engines, name, limits))
        return self._processes[-1]

    def ask(self, action: str, **more: Any) -> Job:
        """Somebody asks for something at the desk, which the worker has told what is true."""
        self.worker.look()
        return self.desk.ask(OPS, GROUP, action, **more)

    def do(self, action: str, **more: Any) -> Job:
        """The same, and the worker does it; what became of it."""
        self.ask(action, **more)
        self.worker.jobs.step()
        self.worker.look()
        job = self.group.last_job
        assert job is not None
        return job

    def in_sync(self, rows: int = 40) -> None:
        """The group has been brought in step by a job."""
        self.sides.add(rows)
        assert self.do("run").state == "done"

    def days_pass(self) -> None:
        """Since the last change of authority; nothing was compared in them."""
        self.sides.target.execute(
            "update audit_log set at = at - interval '3 days'"
            " where action in ('migration.switched', 'migration.rolled_back')"
        )

    @property
    def group(self) -> Any:
        """What the desk shows of the group."""
        return next(one for one in self.desk.overview(OPS).groups if one.name == GROUP)

    def end(self) -> None:
        for process in self._processes:
            process.end()


def _settings(sides: Sides) -> Settings:
    rds = sides.addresses["rds"]
    values = {
        "aws_rds_host": rds.host,
        "aws_rds_port": rds.port,
        "aws_rds_database": rds.database,
        "aws_rds_user": rds.user,
        "aws_rds_password": rds.password,
        "supabase_db_url": sides.addresses["supabase"].libpq,
        "aws_region": "us-east-1",
        "s3_bucket_name": "nobody",
    }
    return Settings(_env_file=None, **values)  # pyright: ignore[reportCallIssue, reportArgumentType]


@pytest.fixture
def sides(addresses: Any) -> Iterator[Sides]:
    """A fresh pair of databases; the source has nothing to move yet."""
    both = Sides(addresses)
    yield both
    both.close()


@pytest.fixture
def world(sides: Sides, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A desk and a worker over a fresh pair of databases; what happens each second is quicker."""
    monkeypatch.setattr(jobs, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(pace, "_LOOK_SECONDS", 0.05)
    monkeypatch.setattr(pace, "_WAIT_SECONDS", 0.02)
    monkeypatch.setattr(keeping, "_LOOK_SECONDS", 0.0)
    made = World(sides, database)
    yield made
    made.end()
