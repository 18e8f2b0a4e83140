"""What is known of groups that move, put into the console's words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ecosystem.domain.moving import (
    GroupState,
    Option,
    SignInCounts,
    SinkState,
    TableState,
    TimelineLine,
    Verified,
)
from ecosystem.services.moving.options import FRESH
from ecosystem.state import formats
from ecosystem.state.ops.migration.buttons import failed_last, others, without_marks, words_for
from ecosystem.state.ops.migration.lines import (
    EventLine,
    GroupLine,
    NumberLine,
    OptionLine,
    PhaseLine,
    TableLine,
)
from ecosystem.state.ops.migration.questions import condition_lines, differing
from ecosystem.state.ops.migration.steps import (
    PHASES,
    SINK_STANDINGS,
    SINK_STEPS,
    STANDINGS,
    STEPS,
    SYSTEMS,
    Standing,
    Step,
)
from ecosystem.state.ops.migration.times import ago, lasting, size
from ecosystem.state.sums import counted

Options = Mapping[str, Option]
"""What can be asked for of a group, by action."""

_FIGURES_OLD_SECONDS = 30
ENDS = {
    "done": "is done",
    "refused": "was refused",
    "failed": "failed",
    "cancelled": "was called off",
}
_FOLLOWED = ("copying", "in_sync", "switched")
_UNKNOWN = "–"
_READY = "All that it needs is met."
_ACCOUNTS = "accounts"
"""The group with the operators' people, whose sign-in moves as well."""


def group_line(one: GroupState, options: Options, now: datetime) -> GroupLine:
    """A group of tables in words."""
    standing = STANDINGS.get(one.phase, Standing(one.phase, "", "", ""))
    name, tone = PHASES.get(one.phase, (one.phase, "plain"))
    paused = ""
    if one.paused is not None:
        why = f": {one.paused.why}" if one.paused.why else ""
        paused = f"Paused by {one.paused.by}, {ago(one.paused.at, now)}{why}"
    title, trouble = _trouble(one, STEPS, now)
    if not title and one.unfollowed:
        title, trouble = "Its changes are not followed", sentence(words_for(one)(one.unfollowed))
    elif not title and one.differing:
        title = f"{differing(one.differing)} for good"
        trouble = (
            "Nothing explains it, so no switch is made. Press the number in the table to see the "
            "rows; the runbook “Something differs” says what to do about them."
        )
    return GroupLine(
        name=one.name,
        phase=name,
        tone="warn" if paused else "bad" if one.unfollowed else tone,
        moves=True,
        moved=one.authority == "rds",
        summary=_summary(one, now),
        now=_now(one, standing, now),
        next_title=standing.next_title,
        next=standing.next,
        back=standing.back,
        **_needs(one, options.get(standing.action)),
        paused=paused,
        can_pause=one.phase in _FOLLOWED and not paused,
        **_job(one, STEPS, now),
        trouble_title=title,
        trouble=trouble,
        phases=_way(one.phase),
        tables=[_table_line(table, one, now) for table in one.tables],
        step=OptionLine() if one.job else _button(standing.action, options, STEPS),
        undo=OptionLine() if one.job else _button(standing.undo, options, STEPS),
        options=[_button(name, options, STEPS) for name in others(one) if name in options],
        numbers=_numbers(one, now),
    )


def sink_line(one: SinkState, options: Options, now: datetime) -> GroupLine:
    """The read model in the same words: nothing moves there, it follows."""
    standing = SINK_STANDINGS.get(one.phase, Standing(one.phase, "", "", ""))
    steps = STEPS | SINK_STEPS
    name, tone = PHASES.get(one.phase, (one.phase, "bad"))
    title, trouble = _trouble(one, steps, now)
    check, check_tone, checked = _check(one.verified, now, items=True)
    if one.verified and one.verified.differing and not one.job:
        title = differing(one.verified.differing, items=True)
        trouble = (
            "The databases are right. Build it anew when the reason is known; pages can read the "
            "databases meanwhile."
        )
    return GroupLine(
        name=one.name,
        phase=name,
        tone=tone,
        summary=_waits(one.pending, one.lag_seconds),
        now=standing.now,
        next_title=standing.next_title,
        next=standing.next,
        back=standing.back,
        **_needs(one, options.get(standing.action)),
        **_job(one, steps, now),
        trouble_title=title,
        trouble=trouble,
        differing=one.name if one.verified and one.verified.differences else "",
        step=OptionLine() if one.job else _button(standing.action, options, steps),
        options=[_button(name, options, steps) for name in standing.others],
        numbers=[
            NumberLine("Behind", *_behind(one.pending, one.lag_seconds)),
            NumberLine("Last comparison", check, checked, check_tone),
        ],
    )


def leading(lines: Sequence[GroupLine], options: Mapping[str, Options]) -> list[GroupLine]:
    """The same groups, the first whose next step can be asked for with the page's one big button.

    Never a step that closes a way back: that should not be the one that stands out. A later group
    says whose turn it is before.
    """
    led: list[GroupLine] = []
    found, before = False, ""
    for line in lines:
        if line.moves and before and line.held == _READY:
            line = replace(line, held=f"{_READY} The plan has {before} move first.")
        if line.moves and not line.moved:
            before = before or line.name
        step = line.step
        option = options[line.name].get(step.action)
        if not found and option and option.allowed and step.kind == "plain" and not line.job:
            line, found = replace(line, step=replace(step, kind="primary")), True
        led.append(line)
    return led


def event_line(one: TimelineLine) -> EventLine:
    """An entry of the timeline."""
    return EventLine(
        id=str(one.id),
        at=f"{formats.moment(one.at)}:{one.at:%S} UTC",
        group=one.group,
        what=without_marks(one.what),
        who=one.who,
    )


def worker_words(seen: datetime | None, now: datetime) -> tuple[str, str, str]:
    """Whether a worker is there: a badge, its tone, and what it means when there is none."""
    meaning = (
        "Nothing is copied, followed or switched until one is back. Nothing is lost: changes are "
        "logged and wait, and everyone goes on reading and writing."
    )
    if seen is None:
        return "no worker yet", "bad", f"No worker has been seen. {meaning}"
    if now - seen > FRESH:
        return "worker silent", "bad", f"The worker was last seen {ago(seen, now)}. {meaning}"
    return "worker at work", "good", ""


def _now(one: GroupState, standing: Standing, now: datetime) -> str:
    """What is true, and whether somebody carries the changes over."""
    running = one.job is not None and one.job.state == "running"
    if one.unfollowed:
        return f"{standing.now} Its changes are not carried over."
    carried = _alive(one, now) and (running or bool(one.keeper and one.paused is None))
    return f"{standing.now} {standing.carried if carried else standing.waits}".rstrip()


def _alive(one: GroupState, now: datetime) -> bool:
    """Whether a worker is there, who would also have seen that nobody carries it any more."""
    return one.worker_at is not None and now - one.worker_at <= FRESH


def _old(one: GroupState, now: datetime) -> bool:
    return one.seen_at is None or (now - one.seen_at).total_seconds() > _FIGURES_OLD_SECONDS


def _summary(one: GroupState, now: datetime) -> str:
    if one.phase in ("planned", "retired"):
        return "" if one.seen_at else "not counted yet"
    words = ["changes are not followed" if one.unfollowed else _waits(one.pending, one.lag_seconds)]
    if one.phase == "copying" and one.rate:
        words = [f"{formats.number(round(one.rate))} rows/s"]
        if one.seconds_left is not None:
            words.append(f"about {lasting(max(1, round(one.seconds_left)))} left")
    if one.throttled and not one.unfollowed and one.phase != "capturing":
        words.append(one.throttled)
    if one.seen_at is None:
        words.append("not counted yet")
    elif _old(one, now):
        words.append(f"figures of {ago(one.seen_at, now)}")
    return " · ".join(words)


def _waits(pending: int, lag_seconds: float) -> str:
    if not pending:
        return "nothing waits"
    wait = counted(pending, "change waits", "changes wait")
    return f"{wait}, the oldest for {lasting(lag_seconds)}"


def _behind(pending: int, lag_seconds: float) -> tuple[str, str]:
    if not pending:
        return "0 rows", "both sides have every change"
    return counted(pending, "row", "rows"), f"the oldest for {lasting(lag_seconds)}"


def _needs(one: GroupState | SinkState, option: Option | None) -> dict[str, Any]:
    """What the next step still needs, all of it."""
    if option is None:
        return {}
    if one.job:
        return {"held": "It can be asked for when what is under way has ended."}
    missing = [each for each in condition_lines(option, one) if not each.ok]
    return {"missing": missing} if missing else {"held": _READY}


def _job(one: GroupState | SinkState, steps: Mapping[str, Step], now: datetime) -> dict[str, Any]:
    job, last = one.job, one.last_job
    if job is None:
        if last is None:
            return {}
        return {"announced": f"{steps[last.action].doing} {ENDS[last.state]}"}
    doing = steps[job.action].doing
    if job.state == "waiting":
        words, at = f"{doing} waits for the worker", job.asked_at
    else:
        words, at = f"{doing}: {job.step}" if job.step else doing, job.started_at or job.asked_at
    began = "asked" if job.state == "waiting" else "began"
    return {
        "job": words,
        "job_note": f"Asked by {job.asked_by}, {began} {ago(at, now)}",
        "job_id": str(job.id),
        "job_runs": job.state == "running",
        "announced": words if job.state == "waiting" else doing,
    }


def _trouble(
    one: GroupState | SinkState, steps: Mapping[str, Step], now: datetime
) -> tuple[str, str]:
    last = one.last_job
    if last is None or not failed_last(one):
        return "", ""
    at = last.finished_at or last.asked_at
    told = sentence(words_for(one)(last.error))
    return f"{steps[last.action].doing} {ENDS[last.state]} {ago(at, now)}", told


def sentence(words: str) -> str:
    """What the engine says in a line of its own, with a capital and a full stop."""
    return words[:1].upper() + words[1:] + ("" if words[-1:] in ("", ".", "!", "?") else ".")


def _way(phase: str) -> list[PhaseLine]:
    names = list(PHASES)
    at = names.index(phase) if phase in names else -1
    return [
        PhaseLine(label, "current" if n == at else "past" if n < at else "coming")
        for n, (label, _tone) in enumerate(PHASES.values())
    ]


def _button(action: str, options: Options, steps: Mapping[str, Step]) -> OptionLine:
    """A step's button; nothing for a step that is not offered."""
    if action not in options:
        return OptionLine()
    kind = "danger" if steps[action].danger else "plain"
    return OptionLine(action=action, label=steps[action].label, kind=kind)


def _table_line(table: TableState, group: GroupState, now: datetime) -> TableLine:
    here, there = formats.number(table.rows_source), formats.number(table.rows_target)
    in_rds = group.authority == "rds"
    copies = group.phase not in ("planned", "capturing")
    check, tone, checked = _check(table.verified, now)
    if not copies:
        check = _UNKNOWN
    rate = f", {formats.number(round(table.rate))} rows/s" if table.rate else ""
    return TableLine(
        name=table.name,
        written=f"written in {SYSTEMS.get(group.authority, group.authority)}",
        begun=group.phase != "planned",
        copies=copies,
        rows_supabase=there if in_rds else here,
        rows_rds=here if in_rds else there,
        percent=table.percent if copies else 0,
        copied=f"{table.percent}%{rate}" if copies else _UNKNOWN,
        waiting=_UNKNOWN
        if group.phase in ("planned", "retired")
        else formats.number(table.pending),
        age=f"for {lasting(table.lag_seconds)}" if table.pending else "",
        check=check,
        check_tone=tone,
        checked=checked,
        differing=bool(table.verified and table.verified.differences),
    )


def _check(
    verified: Verified | None, now: datetime, *, items: bool = False
) -> tuple[str, str, str]:
    """What a comparison found, its tone, and when."""
    if verified is None:
        return "not yet", "plain", ""
    at = ago(verified.at, now) + (", deep" if verified.deep else "")
    if verified.equal:
        return "equal", "good", at
    return differing(verified.differing, items=items), "bad", at


def _numbers(one: GroupState, now: datetime) -> list[NumberLine]:
    found: list[NumberLine] = []
    if one.phase in _FOLLOWED:
        rows, note = _behind(one.pending, one.lag_seconds)
        if one.unfollowed:
            rows, note = "not known", ""
        keeper, rests = one.keeper, "it is paused" if one.paused else "the worker takes it over"
        if one.seen_at is not None and _old(one, now):
            note = f"as of {ago(one.seen_at, now)}"
        if one.unfollowed:
            keeper, rests = "", "its changes are not followed"
        if not _alive(one, now):
            keeper, rests = "", "no worker is there"
        found.append(NumberLine("Behind", rows, note, "bad" if one.unfollowed else "plain"))
        found.append(NumberLine("Carried by", keeper or "nobody", "" if keeper else rests))
    last = one.last_switch
    if last is not None:
        turn = "rolled back to Supabase" if last.target == "supabase" else "switched to RDS"
        paused = _UNKNOWN if last.pause_ms is None else f"{last.pause_ms:,.0f} ms"
        by = f" by {last.by}" if last.by else ""
        found.append(NumberLine("Writes paused", paused, f"{turn} {ago(last.at, now)}{by}"))
    if one.phase not in ("planned", "capturing") or one.last_backup:
        found.append(_backup(one, now))
    if one.sign_in is not None:
        found.append(_sign_in(one.sign_in, now))
    elif one.name == _ACCOUNTS:
        found.append(
            NumberLine(
                "Sign-in moved to Cognito",
                "not counted",
                "it is counted every ten minutes while SIGN_IN_MOVES is on",
            )
        )
    return found


def _sign_in(counts: SignInCounts, now: datetime) -> NumberLine:
    stuck, first = sum(counts.impossible.values()), sum(counts.waiting_for.values())
    people = [f"{formats.number(counts.waiting - first)} at their next sign-in"]
    if first:
        people.append(f"{formats.number(first)} after a step of their own")
    people.append(f"{formats.number(stuck)} {'needs' if stuck == 1 else 'need'} somebody")
    return NumberLine(
        "Sign-in moved to Cognito",
        f"{formats.number(counts.moved)} of "
        f"{formats.number(counts.moved + counts.waiting + stuck)}",
        f"{', '.join(people)}; {ago(counts.at, now)}",
        "warn" if stuck else "plain",
    )


def _backup(one: GroupState, now: datetime) -> NumberLine:
    kept = one.last_backup
    if kept is None:
        return NumberLine("Last backup", "none", "a switch takes one first")
    note = f"{counted(kept.rows, 'row', 'rows')}, {size(kept.size)}"
    if kept.checked:
        return NumberLine("Last backup", ago(kept.at, now), f"{note}, read back")
    return NumberLine("Last backup", ago(kept.at, now), f"{note}, not read back", "warn")
