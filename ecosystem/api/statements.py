"""Statements of the caller's operator or agency."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.domain.statements import Section
from ecosystem.wiring import services

router = APIRouter(prefix="/api/statements", tags=["statements"])


@router.get("")
def months(caller: Caller) -> dict[str, Any]:
    """Months there are statements of, newest first."""
    return {"items": [str(month) for month in services().statements.months(caller)], "next": None}


@router.get("/{month}.csv", response_class=Response)
def as_csv(caller: Caller, month: str) -> Response:
    """A month's statement for a spreadsheet."""
    content = services().statements.csv(caller, month)
    return _file(content, "text/csv; charset=utf-8", f"statement-{month}.csv", "attachment")


@router.get("/{month}.pdf", response_class=Response)
def as_pdf(caller: Caller, month: str) -> Response:
    """A month's statement as a document."""
    content = services().statements.pdf(caller, month)
    return _file(content, "application/pdf", f"statement-{month}.pdf", "inline")


@router.get("/{month}")
def statement(caller: Caller, month: str) -> dict[str, Any]:
    """A month (``2026-11``, UTC) of what is owed to the caller's operator or agency; ``owed`` is
    what an agency owes for bookings it collects for itself: ``earned`` there is what was booked,
    ``paid_out`` what it paid."""
    found = services().statements.of(caller, month)
    return {
        "month": str(found.month),
        "party": found.party,
        "name": found.name,
        "currencies": [_section(section) for section in found.sections],
        "owed": [_section(section) for section in found.owed],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "currency": section.currency,
        "opening": shapes.money(section.opening),
        "earned": shapes.money(section.earned),
        "paid_out": shapes.money(section.paid_out),
        "closing": shapes.money(section.closing),
        "lines": [
            {
                "at": shapes.instant(line.at),
                "booking": line.reference,
                "trip": line.title,
                "departure": str(line.starts_on),
                "what": line.what,
                "amount": shapes.money(line.amount),
                "balance": shapes.money(line.balance),
            }
            for line in section.lines
        ],
    }


def _file(content: bytes, kind: str, name: str, how: str) -> Response:
    return Response(
        content,
        media_type=kind,
        headers={
            "Content-Disposition": f'{how}; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )
