"""The end of a change of authority, which whoever comes next can bring about.

A gate that has become final in the database with authority is the decision. What is left is to open
the other one and to write down where the group is.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from psycopg import errors as pg

from ecosystem.database.pipelines import in_one_go
from ecosystem.database.placement import RDS, SUPABASE
from ecosystem.migration import fence, gates, plan
from ecosystem.migration.ends import WORDS, Ends, transaction
from ecosystem.migration.plan import IN_SYNC, SWITCHED, TABLES, Connection, Refused, Who

RUNBOOK: Final = "docs/runbooks/moving/restored.md"

HURRY_SECONDS = 2
"""A process that is stopped in a transaction that others wait for loses it so soon."""


def settle(
    ends: Ends, group: str, who: Who, *, on_step: Callable[[str], None] = lambda _step: None
) -> bool:
    """Finish a change of authority that has been decided; False: there is none.

    Two that do it at once take turns, and the second finds nothing to do: the group's row is held.
    Who lost that row while asleep opens no gate, for gates know a later epoch by then. False, too,
    when somebody is at it: the group's row tells whether it is done.

    Raises:
        Refused: one of the databases is from an earlier time.
    """
    try:
        row = _flip(ends, group, who, on_step)
    except pg.LockNotAvailable:
        return False
    except Refused:
        keep_out(ends, group)
        raise
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
        with in_one_go(ends.rds):
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
    """The gate of the database that has given authority up, if that is not written down yet.

    Raises:
        Refused: the databases contradict each other; one of them is from an earlier time.
    """
    home, away = (gates.look(side(ends, name), row.name) for name in (row.authority, row.other))
    if not home.final and home.epoch == away.epoch == row.epoch:
        return None
    if home.final and home.epoch == row.epoch + 1 and _complete(home, away):
        return home
    raise Refused(_apart(row, home, away))


def _complete(home: gates.Gate, away: gates.Gate) -> bool:
    """Whether the copy has all that was written until its source was closed for good."""
    return away.epoch == home.epoch or (home.token is not None and away.token == home.token)


def _apart(row: plan.Group, home: gates.Gate, away: gates.Gate) -> str:
    epochs = {row.authority: home.epoch, row.other: away.epoch}
    earlier = RDS if epochs[SUPABASE] > row.epoch else SUPABASE
    return (
        f"{row.name}: {WORDS[earlier]} is from a time before the last change of authority (restored"
        f" from a backup?): Supabase knows change {epochs[SUPABASE]}, RDS {row.epoch}. Nobody is given"
        f" authority over rows that may be missing. {RUNBOOK} says what to do"
    )


def keep_out(ends: Ends, group: str) -> None:
    """Close RDS when it would be written only because it does not know that it gave authority up."""
    row = plan.group_row(ends.rds, group)
    there = gates.look(ends.supabase, group)
    if row.authority == RDS and there.epoch > row.epoch and not there.final:
        gates.bar(ends.rds, group, row.epoch)


def side(ends: Ends, name: str) -> Connection:
    """The connection to a database by its name."""
    return ends.rds if name == RDS else ends.supabase
