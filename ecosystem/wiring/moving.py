"""The engine that moves tables, as the services for operations and the worker need it."""

import logging
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from ecosystem.database.placement import MOVING, RDS, SUPABASE
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Unavailable
from ecosystem.migration import fence
from ecosystem.migration.answers import in_words
from ecosystem.migration.following import Following as GroupFollowing
from ecosystem.migration.moves import Moves
from ecosystem.migration.plan import TABLES, Connection, Fenced, Refused, Who, first_line
from ecosystem.services.account_moves import AccountMoves
from ecosystem.services.marketplace import ReadModelCheck, ReadModelKeeping
from ecosystem.services.moving import (
    GroupJobs,
    GroupKeeping,
    Looks,
    NotDone,
    Pace,
    SinkWork,
    TakenOver,
)
from ecosystem.services.ports import Clock
from ecosystem.services.worker import Duty
from ecosystem.settings import Settings
from ecosystem.wiring.vendors import backups, group_of, limits, moves

log = logging.getLogger(__name__)


def moving_duties(
    settings: Settings,
    database: Database,
    clock: Clock,
    people: AccountMoves,
    read_model: tuple[ReadModelKeeping, ReadModelCheck] | None,
) -> Iterator[Duty]:
    """What the worker does for tables that move: for each group its jobs and keeping it in step,
    each in a thread of its own, so that nothing waits for a copy that takes hours."""
    engines, name = MoveEngines(settings, database), f"worker {socket.gethostname()}:{os.getpid()}"
    for group in MOVING:
        parts = (engines, limits(settings), group, name)
        jobs, keeping = GroupJobs(database, *parts), GroupKeeping(database, *parts)
        yield Duty(f"move_{group}", jobs.step, every=1, stop=jobs.stop)
        yield Duty(f"keep_{group}", keeping.step, every=0.2, stop=keeping.stop)
    if read_model is not None:
        sink = SinkWork(database, *read_model, name)
        yield Duty("move_marketplace", sink.step, every=1, stop=sink.stop)
    counted = people if settings.sign_in_moves == "on" else None
    looks = Looks(database, engines, clock, counted, read_model)
    yield Duty("move_looks", looks.step, every=1, greedy=False)
    yield Duty("move_alive", looks.alive, every=5, greedy=False)


class MoveEngines:
    """Makes engines that speak the errors of the services. Addresses are read at the first use."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database

    def engine(
        self,
        say: Callable[[str], None],
        pace: Pace,
        owner: str,
        by: Actor,
        via: str,
        check: Callable[[], None] = lambda: None,
    ) -> "MoveEngine":
        """See :class:`ecosystem.services.moving.Engines`."""
        who = Who(via, by.user_id, by.email)
        asked = asking(check)
        return MoveEngine(
            moves(self._settings, say, pace=pace, owner=owner, who=who, on_step=asked),
            lambda group: backups(self._settings, say, who).take(group),
        )

    def group_of(self, table: str) -> str:
        """The move group of a table."""
        return group_of(table)

    def carried_by(self, group: str, authority: str) -> tuple[str, float]:
        """Who claimed the group last, and the seconds since the last sign of life."""
        with self._database.at(SUPABASE if authority == RDS else RDS) as connection:
            sent: Connection = connection.connection.driver_connection  # type: ignore[assignment]
            tables = TABLES[group]
            return fence.owner_of(sent, tables[0]), fence.quiet_seconds(sent, tables)

    def look(self) -> dict[str, list[dict[str, Any]]]:
        """By group, what is true of each table; counted now."""
        seen: dict[str, list[dict[str, Any]]] = {}
        with told():
            for one in moves(self._settings, lambda _line: None).status():
                seen.setdefault(one.group, []).append(
                    {
                        "name": one.table,
                        "phase": one.phase,
                        "authority": one.authority,
                        "rows_source": one.rows_source,
                        "rows_target": one.rows_target,
                        "copied": one.copied,
                        "pending": one.pending_changes,
                        "lag_seconds": one.lag_seconds,
                    }
                )
        return seen


def asking(check: Callable[[], None]) -> Callable[[str], None]:
    """Asks ``check`` at each step of a change of authority at which nothing has happened yet."""

    def on_step(step: str) -> None:
        if step in _UNDONE:
            check()

    return on_step


_UNDONE = ("switch begun", "captured back", "verified", "closing", "retiring", "giving up")


class MoveEngine:
    """One piece of work with :class:`~ecosystem.migration.moves.Moves`."""

    def __init__(self, moves: Moves, take: Callable[[str], object]) -> None:
        self._moves = moves
        self._take = take

    def prepare(self, group: str) -> None:
        with told():
            self._moves.prepare(group)

    def copy(self, group: str) -> None:
        with told():
            self._moves.copy(group)

    def give_up(self, group: str) -> None:
        with told():
            self._moves.give_up(group)

    def verify(self, group: str, *, deep: bool) -> int:
        with told():
            return sum(one.differing for one in self._moves.verify(group, deep=deep))

    def switch(self, group: str) -> int:
        with told():
            return self._moves.switch(group)

    def rollback(self, group: str) -> int:
        with told():
            return self._moves.rollback(group)

    def retire(self, group: str) -> None:
        with told():
            self._moves.retire(group)

    def backup(self, group: str) -> None:
        with told():
            self._take(group)

    def settle(self, group: str) -> bool:
        with told():
            return self._moves.settle(group)

    @contextmanager
    def following(self, group: str) -> Iterator["Steps"]:
        with told(), self._moves.following(group) as following:
            yield Steps(following)


class Steps:
    """Following, with the errors of the services."""

    def __init__(self, following: GroupFollowing) -> None:
        self._following = following

    def step(self) -> int:
        """One batch of each table; how many changes."""
        with told():
            return self._following.step()


@contextmanager
def told() -> Iterator[None]:
    """What moving refuses and what a database answers, as errors of the services."""
    try:
        yield
    except Fenced as error:
        raise TakenOver(str(error)) from error
    except Refused as error:
        if isinstance(error.__cause__, psycopg.Error):
            log.warning("moving: %s (%s)", error, first_line(error.__cause__))
        raise NotDone(str(error)) from error
    except psycopg.OperationalError as error:
        words = in_words(error)
        raise Unavailable(f"{words[:1].upper()}{words[1:]}.") from error
    except psycopg.Error as error:
        raise NotDone(f"a database refuses that: {in_words(error)}") from error
