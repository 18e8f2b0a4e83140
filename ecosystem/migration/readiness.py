"""What has to hold before a group is touched; what does not is said by name."""

from collections.abc import Mapping, Sequence

from psycopg import sql

from ecosystem.database.placement import RDS, SUPABASE
from ecosystem.migration import fence, plan
from ecosystem.migration.capture import captured, release, sees_every_row
from ecosystem.migration.ends import APPLIER, WORDS, Ends
from ecosystem.migration.gates import guarded
from ecosystem.migration.plan import TABLES, Connection, Refused
from ecosystem.migration.rights import missing_right
from ecosystem.migration.settling import decided
from ecosystem.migration.shape import Shape, same_shape


def ready(ends: Ends, tables: Sequence[str]) -> None:
    """Both databases let us do what a move needs, from its first step to its last.

    Raises:
        Refused: they do not; the message names what is missing.
    """
    for side, words in ((ends.source, ends.source_words), (ends.target, ends.target_words)):
        row = side.execute("select quote_ident(current_user)").fetchone()
        role = row[0] if row else ""
        if lacks := missing_right(side, tables):
            raise Refused(f"our role {role} in {words} {lacks}")
        for table in tables:
            if not sees_every_row(side, table):
                raise Refused(
                    f"policies hide rows of {table} from our role in {words}:"
                    f" run there `alter role {role} bypassrls`, or connect as a role with BYPASSRLS"
                )
            if not guarded(side, table):
                raise Refused(
                    f"{table} has no trigger migration_moved in {words}: run `ecosystem db upgrade`"
                )


def prepared_as(ends: Ends, group: str) -> dict[str, str]:
    """Fingerprints of the group's tables as they were prepared; empty when they were not."""
    rows = ends.rds.execute(
        "select tbl, fingerprint from migration_state where move_group = %s", (group,)
    )
    return dict(rows.fetchall())  # type: ignore[arg-type]


def outdate(rds: Connection, group: str) -> None:
    """What was prepared is not to be relied upon: nothing is followed or switched before it is
    prepared again."""
    rds.execute(
        "update migration_state set fingerprint = '' where move_group = %s",
        (group,),
    )


def changed(ends: Ends, shapes: Sequence[Shape], known: Mapping[str, str]) -> str:
    """What has changed since the tables were prepared, in words; empty: nothing."""
    for shape in shapes:
        if known.get(shape.table) == "":
            return f"{shape.table} has to be prepared anew"
        if known.get(shape.table) != shape.fingerprint:
            return f"the columns of {shape.table} have changed since it was prepared"
        if not captured(ends.source, shape.table):
            return f"{ends.source_words} does not log the changes of {shape.table} any more"
    return ""


def shapes_of(ends: Ends, group: str) -> list[Shape]:
    """The group's tables, as both sides have them.

    Raises:
        Refused: something has changed since they were prepared.
    """
    shapes = [same_shape(ends, table) for table in TABLES[group]]
    if what := changed(ends, shapes, prepared_as(ends, group)):
        then = (
            "carries every row again" if ends.names[0] == RDS else "begins again with an empty copy"
        )
        raise Refused(f"{what}: `ecosystem migrate prepare {group}` {then}")
    return shapes


def awake(ends: Ends, group: str) -> None:
    """Raises ``Refused`` while somebody lets the group rest."""
    rests = ends.rds.execute(
        "select from migration_pace where move_group = %s and paused_at is not null", (group,)
    )
    if rests.rowcount:
        raise Refused(f"{group} is paused: `ecosystem migrate resume {group}` lets it go on")


def make_room(ends: Ends, tables: Sequence[str], *, again: bool) -> None:
    """The copy in RDS begins empty: thrown away is only what we copied ourselves.

    Raises:
        Refused: there are rows that no move put there, or a transaction holds a table for long.
    """
    ends.rds.execute(APPLIER)
    if again:
        # What logs for the way back refuses this; the next switch makes it anew.
        release(ends.rds, tables)
        names = sql.SQL(", ").join(sql.Identifier("public", table) for table in tables)
        # However many rows there are; nobody reads a copy.
        ends.rds.execute(sql.SQL("truncate {}").format(names))
    for table in tables:
        name = sql.Identifier("public", table)
        row = ends.rds.execute(sql.SQL("select exists (select from {})").format(name)).fetchone()
        if row and row[0]:
            raise Refused(
                f"{table} in RDS has rows that were not put there by a move."
                " Look at them, and empty the table when they are not needed"
            )
    fence.forget(ends.rds, tables)


def at_home(ends: Ends, group: str, *, lock: bool = False) -> plan.Group:
    """The group while Supabase has authority over it. Raises ``Refused`` when it has not."""
    row = plan.group_row(ends.rds, group, lock=lock)
    if row.authority != SUPABASE:
        raise Refused(f"{group} has left Supabase already: it is written in RDS")
    return row


def steady(ends: Ends, row: plan.Group) -> None:
    """Asked with the group's row held: nobody can decide anything until the commit."""
    if decided(ends, row):
        raise Refused(f"{row.name} is changing hands at this moment; nothing was changed")


def unmoved(ends: Ends, row: plan.Group) -> None:
    """Asked in a transaction: what was compared since ``row`` was read is true of both sides.

    After a change of authority rows are ahead that were behind, and nothing was wrong with them.

    Raises:
        Refused: the group has changed hands since, or does so now.
    """
    now = plan.group_row(ends.rds, row.name, lock=True)
    steady(ends, now)
    if now.epoch != row.epoch:
        raise Refused(
            f"{row.name} has changed hands meanwhile: it is written in {WORDS[now.authority]}."
            f" What was compared says nothing; `ecosystem migrate verify {row.name}` does it again"
        )


def expect(
    ends: Ends, group: str, phases: Sequence[str], otherwise: str, *, lock: bool = False
) -> plan.Group:
    """The group while it is in one of these phases. Raises ``Refused`` when it is not."""
    row = plan.group_row(ends.rds, group, lock=lock)
    if row.phase == plan.RETIRED:
        otherwise = "it is in RDS alone, and there is no way back but a backup"
    if row.phase not in phases:
        raise Refused(f"{group} is {row.phase.replace('_', ' ')}: {otherwise}")
    return row
