"""Statements of operators and agencies by month, from the ledger alone: shown, CSV and PDF."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.queries import agencies, catalogue
from ecosystem.database.queries import statements as queries
from ecosystem.database.unit_of_work import Database
from ecosystem.domain import formats
from ecosystem.domain.actor import Actor
from ecosystem.domain.csv_text import rows_to_csv
from ecosystem.domain.errors import NotFound
from ecosystem.domain.language import ENGLISH, speaking
from ecosystem.domain.ledger import Party
from ecosystem.domain.money import Money
from ecosystem.domain.statements import (
    PAYMENTS,
    PAYOUTS,
    Month,
    Moved,
    Section,
    Statement,
    StatementLine,
    sections,
)
from ecosystem.services.agency_access import earning
from ecosystem.services.documents import Column, Paper
from ecosystem.services.operator_access import operator_of
from ecosystem.services.ports import Clock

HEADER = ("account", "currency", "at", "booking", "trip", "departure", "what", "amount", "balance")
TO_YOU, BY_YOU = "owed to you", "owed by you"
"""Whose account a line is of: an agency that collects for itself has both."""


class Statements:
    """Of the caller's own operator or agency: every method raises ``Forbidden`` for others."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def months(self, actor: Actor) -> list[Month]:
        """Months there are statements of, newest first: from the first entry to this month."""
        party, party_id = _party(actor)
        with self._database.unit(RDS) as session:
            begun = [queries.first_entry(session, one, party_id) for one in _accounts(party)]
        entries = [first for first in begun if first is not None]
        if not entries:
            return []
        months = [Month.of(min(entries))]
        this = Month.of(self._clock.now())
        while months[-1].first < this.first:
            months.append(months[-1].following)
        return months[::-1]

    def of(self, actor: Actor, month: str) -> Statement:
        """The statement of a month, ``2026-11``.

        Raises:
            NotFound: no such month, or one that has not begun.
        """
        party, party_id = _party(actor)
        asked = Month.read(month)
        if asked is None or asked.first > self._clock.now():
            raise NotFound("There is no statement of this month.", code="statement_not_found")
        with self._database.unit(RDS) as session:
            found = {
                one: (
                    queries.balances(session, one, party_id, asked.first),
                    queries.moves(session, one, party_id, asked.first, asked.end),
                )
                for one in _accounts(party)
            }
        owed = _sections(*found["owed"], owes=True) if "owed" in found else ()
        return Statement(party, self._name(party, party_id), asked, _sections(*found[party]), owed)

    def csv(self, actor: Actor, month: str) -> bytes:
        """The statement for a spreadsheet: amounts in major units, a line each."""
        statement = self.of(actor, month)
        rows = [
            row
            for said, found in ((TO_YOU, statement.sections), (BY_YOU, statement.owed))
            for section in found
            for row in _rows(statement.month, section, said)
        ]
        return rows_to_csv(HEADER, rows).encode("utf-8-sig")

    def pdf(self, actor: Actor, month: str) -> bytes:
        """The statement as a document, in English."""
        with speaking(ENGLISH.code):
            return _paper(self.of(actor, month))

    def _name(self, party: Party, party_id: UUID) -> str:
        if party == "agency":
            with self._database.unit(RDS) as session:
                agency = agencies.agency(session, party_id)
                return agency.name if agency else ""
        with self._database.unit(ACCOUNTS) as session:
            operator = catalogue.operator(session, operator_id=party_id)
            return operator.name if operator else ""


def _party(actor: Actor) -> tuple[Party, UUID]:
    if actor.role == "agent":
        return "agency", earning(actor)
    return "operator", operator_of(actor)


def _accounts(party: Party) -> tuple[queries.Account, ...]:
    return ("agency", "owed") if party == "agency" else (party,)


def _sections(
    before: Sequence[Any], moved: Sequence[Any], *, owes: bool = False
) -> tuple[Section, ...]:
    """Of what is owed to a party, or what it ``owes``: there a debit makes it more."""
    sign = -1 if owes else 1
    opening = [Money(-sign * int(row.minor), row.currency) for row in before]
    moves = [
        Moved(
            row.at,
            row.reference,
            row.title,
            row.starts_on,
            Money(sign * row.amount_minor, row.currency),
            row.cause,
            row.memo,
        )
        for row in moved
    ]
    return sections(opening, moves, PAYMENTS if owes else PAYOUTS)


def _rows(month: Month, section: Section, account: str) -> Iterator[tuple[object, ...]]:
    nothing = ("", "", "")
    code = section.currency
    opening, closing = section.opening.decimal, section.closing.decimal
    yield account, code, month.first, *nothing, "Opening balance", None, opening
    for line in section.lines:
        yield (
            account,
            code,
            line.at,
            line.reference,
            line.title,
            line.starts_on,
            line.what,
            line.amount.decimal,
            line.balance.decimal,
        )
    yield account, code, month.end, *nothing, "Closing balance", None, closing


def _paper(statement: Statement) -> bytes:
    month = formats.month(statement.month.first.date())
    what = "Statement" if statement.party == "operator" else "Statement of commissions"
    paper = Paper(
        f"{what}, {month}",
        made=statement.month.end,
        foot=f"{statement.name} · {statement.month}",
    )
    paper.text(f"For {statement.name}. Days are by UTC.", quiet=True)
    if not statement.sections and not statement.owed:
        paper.text("Nothing was booked, paid out or owed in this month.")
    for section in statement.sections:
        _section(paper, formats.currency(section.currency), section, ("Earned", "Paid out"))
    for section in statement.owed:
        heading = f"What you owe, {formats.currency(section.currency)}"
        _section(paper, heading, section, ("Booked", "Paid by you"))
    return paper.finished()


def _section(paper: Paper, heading: str, section: Section, words: tuple[str, str]) -> None:
    more, less = words
    paper.heading(heading)
    paper.facts(
        [
            ("Owed before", formats.money(section.opening)),
            (more, formats.money(section.earned)),
            (less, formats.money(section.paid_out)),
            ("Owed at the end", formats.money(section.closing)),
        ]
    )
    if section.lines:
        paper.gap(2)
        paper.table(_COLUMNS, (_line(line) for line in section.lines), size=7.5)


_COLUMNS = (
    Column("Day", 1.5),
    Column("Booking", 1.9),
    Column("Trip", 3.6),
    Column("What", 2.2),
    Column("Amount", 1.6, "end"),
    Column("Owed", 1.6, "end"),
)


def _line(line: StatementLine) -> tuple[str, ...]:
    return (
        line.at.date().isoformat(),
        line.reference,
        f"{line.title}, {line.starts_on.isoformat()}",
        line.what,
        formats.money(line.amount),
        formats.money(line.balance),
    )
