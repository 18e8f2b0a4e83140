"""Files of packages and departures: sent, looked at line by line, then carried out."""

import re
import time
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError, Invalid, NotFound
from ecosystem.services.forms import parse
from ecosystem.services.imports import FileForm, ImportView
from ecosystem.services.imports.desk import PAGE
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.provider.import_lines import (
    KINDS,
    OUTCOMES,
    PATH,
    EarlierLine,
    Filter,
    ImportNow,
    ReportRow,
    address_of,
    earlier_line,
    filters,
    import_now,
    pace,
    report_row,
)
from ecosystem.state.provider.packages import page_number
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

_KEY = re.compile(r"[a-z0-9-]{1,40}")


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
    @allow("provider", unasked=True)
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
        return pace(view.done - first, seconds, view.to_do - view.done)


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
