"""Keys for programs of the caller's team, an agency's or an operator's; only for its owners."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from ecosystem.api import shapes
from ecosystem.api.auth import SignedInCaller
from ecosystem.api.limits import limited
from ecosystem.domain.team import ApiKeyView
from ecosystem.services.api_keys import ApiKeyForm
from ecosystem.wiring import services

router = APIRouter(prefix="/api/keys", tags=["keys"])


def _key(view: ApiKeyView) -> dict[str, Any]:
    return {
        "id": str(view.id),
        "name": view.name,
        "prefix": view.prefix,
        "role": view.role,
        "created_by": view.created_by_email,
        "created_at": shapes.instant(view.created_at),
        "last_used_at": shapes.instant(view.last_used_at),
        "revoked_at": shapes.instant(view.revoked_at),
    }


@router.get("")
def keys(caller: SignedInCaller) -> dict[str, Any]:
    """The team's keys, newest first, those that were revoked last; at most 200."""
    return {"items": [_key(one) for one in services().api_keys.show(caller)], "next": None}


@router.post("", status_code=201, dependencies=[Depends(limited("mail"))])
def make_key(caller: SignedInCaller, form: ApiKeyForm) -> dict[str, Any]:
    """A new key; ``key`` is in this answer and never again. ``role`` is ``agent`` or
    ``assistant``, of an operator ``editor`` or ``viewer``. 409 ``too_many_keys``."""
    view, key = services().api_keys.make(caller, form)
    return _key(view) | {"key": key}


@router.delete("/{key_id}", status_code=204)
def revoke_key(caller: SignedInCaller, key_id: UUID) -> Response:
    """End a key, from its next use on."""
    services().api_keys.revoke(caller, key_id)
    return Response(status_code=204)
