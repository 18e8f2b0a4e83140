"""Whether moving tables stand as they should, for whoever examines the whole installation."""

from ecosystem.migration import gates, plan
from ecosystem.migration.ends import WORDS, Ends
from ecosystem.migration.plan import PLANNED, RETIRED, TABLES, Refused
from ecosystem.migration.readiness import ready, shapes_of
from ecosystem.migration.settling import decided


def standing(ends: Ends) -> str:
    """Where each group is, in one line. Changes nothing.

    Args:
        ends: Supabase and RDS, in this order.

    Raises:
        Refused: a group could not be moved, a change of authority is not finished, nothing keeps
            writers out of a copy, or what is written is not followed any more.
    """
    told: list[str] = []
    for group, tables in TABLES.items():
        row = plan.group_row(ends.rds, group)
        way = ends.owned_by(row.authority)
        if decided(ends, row):
            raise Refused(
                f"{group} is between both databases: `ecosystem migrate status` finishes it"
            )
        if row.phase != PLANNED and not gates.look(way.target, group).final:
            raise Refused(
                f"nothing keeps writers out of the copy of {group} in {way.target_words}:"
                " its gate is open"
            )
        for table in tables if row.phase != PLANNED else ():
            if not gates.guarded(way.target, table, on=True):
                raise Refused(
                    f"nothing keeps writers out of {table} in {way.target_words}: its trigger is"
                    f" off. `alter table {table} enable always trigger migration_moved` there, and"
                    f" then `ecosystem migrate verify {group}`: somebody may have written to it"
                )
        if row.phase != RETIRED:
            ready(way, tables)
        if row.phase not in (PLANNED, RETIRED):
            shapes_of(way, group)
        told.append(f"{group} {row.phase.replace('_', ' ')}, in {WORDS[row.authority]}")
    return "; ".join(told)
