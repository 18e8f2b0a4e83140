"""What can be done with a group now: said once, for the console and whoever asks otherwise."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from ecosystem.domain.moving import (
    GROUP_ACTIONS,
    SINK_ACTIONS,
    TYPED,
    Action,
    Condition,
    GroupState,
    Option,
    SinkState,
)

FRESH: Final = timedelta(seconds=20)
"""A worker that gave no sign of life for longer runs no more."""
SHORT_LAG_SECONDS: Final = 10.0

_COPIED = ("capturing", "copying", "in_sync")

_DOES: Final[dict[Action, tuple[str, ...]]] = {
    "prepare": (
        "Compares the columns of every table in both databases.",
        "Lets Supabase log the key of every row that changes, whoever changes it.",
        "Copies nothing; reading and writing stay in Supabase.",
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
        _option(action, (*_CONDITIONS[action](group), *_always(group, now)))
        for action in GROUP_ACTIONS
    )


def sink_options(sink: SinkState, now: datetime) -> tuple[Option, ...]:
    """The same for the read model."""
    built = Condition("It has been built.", sink.phase == "in_sync")
    return tuple(
        _option(action, (*((built,) if action == "verify" else ()), *_always(sink, now)))
        for action in SINK_ACTIONS
    )


def _option(action: Action, conditions: tuple[Condition, ...]) -> Option:
    return Option(action, _DOES[action], conditions, action in TYPED)


def _always(state: GroupState | SinkState, now: datetime) -> tuple[Condition, ...]:
    seen = state.worker_at
    return (
        Condition("Nothing else is being done with it.", state.job is None),
        Condition("A worker runs.", seen is not None and now - seen < FRESH),
    )


def _prepare(group: GroupState) -> tuple[Condition, ...]:
    return (
        Condition("It lives in Supabase.", group.authority == "supabase"),
        _awake(group),
    )


def _copy(group: GroupState) -> tuple[Condition, ...]:
    return (
        Condition("It is prepared and has not been switched.", group.phase in _COPIED),
        _awake(group),
    )


def _run(group: GroupState) -> tuple[Condition, ...]:
    return (
        Condition("It has not been switched.", group.phase in ("planned", *_COPIED)),
        _awake(group),
    )


def _verify(group: GroupState) -> tuple[Condition, ...]:
    return (_in_step(group), _awake(group))


def _backup(_group: GroupState) -> tuple[Condition, ...]:
    return ()


def _switch(group: GroupState) -> tuple[Condition, ...]:
    return (Condition("Both sides are in step.", group.phase == "in_sync"), *_turn(group))


def _rollback(group: GroupState) -> tuple[Condition, ...]:
    return (Condition("It has been switched to RDS.", group.phase == "switched"), *_turn(group))


def _turn(group: GroupState) -> tuple[Condition, ...]:
    return (
        Condition(
            "It was verified, and every row is the same.",
            group.verified is not None and group.differing == 0,
        ),
        Condition(
            f"Changes are carried over within {SHORT_LAG_SECONDS:.0f} seconds.",
            group.lag_seconds < SHORT_LAG_SECONDS,
        ),
        _awake(group),
    )


def _retire(group: GroupState) -> tuple[Condition, ...]:
    switched = group.last_switch.at if group.last_switch else None
    verified = group.verified
    return (
        Condition("It has been switched to RDS.", group.phase == "switched"),
        Condition(
            "It was verified since, and every row is the same.",
            verified is not None
            and group.differing == 0
            and (switched is None or verified.at >= switched.replace(microsecond=0)),
        ),
        _awake(group),
    )


def _in_step(group: GroupState) -> Condition:
    return Condition("Both sides are in step.", group.phase in ("in_sync", "switched"))


def _awake(group: GroupState) -> Condition:
    return Condition("It is not paused.", group.paused is None)


_CONDITIONS: Final[dict[Action, Callable[[GroupState], tuple[Condition, ...]]]] = {
    "prepare": _prepare,
    "copy": _copy,
    "verify": _verify,
    "run": _run,
    "backup": _backup,
    "switch": _switch,
    "rollback": _rollback,
    "retire": _retire,
}
