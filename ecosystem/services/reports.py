"""An agency's sales and proposals by month, operator, place and person: shown, as a file, and kept
as filters that somebody or her whole agency comes back to."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.queries import catalogue
from ecosystem.database.queries import reports as queries
from ecosystem.database.queries.reports import Slice
from ecosystem.database.unit_of_work import Database
from ecosystem.domain import formats
from ecosystem.domain.actor import Actor
from ecosystem.domain.csv_text import rows_to_csv
from ecosystem.domain.errors import Conflict, Forbidden, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.money import Money
from ecosystem.domain.reports import (
    PROPOSAL_COUNTS,
    SALES_COUNTS,
    Asked,
    By,
    Choice,
    Line,
    Report,
    cells,
    header,
    in_file,
    instant,
    months_between,
    read_query,
)
from ecosystem.services.agency_access import agency_of
from ecosystem.services.places.countries import country_name
from ecosystem.services.ports import Clock

PAGE_SIZE = 50
CHARTED = 12
MOST_SAVED = 50
MOST_ROWS = 100_000
"""Bookings in one file; who has more asks for a shorter span."""
DAY = timedelta(days=1)
UNKNOWN = "Unknown"


def _filter_name(value: str) -> str:
    name = " ".join(value.split())
    if not name:
        raise ValueError("Give the filter a name.")
    if not name.isprintable():
        raise ValueError("A name can't contain control characters.")
    return name


class SavedForm(BaseModel):
    """A filter to keep: ``asked`` is the query of its report's address."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=60), AfterValidator(_filter_name)]
    asked: Annotated[str, Field(max_length=500)] = ""
    shared: bool = False


@dataclass(frozen=True)
class SavedFilter:
    """``mine``: hers to replace and delete; else somebody of her agency shares it."""

    id: UUID
    name: str
    asked: Asked
    shared: bool
    mine: bool
    by: str


class Reports:
    """Only the caller's own agency is ever read; what it earns only for who may know it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def of(self, actor: Actor, asked: Asked, *, rows: int = PAGE_SIZE) -> Report:
        """The page of a report that is asked for, ``rows`` lines long. Raises ``Forbidden``."""
        agency_id = agency_of(actor)
        part = self._slice(agency_id, asked)
        if asked.subject == "proposals":
            return self._proposals(part, asked, rows)
        earned = actor.sees_commission
        by: By = "month" if asked.by == "booking" else asked.by
        with self._database.unit(RDS) as session:
            found = [
                _sum(row, earned=earned) for row in queries.sums(session, part, by, earned=earned)
            ]
            offered = queries.offered(session, part)
            people = queries.people(session, agency_id)
            listed = (
                queries.bookings(
                    session, part, earned=earned, limit=rows, offset=_before(asked, rows)
                )
                if asked.by == "booking"
                else ()
            )
        operators = self._operators({row.operator_id for row in offered})
        sums = _together(found)
        whole = Report(
            asked=asked,
            first=part.first,
            last=part.last,
            counts=SALES_COUNTS,
            sums=sums,
            lines=(),
            chart=(),
            total=0,
            operators=_choices(operators.items()),
            countries=_choices(
                (code, country_name(code, "en")) for code in {r.country for r in offered} if code
            ),
            agents=_choices(
                (key, people.get(key, UNKNOWN))
                for key in {str(r.agent_id) for r in offered if r.agent_id}
            ),
        )
        if asked.by == "booking":
            lines = tuple(_booking(row, earned=earned) for row in listed)
            total = sum(line.counts[0] + line.counts[2] for line in sums)
            return replace(whole, lines=lines, total=total)
        named = [replace(line, label=_label(by, line.key, operators, people)) for line in found]
        ordered = _ordered(by, named)
        return replace(
            whole,
            lines=_page(ordered, asked, rows),
            chart=_chart(asked, part, ordered, sums),
            total=len(ordered),
        )

    def csv(self, actor: Actor, asked: Asked) -> bytes:
        """All pages of a report for a spreadsheet, then its sums: cell by cell what is shown."""
        report = self.of(actor, replace(asked, page=1), rows=MOST_ROWS)
        earns = actor.sees_commission
        lines = (*report.lines, *(total_line(report, line) for line in report.sums))
        return rows_to_csv(
            header(report, earns=earns),
            ([in_file(one) for one in cells(report, line, earns=earns)] for line in lines),
        ).encode("utf-8-sig")

    def saved(self, actor: Actor) -> tuple[SavedFilter, ...]:
        """Her own filters, then those that others of her agency share."""
        agency_id, agent_id = _person(actor)
        with self._database.unit(RDS) as session:
            found = queries.saved(session, agency_id, agent_id)
        return tuple(
            SavedFilter(
                row.id,
                row.name,
                read_query(row.asked),
                row.shared,
                row.agent_id == agent_id,
                row.agent_name,
            )
            for row in found
        )

    def keep(self, actor: Actor, form: SavedForm) -> SavedFilter:
        """Keep a filter; a new one of the same name takes the old one's place.

        Raises:
            Conflict: ``too_many_filters`` of one person.
        """
        agency_id, agent_id = _person(actor)
        asked = replace(read_query(form.asked), page=1)
        with self._database.unit(RDS) as session:
            mine = [
                r for r in queries.saved(session, agency_id, agent_id) if r.agent_id == agent_id
            ]
            if len(mine) >= MOST_SAVED and form.name not in {row.name for row in mine}:
                raise Conflict(
                    f"You keep {MOST_SAVED} filters. Delete one before you keep another.",
                    code="too_many_filters",
                )
            key = queries.keep(
                session,
                id=uuid7(),
                agency_id=agency_id,
                agent_id=agent_id,
                name=form.name,
                asked=asked.query,
                shared=form.shared,
            )
        return SavedFilter(key, form.name, asked, form.shared, True, actor.name)

    def forget(self, actor: Actor, report_id: UUID) -> str:
        """Delete a filter; an owner also one that somebody else shares. Gives its name.

        Raises:
            NotFound: no such filter, or not hers to delete.
        """
        agency_id, agent_id = _person(actor)
        with self._database.unit(RDS) as session:
            name = queries.forget(
                session, agency_id, agent_id, report_id, any_shared=actor.agency_owner
            )
        if name is None:
            raise NotFound("This filter does not exist.", code="filter_not_found")
        return name

    def _slice(self, agency_id: UUID, asked: Asked) -> Slice:
        first, last = asked.days(self._clock.now().date())
        return Slice(
            agency_id,
            asked.dates,
            first,
            last,
            instant(first),
            instant(last) + DAY,
            asked.operator_id,
            asked.country,
            asked.city,
            asked.agent_id,
        )

    def _proposals(self, part: Slice, asked: Asked, rows: int) -> Report:
        with self._database.unit(RDS) as session:
            found = queries.proposals(session, part, asked.by)
            people = queries.people(session, part.agency_id)
        lines = [
            Line(
                row.key,
                _label(asked.by, row.key, {}, people),
                (row.sent, row.opened, row.accepted, row.declined, row.ended, row.waiting),
            )
            for row in found
        ]
        sums = _together(lines) or (Line("", "", (0,) * len(PROPOSAL_COUNTS)),)
        ordered = _ordered(asked.by, lines)
        return Report(
            asked=asked,
            first=part.first,
            last=part.last,
            counts=PROPOSAL_COUNTS,
            sums=sums,
            lines=_page(ordered, asked, rows),
            chart=_chart(asked, part, ordered, sums),
            total=len(ordered),
            agents=_choices(people.items()),
        )

    def _operators(self, ids: Iterable[UUID]) -> dict[str, str]:
        with self._database.unit(ACCOUNTS) as session:
            return {str(one.id): one.name for one in catalogue.operators(session, list(ids))}


def total_line(report: Report, line: Line) -> Line:
    """A sum as the last line of its table."""
    empty = "\n\n" if report.asked.by == "booking" else ""
    return replace(line, label="Total", detail=empty)


def _person(actor: Actor) -> tuple[UUID, UUID]:
    agency_id = agency_of(actor)
    if actor.user_id is None:
        raise Forbidden("Filters are kept by people.")
    return agency_id, actor.user_id


def _before(asked: Asked, rows: int) -> int:
    return (asked.page - 1) * rows


def _sum(row: Any, *, earned: bool) -> Line:
    return Line(
        row.key,
        row.key,
        (row.bookings, row.travellers, row.cancelled),
        currency=row.currency,
        sold=Money(row.sold_minor, row.currency),
        commission=Money(row.earned_minor, row.currency) if earned else None,
    )


def _booking(row: Any, *, earned: bool) -> Line:
    line = _sum(row, earned=earned)
    return replace(line, detail=f"{row.lead_name}\n{row.title}\n{row.starts_on}")


def _label(by: By, key: str, operators: dict[str, str], people: dict[str, str]) -> str:
    match by:
        case "month":
            return formats.month(date.fromisoformat(key), "en")
        case "operator":
            return operators.get(key, UNKNOWN)
        case "country":
            return country_name(key, "en") if key else UNKNOWN
        case "agent":
            return people.get(key, UNKNOWN)
        case _:
            return key or UNKNOWN


def _ordered(by: By, lines: list[Line]) -> list[Line]:
    """Months as they follow; the others by what was sold, currency by currency, or sent."""
    if by == "month":
        return sorted(lines, key=lambda line: (line.key, line.currency))
    sold: dict[str, int] = {}
    for line in lines:
        sold[line.currency] = sold.get(line.currency, 0) + line.counts[0]
    return sorted(
        lines,
        key=lambda line: (
            -sold[line.currency],
            line.currency,
            -(line.sold.minor if line.sold else line.counts[0]),
            line.label,
            line.key,
        ),
    )


def _page(lines: list[Line], asked: Asked, rows: int) -> tuple[Line, ...]:
    before = _before(asked, rows)
    return tuple(lines[before : before + rows])


def _together(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines of each currency added up, the one with most bookings first."""
    sums: dict[str, Line] = {}
    for line in lines:
        so_far = sums.get(line.currency)
        sums[line.currency] = (
            replace(line, key="", label="")
            if so_far is None
            else replace(
                so_far,
                counts=tuple(a + b for a, b in zip(so_far.counts, line.counts, strict=True)),
                sold=_added(so_far.sold, line.sold),
                commission=_added(so_far.commission, line.commission),
            )
        )
    return tuple(sorted(sums.values(), key=lambda line: (-line.counts[0], line.currency)))


def _added(one: Money | None, other: Money | None) -> Money | None:
    return None if one is None or other is None else one + other


def _chart(
    asked: Asked, part: Slice, lines: list[Line], sums: tuple[Line, ...]
) -> tuple[Line, ...]:
    """The first lines in the first currency; of months the last ones, none left out between."""
    if not sums:
        return ()
    shown = [line for line in lines if line.currency == sums[0].currency]
    if asked.by != "month":
        return tuple(shown[:CHARTED])
    by_month = {line.key: line for line in shown}
    nothing = Money.zero(sums[0].currency) if sums[0].sold else None
    return tuple(
        by_month.get(
            str(month),
            Line(
                str(month),
                formats.month(month, "en"),
                (0,) * len(sums[0].counts),
                currency=sums[0].currency,
                sold=nothing,
            ),
        )
        for month in months_between(part.first, part.last)[-CHARTED:]
    )


def _choices(pairs: Iterable[tuple[str, str]]) -> tuple[Choice, ...]:
    return tuple(
        Choice(value, label) for value, label in sorted(pairs, key=lambda pair: pair[1].casefold())
    )
