"""The travel agent and the people of her agency."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.services.commissions import Commission
from ecosystem.wiring import services

router = APIRouter(prefix="/api/agents", tags=["agents"])


@router.get("/me")
def me(caller: Caller) -> dict[str, Any]:
    """The caller and her agency."""
    return services().agency_desk.me(caller).as_json()


@router.get("/me/commissions")
def commissions(
    caller: Caller,
    cursor: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> dict[str, Any]:
    """What the agency earns, booking by booking, newest first: ``earned`` after every change,
    ``sent`` of it to the agency's account, ``owed`` the rest."""
    page = services().commissions.rows(caller, cursor=cursor, limit=limit)
    return {"items": [_commission(one) for one in page.items], "next": page.next}


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
        "percent": float(one.percent),
        "total": shapes.money(one.total),
        "earned": shapes.money(one.earned),
        "sent": shapes.money(one.sent),
        "owed": shapes.money(one.owed),
    }
