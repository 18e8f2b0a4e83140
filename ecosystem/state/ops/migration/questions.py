"""The questions of the console: a step with all that belongs to it, and rows that differ."""

from datetime import datetime

from ecosystem.domain.moving import GroupState, Option, SinkState, TableState
from ecosystem.state.ops.migration.buttons import words_for
from ecosystem.state.ops.migration.lines import AskedStep, ConditionLine, FoundLine, RowLine
from ecosystem.state.ops.migration.steps import PAUSE, SINK_STEPS, STEPS
from ecosystem.state.ops.migration.times import ago
from ecosystem.state.sums import counted

_LOOKED_AT = " Each was looked at three times, and no change that waits explains it."


def asked_step(group: str, option: Option, now_in: GroupState | SinkState) -> AskedStep:
    """The question before a step."""
    steps = STEPS if isinstance(now_in, GroupState) else STEPS | SINK_STEPS
    step = steps[option.action]
    return AskedStep(
        open=True,
        group=group,
        action=option.action,
        title=step.title.format(group=group),
        does=list(option.does),
        conditions=condition_lines(option, now_in),
        back=step.back,
        confirm=step.confirm,
        typed=option.typed,
        deep=option.action == "verify" and isinstance(now_in, GroupState),
        danger=step.danger,
        allowed=option.allowed,
        not_yet=_not_yet(option),
    )


def condition_lines(option: Option, now_in: GroupState | SinkState) -> list[ConditionLine]:
    """What a step needs, met or not."""
    said = words_for(now_in)
    return [ConditionLine(one.words, one.met, said(one.now)) for one in option.conditions]


def _not_yet(option: Option) -> str:
    missing = sum(not one.met for one in option.conditions)
    if not missing:
        return ""
    return f"Not possible yet: {missing} of {len(option.conditions)} needs not met."


def asked_pause(group: str) -> AskedStep:
    """The question before a pause."""
    return AskedStep(
        open=True,
        group=group,
        action="pause",
        title=PAUSE.title.format(group=group),
        does=[
            "Copying and following stop after the piece they are at; nothing is lost.",
            "Changes go on being logged and wait. While it is paused it can't be switched.",
        ],
        back=PAUSE.back,
        confirm=PAUSE.confirm,
        reason=True,
        allowed=True,
    )


def found_line(table: TableState | SinkState, now: datetime) -> FoundLine:
    """The rows of a table, or the items of the read model, that differ."""
    verified = table.verified
    if verified is None or not verified.differences:
        return FoundLine()
    more = verified.differing - len(verified.differences)
    sink = isinstance(table, SinkState)
    explained = "" if sink else _LOOKED_AT
    return FoundLine(
        open=True,
        key=table.name,
        title=differing(verified.differing, items=sink),
        note=f"{table.name}, compared {ago(verified.at, now)}.{explained}",
        more=f"And {counted(more, 'other one', 'other ones')}." if more else "",
        rows=[RowLine(one.id, one.what) for one in verified.differences],
    )


def differing(count: int, *, items: bool = False) -> str:
    """``1 row differs``, ``3 items differ``."""
    what = "item" if items else "row"
    return counted(count, f"{what} differs", f"{what}s differ")
