"""Reports as their page shows them: figures, a chart, lines, formatted."""

from dataclasses import dataclass, field, replace
from typing import Any

from ecosystem.domain.money import Money, exponent
from ecosystem.domain.reports import Asked, By, Line, Report, cells, conversion, header
from ecosystem.services.reports import PAGE_SIZE, total_line
from ecosystem.state import formats
from ecosystem.state.agent.bookings import PATH as BOOKINGS
from ecosystem.state.sums import counted, figure_of

PATH = "/agent/reports"
FILE = "/api/agents/me/reports.csv"
KINDS = {
    "Sold": "money",
    "Commission": "money",
    "Traveller": "text",
    "Trip": "text",
    "Departure": "day",
}
QUESTIONS: dict[By, str] = {
    "month": "How do sales move?",
    "operator": "Whose trips sell most?",
    "country": "Where do clients go?",
    "city": "In which cities do trips begin?",
    "agent": "Who sells how much?",
    "booking": "",
}
PROPOSAL_QUESTIONS: dict[By, str] = {
    "month": "How many proposals become bookings?",
    "agent": "Whose proposals are accepted?",
}


@dataclass(frozen=True)
class ReportRow:
    """A line as the table shows it: ``values`` beneath the heads after the first."""

    label: str = ""
    href: str = ""
    values: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ReportView:
    """Everything of a report, formatted. ``figures``: label, value, note."""

    title: str = ""
    span: str = ""
    figures: list[dict[str, str]] = field(default_factory=list)
    question: str = ""
    chart_note: str = ""
    bars: list[dict[str, str | int | bool]] = field(default_factory=list)
    ranks: list[dict[str, str | int]] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    """What is below the heads after the first: ``text``, ``day``, ``count`` or ``money``."""
    rows: list[ReportRow] = field(default_factory=list)
    totals: list[ReportRow] = field(default_factory=list)
    position: str = ""
    previous: str = ""
    following: str = ""
    csv: str = ""
    narrowed: str = ""
    wider: str = ""


def address(asked: Asked) -> str:
    """The address of a report."""
    return f"{PATH}?{asked.query}" if asked.query else PATH


def report_view(report: Report, *, earns: bool) -> ReportView:
    """A report as its page shows it."""
    asked = report.asked
    before = (asked.page - 1) * PAGE_SIZE
    by_month = asked.by == "month"
    proposals = asked.subject == "proposals"
    heads = header(report, earns=earns)
    return ReportView(
        span=formats.days(report.first, report.last),
        figures=proposal_figures(report) if proposals else sales_figures(report, earns=earns),
        question=(PROPOSAL_QUESTIONS if proposals else QUESTIONS)[asked.by],
        chart_note=chart_note(report),
        bars=month_bars(report) if by_month else [],
        ranks=[] if by_month else ranks(report),
        heads=list(heads),
        kinds=[KINDS.get(head, "count") for head in heads[1:]],
        rows=[row_of(report, line, earns=earns) for line in report.lines],
        totals=[
            replace(row_of(report, total_line(report, line), earns=earns), href="")
            for line in report.sums
            if report.total
        ],
        position=formats.range_of(before, len(report.lines), report.total),
        previous=address(replace(asked, page=asked.page - 1)) if asked.page > 1 else "",
        following=address(replace(asked, page=asked.page + 1))
        if before + len(report.lines) < report.total
        else "",
        csv=f"{FILE}?{replace(asked, page=1).query}",
        narrowed=f"In {asked.city}" if asked.city else "",
        wider=address(replace(asked, city="", page=1)) if asked.city else "",
    )


def row_of(report: Report, line: Line, *, earns: bool) -> ReportRow:
    first, *others = cells(report, line, earns=earns)
    asked = report.asked
    href = ""
    if asked.by == "booking":
        href = f"{BOOKINGS}/{line.key}"
    elif asked.subject == "sales" and line.key:
        href = address(asked.into(line, report.first, report.last))
    return ReportRow(str(first), href, [shown(value) for value in others])


def shown(value: Any) -> str:
    """A cell as people read it; nothing for what there is none of."""
    if isinstance(value, Money):
        return formats.money(value)
    if isinstance(value, int):
        return formats.number(value)
    return "" if value is None else str(value)


def sales_figures(report: Report, *, earns: bool) -> list[dict[str, str]]:
    sums = report.sums
    sold, other_sold = figure_of([line.sold for line in sums if line.sold])
    bookings = sum(line.counts[0] for line in sums)
    cancelled = sum(line.counts[2] for line in sums)
    travellers = sum(line.counts[1] for line in sums)
    average = _average(sums[0]) if sums else None
    figures = [
        {"label": "Sold", "value": sold, "note": other_sold},
        {
            "label": "Bookings",
            "value": formats.number(bookings),
            "note": f"{counted(cancelled, 'other', 'others')} cancelled" if cancelled else "",
        },
        {
            "label": "Average booking",
            "value": formats.money(average) if average else "–",
            "note": counted(travellers, "traveller", "travellers"),
        },
    ]
    if earns:
        earned, other = figure_of([line.commission for line in sums if line.commission])
        figures.append(
            {"label": "Commission", "value": earned, "note": other or "after every change"}
        )
    return figures


def _average(line: Line) -> Money | None:
    """A booking's average, in whole units."""
    if not line.counts[0] or line.sold is None:
        return None
    one = 10 ** exponent(line.currency)
    every = line.counts[0] * one
    return Money((2 * line.sold.minor + every) // (2 * every) * one, line.currency)


def proposal_figures(report: Report) -> list[dict[str, str]]:
    line = report.sums[0]
    sent, opened, accepted = line.counts[:3]
    percent = conversion(line)
    return [
        {"label": "Sent", "value": formats.number(sent), "note": "first sent in this time"},
        {
            "label": "Opened",
            "value": formats.number(opened),
            "note": f"{formats.percent(round(100 * opened / sent))} of them" if sent else "",
        },
        {
            "label": "Accepted",
            "value": formats.number(accepted),
            "note": f"{formats.number(line.counts[5])} still wait",
        },
        {
            "label": "Conversion",
            "value": "–" if percent is None else formats.percent(percent),
            "note": "accepted of those sent",
        },
    ]


def chart_note(report: Report) -> str:
    """In which currency the chart is, and how much of the lines it shows."""
    if not report.chart:
        return ""
    others = len(report.sums) > 1
    words = f"In {report.chart[0].currency}" if report.chart[0].currency else ""
    return f"{words}, where most was booked" if others and words else words


def month_bars(report: Report) -> list[dict[str, str | int | bool]]:
    heights = [_height(line) for line in report.chart]
    most = 100 if report.asked.subject == "proposals" else max(heights, default=0)
    return [
        {
            "label": line.label[:1],
            "percent": round(100 * height / most) if most else 0,
            "text": f"{line.label}: {_words(line)}",
            "now": number == len(heights) - 1,
        }
        for number, (line, height) in enumerate(zip(report.chart, heights, strict=True))
    ]


def ranks(report: Report) -> list[dict[str, str | int]]:
    heights = [_height(line) for line in report.chart]
    most = 100 if report.asked.subject == "proposals" else max(heights, default=0)
    return [
        {
            "label": line.label,
            "percent": round(100 * height / most) if most else 0,
            "text": _words(line),
        }
        for line, height in zip(report.chart, heights, strict=True)
    ]


def _height(line: Line) -> int:
    return line.sold.minor if line.sold is not None else conversion(line) or 0


def _words(line: Line) -> str:
    if line.sold is not None:
        return f"{formats.money(line.sold)}, {counted(line.counts[0], 'booking', 'bookings')}"
    percent = conversion(line)
    if percent is None:
        return "none sent"
    return f"{formats.percent(percent)}, {line.counts[2]} of {line.counts[0]}"
