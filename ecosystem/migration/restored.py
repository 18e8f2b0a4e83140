"""A group whose databases contradict each other, since one of them came back from an earlier time.

A person has decided which one is kept; here that becomes true of both. Who is killed in between
asks for the same again: until the last step the databases contradict each other in the same way,
so nothing else moves the group meanwhile. Who sleeps in between finds gates that know as late a
change as his own, and moves nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from psycopg import errors as pg

from ecosystem.database.placement import RDS, SUPABASE
from ecosystem.migration import gates, plan
from ecosystem.migration.ends import WORDS, Ends, transaction
from ecosystem.migration.plan import PLANNED, RETIRED, TABLES, Refused, Who
from ecosystem.migration.readiness import outdate
from ecosystem.migration.settling import RUNBOOK, decided


@dataclass(frozen=True)
class Apart:
    """A contradiction.

    Attributes:
        row: the group as RDS has it.
        keep: the database that can be kept: the other one knows fewer changes of authority.
        supabase, rds: the gates.
    """

    row: plan.Group
    keep: str
    supabase: gates.Gate
    rds: gates.Gate

    @property
    def next_epoch(self) -> int:
        """One that no gate has had, nor will have had in a database that is restored later on."""
        return 1 + max(self.row.epoch, self.supabase.epoch, self.rds.epoch)


def consequences(ends: Ends, group: str, keep: str) -> list[str]:
    """What :func:`put_right` would do, in words; none: both agree that ``keep`` has the group.

    Raises:
        Refused: they agree on the other one, or ``keep`` is the one that lacks rows.
    """
    apart = _apart(ends, group, keep)
    if apart is None:
        return []
    if keep == SUPABASE:
        return [
            f"{group} will be read and written in Supabase, with the rows that Supabase has.",
            "RDS is closed for it. What only RDS has is lost: the copy begins again from nothing.",
        ]
    if apart.row.phase == RETIRED:
        return [f"{group} stays in RDS. Supabase is closed for it again."]
    return [
        f"{group} stays in RDS, with the rows that RDS has.",
        "Supabase is closed for it. What was written there since then is overwritten when every row"
        + " is carried back.",
    ]


def put_right(
    ends: Ends,
    group: str,
    keep: str,
    who: Who,
    on_step: Callable[[str], None] = lambda _step: None,
) -> str:
    """Give the group to ``keep``, in both databases.

    Returns:
        What is true now, and what comes next, in words.
    Raises:
        Refused: as :func:`consequences`; or somebody holds a table for long: asked again it goes
            on.
    """
    try:
        done = (_to_supabase if keep == SUPABASE else _to_rds)(ends, group, who, on_step)
    except pg.LockNotAvailable as error:
        raise Refused(f"a long transaction uses tables of {group}; try again") from error
    if not done:
        return f"{group}: both databases agree that it is written in {WORDS[keep]}"
    retired = plan.group_row(ends.rds, group).phase == RETIRED
    follows = f"; `ecosystem migrate prepare {group}` brings the other database into step"
    return f"{group} is written in {WORDS[keep]}{'' if retired else follows}"


def _to_supabase(ends: Ends, group: str, who: Who, on_step: Callable[[str], None]) -> bool:
    """RDS is closed before Supabase opens. What RDS says of the group comes last: until then RDS
    is the one from an earlier time, for whoever looks."""
    with transaction(ends.rds):
        apart = _apart(ends, group, SUPABASE, lock=True)
        if apart is None:
            return False
        # What was copied to it is of another time.
        outdate(ends.rds, group)
        gates.shut(ends.rds, group, TABLES[group])
    on_step("closed")
    with transaction(ends.supabase):
        gates.put(ends.supabase, group, apart.next_epoch, final=False)
    on_step("opened")
    with transaction(ends.rds):
        apart = _apart(ends, group, SUPABASE, lock=True)
        if apart is not None:
            epoch = apart.supabase.epoch
            gates.put(ends.rds, group, epoch, final=True)
            ends.rds.execute(
                "update migration_groups set switched_at = null, pause_ms = null where name = %s",
                (group,),
            )
            _note(ends, group, SUPABASE, epoch, PLANNED, who)
    on_step("noted")
    return True


def _to_rds(ends: Ends, group: str, who: Who, on_step: Callable[[str], None]) -> bool:
    """RDS goes on. Supabase, in which nobody's writes count, is closed after it: until then it is
    the one from an earlier time, for whoever looks."""
    with transaction(ends.rds):
        apart = _apart(ends, group, RDS, lock=True)
        if apart is None:
            return False
        row = apart.row
        goes_on = not apart.rds.final and apart.rds.epoch == row.epoch > apart.supabase.epoch
        epoch = row.epoch if goes_on else apart.next_epoch
        # Nothing is followed before every row has been carried to Supabase once more.
        outdate(ends.rds, group)
        gates.put(ends.rds, group, epoch, final=False)
        _note(ends, group, RDS, epoch, row.phase, who)
    on_step("noted")
    with transaction(ends.supabase):
        if gates.put(ends.supabase, group, epoch, final=True):
            gates.shut(ends.supabase, group, TABLES[group])
    on_step("closed")
    return True


def _note(ends: Ends, group: str, keep: str, epoch: int, phase: str, who: Who) -> None:
    ends.rds.execute(
        "update migration_groups set authority = %s, epoch = %s where name = %s",
        (keep, epoch, group),
    )
    plan.enter(ends.rds, group, phase, "kept", who, authority=keep, epoch=epoch)


def _apart(ends: Ends, group: str, keep: str, *, lock: bool = False) -> Apart | None:
    """The contradiction, if ``keep`` can be kept; None when both agree that it has the group.

    Args:
        lock: nobody changes the group's row until the commit.
    """
    row = plan.group_row(ends.rds, group, lock=lock)
    try:
        decided(ends, row)
    except Refused as refused:
        wrong = str(refused)
    else:
        if row.authority == keep:
            return None
        raise Refused(
            f"both databases agree that {group} is written in {WORDS[row.authority]}; nothing was"
            f" changed. {RUNBOOK} says what else to do after a database was restored"
        )
    supabase, rds = (gates.look(one, group) for one in (ends.supabase, ends.rds))
    right = SUPABASE if supabase.epoch > row.epoch else RDS
    if right != keep:
        raise Refused(f"{wrong}. What can be kept is {WORDS[right]}; nothing was changed")
    if keep == RDS and row.authority != RDS:
        raise Refused(
            f"{wrong}. But {group} was written in Supabase: of what is lost there RDS has a copy,"
            f" which is {row.phase.replace('_', ' ')} and was compared by nobody. Nothing was changed"
        )
    return Apart(row, keep, supabase, rds)
