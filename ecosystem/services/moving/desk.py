"""The console of moving tables: what is true now, what can be done, and who did what."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row

from ecosystem.database.placement import MOVING, PACKAGE_EXTRAS, RDS, SUPABASE
from ecosystem.database.queries import audit, moving
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.moving import (
    SINK,
    Action,
    GroupState,
    Job,
    Kept,
    Option,
    Overview,
    Paused,
    SignInCounts,
    SinkState,
    Switched,
    TableState,
    TimelineLine,
    Verified,
)
from ecosystem.domain.views import Page
from ecosystem.services.moving.jobs import job_of
from ecosystem.services.moving.looks import look_soon
from ecosystem.services.moving.options import group_options, sink_options
from ecosystem.services.moving.words import told
from ecosystem.services.ops_desk import only_ops
from ecosystem.services.ports import Clock

LONGEST_REASON: Final = 200
_FRESH_RATE_SECONDS: Final = 5.0
_TABLES: Final = TypeAdapter(tuple[TableState, ...])
_VERIFIED: Final = TypeAdapter(Verified)
_SWITCHES: Final = ("migration.switched", "migration.rolled_back")


class MovingDesk:
    """For operations only. What is shown was counted by the worker a moment ago.

    Args:
        sink: whether there is a read model.
    """

    def __init__(self, database: Database, clock: Clock, *, sink: bool) -> None:
        self._database = database
        self._clock = clock
        self._sink = sink

    def overview(self, actor: Actor) -> Overview:
        """Every group and the read model.

        Raises:
            Forbidden: not somebody of operations.
        """
        only_ops(actor)
        with self._database.unit(RDS) as session:
            return self._overview(session)

    def options(self, actor: Actor, group: str) -> tuple[Option, ...]:
        """What can be done with a group or the read model, possible now or not.

        Raises:
            Forbidden: not somebody of operations.
            NotFound: there is no such group.
        """
        only_ops(actor)
        with self._database.unit(RDS) as session:
            return self._options(session, group)

    def ask(
        self, actor: Actor, group: str, action: str, typed_name: str = "", *, deep: bool = False
    ) -> Job:
        """Let the worker do something. Asked twice at once, it is done once.

        Args:
            typed_name: the group's name as the person typed it, for what needs that.

        Raises:
            Forbidden: not somebody of operations.
            NotFound: there is no such group.
            Invalid: there is no such action for it, or the name was typed wrongly.
            Conflict: a condition is not met; the detail says which.
        """
        only_ops(actor)
        with self._database.unit(RDS) as session:
            options = {option.action: option for option in self._options(session, group)}
            option = options.get(action)  # type: ignore[call-overload]
            if option is None:
                raise Invalid.one("action", "This can't be done with it.")
            if option.typed and typed_name.strip() != group:
                raise Invalid.one("typed_name", f"Type {group} to confirm.")
            if unmet := [f"{one.words} ({one.now})" for one in option.conditions if not one.met]:
                raise Conflict(f"Not possible now. Not met: {'; '.join(unmet)}.")
            row = moving.ask(session, _asked(actor, group, option.action, deep))
            if row is None:
                raise Conflict("Somebody has just asked for something else with it.")
            _record(session, actor, "asked", group, asked=action, deep=deep)
            look_soon(session)
            return job_of(row)

    def cancel(self, actor: Actor, job_id: UUID) -> Job:
        """End a job that waits, or ask one that runs to stop at its next step.

        A change of authority can be stopped until its tables are closed; after that it is done
        before anybody could read that it was cancelled.

        Raises:
            Forbidden: not somebody of operations.
            NotFound: there is no such job, or it has ended.
            Conflict: it is being retired, which is not broken off.
        """
        only_ops(actor)
        with self._database.unit(RDS) as session:
            row = moving.cancel(session, job_id, actor.email or actor.name)
            if row is None:
                raise NotFound("It has ended already.")
            if row.state == "running" and row.action == "retire":
                # Raised before the commit: nothing is asked.
                raise Conflict("It is too late: it takes seconds.")
            _record(session, actor, "cancelled", row.move_group, asked=row.action)
            return job_of(row)

    def pause(self, actor: Actor, group: str, why: str = "") -> None:
        """Let copying and following rest; changes wait in the log. Repeating changes nothing.

        Raises:
            Forbidden: not somebody of operations.
            NotFound: there is no such group.
            Invalid: the reason is too long.
        """
        only_ops(actor)
        why = " ".join(why.split())
        if len(why) > LONGEST_REASON:
            raise Invalid.one("why", f"At most {LONGEST_REASON} characters.")
        with self._database.unit(RDS) as session:
            _known(group)
            if moving.pause(session, group, actor.email or actor.name, why):
                _record(session, actor, "paused", group, why=why)

    def resume(self, actor: Actor, group: str) -> None:
        """Let it go on. Repeating changes nothing.

        Raises:
            Forbidden: not somebody of operations.
            NotFound: there is no such group.
        """
        only_ops(actor)
        with self._database.unit(RDS) as session:
            _known(group)
            if moving.resume(session, group):
                _record(session, actor, "resumed", group)

    def timeline(
        self, actor: Actor, group: str = "", cursor: str = "", limit: int = 30
    ) -> Page[TimelineLine]:
        """What happened to one group, or to all, latest first.

        Raises:
            Forbidden: not somebody of operations.
            NotFound: there is no such group.
            Invalid: a cursor that is not one of ours.
        """
        only_ops(actor)
        if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
            raise Invalid.one("cursor", "This cursor is not from one of our lists.")
        if group and group not in (*MOVING, SINK):
            raise NotFound("There is no such group of tables.")
        limit = max(1, min(limit, 100))
        with self._database.unit(RDS) as session:
            found = moving.timeline(session, group, int(cursor) if cursor else None, limit + 1)
        lines = tuple(_line(row) for row in found[:limit])
        return Page(lines, str(lines[-1].id) if len(found) > limit else None)

    # --- the inside -----------------------------------------------------------------------

    def _options(self, session: RoutedSession, group: str) -> tuple[Option, ...]:
        now = self._overview(session)
        if group == SINK and now.sink is not None:
            return sink_options(now.sink, self._clock.now())
        for one in now.groups:
            if one.name == group:
                return group_options(one, self._clock.now())
        raise NotFound("There is no such group of tables.")

    def _overview(self, session: RoutedSession) -> Overview:
        rows = {row.name: row for row in moving.groups(session)}
        jobs: dict[tuple[str, bool], Job] = {
            (row.move_group, row.finished_at is None): job_of(row)
            for row in moving.latest_jobs(session)
        }
        backups = {row.move_group: row for row in moving.latest_backups(session)}
        switches = {row.name: row for row in moving.last_switches(session, _SWITCHES)}
        alive = rows[PACKAGE_EXTRAS].seen_at
        groups = tuple(
            _group(rows[name], jobs, switches.get(name), backups.get(name), alive)
            for name in MOVING
        )
        sink = _sink(rows[SINK], jobs, alive) if self._sink else None
        return Overview(groups, sink, alive)


def _asked(actor: Actor, group: str, action: Action, deep: bool) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "group": group,
        "action": action,
        "settings": {"deep": True} if deep and action == "verify" else {},
        "by": actor.user_id,
        "role": actor.role,
        "email": actor.email or actor.name,
    }


def _record(session: RoutedSession, actor: Actor, what: str, group: str, **data: Any) -> None:
    if not actor.email:
        data["by"] = actor.name
    audit.record(session, actor, f"migration.{what}", "migration", group, **data)


def _known(group: str) -> None:
    if group not in MOVING:
        raise NotFound("There is no such group of tables.")


def _group(
    row: Row[Any],
    jobs: Mapping[tuple[str, bool], Job],
    switched: Row[Any] | None,
    backup: Row[Any] | None,
    alive: datetime | None,
) -> GroupState:
    other = SUPABASE if row.authority == RDS else RDS
    people = row.seen.get("sign_in")
    return GroupState(
        name=row.name,
        phase=row.phase,
        authority=row.authority,
        source=row.authority,
        target=other,
        tables=_tables(row),
        seen_at=_seen_at(row),
        worker_at=alive,
        paused=Paused(row.paused_at, row.paused_by, row.paused_why) if row.paused_at else None,
        keeper=row.seen.get("keeper", ""),
        throttled=row.throttled,
        job=jobs.get((row.name, True)),
        last_job=jobs.get((row.name, False)),
        last_switch=_switch(switched) if switched is not None else None,
        last_backup=(
            Kept(backup.taken_at, backup.rows, backup.bytes, checked=True) if backup else None
        ),
        sign_in=SignInCounts(**people | {"at": datetime.fromisoformat(people["at"])})
        if people
        else None,
    )


def _seen_at(row: Row[Any]) -> datetime | None:
    return datetime.fromisoformat(row.seen["at"]) if "at" in row.seen else None


def _tables(row: Row[Any]) -> tuple[TableState, ...]:
    """What was seen of the tables, with the rate of the copy that is under way.

    What a comparison found is as kept, not as seen: whoever waits for it has it with its end.
    """
    copying = row.copying or {}
    fresh = datetime.now(UTC).timestamp() - float(copying.get("at", 0)) < _FRESH_RATE_SECONDS
    rates = copying.get("rates", {}) if fresh and row.phase in ("capturing", "copying") else {}
    seen = []
    for table in row.seen.get("tables", ()):
        rate = float(rates.get(table["name"], 0.0))
        left = max(0, table["rows_source"] - table["copied"])
        seen.append(
            {
                **{key: value for key, value in table.items() if key not in _OF_GROUP},
                "verified": row.compared.get(table["name"]),
                "percent": _percent(table["copied"], table["rows_source"], row.phase),
                "rate": rate,
                "seconds_left": left / rate if rate else None,
            }
        )
    return _TABLES.validate_python(seen)


_OF_GROUP: Final = ("phase", "authority")


def _percent(copied: int, whole: int, phase: str) -> int:
    if phase in ("in_sync", "switched", "retired"):
        return 100
    return min(100, copied * 100 // whole) if whole else 0


def _switch(row: Row[Any]) -> Switched:
    target = row.data.get("authority", RDS)
    return Switched(
        at=row.at,
        source=SUPABASE if target == RDS else RDS,
        target=target,
        pause_ms=row.data.get("pause_ms"),
        by=row.who or row.data.get("by", ""),
    )


def _sink(row: Row[Any], jobs: Mapping[tuple[str, bool], Job], alive: datetime | None) -> SinkState:
    return SinkState(
        phase=row.seen.get("phase", "planned"),
        pending=row.seen.get("pending", 0),
        lag_seconds=row.seen.get("lag_seconds", 0.0),
        seen_at=_seen_at(row),
        worker_at=alive,
        verified=_VERIFIED.validate_python(row.verified) if row.verified else None,
        job=jobs.get((SINK, True)),
        last_job=jobs.get((SINK, False)),
    )


def _line(row: Row[Any]) -> TimelineLine:
    return TimelineLine(
        id=row.id,
        at=row.at,
        group=row.name,
        who=row.email or row.data.get("by", "") or row.role,
        what=told(row.action, row.data),
        data=row.data,
    )
