"""Files of packages and departures: sent, looked at line by line, then carried out."""

import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError, Invalid, NotFound
from ecosystem.services.forms import parse
from ecosystem.services.imports import FileForm, ImportView, ReportLine
from ecosystem.services.imports.desk import PAGE
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.provider.packages import page_number
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

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
_KEY = re.compile(r"[a-z0-9-]{1,40}")


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


class ProviderImportState(rx.State):
    """``phase`` is loading, shown, missing or failed. ``chosen``: the address names an import."""

    phase: str = "loading"
    problem: str = ""
    may_edit: bool = False
    chosen: bool = False
    now: ImportNow = ImportNow()
    filters: list[Filter] = []
    lines: list[ReportRow] = []
    position: str = ""
    previous_href: str = ""
    following_href: str = ""
    earlier: list[EarlierLine] = []
    what: str = "packages"
    jobs: list[dict[str, Any]] = []
    sending: str = ""
    percent: int = 0
    send_problem: str = ""

    _import_id: UUID | None = None
    _outcome: str = ""
    _page: int = 1
    _form: FileForm | None = None
    _sending_id: UUID | None = None
    _pace: tuple[str, int, float] = ("", 0, 0.0)

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Load the import that the address names, and those before it."""
        self.reset()
        asked = query(self)
        try:
            self._import_id = UUID(asked["id"]) if "id" in asked else None
            self._outcome = asked.get("show", "") if asked.get("show") in OUTCOMES else ""
            self._page = page_number(asked.get("page", ""))
            self.chosen = self._import_id is not None
            self.may_edit = (await current_actor(self)).operator_role in ("owner", "editor")
            await self._load()
            self.phase = "shown"
        except (NotFound, ValueError):
            self.phase = "missing"
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("provider")
    async def refresh(self) -> None:
        """Show how far the import is; what is on the page stays if that can't be asked now."""
        if self.phase != "shown" or not self.now.moving:
            return
        try:
            await self._load()
        except EcosystemError:
            self.now = ImportNow(**{**self.now.__dict__, "pace": "No answer; trying again"})

    @rx.event
    @allow("provider")
    async def choose_kind(self, what: str) -> None:
        """What the next file holds."""
        self.what = what if isinstance(what, str) and what in KINDS else "packages"

    @rx.event
    @allow("provider")
    async def choose(self, files: list[dict[str, Any]]) -> None:
        """Send the file that was chosen or dropped."""
        self.send_problem = ""
        key, form = "", None
        try:
            key, form = chosen_file(files, self.what)
            sending = await call(services().imports.send, await current_actor(self), form)
        except EcosystemError as error:
            self.send_problem = next(iter(field_errors(error).values()), error.detail)
            return
        self._form, self._sending_id = form, sending.import_id
        self.sending, self.percent = form.file_name, 0
        job = {"id": f"{key}:1", "key": key, "url": sending.form.url}
        self.jobs = [job | {"fields": sending.form.fields}]

    @rx.event
    @allow("provider")
    async def progress(self, key: str, percent: int) -> None:
        """Show how much of the file was sent."""
        if isinstance(percent, int) and self.jobs and self.jobs[0]["key"] == key:
            self.percent = max(0, min(100, percent))

    @rx.event
    @allow("provider")
    async def broke(self, key: str, why: str) -> None:
        """Say that the file did not arrive."""
        if self.jobs and self.jobs[0]["key"] == key:
            self.jobs, self.sending = [], ""
            lost = (
                "The connection was lost on the way. Nothing was imported; choose the file again."
            )
            large = "The store did not take it. A file can have at most 48 MB, or 24 MB of JSON."
            self.send_problem = large if why == "refused" else lost

    @rx.event
    @allow("provider")
    async def arrived(self, key: str) -> EventSpec | None:
        """Have the file looked at, and go to its report."""
        if not self.jobs or self.jobs[0]["key"] != key or not self._form or not self._sending_id:
            return None
        self.jobs, self.sending = [], ""
        try:
            actor = await current_actor(self)
            view = await call(services().imports.arrived, actor, self._sending_id, self._form)
        except EcosystemError as error:
            self.send_problem = error.detail
            return None
        return rx.redirect(address_of(view.id))

    @rx.event
    @allow("provider")
    async def run(self) -> EventSpec | None:
        """Carry out what was checked."""
        return await self._act(services().imports.run)

    @rx.event
    @allow("provider")
    async def cancel(self) -> EventSpec | None:
        """Stop between two records."""
        return await self._act(services().imports.cancel)

    async def _act(self, act: Any) -> EventSpec | None:
        if self._import_id is None:
            return None
        try:
            await call(act, await current_actor(self), self._import_id)
            self._outcome, self._page = "", 1
            await self._load()
        except EcosystemError as error:
            return failed(error, PATH)
        return toast(self.now.summary or self.now.working, "plain")

    async def _load(self) -> None:
        actor = await current_actor(self)
        found = await call(services().imports.earlier, actor)
        self.earlier = [earlier_line(view) for view in found]
        if self._import_id is None:
            return
        view = await call(services().imports.view, actor, self._import_id)
        lines = await call(
            services().imports.report,
            actor,
            view.id,
            outcome=self._outcome,
            offset=(self._page - 1) * PAGE,
        )
        self.now = import_now(view, self._paced(view))
        self.filters = filters(view, self._outcome)
        self.lines = [report_row(line) for line in lines]
        self._turn(view, len(lines))

    def _turn(self, view: ImportView, shown: int) -> None:
        before = (self._page - 1) * PAGE
        total = view.counts.get(self._outcome, 0) if self._outcome else view.total
        self.position = formats.range_of(before, shown, total) if shown else ""
        here = self._outcome
        self.previous_href = address_of(view.id, here, self._page - 1) if before else ""
        more = before + shown < total and shown > 0
        self.following_href = address_of(view.id, here, self._page + 1) if more else ""

    def _paced(self, view: ImportView) -> str:
        """Rate and time left, measured since this page first saw the phase."""
        phase, first, since = self._pace
        if phase != f"{view.id}{view.state}":
            self._pace = (f"{view.id}{view.state}", view.done, time.monotonic())
            return ""
        seconds = time.monotonic() - since
        return pace(view.done - first, seconds, to_do(view) - view.done)


def chosen_file(files: Any, what: str) -> tuple[str, FileForm]:
    """The key and the form of the one file that was chosen. Raises ``Invalid``."""
    first = files[0] if isinstance(files, list) and files else None
    if not isinstance(first, dict) or not _KEY.fullmatch(str(first.get("key"))):
        raise Invalid("Choose a CSV or JSON file.")
    name = str(first.get("name", ""))[:200]
    ending = name.rpartition(".")[2].lower()
    if ending not in ("csv", "json"):
        raise Invalid(
            "This is neither a CSV nor a JSON file. In Excel, save as “CSV UTF-8 (Comma delimited)”."
        )
    if first.get("size") == 0:
        raise Invalid("This file is empty.")
    form = {"what": what, "format": ending, "file_name": name, "size": first.get("size")}
    return str(first["key"]), parse(FileForm, form)


def address_of(import_id: UUID, outcome: str = "", page: int = 1) -> str:
    given = {"id": str(import_id), "show": outcome, "page": str(page) if page > 1 else ""}
    return f"{PATH}?{urlencode({name: value for name, value in given.items() if value})}"


def to_do(view: ImportView) -> int:
    """How many records the phase under way has."""
    counts = view.counts
    if view.state != "running":
        return view.total
    return sum(counts.get(name, 0) for name in ("create", "change", "done", "failed"))


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
    whole = to_do(view)
    shown = f"{formats.number(view.done)} of {formats.number(whole)}"
    doing = "Carrying out" if view.state == "running" else "Checking"
    moving = view.state in MOVING
    return ImportNow(
        name=view.file_name,
        facts=f"{KINDS[view.what]} · {formats.moment(view.created_at)} · {view.who}",
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
        result=formats.moment(view.created_at),
    )
