"""A file of clients: sent, looked at row by row, then carried out."""

from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError, Invalid
from ecosystem.services.clients.sheets import COLUMNS, MOST_BYTES, SheetForm, SheetReport
from ecosystem.services.forms import parse
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.agent.client_lines import PATH, RESULTS, SheetRow, sheet_row
from ecosystem.state.agent.clients import client_id
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.provider.imports import chosen_file
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

HERE = f"{PATH}/import"
__all__ = ["COLUMNS", "HERE", "AgentClientImportState"]
PAGE = 50


class AgentClientImportState(rx.State):
    """``phase`` is begin, looking, report, done or failed."""

    phase: str = "begin"
    problem: str = ""
    jobs: list[dict[str, Any]] = []
    sending: str = ""
    percent: int = 0
    send_problem: str = ""
    filters: list[dict[str, str]] = []
    outcome: str = ""
    rows: list[SheetRow] = []
    position: str = ""
    has_previous: bool = False
    has_following: bool = False
    to_do: int = 0
    summary: str = ""
    may: bool = True

    _sheet_id: UUID | None = None
    _report: SheetReport | None = None
    _page: int = 0

    @rx.event
    @allow("agent")
    async def open(self) -> None:
        """Begin, or look at the file that the address names."""
        self.reset()
        self.may = (await current_actor(self)).sees_commission
        asked = query(self).get("id", "")
        if asked:
            self._sheet_id, self.phase = client_id(asked), "looking"
            await self._look()

    @rx.event
    @allow("agent")
    async def choose(self, files: list[dict[str, Any]]) -> None:
        """Send the file that was chosen or dropped."""
        self.send_problem = ""
        try:
            key, form = sheet_of(files)
            sent = await call(services().client_sheets.send, await current_actor(self), form)
        except EcosystemError as error:
            self.send_problem = next(iter(field_errors(error).values()), error.detail)
            return
        self._sheet_id = sent.id
        self.sending, self.percent = form.file_name, 0
        job = {"id": f"{key}:1", "key": key, "url": sent.form.url}
        self.jobs = [job | {"fields": sent.form.fields}]

    @rx.event
    @allow("agent")
    async def progress(self, key: str, percent: int) -> None:
        """Show how much of the file was sent."""
        if isinstance(percent, int) and self.jobs and self.jobs[0]["key"] == key:
            self.percent = max(0, min(100, percent))

    @rx.event
    @allow("agent")
    async def broke(self, key: str, why: str) -> None:
        """Say that the file did not arrive."""
        if self.jobs and self.jobs[0]["key"] == key:
            self.jobs, self.sending = [], ""
            lost = "The connection was lost on the way. Nothing changed; choose the file again."
            large = f"The store did not take it. A file has at most {MOST_BYTES // 1024**2} MB."
            self.send_problem = large if why == "refused" else lost

    @rx.event
    @allow("agent")
    async def arrived(self, key: str) -> EventSpec | None:
        """Go to the report of the file."""
        if not self.jobs or self.jobs[0]["key"] != key or self._sheet_id is None:
            return None
        self.jobs, self.sending = [], ""
        return rx.redirect(f"{HERE}?id={self._sheet_id}")

    @rx.event
    @allow("agent")
    async def run(self) -> EventSpec | None:
        """Carry out the rows that are right."""
        if self._sheet_id is None or self.phase != "report":
            return None
        try:
            actor = await current_actor(self)
            self._report = await call(services().client_sheets.run, actor, self._sheet_id)
        except EcosystemError as error:
            return failed(error, HERE)
        self.phase = "done"
        self._draw()
        return toast(self.summary, "done")

    @rx.event
    @allow("agent")
    async def choose_outcome(self, outcome: str) -> None:
        """Only rows with this result; all with none."""
        self.outcome = outcome if isinstance(outcome, str) and outcome in RESULTS else ""
        self._page = 0
        self._draw()

    @rx.event
    @allow("agent")
    async def following(self) -> None:
        """Go on to the next page."""
        self._page += 1 if self.has_following else 0
        self._draw()

    @rx.event
    @allow("agent")
    async def previous(self) -> None:
        """Go back a page."""
        self._page = max(0, self._page - 1)
        self._draw()

    async def _look(self) -> None:
        assert self._sheet_id is not None  # asked by whoever calls
        try:
            actor = await current_actor(self)
            self._report = await call(services().client_sheets.look, actor, self._sheet_id)
        except EcosystemError as error:
            self.phase = "failed"
            self.problem = next(iter(field_errors(error).values()), error.detail)
            return
        self.phase = "report"
        self.outcome = "wrong" if self._report.count("wrong") else ""
        self._draw()

    def _draw(self) -> None:
        report = self._report
        if report is None:
            return
        counts = {name: report.count(name) for name in ("create", "change", "same", "wrong")}
        self.filters = [
            {"value": "", "label": "All", "count": formats.number(len(report.rows))},
            *(
                {"value": name, "label": RESULTS[name][0], "count": formats.number(counts[name])}
                for name in counts
            ),
        ]
        self.to_do = counts["create"] + counts["change"]
        self.summary = summary_of(counts, done=report.done)
        wanted = [row for row in report.rows if not self.outcome or row.outcome == self.outcome]
        first = self._page * PAGE
        shown = wanted[first : first + PAGE]
        self.rows = [sheet_row(row) for row in shown]
        self.position = formats.range_of(first, len(shown), len(wanted)) if shown else ""
        self.has_previous, self.has_following = first > 0, first + len(shown) < len(wanted)


def summary_of(counts: dict[str, int], *, done: bool) -> str:
    """``2 clients were added, 1 was changed``."""
    new, changed, wrong = counts["create"], counts["change"], counts["wrong"]
    if done:
        return f"{formats.number(new)} added, {formats.number(changed)} changed." + (
            f" {formats.number(wrong)} left out, as they are wrong." if wrong else ""
        )
    said = f"{formats.number(new)} would be added, {formats.number(changed)} changed."
    return said + (
        f" {formats.number(wrong)} can't be read and would be left out." if wrong else ""
    )


def sheet_of(files: Any) -> tuple[str, SheetForm]:
    """The key and the form of the one file that was chosen. Raises ``Invalid``."""
    key, form = chosen_file(files, "packages")
    if form.format != "csv":
        raise Invalid("Choose a CSV file. In Excel, save as “CSV UTF-8 (Comma delimited)”.")
    return key, parse(SheetForm, {"file_name": form.file_name, "size": form.size})
