"""What somebody has asked for, carried out by a worker: one job of a group at a time.

A worker that dies in the middle is followed by another one after ten seconds. What goes on where
it was is done again; a change of authority is not: whether it happened is looked up and told.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, moving
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError, Unavailable
from ecosystem.domain.moving import Action, Job
from ecosystem.services.moving.engine import NotDone, TakenOver
from ecosystem.services.moving.looks import look_soon
from ecosystem.services.moving.pace import Stopped

log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 1.0
_LOST_SECONDS: Final = 8.0
"""A worker that could not give a sign of life for so long must expect to be followed by another."""
ONCE: Final = frozenset(("switch", "rollback", "retire"))
"""What is not begun a second time by itself."""
MOST_ATTEMPTS: Final = 5


class Hold:
    """The right to carry out a job: renewed every second by a thread until the block ends."""

    def __init__(self, database: Database, row: Any, stopping: threading.Event) -> None:
        self._database = database
        self._row = row
        self._stopping = stopping
        self._ended = threading.Event()
        self._said = row.said
        self.asked_by = asker(row)
        self.cancelled = False
        self.lost = False

    def say(self, line: str) -> None:
        """What goes on now, for whoever watches."""
        self._said = line

    @property
    def said(self) -> str:
        return self._said

    def stopped(self) -> bool:
        """Whether to end: somebody asked for it, this process ends, or another one has the job."""
        return self.cancelled or self.lost or self._stopping.is_set()

    def check(self) -> None:
        """Asked right before what can't be taken back.

        Raises:
            Stopped: the job is not ours any more, or is not wanted.
            Unavailable: that can't be found out.
        """
        self.renew()
        if self.stopped():
            raise Stopped

    def renew(self) -> None:
        """One sign of life."""
        with self._database.unit(RDS) as session:
            row = moving.beat(session, self._row.id, self._row.attempts, self._said)
        self.lost = self.lost or row is None
        self.cancelled = self.cancelled or bool(row and row.settings.get("stop"))

    def run(self) -> None:
        """Renew until the end."""
        failed = 0.0
        while not self._ended.wait(BEAT_SECONDS):
            try:
                self.renew()
                failed = 0.0
            except EcosystemError:
                failed += BEAT_SECONDS
                self.lost = self.lost or failed >= _LOST_SECONDS

    def end(self) -> None:
        self._ended.set()


Doing = Callable[[Job, Hold], None]
"""Carries a job out. Raises ``NotDone`` with the reason, ``Stopped`` when told to."""


class Jobs:
    """The jobs of one group.

    Args:
        worker: the name of this process.
        do: how each of the group's actions is carried out.
        done: whether an action that was broken off has been decided nevertheless.
    """

    def __init__(
        self,
        database: Database,
        group: str,
        worker: str,
        do: Doing,
        done: Callable[[Action], bool] = lambda _action: False,
    ) -> None:
        self._database = database
        self._group = group
        self._worker = worker
        self._do = do
        self._done = done
        self._stopping = threading.Event()

    def stop(self) -> None:
        """This process ends: break off at the next step."""
        self._stopping.set()

    def step(self) -> int:
        """Carry out the group's job, if there is one; 1 if there was."""
        with self._database.unit(RDS) as session:
            row = moving.take(session, self._group, self._worker)
        if row is None:
            return 0
        job = job_of(row)
        with self._held(row) as hold:
            state, error = self._outcome(job, row.attempts, hold)
        self._end(row, job, state, hold.said, error)
        return 1

    def _outcome(self, job: Job, attempt: int, hold: Hold) -> tuple[str, str]:
        if attempt > 1 and job.action in ONCE:
            if self._done(job.action):
                return "done", ""
            return "failed", (
                "the worker ended before it was decided; nothing was changed. Ask again"
            )
        if attempt > MOST_ATTEMPTS:
            return "failed", "it was begun several times and its worker ended each time"
        try:
            self._do(job, hold)
        except Stopped:
            if hold.cancelled:
                return "cancelled", ""
            if job.action in ONCE:
                return "failed", "the worker was stopped before; nothing was changed. Ask again"
            return "waiting", ""
        except TakenOver as error:
            return ("waiting", "") if hold.lost else ("refused", error.detail)
        except NotDone as error:
            return "refused", error.detail
        except Unavailable as error:
            log.warning("moving %s: %s ended: %s", job.group, job.action, error.__cause__ or error)
            return "failed", error.detail
        except Exception:
            log.exception("moving %s: %s failed", job.group, job.action)
            return "failed", "an error that was not foreseen; the worker's log has it"
        return "done", ""

    @contextmanager
    def _held(self, row: Any) -> Iterator[Hold]:
        hold = Hold(self._database, row, self._stopping)
        thread = threading.Thread(target=hold.run, name=f"moving-{self._group}", daemon=True)
        thread.start()
        try:
            yield hold
        finally:
            hold.end()
            thread.join()

    def _end(self, row: Any, job: Job, state: str, said: str, error: str) -> None:
        with self._database.unit(RDS) as session:
            if not moving.end(session, row.id, row.attempts, state, said, error):
                return
            look_soon(session)
            if state in ("refused", "failed", "cancelled"):
                audit.record(
                    session,
                    asker(row),
                    f"migration.job_{state}",
                    "migration",
                    job.group,
                    asked=job.action,
                    why=error,
                )


def asker(row: Any) -> Actor:
    """Who asked for a job, as the audit log knows people."""
    return Actor(role="ops", source="cognito", user_id=row.asked_by, email=row.asked_email, name="")


def job_of(row: Any) -> Job:
    """The row of a job as people see it."""
    return Job(
        id=row.id,
        group=row.move_group,
        action=row.action,
        deep=bool(row.settings.get("deep")),
        state=row.state,
        asked_by=row.asked_email,
        asked_at=row.asked_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        step=row.said,
        error=row.error,
        worker=row.worker,
    )
