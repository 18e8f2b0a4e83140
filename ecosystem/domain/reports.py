"""What an agency can ask of its sales and proposals, and the answers. Pure.

A report is asked for by the query of its address (:class:`Asked`), so an address, a file and a
saved filter are the same question. Months and days are UTC, as the ledger's are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, get_args
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from ecosystem.domain.money import Money

Subject = Literal["sales", "proposals"]
By = Literal["month", "operator", "country", "city", "agent", "booking"]
Dates = Literal["booked", "travel"]
Span = Literal["12-months", "month", "last-month", "year", "last-year", "days"]
SUBJECTS: tuple[Subject, ...] = get_args(Subject)
BYS: dict[Subject, tuple[By, ...]] = {
    "sales": get_args(By),
    "proposals": ("month", "agent"),
}
SPANS: tuple[Span, ...] = get_args(Span)
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)
LONGEST_CITY = 100


@dataclass(frozen=True)
class Asked:
    """What is asked for; everything in it is checked.

    Attributes:
        subject: sales, or what came of proposals.
        by: what the lines are.
        dates: whether the span is of the days on which was booked, or of first days of travel.
        span: a span that moves with the calendar, or ``days``: from ``first`` to ``last``, both in.
        operator_id: only this operator's, and so on; empty or None: all.
        page: from 1.
    """

    subject: Subject = "sales"
    by: By = "month"
    dates: Dates = "booked"
    span: Span = "12-months"
    first: date | None = None
    last: date | None = None
    operator_id: UUID | None = None
    country: str = ""
    city: str = ""
    agent_id: UUID | None = None
    page: int = 1

    @property
    def query(self) -> str:
        """As it stands in an address, without what goes without saying."""
        given = {
            "show": self.subject if self.subject != "sales" else "",
            "by": self.by if self.by != "month" else "",
            "dates": self.dates if self.dates != "booked" else "",
            "span": self.span if self.span not in ("12-months", "days") else "",
            "from": self.first if self.span == "days" else "",
            "to": self.last if self.span == "days" else "",
            "operator": self.operator_id or "",
            "country": self.country,
            "city": self.city,
            "agent": self.agent_id or "",
            "page": self.page if self.page > 1 else "",
        }
        return urlencode({name: value for name, value in given.items() if value})

    @property
    def narrowed(self) -> bool:
        """Whether it leaves out some of the span's sales."""
        return bool(self.operator_id or self.country or self.city or self.agent_id)

    def days(self, today: date) -> tuple[date, date]:
        """The first and the last day of the span, both in it."""
        month = today.replace(day=1)
        match self.span:
            case "12-months":
                return _months_on(month, -11), _before(_months_on(month, 1))
            case "month":
                return month, _before(_months_on(month, 1))
            case "last-month":
                return _months_on(month, -1), _before(month)
            case "year":
                return date(today.year, 1, 1), date(today.year, 12, 31)
            case "last-year":
                return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
            case "days":
                assert self.first is not None
                assert self.last is not None
                return self.first, self.last

    def into(self, line: "Line", first: date, last: date) -> "Asked":
        """The bookings of one line of this report of ``first`` to ``last``."""
        down = replace(self, subject="sales", by="booking", page=1)
        match self.by:
            case "month":
                month = date.fromisoformat(line.key)
                end = _before(_months_on(month, 1))
                return replace(down, span="days", first=max(month, first), last=min(end, last))
            case "operator":
                return replace(down, operator_id=UUID(line.key))
            case "agent" if line.key:
                return replace(down, agent_id=UUID(line.key))
            case "country" if line.key:
                return replace(down, country=line.key)
            case "city" if line.key:
                return replace(down, city=line.key)
            case _:
                return down


def read(given: Mapping[str, str]) -> Asked:
    """What the query of an address asks for, whatever stands in it: junk is left out."""
    subject: Subject = "proposals" if given.get("show") == "proposals" else "sales"
    by = given.get("by", "")
    first, last = _day(given.get("from", "")), _day(given.get("to", ""))
    span = given.get("span", "")
    whole = first is not None and last is not None and first <= last
    city = given.get("city", "")
    country = given.get("country", "").upper()
    return Asked(
        subject=subject,
        by=by if by in BYS[subject] else "month",  # type: ignore[arg-type]
        dates="travel" if given.get("dates") == "travel" and subject == "sales" else "booked",
        span="days" if whole else span if span in SPANS and span != "days" else "12-months",  # type: ignore[arg-type]
        first=first if whole else None,
        last=last if whole else None,
        operator_id=_id(given.get("operator", "")) if subject == "sales" else None,
        country=country
        if subject == "sales" and len(country) == 2 and country.isascii() and country.isalpha()
        else "",
        city=city
        if subject == "sales" and len(city) <= LONGEST_CITY and city.isprintable()
        else "",
        agent_id=_id(given.get("agent", "")),
        page=_page(given.get("page", "")),
    )


def read_query(query: str) -> Asked:
    """What a query string asks for."""
    return read({name: value.strip() for name, value in parse_qsl(query)})


@dataclass(frozen=True)
class Line:
    """One line of a report, in one currency if it is of sales.

    Attributes:
        key: what it is of, as a filter takes it: a month's first day, an id, a country's code.
        label: the same in words.
        detail: a quieter second line; of bookings who travels where.
        counts: by the names of the report's ``counts``, whole numbers.
        sold: what was sold and not cancelled; None in a report without money.
        commission: what the agency earns of it by the ledger, after every change; None for
            who may not know it.
    """

    key: str
    label: str
    counts: tuple[int, ...]
    detail: str = ""
    currency: str = ""
    sold: Money | None = None
    commission: Money | None = None


SALES_COUNTS = ("Bookings", "Travellers", "Cancelled")
PROPOSAL_COUNTS = ("Sent", "Opened", "Accepted", "Declined", "Expired or withdrawn", "Waiting")


@dataclass(frozen=True)
class Choice:
    """A value that a filter can take."""

    value: str
    label: str


@dataclass(frozen=True)
class Report:
    """An answer. ``lines`` are those of the page asked for; of ``total`` lines in all.

    Attributes:
        first: the span's first day.
        last: its last day.
        counts: what is counted.
        sums: all lines together, one for each currency (one in all without money).
        lines: the page's lines.
        chart: the first lines in the currency sold in most, months in their order.
        operators: what the filters offer; so for countries, cities and agents.
    """

    asked: Asked
    first: date
    last: date
    counts: tuple[str, ...]
    sums: tuple[Line, ...]
    lines: tuple[Line, ...]
    chart: tuple[Line, ...]
    total: int
    operators: tuple[Choice, ...] = ()
    countries: tuple[Choice, ...] = ()
    agents: tuple[Choice, ...] = ()


def header(report: Report, *, earns: bool) -> tuple[str, ...]:
    """The heads of a report's columns, as they stand on the page and in the file."""
    first = HEADS[report.asked.by]
    if report.asked.subject == "proposals":
        return (first, *report.counts, "Conversion %")
    money = ("Sold", "Commission") if earns else ("Sold",)
    middle = ("Traveller", "Trip", "Departure") if report.asked.by == "booking" else ()
    return (first, *middle, "Currency", *report.counts, *money)


HEADS: dict[By, str] = {
    "month": "Month",
    "operator": "Operator",
    "country": "Country",
    "city": "City",
    "agent": "Agent",
    "booking": "Booking",
}


def conversion(line: Line) -> int | None:
    """Accepted proposals of a hundred that were sent; None if none was."""
    sent, accepted = line.counts[0], line.counts[2]
    return round(100 * accepted / sent) if sent else None


def cells(report: Report, line: Line, *, earns: bool) -> tuple[Any, ...]:
    """A line's cells, in the order of :func:`header`: words, numbers and ``Money``."""
    if report.asked.subject == "proposals":
        return (line.label, *line.counts, conversion(line))
    money = (line.sold, line.commission) if earns else (line.sold,)
    middle = tuple(line.detail.split("\n")) if report.asked.by == "booking" else ()
    return (line.label, *middle, line.currency, *line.counts, *money)


def in_file(value: Any) -> Any:
    """A cell for a spreadsheet: amounts in major units, their currency has a column."""
    return value.decimal if isinstance(value, Money) else value


def months_between(first: date, last: date) -> Sequence[date]:
    """The first days of the months from ``first``'s to ``last``'s."""
    month, found = first.replace(day=1), []
    while month <= last:
        found.append(month)
        month = _months_on(month, 1)
    return found


def instant(day: date) -> datetime:
    """A day's first instant, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _months_on(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _before(day: date) -> date:
    return day - timedelta(days=1)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _page(text: str) -> int:
    return (
        min(max(int(text), 1), 10_000) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    )
