"""An import and its report as operators read them."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from ecosystem.services.imports import ImportView, ReportLine
from ecosystem.state import formats

PATH = "/provider/import"
KINDS = {"packages": "Packages", "departures": "Departures"}
STATES = {
    "uploaded": ("Waiting", "plain"),
    "checking": ("Being checked", "brand"),
    "checked": ("Checked", "warn"),
    "running": ("Running", "brand"),
    "done": ("Done", "good"),
    "cancelled": ("Cancelled", "plain"),
    "failed": ("Can't be read", "bad"),
}
OUTCOMES = {
    "create": ("New", "brand"),
    "change": ("Changes", "warn"),
    "same": ("Same", "plain"),
    "wrong": ("Wrong", "bad"),
    "done": ("Done", "good"),
    "failed": ("Not done", "bad"),
    "new": ("Not looked at", "plain"),
}
MOVING = ("uploaded", "checking", "running")


@dataclass(frozen=True)
class Filter:
    """One outcome of the report with its number."""

    label: str = ""
    count: str = ""
    href: str = ""
    on: bool = False


@dataclass(frozen=True)
class ReportRow:
    """A record of the file. ``details``: a line for each field."""

    line: str = ""
    subject: str = ""
    outcome: str = ""
    tone: str = "plain"
    details: str = ""


@dataclass(frozen=True)
class EarlierLine:
    """An import in the list of earlier ones."""

    href: str = ""
    name: str = ""
    facts: str = ""
    state: str = ""
    tone: str = "plain"
    result: str = ""


@dataclass(frozen=True)
class ImportNow:
    """The import that the address names; ``moving``: the worker has it in hand."""

    name: str = ""
    facts: str = ""
    state: str = ""
    tone: str = "plain"
    problem: str = ""
    summary: str = ""
    moving: bool = False
    working: str = ""
    percent: int = 0
    pace: str = ""
    run_label: str = ""
    can_run: bool = False
    can_cancel: bool = False
    cancelling: bool = False


def address_of(import_id: UUID, outcome: str = "", page: int = 1) -> str:
    given = {"id": str(import_id), "show": outcome, "page": str(page) if page > 1 else ""}
    return f"{PATH}?{urlencode({name: value for name, value in given.items() if value})}"


def pace(done: int, seconds: float, left: int) -> str:
    """``40 a second · about 2 min left``; nothing while there is nothing to measure."""
    if done < 1 or seconds < 1 or left < 1:
        return ""
    rate = done / seconds
    remaining = left / rate
    time_left = f"{remaining:.0f} s" if remaining < 90 else f"{remaining / 60:.0f} min"
    each = f"{rate:.0f} a second" if rate >= 1 else f"{rate * 60:.0f} a minute"
    return f"{each} · about {time_left} left"


def import_now(view: ImportView, pace_words: str) -> ImportNow:
    state, tone = STATES[view.state]
    counts = view.counts
    to_carry_out = counts.get("create", 0) + counts.get("change", 0)
    whole = view.to_do
    shown = f"{formats.number(view.done)} of {formats.number(whole)}"
    doing = "Carrying out" if view.state == "running" else "Checking"
    moving = view.state in MOVING
    return ImportNow(
        name=view.file_name,
        facts=f"{KINDS[view.what]} · {formats.moment(view.created_at)} UTC · {view.who}",
        state="Being cancelled" if view.cancelling else state,
        tone=tone,
        problem=view.problem,
        summary=summary(view),
        moving=moving,
        working=doing,
        percent=100 * view.done // whole if whole and moving else 0,
        pace=" · ".join(part for part in (shown if whole else "", pace_words) if part),
        run_label=f"Import {records(to_carry_out, view.what)}",
        can_run=view.state == "checked" and to_carry_out > 0,
        can_cancel=moving and not view.cancelling,
        cancelling=view.cancelling,
    )


def records(count: int, what: str) -> str:
    return f"{formats.number(count)} {what if count != 1 else what.removesuffix('s')}"


def summary(view: ImportView) -> str:
    """What the check or the run came to, in a sentence."""
    count = view.counts.get
    wrong = count("wrong", 0)
    left_out = f" {records(wrong, view.what)} with something wrong left out." if wrong else ""
    match view.state:
        case "checked" if count("create", 0) + count("change", 0) == 0:
            return "Nothing to import: " + (
                f"{records(wrong, view.what)} with something wrong."
                if wrong
                else "everything in this file is as it is already."
            )
        case "checked":
            return (
                f"{formats.number(count('create', 0))} new, {formats.number(count('change', 0))}"
                f" to change, {formats.number(count('same', 0))} the same,"
                f" {formats.number(wrong)} wrong. Nothing has been changed yet."
            )
        case "done":
            failures = count("failed", 0)
            not_done = f" {records(failures, view.what)} not done." if failures else ""
            return f"{records(count('done', 0), view.what)} imported.{not_done}{left_out}"
        case "cancelled":
            finished = count("done", 0)
            if not finished:
                return "Cancelled. Nothing was changed."
            return f"Cancelled. {records(finished, view.what)} were imported before and stay so."
        case _:
            return ""


def filters(view: ImportView, shown: str) -> list[Filter]:
    found = [Filter("All", formats.number(view.total), address_of(view.id), not shown)]
    for name, (label, _) in OUTCOMES.items():
        count = view.counts.get(name, 0)
        if count or name == shown:
            where = address_of(view.id, name)
            found.append(Filter(label, formats.number(count), where, name == shown))
    return found if view.total else []


def report_row(line: ReportLine) -> ReportRow:
    label, tone = OUTCOMES.get(line.outcome, ("", "plain"))
    return ReportRow(
        line=formats.number(line.line),
        subject=line.subject or "Without a name",
        outcome=label,
        tone=tone,
        details="\n".join(
            f"{item.field}: {item.message}" if item.field else item.message
            for item in line.messages
        ),
    )


def earlier_line(view: ImportView) -> EarlierLine:
    state, tone = STATES[view.state]
    return EarlierLine(
        href=address_of(view.id),
        name=view.file_name,
        facts=f"{KINDS[view.what]} · {view.who}",
        state=state,
        tone=tone,
        result=f"{formats.moment(view.created_at)} UTC",
    )
