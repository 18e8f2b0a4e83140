"""Agencies as operations see them: who asks to be verified."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from ecosystem.api.auth import SignedInCaller
from ecosystem.api.own_agency import agency
from ecosystem.services.agency_profile import DecisionForm
from ecosystem.wiring import services

router = APIRouter(prefix="/api/ops/agencies", tags=["operations"])


@router.get("")
def agencies(
    caller: SignedInCaller, q: Annotated[str, Query(max_length=100)] = ""
) -> dict[str, Any]:
    """Agencies whose name has ``q``: those that wait first, then by name; at most 200."""
    return {"items": [agency(one) for one in services().agencies.agencies(caller, q)], "next": None}


@router.post("/{agency_id}/verification")
def decide(caller: SignedInCaller, agency_id: UUID, form: DecisionForm) -> dict[str, Any]:
    """Verify an agency, or refuse it with a ``note``. ``asked_at`` is the
    ``verification_asked_at`` that was read: 409 ``decided`` if it is another by now."""
    return agency(services().agencies.decide(caller, agency_id, form))
