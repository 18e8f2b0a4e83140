"""The caller's saved packages. A guest's are those of the browser's cookie."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.api.limits import limited
from ecosystem.wiring import services

router = APIRouter(prefix="/api/me/saved", tags=["saved"])


@router.get("")
def saved(caller: Caller) -> dict[str, Any]:
    """Saved packages that are offered, newest first; ``ended`` counts the others."""
    cards, ended = services().saved.cards(caller)
    return {"items": [shapes.card(card) for card in cards], "next": None, "ended": ended}


@router.put("/{package_id}", status_code=204, dependencies=[Depends(limited("price"))])
def save(caller: Caller, package_id: UUID) -> Response:
    """Save a package; saved already stays as it is."""
    services().saved.save(caller, package_id)
    return Response(status_code=204)


@router.delete("/{package_id}", status_code=204, dependencies=[Depends(limited("price"))])
def remove(caller: Caller, package_id: UUID) -> Response:
    """Forget a saved package."""
    services().saved.remove(caller, package_id)
    return Response(status_code=204)
