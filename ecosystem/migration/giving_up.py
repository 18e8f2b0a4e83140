"""A move that was begun and is not wanted: everything as it was before ``prepare``.

Supabase keeps authority all along, and nobody who reads or writes notices. Whatever a killed
process left, the next one that asks goes on from there.
"""

from collections.abc import Callable

from ecosystem.database.placement import RDS, SUPABASE
from ecosystem.migration import fence, gates, plan
from ecosystem.migration.capture import release
from ecosystem.migration.ends import Ends, transaction
from ecosystem.migration.plan import PLANNED, TABLES, Connection, Refused, Who
from ecosystem.migration.readiness import at_home, make_room, prepared_as, steady
from ecosystem.migration.settling import side


def give_up(ends: Ends, group: str, who: Who, on_step: Callable[[str], None]) -> str:
    """Log no more changes of a group, and throw its copy in RDS away.

    Returns:
        What is true now, in words.
    Raises:
        Refused: RDS has authority, or somebody else does something with it at this moment.
    """
    tables = TABLES[group]
    at_home(ends, group)
    known = prepared_as(ends, group)
    # Who carries it stops: its next transaction finds that it has lost the table.
    claims = [fence.claim(ends.rds, table) for table in known]
    on_step("claimed")
    with transaction(ends.rds):
        # A change of authority is decided with this row held: none is from here to the commit.
        row = at_home(ends, group, lock=True)
        steady(ends, row)
        if prepared_as(ends, group) != known:
            raise Refused(f"somebody else prepares {group} at this moment; nothing was changed")
        for claim in claims:
            fence.hold(ends.rds, claim)
        on_step("giving up")
        # What logs there for a way back, also of a switch that did not happen.
        release(ends.rds, tables)
        if known:
            make_room(ends, tables, again=True)
        _open(ends.rds, group)
        if row.phase != PLANNED:
            plan.enter(ends.rds, group, PLANNED, "given_up", who)
        # Last, for it is committed at once. Without its log nothing can be switched: who is killed
        # here leaves a group that can only begin again or be given up.
        release(ends.supabase, tables)
        on_step("released")
        # Who was writing has been waited for: what is logged from now on is of another move.
        last = {name: _last(side(ends, name), tables) for name in (RDS, SUPABASE)}
    on_step("given up")
    for name, entry in last.items():
        side(ends, name).execute(
            "delete from public.migration_changes where consumer = %s and tbl = any(%s)"
            " and seq <= %s",
            (RDS if name == SUPABASE else SUPABASE, list(tables), entry),
        )
    gates.rest(ends.rds, group, tables)
    return f"{group} is planned again: Supabase logs nothing of it, and RDS has nothing of it"


def _open(rds: Connection, group: str) -> None:
    """RDS' gate as it is while nothing is moved; who prepares again shuts it."""
    rds.execute(
        "update public.migration_gates set final = false, token = null, closed_at = null,"
        " closed_until = null where move_group = %s",
        (group,),
    )


def _last(one: Connection, tables: tuple[str, ...]) -> int:
    found = one.execute(
        "select coalesce(max(seq), 0) from public.migration_changes where tbl = any(%s)",
        (list(tables),),
    ).fetchone()
    return found[0] if found else 0
