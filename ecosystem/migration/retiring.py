"""The end of a group's move: nothing is carried back to Supabase any more."""

from collections.abc import Callable
from datetime import UTC, datetime

import psycopg

from ecosystem.domain.moving import TRAFFIC
from ecosystem.migration import fence, plan
from ecosystem.migration.answers import in_words
from ecosystem.migration.capture import release
from ecosystem.migration.carrier import Carrier
from ecosystem.migration.ends import Ends, transaction
from ecosystem.migration.plan import RETIRED, SWITCHED, TABLES, Who
from ecosystem.migration.readiness import awake, expect, shapes_of, steady
from ecosystem.migration.settling import HURRY_SECONDS
from ecosystem.migration.shape import Shape, same_shape

_NEARLY = 200
"""So many changes may be left to carry over when the log ends."""

_FIRST = "switch it first"


def retire(
    ends: Ends,
    group: str,
    *,
    carry: Callable[[Shape], Carrier],
    keep: Callable[[str], object],
    on_step: Callable[[str], None],
    say: Callable[[str], None],
    who: Who,
) -> None:
    """End the log of RDS, then carry what is left of it. Who was killed in between goes on.

    People who write in RDS wait for its own triggers to go, never for Supabase.

    Args:
        carry: makes what carries a table, claimed by us.
        keep: makes sure that there is a fresh backup.

    Raises:
        Refused: the group is not switched, or something has changed since it was prepared.
    """
    carriers: list[Carrier] = []
    if plan.group_row(ends.rds, group).phase != RETIRED:
        row = expect(ends, group, (SWITCHED,), _FIRST)
        awake(ends, group)
        if row.switched_at and datetime.now(UTC) - row.switched_at < TRAFFIC:
            say(
                f"{group} was switched at {row.switched_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC: in"
                f" less than {TRAFFIC.days} days not everything that is wrong shows itself"
            )
        keep(group)
        carriers += [carry(shape) for shape in shapes_of(ends, group)]
        while sum(carrier.batch() for carrier in carriers) >= _NEARLY:
            pass
        on_step("retiring")
        with transaction(ends.target), transaction(ends.rds, idle_seconds=HURRY_SECONDS):
            steady(ends, expect(ends, group, (SWITCHED,), _FIRST, lock=True))
            # Whoever takes the tables over finds it done or not begun. From here on RDS alone is
            # asked, and ends this when we fall asleep.
            for carrier in carriers:
                fence.hold(ends.target, carrier.claim)
            release(ends.rds, TABLES[group])
            plan.enter(ends.rds, group, RETIRED, "retired", who)
        on_step("retired")
    release(ends.supabase, TABLES[group])
    if _left(ends, group):
        carriers = carriers or [carry(same_shape(ends, table)) for table in TABLES[group]]
        _carry_the_rest(ends, group, carriers, say)
    say(f"{group} is retired: nothing is written to Supabase any more")


def _left(ends: Ends, group: str) -> int:
    row = ends.rds.execute(
        "select count(*) from migration_changes where consumer = %s and tbl = any(%s)",
        (ends.consumer, list(TABLES[group])),
    ).fetchone()
    return row[0] if row else 0


def _carry_the_rest(
    ends: Ends, group: str, carriers: list[Carrier], say: Callable[[str], None]
) -> None:
    """Rows are read as they are now, and what changed since the log ended is not in it."""
    try:
        for carrier in carriers:
            carrier.drain()
    except psycopg.IntegrityError as error:
        # Such as a slug that was given to another row since: that one is not named any more.
        left = _left(ends, group)
        ends.rds.execute(
            "delete from migration_changes where consumer = %s and tbl = any(%s)",
            (ends.consumer, list(TABLES[group])),
        )
        say(
            f"{left} changes of the last moment are not in Supabase's tables, which are as they were"
            f" just before ({in_words(error)})"
        )
