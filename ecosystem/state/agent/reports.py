"""An agency's reports: what is asked for stands in the address."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.reports import (
    BYS,
    SPANS,
    Asked,
    By,
    Choice,
    Report,
    read,
)
from ecosystem.services.forms import parse
from ecosystem.services.reports import SavedFilter, SavedForm
from ecosystem.state.address import query
from ecosystem.state.agent.report_lines import ReportView, address, report_view
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

FORM = ("span", "from", "to", "dates", "operator", "country", "agent")
TABS: dict[By, str] = {
    "month": "By month",
    "operator": "By operator",
    "country": "By country",
    "city": "By city",
    "agent": "By agent",
    "booking": "Bookings",
}


@dataclass(frozen=True)
class Fields:
    """What stands in the filters."""

    show: str = "sales"
    by: str = "month"
    span: str = "12-months"
    first: str = ""
    last: str = ""
    dates: str = "booked"
    operator: str = ""
    country: str = ""
    agent: str = ""
    city: str = ""


@dataclass(frozen=True)
class Tab:
    label: str = ""
    href: str = ""
    on: bool = False


@dataclass(frozen=True)
class FilterLine:
    """A filter that is kept. ``note`` says whose it is; ``removable``: hers to delete."""

    id: str = ""
    name: str = ""
    href: str = ""
    note: str = ""
    on: bool = False
    removable: bool = False


class AgentReportsState(rx.State):
    """``phase`` is loading, shown or failed; ``problem`` says why it failed."""

    phase: str = "loading"
    problem: str = ""
    view: ReportView = ReportView()
    fields: Fields = Fields()
    version: str = ""
    subjects: list[Tab] = []
    tabs: list[Tab] = []
    operators: list[dict[str, str]] = []
    countries: list[dict[str, str]] = []
    agents: list[dict[str, str]] = []
    saved: list[FilterLine] = []
    keeping: bool = False
    name_error: str = ""

    _asked: Asked = Asked()

    @rx.event
    @allow("agent")
    async def open(self) -> None:
        """Load what the address asks for."""
        self.reset()
        self._asked = asked = read(query(self))
        try:
            actor = await current_actor(self)
            report = await call(services().reports.of, actor, asked)
            self.saved = filter_lines(await call(services().reports.saved, actor), asked, actor)
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return
        self._show(report, earns=actor.sees_commission)
        self.phase = "shown"

    @rx.event
    @allow("agent")
    async def choose(self, form: dict[str, Any]) -> EventSpec:
        """Ask for what the filters say: a new address, which loads the report anew."""
        return rx.redirect(address(chosen(self._asked, form)))

    @rx.event
    @allow("agent")
    async def begin(self) -> None:
        """Open the form that keeps this filter."""
        self.keeping, self.name_error = True, ""

    @rx.event
    @allow("agent")
    async def leave(self) -> None:
        """Close it."""
        self.keeping = False

    @rx.event
    @allow("agent")
    async def keep(self, form: dict[str, Any]) -> EventSpec | None:
        """Keep what is asked for under a name."""
        sent = form if isinstance(form, dict) else {}
        asked = {"name": sent.get("name", ""), "asked": self._asked.query}
        try:
            wanted = parse(SavedForm, {**asked, "shared": bool(sent.get("shared"))})
            actor = await current_actor(self)
            await call(services().reports.keep, actor, wanted)
            self.saved = filter_lines(
                await call(services().reports.saved, actor), self._asked, actor
            )
        except EcosystemError as error:
            self.name_error = field_errors(error).get("name", error.detail)
            return None
        self.keeping = False
        return toast("The filter is kept.", "done")

    @rx.event
    @allow("agent")
    async def forget(self, filter_id: str) -> EventSpec | None:
        """Delete a filter."""
        try:
            actor = await current_actor(self)
            name = await call(services().reports.forget, actor, UUID(str(filter_id)[:40]))
            self.saved = filter_lines(
                await call(services().reports.saved, actor), self._asked, actor
            )
        except ValueError:
            return None
        except EcosystemError as error:
            return failed(error)
        return toast(f"“{name}” is deleted.", "done")

    def _show(self, report: Report, *, earns: bool) -> None:
        asked = report.asked
        self.fields = Fields(
            show=asked.subject,
            by=asked.by,
            span=asked.span,
            first=str(report.first),
            last=str(report.last),
            dates=asked.dates,
            operator=str(asked.operator_id or ""),
            country=asked.country,
            agent=str(asked.agent_id or ""),
            city=asked.city,
        )
        self.version = asked.query
        self.subjects = [
            Tab(
                "Sales", address(replace(asked, subject="sales", page=1)), asked.subject == "sales"
            ),
            Tab("Proposals", address(to_proposals(asked)), asked.subject == "proposals"),
        ]
        self.tabs = [
            Tab(TABS[by], address(replace(asked, by=by, page=1)), asked.by == by)
            for by in BYS[asked.subject]
        ]
        self.operators = options("All operators", report.operators, self.fields.operator)
        self.countries = options("All countries", report.countries, self.fields.country)
        self.agents = options("Everybody", report.agents, self.fields.agent)
        self.view = report_view(report, earns=earns)


def to_proposals(asked: Asked) -> Asked:
    """The same span of the agency's proposals."""
    by: By = asked.by if asked.by in BYS["proposals"] else "month"
    return Asked(
        subject="proposals",
        by=by,
        span=asked.span,
        first=asked.first,
        last=asked.last,
        agent_id=asked.agent_id,
    )


def chosen(asked: Asked, form: Any) -> Asked:
    """What the filters' form asks for, whatever came in; the rest stays as it was."""
    sent = form if isinstance(form, dict) else {}
    given = {
        name: value.strip()[:100]
        for name in FORM
        if isinstance(value := sent.get(name), str) and value.strip()
    }
    if given.get("span") in SPANS and given.get("span") != "days":
        given.pop("from", None)
        given.pop("to", None)
    return read({**given, "show": asked.subject, "by": asked.by, "city": asked.city})


def options(every: str, choices: tuple[Choice, ...], taken: str) -> list[dict[str, str]]:
    """What a select offers; what is taken stays even if nothing of it was sold."""
    found = [{"value": one.value, "label": one.label} for one in choices]
    if taken and taken not in {one.value for one in choices}:
        found.append({"value": taken, "label": "As in the address"})
    return [{"value": "", "label": every}, *found]


def filter_lines(saved: tuple[SavedFilter, ...], asked: Asked, actor: Any) -> list[FilterLine]:
    return [
        FilterLine(
            id=str(one.id),
            name=one.name,
            href=address(one.asked),
            note=("Shared with your agency" if one.shared else "") if one.mine else f"By {one.by}",
            on=one.asked.query == replace(asked, page=1).query,
            removable=one.mine or actor.agency_owner,
        )
        for one in saved
    ]
