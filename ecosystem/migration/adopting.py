"""A group that was switched, after its columns were changed on both sides or its log was off."""

from psycopg import sql

from ecosystem.migration import fence, plan
from ecosystem.migration.capture import capture
from ecosystem.migration.ends import Ends, transaction
from ecosystem.migration.plan import SWITCHED, TABLES, Who
from ecosystem.migration.readiness import changed, expect, outdate, prepared_as, steady
from ecosystem.migration.shape import same_shape

_HOURS = "4h"


def adopt(ends: Ends, group: str, who: Who) -> str:
    """Take the columns as they are, log changes again, and carry every row once more.

    Nothing is thrown away and nobody waits. What can't be named any more, a row that was deleted
    while the log was off, is found by the comparison with which every change of authority begins.

    Returns:
        What was done, in words.
    Raises:
        Refused: the columns are not the same on both sides, or the group is not switched any more.
    """
    tables = TABLES[group]
    shapes = [same_shape(ends, table) for table in tables]
    if not (what := changed(ends, shapes, prepared_as(ends, group))):
        return f"{group} is written in {ends.source_words} and carried back: nothing has changed"
    # Whoever is killed from here on leaves a group that nobody follows until this was done again:
    # with its log on and the columns as they are it would look as if nothing were missing.
    with transaction(ends.rds):
        steady(ends, expect(ends, group, (SWITCHED,), "it has changed hands", lock=True))
        outdate(ends.rds, group)
    capture(ends.source, tables, ends.consumer)
    with transaction(ends.target):
        for shape in shapes:
            # A Supabase that was restored to a time before the switch has never heard of it.
            fence.begin(ends.target, group, shape, copied=True)
    for table in tables:
        # Whoever knows only the columns of before carries nothing from here on, and nobody else
        # begins before the new ones are noted.
        fence.claim(ends.target, table)
    with transaction(ends.source):
        ends.source.execute("select set_config('statement_timeout', %s, true)", (_HOURS,))
        for table in tables:
            ends.source.execute(
                sql.SQL(
                    "insert into public.migration_changes (consumer, tbl, pk)"
                    " select {}, {}, id from {}"
                ).format(
                    sql.Literal(ends.consumer),
                    sql.Literal(table),
                    sql.Identifier("public", table),
                )
            )
    with transaction(ends.rds):
        steady(ends, expect(ends, group, (SWITCHED,), "it has changed hands", lock=True))
        for shape in shapes:
            fence.begin(ends.rds, group, shape)
        plan.record(ends.rds, group, "adopted", who, why=what)
    fence.leave(ends.target, tables)
    return f"{what}; {group} is carried back again, every row once more"
