"""The travel agent and the people of her agency."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.domain.commissions import Commission, CommissionState
from ecosystem.services.commissions import asked_for
from ecosystem.wiring import services

router = APIRouter(prefix="/api/agents", tags=["agents"])


@router.get("/me")
def me(caller: Caller) -> dict[str, Any]:
    """The caller and her agency."""
    return services().agency_desk.me(caller).as_json()


@router.get("/me/commissions")
def commissions(
    caller: Caller,
    state: Annotated[CommissionState | None, Query()] = None,
    month: Annotated[str, Query(max_length=7)] = "",
    operator: Annotated[UUID | None, Query()] = None,
    cursor: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> dict[str, Any]:
    """What the agency earns, booking by booking, newest first: ``earned`` after every change,
    ``sent`` of it to the agency's account, ``owed`` the rest. ``sums`` by state, of everything
    asked for but the state."""
    wanted = asked_for(_given(state, month, operator))
    page = services().commissions.rows(caller, wanted, cursor=cursor, limit=limit, with_sums=True)
    return {
        "items": [_commission(one) for one in page.items],
        "next": page.next,
        "sums": [
            {
                "state": one.state,
                "bookings": one.bookings,
                "earned": shapes.money(one.earned),
                "sent": shapes.money(one.sent),
                "back": shapes.money(one.back),
                "owed": shapes.money(one.owed),
                "kept": shapes.money(one.outside),
            }
            for one in page.sums
        ],
    }


@router.get("/me/commissions.csv", response_class=Response)
def commissions_csv(
    caller: Caller,
    state: Annotated[CommissionState | None, Query()] = None,
    month: Annotated[str, Query(max_length=7)] = "",
    operator: Annotated[UUID | None, Query()] = None,
) -> Response:
    """The same list, whole, for a spreadsheet."""
    wanted = asked_for(_given(state, month, operator))
    return Response(
        services().commissions.csv(caller, wanted),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="commissions.csv"',
            "Cache-Control": "private, no-store",
        },
    )


@router.get("/me/owed")
def owed(caller: Caller) -> dict[str, Any]:
    """What the agency has still to pay for bookings it collects for itself, the soonest first;
    ``pay_path`` is the page where it is paid by card."""
    return {
        "items": [
            {
                "reference": one.reference,
                "title": one.title,
                "lead_name": one.lead_name,
                "operator": {"id": str(one.operator_id), "name": one.operator_name},
                "starts_on": str(one.starts_on),
                "amount": shapes.money(one.amount),
                "due_on": str(one.due_on),
                "overdue": one.overdue,
                "pay_path": one.pay_path or None,
            }
            for one in services().commissions.owed(caller)
        ],
        "next": None,
    }


@router.get("")
def people(caller: Caller) -> dict[str, Any]:
    """The people of the caller's agency."""
    return {
        "items": [person.as_json() for person in services().agency_desk.people(caller)],
        "next": None,
    }


def _commission(one: Commission) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "status": one.status,
        "title": one.title,
        "lead_name": one.lead_name,
        "starts_on": str(one.starts_on),
        "ends_on": str(one.ends_on),
        "booked_at": shapes.instant(one.booked_at),
        "operator": one.operator_name,
        "model": one.model,
        "percent": float(one.percent),
        "state": one.state,
        "expected_on": str(one.expected_on),
        "total": shapes.money(one.total),
        "earned": shapes.money(one.earned),
        "sent": shapes.money(one.sent),
        "back": shapes.money(one.back),
        "owed": shapes.money(one.owed),
        "kept": one.outside and shapes.money(one.outside),
    }


def _given(state: str | None, month: str, operator: UUID | None) -> dict[str, str]:
    return {"state": state or "", "month": month, "operator": str(operator or "")}
