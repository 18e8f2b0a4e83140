"""The travel agent and the people of her agency."""

from typing import Any

from fastapi import APIRouter

from ecosystem.api.auth import Caller
from ecosystem.wiring import services

router = APIRouter(prefix="/api/agents", tags=["agents"])


@router.get("/me")
def me(caller: Caller) -> dict[str, Any]:
    """The caller and her agency."""
    return services().agency_desk.me(caller).as_json()


@router.get("")
def people(caller: Caller) -> dict[str, Any]:
    """The people of the caller's agency."""
    return {
        "items": [person.as_json() for person in services().agency_desk.people(caller)],
        "next": None,
    }
