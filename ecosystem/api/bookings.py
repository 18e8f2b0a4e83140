"""Holds and bookings."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.api.limits import limited
from ecosystem.api.repeating import Key, once
from ecosystem.services.forms import AddonsForm, BookingForm, HoldForm, MarkupForm
from ecosystem.wiring import services

router = APIRouter(prefix="/api", tags=["bookings"])


@router.post("/holds", status_code=201, dependencies=[Depends(limited("hold"))])
def place_hold(
    request: Request, caller: Caller, party: HoldForm, idempotency_key: Key = None
) -> JSONResponse:
    """Hold seats for a party. 409 ``sold_out`` carries ``seats_left``, ``price_changed`` the
    ``price`` that is higher than ``expected_total``."""

    def act() -> tuple[int, dict[str, Any]]:
        held = services().holds.place(
            caller,
            party.departure_id,
            adults=party.adults,
            children=party.children,
            addon_ids=party.addon_ids,
            child_ages=party.child_ages,
            expected=party.expected_total.money if party.expected_total else None,
        )
        return 201, shapes.hold(held)

    return once("hold", request, caller, idempotency_key, act, party)


@router.get("/holds/{hold_id}")
def held(caller: Caller, hold_id: UUID) -> dict[str, Any]:
    """A hold of the caller's, as it stands."""
    return shapes.hold(services().holds.get(caller, hold_id))


@router.post("/holds/{hold_id}/addons", dependencies=[Depends(limited("price"))])
def choose_addons(caller: Caller, hold_id: UUID, form: AddonsForm) -> dict[str, Any]:
    """Have these add-ons in a hold and no others; answers with its new price."""
    return shapes.hold(services().holds.set_addons(caller, hold_id, form.addon_ids))


@router.post("/holds/{hold_id}/markup", dependencies=[Depends(limited("price"))])
def mark_up(caller: Caller, hold_id: UUID, form: MarkupForm) -> dict[str, Any]:
    """Sell what an agency holds at so much above its net price; answers with its new price."""
    return shapes.hold(services().holds.set_markup(caller, hold_id, form.markup_percent))


@router.post("/holds/{hold_id}/extension", dependencies=[Depends(limited("hold"))])
def extend_hold(caller: Caller, hold_id: UUID) -> dict[str, Any]:
    """Keep the seats ten minutes longer. 409 ``already_extended`` the second time."""
    return shapes.hold(services().holds.extend(caller, hold_id))


@router.delete("/holds/{hold_id}", status_code=204)
def release_hold(caller: Caller, hold_id: UUID) -> Response:
    """Give held seats back."""
    services().holds.release(caller, hold_id)
    return Response(status_code=204)


@router.post("/bookings", status_code=201, dependencies=[Depends(limited("book"))])
def book(
    request: Request, caller: Caller, form: BookingForm, idempotency_key: Key = None
) -> JSONResponse:
    """Turn a hold into a booking; ``checkout_url`` is the page on which it is paid."""

    def act() -> tuple[int, dict[str, Any]]:
        return 201, shapes.booking(services().bookings.create(caller, form))

    return once("booking", request, caller, idempotency_key, act, form)


@router.get("/bookings")
def bookings(
    caller: Caller,
    cursor: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> dict[str, Any]:
    """What the caller may see, newest first."""
    page = services().marketplace.trips(caller, cursor=cursor, limit=limit)
    return {"items": [shapes.booking_row(row) for row in page.items], "next": page.next}


@router.get("/bookings/{reference}", dependencies=[Depends(limited("reference"))])
def booking(
    caller: Caller, reference: str, key: Annotated[str, Query(max_length=100)] = ""
) -> dict[str, Any]:
    """One booking. ``key`` is the one in the links that were mailed."""
    return shapes.booking(services().bookings.get(caller, reference[:40], key=key))
