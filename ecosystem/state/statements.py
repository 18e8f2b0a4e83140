"""Statements by month, on the pages where an operator or agency sees how it is paid."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import reflex as rx

from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.statements import Month, Section, Statement, StatementLine
from ecosystem.state import formats
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.wiring import services

OWED = "What you owe, "
PAGE = 20
"""Lines of a currency that are shown at once; the files have all."""


@dataclass(frozen=True)
class Line:
    """One entry, formatted."""

    day: str
    reference: str
    href: str
    trip: str
    what: str
    amount: str
    balance: str


@dataclass(frozen=True)
class CurrencyPart:
    """One currency of a statement, with a page of its lines. ``code`` tells the parts apart;
    ``more`` and ``less`` say what makes the balance so."""

    code: str
    currency: str
    opening: str
    earned: str
    paid_out: str
    closing: str
    more: str
    less: str
    position: str
    has_previous: bool
    has_following: bool
    lines: list[Line] = field(default_factory=list)


class StatementsState(rx.State):
    """``phase`` is loading, shown or failed; no ``month``: nothing was ever earned."""

    phase: str = "loading"
    problem: str = ""
    month: str = ""
    months: list[dict[str, str]] = []
    parts: list[CurrencyPart] = []
    _starts: dict[str, int] = {}
    """By currency, how many lines are before the first one shown."""

    @rx.event
    @allow("provider", "agent")
    async def open(self) -> None:
        """Show the newest month."""
        self.reset()
        try:
            months = await call(services().statements.months, await current_actor(self))
            self.months = [{"value": str(one), "label": _named(one)} for one in months]
            await self._show(str(months[0]) if months else "")
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("provider", "agent")
    async def choose(self, month: str) -> None:
        """Show another month of the list."""
        if month not in [one["value"] for one in self.months]:
            return
        self._starts = {}
        try:
            await self._show(month)
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("provider", "agent")
    async def turn(self, code: str, forward: bool) -> None:
        """Show the lines of a currency before or after those that are shown."""
        if not self.month or code not in [part.code for part in self.parts]:
            return
        start = self._starts.get(code, 0) + (PAGE if forward is True else -PAGE)
        self._starts = {**self._starts, code: max(start, 0)}
        try:
            await self._show(self.month)
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    async def _show(self, month: str) -> None:
        if month:
            found = await call(services().statements.of, await current_actor(self), month)
            self.parts = currency_parts(found, self._starts)
        self.month, self.phase = month, "shown"


def currency_parts(found: Statement, starts: Mapping[str, int]) -> list[CurrencyPart]:
    """The currencies of a month, each from the line that ``starts`` says, by code."""
    desk = "/provider/bookings/" if found.party == "operator" else "/agent/bookings/"
    parts = [(section.currency, "", section) for section in found.sections]
    parts += [(f"owed-{section.currency}", OWED, section) for section in found.owed]
    return [_part(code, said, one, desk, starts.get(code, 0)) for code, said, one in parts]


def _part(code: str, said: str, section: Section, desk: str, start: int) -> CurrencyPart:
    many = len(section.lines)
    # A month that goes on may have grown; one that is over has not, so nothing is beyond its end.
    start = min(start, max(many - 1, 0) // PAGE * PAGE)
    end = min(start + PAGE, many)
    return CurrencyPart(
        code=code,
        currency=said + formats.currency(section.currency),
        more="Booked" if said else "Earned",
        less="Paid by you" if said else "Paid out",
        opening=formats.money(section.opening),
        earned=formats.money(section.earned),
        paid_out=formats.money(section.paid_out),
        closing=formats.money(section.closing),
        position=f"{start + 1}–{end} of {formats.number(many)}" if many > PAGE else "",
        has_previous=start > 0,
        has_following=end < many,
        lines=[_line(line, desk) for line in section.lines[start:end]],
    )


def _line(line: StatementLine, desk: str) -> Line:
    return Line(
        day=formats.full_day(line.at.date()),
        reference=line.reference,
        href=f"{desk}{line.reference}",
        trip=f"{line.title}, {formats.full_day(line.starts_on)}",
        what=line.what,
        amount=formats.money(line.amount),
        balance=formats.money(line.balance),
    )


def _named(month: Month) -> str:
    return formats.month(month.first.date())
