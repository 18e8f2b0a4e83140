"""Who travels: named after booking, put into rooms; the operator's rooming lists; links to pay."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from ecosystem.api.auth import Caller
from ecosystem.api.limits import limited
from ecosystem.api.shapes import money
from ecosystem.domain.party import Party
from ecosystem.domain.rooming import Sleeper
from ecosystem.services.travellers import NamesForm
from ecosystem.wiring import services

router = APIRouter(prefix="/api", tags=["travellers"])

Key = Annotated[str, Query(max_length=100)]
NOT_KEPT = {"Cache-Control": "private, no-store"}


@router.get("/bookings/{reference}/travellers", dependencies=[Depends(limited("reference"))])
def travellers(caller: Caller, reference: str, key: Key = "") -> dict[str, Any]:
    """Who travels and who shares a room, and until when that can be said."""
    return _party(services().travellers.show(caller, reference, key=key))


@router.put("/bookings/{reference}/travellers", dependencies=[Depends(limited("message"))])
def name_travellers(
    caller: Caller, reference: str, form: NamesForm, key: Key = ""
) -> dict[str, Any]:
    """Say who travels, in place of what was said before; 410 ``names_closed`` when it is late."""
    return _party(services().travellers.name(caller, reference, form, key=key))


@router.post(
    "/bookings/{reference}/payment-link",
    status_code=202,
    dependencies=[Depends(limited("message"))],
)
def send_payment_link(caller: Caller, reference: str) -> dict[str, Any]:
    """The agency sends its client the link to pay, by e-mail. 409 ``nothing_due``."""
    sent = services().pay_links.send(caller, reference)
    return {"to": sent.to, "amount": money(sent.amount)}


@router.get("/operators/me/departures/{departure_id}/rooming.csv", response_class=Response)
def rooming_csv(caller: Caller, departure_id: UUID) -> Response:
    """Who shares which room on one of the operator's departures, a line each."""
    text = services().traveller_lists.rooming_csv(caller, departure_id)
    return Response(
        # With a byte order mark: without it Excel takes UTF-8 for its own code page.
        text.encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers=NOT_KEPT
        | {"Content-Disposition": f'attachment; filename="rooming-{departure_id}.csv"'},
    )


@router.get("/operators/me/departures/{departure_id}/rooming.pdf", response_class=Response)
def rooming_pdf(caller: Caller, departure_id: UUID) -> Response:
    """The same on paper."""
    content = services().traveller_lists.rooming_pdf(caller, departure_id)
    return Response(
        content,
        media_type="application/pdf",
        headers=NOT_KEPT
        | {"Content-Disposition": f'inline; filename="rooming-{departure_id}.pdf"'},
    )


def _party(found: Party) -> dict[str, Any]:
    return {
        "reference": found.reference,
        "birth_dates_needed": found.birth_dates,
        "until": found.until.isoformat(),
        "can_name": not found.why_not,
        "why_not": found.why_not,
        "missing": found.missing,
        "stamp": found.stamp,
        "travellers": [_sleeper(one) for one in found.people],
        "rooms": [
            {
                "number": room.number,
                "adults": room.adults,
                "travellers": [one.number for one in room.sleepers],
            }
            for room in found.rooms
        ],
    }


def _sleeper(one: Sleeper) -> dict[str, Any]:
    return {
        "number": one.number,
        "name": one.name,
        "kind": one.kind,
        "birth_date": one.birth_date.isoformat() if one.birth_date else None,
        "room": one.room or None,
    }
