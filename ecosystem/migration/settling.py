"""The end of a change of authority, which whoever comes next can bring about.

A gate that has become final in the database with authority is the decision. What is left is to open
the other one and to write down where the group is.
"""

from collections.abc import Callable
from contextlib import suppress

from psycopg import errors as pg

from ecosystem.database.placement import RDS
from ecosystem.migration import fence, gates, plan
from ecosystem.migration.ends import Ends, transaction
from ecosystem.migration.plan import IN_SYNC, SWITCHED, TABLES, Connection, Who

HURRY_SECONDS = 2
"""A process that is stopped in a transaction that others wait for loses it so soon."""


def settle(
    ends: Ends, group: str, who: Who, *, on_step: Callable[[str], None] = lambda _step: None
) -> bool:
    """Finish a change of authority that has been decided; False: there is none.

    Two that do it at once take turns, and the second finds nothing to do: the group's row is held.
    Who lost that row while asleep opens no gate, for gates know a later epoch by then. False, too,
    when somebody is at it: the group's row tells whether it is done.
    """
    try:
        row = _flip(ends, group, who, on_step)
    except pg.LockNotAvailable:
        return False
    if row is None:
        return False
    on_step("flipped")
    gates.rest(side(ends, row.other), group, TABLES[group])
    # The way back is free for whoever carries it from now on.
    with suppress(pg.LockNotAvailable), transaction(side(ends, row.authority), lock_ms=50) as copy:
        fence.leave(copy, TABLES[group])
    return True


def _flip(ends: Ends, group: str, who: Who, on_step: Callable[[str], None]) -> plan.Group | None:
    """The group as it was before; None: nothing was decided."""
    with transaction(ends.rds, idle_seconds=HURRY_SECONDS):
        row = plan.group_row(ends.rds, group, lock=True)
        gate = decided(ends, row)
        if gate is None:
            return None
        gates.open_for(side(ends, row.other), group, gate.epoch)
        on_step("opened")
        with ends.rds.pipeline():
            ends.rds.execute(
                "update migration_groups set authority = %s, epoch = %s, phase = %s,"
                " pause_ms = %s, switched_at = now(), updated_at = now() where name = %s",
                (
                    row.other,
                    gate.epoch,
                    SWITCHED if row.other == RDS else IN_SYNC,
                    gate.since_ms,
                    group,
                ),
            )
            plan.record(
                ends.rds,
                group,
                "switched" if row.other == RDS else "rolled_back",
                who,
                authority=row.other,
                epoch=gate.epoch,
                pause_ms=gate.since_ms,
            )
    return row


def decided(ends: Ends, row: plan.Group) -> gates.Gate | None:
    """The gate of the database that has given authority up, if that is not written down yet."""
    gate = gates.look(side(ends, row.authority), row.name)
    return gate if gate.final and gate.epoch > row.epoch else None


def side(ends: Ends, name: str) -> Connection:
    """The connection to a database by its name."""
    return ends.rds if name == RDS else ends.supabase
