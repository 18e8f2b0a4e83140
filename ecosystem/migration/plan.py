"""What moves together, how far it is, and the fence that lets one process write at a time."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from ecosystem.database.placement import ACCOUNTS, PACKAGE_EXTRAS, PACKAGES

TABLES: Final = {
    PACKAGE_EXTRAS: (
        "multi_city_hotel_package_addons",
        "multi_city_hotel_package_exclusions",
    ),
    PACKAGES: ("multi_city_hotel_packages", "multi_city_hotel_package_cities"),
    ACCOUNTS: ("users", "operators"),
}
"""The tables of each group, in the order in which they are copied."""

OFFERED: Final = (PACKAGE_EXTRAS,)
"""Groups that can be moved now. The others have keys between their tables and unique columns,
for which the target needs more than a row by row copy."""

PLANNED, CAPTURING, COPYING, IN_SYNC = "planned", "capturing", "copying", "in_sync"

Connection = psycopg.Connection[tuple[Any, ...]]


class Refused(Exception):
    """What was asked for is not done; the message says why and what would help."""


class Fenced(Refused):
    """Another process has taken the table over; this one has stopped without writing."""

    def __init__(self, table: str) -> None:
        super().__init__(f"another process moves {table} now; this one stopped and wrote nothing")


@dataclass(frozen=True)
class Claim:
    """The right to write one table of the target, until somebody else claims it.

    Attributes:
        copied_to: every key up to and including this one has been copied; None: none yet.
        copied: rows that chunks have brought.
        finished: chunks have reached the end of the table.
    """

    table: str
    epoch: int
    copied_to: UUID | None
    copied: int
    finished: bool


def claim(target: Connection, table: str) -> Claim:
    """Take a table over: from here on every other process is fenced off.

    Raises:
        Refused: the table has not been prepared.
    """
    row = target.execute(
        "update migration_state set epoch = epoch + 1, updated_at = now() where tbl = %s"
        " returning epoch, copied_to, copied, copy_finished_at is not null",
        (table,),
    ).fetchone()
    if row is None:
        raise Refused(f"{table} is not prepared: run `ecosystem migrate prepare` first")
    return Claim(table, *row)


def hold(target: Connection, claimed: Claim) -> None:
    """Begin a writing transaction: the fence. Nobody can claim the table until it ends.

    Raises:
        Fenced: the table has been claimed by another.
    """
    row = target.execute(
        "select epoch from migration_state where tbl = %s for update", (claimed.table,)
    ).fetchone()
    if row is None or row[0] != claimed.epoch:
        raise Fenced(claimed.table)


def group_row(target: Connection, group: str, *, lock: bool = False) -> dict[str, Any]:
    """``phase`` and ``authority`` of a group; with ``lock`` nobody changes them until the commit."""
    cursor = target.cursor(row_factory=dict_row)
    cursor.execute(
        "select phase, authority from migration_groups where name = %s for update"
        if lock
        else "select phase, authority from migration_groups where name = %s",
        (group,),
    )
    row = cursor.fetchone()
    if row is None:
        raise Refused(f"{group} is not in migration_groups: run `ecosystem db upgrade`")
    return row


def enter(target: Connection, group: str, phase: str, action: str, **data: Any) -> None:
    """Put a group into a phase and write into the audit log what led there."""
    target.execute(
        "update migration_groups set phase = %s, updated_at = now() where name = %s",
        (phase, group),
    )
    record(target, group, action, **data)


def record(target: Connection, group: str, action: str, **data: Any) -> None:
    """Write into the audit log what the command line did with a group."""
    target.execute(
        "insert into audit_log (actor_role, action, subject_type, subject_id, data)"
        " values ('ops', %s, 'migration', %s, %s)",
        (f"migration.{action}", group, Jsonb({**data, "by": "command line"})),
    )
