"""What moves together and how far it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ecosystem.database.placement import ACCOUNTS, PACKAGE_EXTRAS, PACKAGES, RDS, SUPABASE

TABLES: Final = {
    PACKAGE_EXTRAS: (
        "multi_city_hotel_package_addons",
        "multi_city_hotel_package_exclusions",
    ),
    PACKAGES: ("multi_city_hotel_packages", "multi_city_hotel_package_cities"),
    ACCOUNTS: ("users", "operators"),
}
"""The tables of each group, in the order in which they are copied."""

OFFERED: Final = (PACKAGE_EXTRAS, PACKAGES, ACCOUNTS)
"""Groups that can be moved, in the order in which they are."""

PLANNED, CAPTURING, COPYING, IN_SYNC = "planned", "capturing", "copying", "in_sync"
SWITCHED, RETIRED = "switched", "retired"
IN_STEP: Final = (IN_SYNC, SWITCHED)
"""Phases in which one side is kept in step with the other, so that authority can change."""

Connection = psycopg.Connection[tuple[Any, ...]]


class Refused(Exception):
    """What was asked for is not done; the message says why and what would help."""


class Fenced(Refused):
    """Another process has taken the table over; this one has stopped without writing."""

    def __init__(self, table: str) -> None:
        super().__init__(f"another process moves {table} now; this one stopped and wrote nothing")


def first_line(error: Exception) -> str:
    """What a database said, without the values that follow."""
    return (str(error).splitlines() or [type(error).__name__])[0]


@dataclass(frozen=True)
class Group:
    """Where a group stands: its row in RDS.

    Attributes:
        authority: ``supabase`` or ``rds``: where it is read and written now.
        epoch: counts the changes of authority, from 1.
        pause_ms: how long nobody could write at the last of them.
        switched_at: when that was.
    """

    name: str
    phase: str
    authority: str
    epoch: int
    pause_ms: int | None
    switched_at: datetime | None

    @property
    def other(self) -> str:
        """The database that has no authority."""
        return RDS if self.authority == SUPABASE else SUPABASE


def group_row(rds: Connection, group: str, *, lock: bool = False) -> Group:
    """The group as it is; with ``lock`` nobody changes it until the commit.

    Raises:
        Refused: there is no such group.
    """
    cursor = rds.cursor(row_factory=class_row(Group))
    asked = (
        "select name, phase, authority, epoch, pause_ms, switched_at"
        " from migration_groups where name = %s"
    )
    row = cursor.execute(asked + " for update" if lock else asked, (group,)).fetchone()
    if row is None:
        raise Refused(f"{group} is not in migration_groups: run `ecosystem db upgrade`")
    return row


@dataclass(frozen=True)
class Who:
    """Who does something, for the audit log: a program, or a person of operations through it."""

    by: str = "command line"
    user_id: UUID | None = None
    email: str = ""


def enter(rds: Connection, group: str, phase: str, action: str, who: Who, **data: Any) -> None:
    """Put a group into a phase and write into the audit log what led there."""
    rds.execute(
        "update migration_groups set phase = %s, updated_at = now() where name = %s",
        (phase, group),
    )
    record(rds, group, action, who, **data)


def record(rds: Connection, group: str, action: str, who: Who, **data: Any) -> None:
    """Write into the audit log what was done with a group."""
    rds.execute(
        "insert into audit_log"
        " (actor_role, actor_id, actor_email, action, subject_type, subject_id, data)"
        " values ('ops', %s, %s, %s, 'migration', %s, %s)",
        (who.user_id, who.email, f"migration.{action}", group, Jsonb({**data, "by": who.by})),
    )
