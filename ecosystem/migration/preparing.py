"""What comes first: Supabase logs every change of a group, and RDS' copy is empty and closed."""

from ecosystem.database.placement import RDS
from ecosystem.migration import fence, gates, plan
from ecosystem.migration.capture import capture
from ecosystem.migration.ends import Ends, transaction
from ecosystem.migration.plan import CAPTURING, PLANNED, TABLES, Refused, Who
from ecosystem.migration.readiness import at_home, changed, make_room, prepared_as, ready, steady
from ecosystem.migration.shape import same_shape


def prepare(ends: Ends, group: str, who: Who) -> str:
    """Make Supabase log every change of the group's tables; nothing moves yet.

    If the log was switched off meanwhile, or columns changed, what was copied is not to be relied
    upon: it is thrown away and the group begins again.

    Returns:
        What is true now, in words.
    Raises:
        Refused: RDS has authority, a side is not ready, or somebody else prepares it.
    """
    tables = TABLES[group]
    at_home(ends, group)
    shapes = [same_shape(ends, table) for table in tables]
    known = prepared_as(ends, group)
    prepared = bool(known)
    if prepared and not changed(ends, shapes, known):
        return f"{group} is prepared: Supabase logs every change of it"
    ready(ends, tables)
    with transaction(ends.rds):
        steady(ends, at_home(ends, group, lock=True))
        # Who was quicker may have begun to copy: what is there is not ours to forget.
        if prepared_as(ends, group) != known:
            raise Refused(f"somebody else prepares {group} at this moment; nothing was changed")
        # Nobody is in there: it takes the lock at once, or a stranger has it.
        gates.shut(ends.rds, group, tables)
        make_room(ends, tables, again=prepared)
        if prepared:
            plan.enter(ends.rds, group, PLANNED, "began_again", who)
    capture(ends.supabase, tables, RDS)
    with transaction(ends.rds):
        row = at_home(ends, group, lock=True)
        for shape in shapes:
            fence.begin(ends.rds, group, shape)
        if row.phase == PLANNED:
            plan.enter(ends.rds, group, CAPTURING, "prepared", who, again=prepared)
    return f"{group}: Supabase logs every change from now on"
