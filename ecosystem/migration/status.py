"""What is true of groups and tables now, for whoever asks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecosystem.migration import fence, plan
from ecosystem.migration.capture import captured
from ecosystem.migration.ends import Ends
from ecosystem.migration.plan import OFFERED, TABLES, Connection
from ecosystem.migration.shape import count


@dataclass(frozen=True)
class GroupStatus:
    """Where a group stands.

    Attributes:
        authority: ``supabase`` or ``rds``: where it is read and written now.
        epoch: counts the changes of authority, from 1.
        pause_ms: how long nobody could write when it changed hands last; None: it never did.
        switched_at: when that was.
        offered: this version can move it.
        paused: it rests; changes wait, and it neither switches nor rolls back.
    """

    group: str
    phase: str
    authority: str
    epoch: int
    pause_ms: int | None
    switched_at: datetime | None
    offered: bool
    paused: bool = False


@dataclass(frozen=True)
class TableStatus:
    """What is true of one table now.

    Attributes:
        source, target: the database with authority, and the one that is kept in step with it.
        rows_source, rows_target: counted there.
        copied: rows that chunks have brought to the target (changes that followed are not counted).
        pending_changes: rows of the log that wait to be carried over.
        lag_seconds: how long the oldest of them has waited; 0 when none waits.
        logged: the source logs what is written; when not, nothing waits and nothing is followed.
        last_verify: what the last comparison found, None when there was none.
    """

    group: str
    table: str
    phase: str
    authority: str
    source: str
    target: str
    rows_source: int
    rows_target: int
    copied: int
    pending_changes: int
    lag_seconds: float
    logged: bool
    last_verify: dict[str, Any] | None


def groups(rds: Connection) -> list[GroupStatus]:
    """All of them, in the order in which they move."""
    rows = [plan.group_row(rds, group) for group in TABLES]
    paused = rds.execute(
        "select move_group from migration_pace where paused_at is not null"
    ).fetchall()
    return [
        GroupStatus(
            group=row.name,
            phase=row.phase,
            authority=row.authority,
            epoch=row.epoch,
            pause_ms=row.pause_ms,
            switched_at=row.switched_at,
            offered=row.name in OFFERED,
            paused=(row.name,) in paused,
        )
        for row in rows
    ]


def table(ends: Ends, row: plan.Group, name: str) -> TableStatus:
    """One table of a group; ``ends`` stand in the direction in which it is carried."""
    last = ends.rds.execute(
        "select last_verify from migration_state where tbl = %s", (name,)
    ).fetchone()
    pending, lag = ends.source.execute(
        "select count(*), coalesce(extract(epoch from clock_timestamp() - min(at)), 0)::float8"
        " from public.migration_changes where consumer = %s and tbl = %s",
        (ends.consumer, name),
    ).fetchone() or (0, 0.0)
    return TableStatus(
        group=row.name,
        table=name,
        phase=row.phase,
        authority=row.authority,
        source=ends.names[0],
        target=ends.names[1],
        rows_source=count(ends.source, name),
        rows_target=count(ends.target, name),
        copied=fence.copied(ends.target, name),
        pending_changes=pending,
        lag_seconds=round(max(0.0, lag), 3),
        logged=captured(ends.source, name),
        last_verify=last[0] if last else None,
    )
