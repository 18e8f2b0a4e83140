"""An operator's bookings and travellers as files."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from ecosystem.api.auth import Caller
from ecosystem.services.operator_bookings import Wanted
from ecosystem.wiring import services

router = APIRouter(prefix="/api/operators/me", tags=["own bookings"])

Status = Literal["", "pending_payment", "confirmed", "completed", "cancelled", "expired"]


@router.get("/bookings.csv", response_class=Response)
def bookings_csv(
    caller: Caller,
    q: Annotated[str, Query(max_length=100)] = "",
    status: Status = "",
    package: UUID | None = None,
    departure: UUID | None = None,
) -> Response:
    """The operator's bookings, newest first, at most 10,000; amounts in major units."""
    wanted = Wanted(words=q.strip(), status=status, package_id=package, departure_id=departure)
    return _file(services().operator_bookings.csv(caller, wanted), "bookings.csv")


@router.get("/departures/{departure_id}/travellers.csv", response_class=Response)
def travellers_csv(caller: Caller, departure_id: UUID) -> Response:
    """Who travels on one of the operator's departures, a line each."""
    text = services().operator_bookings.travellers_csv(caller, departure_id)
    return _file(text, f"travellers-{departure_id}.csv")


def _file(text: str, name: str) -> Response:
    return Response(
        # With a byte order mark: without it Excel takes UTF-8 for its own code page.
        text.encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )
