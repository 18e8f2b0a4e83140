"""An operator's own departures, one by one and many at once."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.api.repeating import Key, once
from ecosystem.domain.actor import Actor
from ecosystem.domain.departures import OwnDeparture
from ecosystem.domain.errors import NotFound
from ecosystem.services.departures.forms import (
    BulkChange,
    DepartureChange,
    DepartureForm,
    RuleForm,
    Selection,
)
from ecosystem.wiring import services

router = APIRouter(prefix="/api/operators/me", tags=["own departures"])


def _shape(row: OwnDeparture) -> dict[str, Any]:
    status = "closed" if row.closed else "sold_out" if row.left == 0 else "open"
    return {
        "id": str(row.id),
        "package_id": str(row.package_id),
        "starts_on": str(row.starts_on),
        "ends_on": str(row.ends_on),
        "capacity": row.capacity,
        "sold": row.sold,
        "held": row.held,
        "seats_left": row.left,
        "price": shapes.money(row.price),
        "own_price": row.own_price,
        "status": status,
    }


@router.get("/departures")
def departures(
    caller: Caller,
    first: Annotated[date, Query(alias="from")],
    last: Annotated[date, Query(alias="to")],
    package_id: UUID | None = None,
) -> dict[str, Any]:
    """Departures of all the operator's packages, or one, that start in this time; at most 1000."""
    rows = services().departures.between(caller, first, last, package_id)
    return {"items": [_shape(row) for row in rows], "next": None}


@router.patch("/departures")
def change_many(caller: Caller, form: BulkChange) -> dict[str, Any]:
    """Change many at once, all or none. 409 ``departures_refused`` lists those that can't be."""
    rows = services().departures.change(caller, form.select, form.change)
    return {"items": [_shape(row) for row in rows], "next": None}


@router.post("/departures/delete")
def remove_many(caller: Caller, select: Selection) -> dict[str, Any]:
    """Delete many that nobody booked or holds, all or none."""
    return {"deleted": services().departures.remove(caller, select)}


@router.get("/packages/{package_id}/departures")
def of_package(caller: Caller, package_id: UUID) -> dict[str, Any]:
    """The departures to come of one of the operator's packages, at most 1000."""
    rows = services().departures.of_package(caller, package_id)
    return {"items": [_shape(row) for row in rows], "next": None}


@router.post("/packages/{package_id}/departures", status_code=201)
def create(
    request: Request,
    caller: Caller,
    package_id: UUID,
    form: DepartureForm | RuleForm,
    idempotency_key: Key = None,
) -> JSONResponse:
    """Add one departure (``starts_on``), or those of a rule (``weekdays first last``).

    A day on which the package departs already is left as it is: for a rule it is named in
    ``existing``, one alone is answered with 200 and stands as it was.
    """

    def act() -> tuple[int, dict[str, Any]]:
        if isinstance(form, DepartureForm):
            return _add_one(caller, package_id, form)
        made = services().departures.create(caller, package_id, form)
        return 201, {
            "items": [_shape(row) for row in made.departures],
            "existing": [str(day) for day in made.existing],
        }

    return once("departure", request, caller, idempotency_key, act, package_id, form)


def _add_one(caller: Actor, package_id: UUID, form: DepartureForm) -> tuple[int, dict[str, Any]]:
    desk = services().departures
    made = desk.create(caller, package_id, form.as_rule())
    if made.departures:
        return 201, _shape(made.departures[0])
    there = desk.between(caller, form.starts_on, form.starts_on, package_id)
    if not there:
        raise NotFound("This departure does not exist.", code="departure_not_found")
    return 200, _shape(there[0])


@router.post("/packages/{package_id}/departures/preview")
def preview(caller: Caller, package_id: UUID, form: RuleForm) -> dict[str, Any]:
    """What a rule would add, and on which days there is a departure already."""
    plan = services().departures.plan(caller, package_id, form)
    return {
        "new": [str(day) for day in plan.new],
        "existing": [str(day) for day in plan.existing],
        "nights": plan.nights,
        "price": shapes.money(plan.price),
    }


@router.patch("/packages/{package_id}/departures/{departure_id}")
def change(
    caller: Caller, package_id: UUID, departure_id: UUID, form: DepartureChange
) -> dict[str, Any]:
    """Change one. 409 ``departures_refused`` if it has sold more than the new capacity."""
    _belongs(caller, package_id, departure_id)
    only = Selection(departure_ids=frozenset({departure_id}))
    return _shape(services().departures.change(caller, only, form)[0])


@router.delete("/packages/{package_id}/departures/{departure_id}", status_code=204)
def remove(caller: Caller, package_id: UUID, departure_id: UUID) -> Response:
    """Delete one that nobody ever booked or holds."""
    _belongs(caller, package_id, departure_id)
    services().departures.remove(caller, Selection(departure_ids=frozenset({departure_id})))
    return Response(status_code=204)


def _belongs(caller: Caller, package_id: UUID, departure_id: UUID) -> None:
    """Raise ``NotFound`` unless it is a departure of this package of the caller's."""
    if services().departures.get(caller, departure_id).package_id != package_id:
        raise NotFound("This departure does not exist.", code="departure_not_found")
