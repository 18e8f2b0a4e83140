"""What can be done with a group now: said once, for the console and whoever asks otherwise."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from ecosystem.domain.moving import (
    GROUP_ACTIONS,
    SINK_ACTIONS,
    TRAFFIC,
    TYPED,
    Action,
    Condition,
    GroupState,
    Option,
    SinkState,
)
from ecosystem.services.moving.words import ACTIONS

FRESH: Final = timedelta(seconds=20)
"""A worker that gave no sign of life for longer runs no more."""
SHORT_LAG_SECONDS: Final = 10.0
_HOURS: Final = 24
COMPARED: Final = timedelta(hours=_HOURS)
"""A comparison that is older says little of the rows as they are now."""

_COPIED = ("capturing", "copying", "in_sync")

_DOES: Final[dict[Action, tuple[str, ...]]] = {
    "prepare": (
        "Compares the columns of every table in both databases.",
        "Lets Supabase log the key of every row that changes, whoever changes it.",
        "Reading and writing stay in Supabase.",
        (
            "What is copied already stays, unless columns changed or the log was off: then the copy"
            " in RDS is thrown away, and the group begins again."
        ),
    ),
    "copy": (
        "Copies all rows to the other database in chunks, and follows what changes meanwhile.",
        "Goes on where it was when it was stopped; nobody who writes waits for it.",
        "Reading and writing stay where they are.",
    ),
    "verify": (
        "Compares all rows of both sides while everybody writes, without a lock.",
        "Shows each row that differs. Changes nothing.",
    ),
    "run": (
        "Prepares, copies and verifies, one after the other.",
        "Afterwards the worker keeps both sides in step. Reading and writing stay where they are.",
    ),
    "backup": (
        "Writes the group's tables, schema and data, with checksums to the bucket.",
        "Reads it back to see that it is whole. It is kept for 30 days.",
    ),
    "switch": (
        "Takes a backup, if there is none of the last hour.",
        "Compares all rows while everybody writes, and looks for rows without their parents.",
        (
            "Lets everybody wait for a moment (less than a second, five at most), carries over the"
            " last changes and compares those rows once more."
        ),
        (
            "From then on RDS is read and written; Supabase is kept in step, so that rolling back is"
            " possible at any time."
        ),
        "If anything is not as it should be, everything stays in Supabase and you are told why.",
    ),
    "rollback": (
        "Compares all rows while everybody writes.",
        (
            "Lets everybody wait for a moment (less than a second, five at most), carries the last"
            " changes back to Supabase and compares those rows once more."
        ),
        "From then on Supabase is read and written again; nothing that was written in RDS is lost.",
        "If anything is not as it should be, everything stays in RDS and you are told why.",
    ),
    "retire": (
        "Takes a backup, if there is none of the last hour.",
        "Stops carrying changes back to Supabase. Its tables stay there as they are, closed.",
        "From then on there is no way back but a backup.",
    ),
    "give_up": (
        "Lets Supabase log no more changes of it. Reading and writing stay there; nobody waits.",
        "Throws away the copy in RDS, and what waits in the log.",
        "Leaves the group planned, as if it had not been begun.",
    ),
    "rebuild": (
        (
            "Builds the read model anew from the databases; until it is done, reads that it would"
            " serve come from the databases."
        ),
        "Deletes items that nothing stands for any more.",
    ),
}


def group_options(group: GroupState, now: datetime) -> tuple[Option, ...]:
    """Everything there is to do with a group, possible now or not, with the conditions."""
    return tuple(
        _option(action, (*_CONDITIONS[action](group, now), *_always(group, now)))
        for action in GROUP_ACTIONS
    )


def sink_options(sink: SinkState, now: datetime) -> tuple[Option, ...]:
    """The same for the read model."""
    built = Condition("Built to its end", sink.phase == "in_sync", "it is not")
    return tuple(
        _option(action, (*((built,) if action == "verify" else ()), *_always(sink, now)))
        for action in SINK_ACTIONS
    )


def _option(action: Action, conditions: tuple[Condition, ...]) -> Option:
    told = tuple(replace(one, now="") if one.met else one for one in conditions)
    return Option(action, _DOES[action], told, action in TYPED)


def _always(state: GroupState | SinkState, now: datetime) -> tuple[Condition, ...]:
    job, seen = state.job, state.worker_at
    under_way = ""
    if job is not None:
        under_way = f"{ACTIONS[job.action]} {'waits' if job.state == 'waiting' else 'goes on'}"
    return (
        Condition("Nothing else asked for or under way", job is None, under_way),
        Condition(
            "A worker at work",
            seen is not None and now - seen < FRESH,
            "none has been seen" if seen is None else f"the last one was seen {_ago(now - seen)}",
        ),
    )


def _prepare(group: GroupState, _now: datetime) -> tuple[Condition, ...]:
    return (
        Condition("Still written in Supabase", group.authority == "supabase", _phase(group)),
        _awake(group),
    )


def _copy(group: GroupState, _now: datetime) -> tuple[Condition, ...]:
    return (
        Condition("Prepared, and not switched yet", group.phase in _COPIED, _phase(group)),
        _awake(group),
    )


def _run(group: GroupState, _now: datetime) -> tuple[Condition, ...]:
    return (
        Condition("Not switched yet", group.phase in ("planned", *_COPIED), _phase(group)),
        _awake(group),
    )


def _verify(group: GroupState, _now: datetime) -> tuple[Condition, ...]:
    return (_in_step(group, "in_sync", "switched"), _followed(group), _awake(group))


def _backup(_group: GroupState, _now: datetime) -> tuple[Condition, ...]:
    return ()


def _switch(group: GroupState, now: datetime) -> tuple[Condition, ...]:
    return (_in_step(group, "in_sync"), _compared(group, now), *_turn(group))


def _rollback(group: GroupState, _now: datetime) -> tuple[Condition, ...]:
    # It may be urgent, and compares everything itself: what is known to differ would refuse it.
    return (
        _switched(group),
        Condition("No row known to differ", group.differing == 0, _differ(group.differing)),
        *_turn(group),
    )


def _give_up(group: GroupState, _now: datetime) -> tuple[Condition, ...]:
    return (Condition("Begun, and not switched", group.phase in _COPIED, _phase(group)),)


def _turn(group: GroupState) -> tuple[Condition, ...]:
    return (
        _followed(group),
        Condition(
            f"Changes carried over within {SHORT_LAG_SECONDS:.0f} seconds",
            group.lag_seconds < SHORT_LAG_SECONDS,
            f"the oldest has waited for {group.lag_seconds:,.0f} seconds",
        ),
        _awake(group),
    )


def _retire(group: GroupState, now: datetime) -> tuple[Condition, ...]:
    since = group.last_switch.at.replace(microsecond=0) if group.last_switch else None
    return (
        _switched(group),
        *((_used(since, now),) if group.phase == "switched" else ()),
        _compared(group, now, since),
        _followed(group),
        _awake(group),
    )


def _used(since: datetime | None, now: datetime) -> Condition:
    """Days of traffic have shown that nobody needs the way back."""
    return Condition(
        f"Read and written in RDS for at least {TRAFFIC.days} days",
        since is not None and now - since >= TRAFFIC,
        f"it was switched {_ago(now - since)}" if since else "nobody knows since when",
    )


def _switched(group: GroupState) -> Condition:
    return Condition("Switched to RDS, and not retired", group.phase == "switched", _phase(group))


def _in_step(group: GroupState, *phases: str) -> Condition:
    return Condition(
        "Copied to the end, with both sides in step", group.phase in phases, _phase(group)
    )


def _compared(group: GroupState, now: datetime, since: datetime | None = None) -> Condition:
    """The last comparison is of these hours, of after ``since``, and found nothing."""
    words = f"Compared {'since the switch and ' if since else ''}within the last {_HOURS} hours"
    found, helps = group.verified, f"; `ecosystem migrate verify {group.name}` does it"
    if found is None:
        told = f"it has not been compared yet{helps}"
    elif group.differing:
        told = _differ(group.differing)
    elif since is not None and found.at < since:
        told = f"the last comparison is of before the switch{helps}"
    else:
        told = f"it was last compared {_ago(now - found.at)}{helps}"
    met = (
        found is not None
        and group.differing == 0
        and now - found.at < COMPARED
        and (since is None or found.at >= since)
    )
    return Condition(f"{words}, every row equal", met, told)


def _followed(group: GroupState) -> Condition:
    return Condition("Every change logged and followed", not group.unfollowed, group.unfollowed)


def _differ(count: int) -> str:
    return "1 row differs" if count == 1 else f"{count:,} rows differ"


def _awake(group: GroupState) -> Condition:
    by = group.paused.by if group.paused else ""
    told = f"{by} has paused it; `ecosystem migrate resume {group.name}` lets it go on"
    return Condition("Not paused", group.paused is None, told)


def _phase(group: GroupState) -> str:
    """How far it is, for a phase that is not the one that is needed."""
    return _STANDS.get(group.phase, group.phase)


def _ago(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 2:
        return "a moment ago"
    if minutes < 120:
        return f"{minutes} minutes ago"
    return f"{minutes // 60} hours ago" if minutes < 2_880 else f"{minutes // 1_440} days ago"


_STANDS: Final = {
    "planned": "it is not prepared",
    "capturing": "nothing is copied yet",
    "copying": "it is being copied",
    "in_sync": "it is in sync, and not switched",
    "switched": "it is switched: RDS is written",
    "retired": "it is retired: RDS is written",
}

_CONDITIONS: Final[dict[Action, Callable[[GroupState, datetime], tuple[Condition, ...]]]] = {
    "prepare": _prepare,
    "copy": _copy,
    "verify": _verify,
    "run": _run,
    "backup": _backup,
    "switch": _switch,
    "rollback": _rollback,
    "retire": _retire,
    "give_up": _give_up,
}
