"""Who the caller is."""

from typing import Any

from fastapi import APIRouter

from ecosystem.api.auth import SignedInCaller

router = APIRouter(prefix="/api", tags=["sign-in"])


@router.get("/me")
def me(actor: SignedInCaller) -> dict[str, Any]:
    """The caller: where the identity comes from, its role and its ids.

    ``source`` is ``cognito``, ``supabase`` or ``api_key``; ``role`` is ``customer``,
    ``agent``, ``provider`` or ``ops``. 401 for nobody.
    """
    return {
        "source": actor.source,
        "role": actor.role,
        "user_id": str(actor.user_id) if actor.user_id else None,
        "email": actor.email,
        "name": actor.name,
        "agency_id": str(actor.agency_id) if actor.agency_id else None,
        "agency_role": actor.agency_role or None,
        "agency_owner": actor.agency_owner,
        "operator_id": str(actor.operator_id) if actor.operator_id else None,
    }
