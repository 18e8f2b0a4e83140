"""Reports of the caller's agency: as JSON, as a spreadsheet, and the filters that are kept."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.domain.reports import LONGEST_CITY, Asked, Line, Report, conversion, read
from ecosystem.services.reports import SavedFilter, SavedForm
from ecosystem.wiring import services

router = APIRouter(prefix="/api/agents/me/reports", tags=["agents"])
Word = Annotated[str, Query(max_length=40)]


def _asked(
    show: Word = "",
    by: Word = "",
    dates: Word = "",
    span: Word = "",
    from_: Annotated[str, Query(alias="from", max_length=10)] = "",
    to: Annotated[str, Query(max_length=10)] = "",
    operator: Word = "",
    country: Word = "",
    city: Annotated[str, Query(max_length=LONGEST_CITY)] = "",
    agent: Word = "",
    page: Word = "",
) -> Asked:
    given = {
        "show": show, "by": by, "dates": dates, "span": span, "from": from_, "to": to,
        "operator": operator, "country": country, "city": city, "agent": agent, "page": page,
    }  # fmt: skip
    return read(given)


Wanted = Annotated[Asked, Depends(_asked)]


@router.get("")
def report(caller: Caller, asked: Wanted) -> dict[str, Any]:
    """Sales or proposals, added up as asked; the query is that of the page's address."""
    found = services().reports.of(caller, asked)
    return {
        "asked": asked.query,
        "from": str(found.first),
        "to": str(found.last),
        "total": found.total,
        "items": [_line(found, line) for line in found.lines],
        "sums": [_line(found, line) for line in found.sums],
    }


@router.get(".csv", response_class=Response)
def as_csv(caller: Caller, asked: Wanted) -> Response:
    """All lines of the same for a spreadsheet."""
    return Response(
        services().reports.csv(caller, asked),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{asked.subject}-by-{asked.by}.csv"',
            "Cache-Control": "private, no-store",
        },
    )


@router.get("/saved")
def saved(caller: Caller) -> dict[str, Any]:
    """The caller's own filters, then those that others of the agency share."""
    return {"items": [_filter(one) for one in services().reports.saved(caller)], "next": None}


@router.post("/saved", status_code=201)
def keep(caller: Caller, form: SavedForm) -> JSONResponse:
    """Keep a filter; one of the same name is replaced."""
    return JSONResponse(_filter(services().reports.keep(caller, form)), 201)


@router.delete("/saved/{filter_id}", status_code=204)
def forget(caller: Caller, filter_id: UUID) -> Response:
    """Delete a filter."""
    services().reports.forget(caller, filter_id)
    return Response(status_code=204)


def _line(report: Report, line: Line) -> dict[str, Any]:
    told: dict[str, Any] = {"key": line.key, "label": line.label}
    if line.detail:
        told |= dict(zip(("lead_name", "title", "starts_on"), line.detail.split("\n"), strict=True))
    told |= {
        name.lower().replace(" ", "_"): count
        for name, count in zip(report.counts, line.counts, strict=True)
    }
    if line.sold is not None:
        told["sold"] = shapes.money(line.sold)
    else:
        told["conversion_percent"] = conversion(line)
    if line.commission is not None:
        told["commission"] = shapes.money(line.commission)
    return told


def _filter(one: SavedFilter) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name,
        "asked": one.asked.query,
        "shared": one.shared,
        "mine": one.mine,
        "by": one.by,
    }
