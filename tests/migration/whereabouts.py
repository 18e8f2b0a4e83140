"""Where a group is written, as somebody finds who tries, and how it gets there."""

from typing import Any

import psycopg

from tests.migration.sides import ADDONS, GROUP, Sides


def in_sync(sides: Sides, rows: int = 40) -> None:
    sides.add(rows)
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)


def authority(sides: Sides) -> tuple[str, str]:
    return next((one.authority, one.phase) for one in sides.moves().groups() if one.group == GROUP)


def takes(side: psycopg.Connection[Any]) -> bool:
    """Whether somebody who knows nothing of moves may write there."""
    try:
        side.execute(f"update {ADDONS} set price = price")  # type: ignore[arg-type]
    except psycopg.Error as error:
        assert error.sqlstate == "MG001"
        return False
    return True


def where_it_is_written(sides: Sides) -> list[str]:
    return [n for n, s in (("supabase", sides.source), ("rds", sides.target)) if takes(s)]


def somebody_waits(*databases: psycopg.Connection[Any]) -> bool:
    """Whether anybody waits for a lock of any kind there at this moment."""
    asked = (
        "select exists (select from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock')"
    )
    return any(side.execute(asked).fetchone() == (True,) for side in databases)


def time_passes(sides: Sides) -> None:
    """Longer than a gate stays closed that nobody makes final."""
    for side in (sides.source, sides.target):
        side.execute(
            "update migration_gates set closed_until = clock_timestamp()"
            " where closed_until > clock_timestamp()"
        )
