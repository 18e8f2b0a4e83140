"""Statements by month, on the pages where an operator or agency sees how it is paid."""

from dataclasses import dataclass, field

import reflex as rx

from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.statements import Month, Section, Statement, StatementLine
from ecosystem.state import formats
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.wiring import services

MOST_LINES = 100
"""Lines a page shows of a currency; the files have all."""


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
    """One currency of a statement; ``cut`` says how many lines are only in the files."""

    currency: str
    opening: str
    earned: str
    paid_out: str
    closing: str
    cut: str
    lines: list[Line] = field(default_factory=list)


class StatementsState(rx.State):
    """``phase`` is loading, shown or failed; no ``month``: nothing was ever earned."""

    phase: str = "loading"
    problem: str = ""
    month: str = ""
    months: list[dict[str, str]] = []
    parts: list[CurrencyPart] = []

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
        try:
            await self._show(month)
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    async def _show(self, month: str) -> None:
        if month:
            found = await call(services().statements.of, await current_actor(self), month)
            self.parts = currency_parts(found)
        self.month, self.phase = month, "shown"


def currency_parts(found: Statement) -> list[CurrencyPart]:
    desk = "/provider/bookings/" if found.party == "operator" else "/trips/"
    return [_part(section, desk) for section in found.sections]


def _part(section: Section, desk: str) -> CurrencyPart:
    more = len(section.lines) - MOST_LINES
    return CurrencyPart(
        currency=formats.currency(section.currency),
        opening=formats.money(section.opening),
        earned=formats.money(section.earned),
        paid_out=formats.money(section.paid_out),
        closing=formats.money(section.closing),
        cut=f"{formats.number(more)} more lines are in the files." if more > 0 else "",
        lines=[_line(line, desk) for line in section.lines[:MOST_LINES]],
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
