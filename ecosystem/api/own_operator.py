"""The caller's own operator: its profile and its team."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.api.limits import limited
from ecosystem.domain.profile import OperatorProfile
from ecosystem.services.operator_profile import ProfileForm
from ecosystem.services.operator_team import InvitationForm, RoleForm
from ecosystem.services.operator_terms import TermsForm
from ecosystem.wiring import services

router = APIRouter(prefix="/api/operators/me", tags=["own operator"])


def _profile(view: OperatorProfile) -> dict[str, Any]:
    return {
        "id": str(view.id),
        "slug": view.slug,
        "name": view.name,
        "description": view.description,
        "country": view.country,
        "city": view.city,
        "contact_email": view.contact_email,
        "contact_phone": view.contact_phone or None,
        "website": view.website or None,
        "languages": list(view.languages),
        "verified": view.verified,
        "updated_at": shapes.instant(view.updated_at),
    }


@router.get("")
def own_profile(caller: Caller) -> dict[str, Any]:
    """The caller's own operator, verified or not."""
    return _profile(services().profiles.show(caller))


@router.patch("")
def edit_profile(caller: Caller, form: ProfileForm) -> dict[str, Any]:
    """Change the profile; what is left out stays. ``updated_at`` is the one that was read:
    409 ``edited_elsewhere`` if it is not the newest."""
    return _profile(services().profiles.edit(caller, form))


@router.get("/terms")
def own_terms(caller: Caller) -> dict[str, Any]:
    """What invoices say, what is asked of travellers, what follows an unpaid balance, and when
    the operator is paid."""
    return shapes.terms(services().operator_terms.show(caller))


@router.patch("/terms")
def edit_terms(caller: Caller, form: TermsForm) -> dict[str, Any]:
    """Change the terms; what is left out stays. ``updated_at`` is the one that was read, null
    if it was: 409 ``edited_elsewhere`` if it is not the newest."""
    return shapes.terms(services().operator_terms.edit(caller, form))


@router.get("/team")
def own_team(caller: Caller) -> dict[str, Any]:
    """The people of the operator, and the invitations nobody has answered."""
    found = services().team.show(caller)
    return {
        "items": [
            {"user_id": str(one.user_id), "name": one.name, "email": one.email, "role": one.role}
            for one in found.members
        ],
        "invitations": [shapes.invitation(row) for row in found.invitations],
        "next": None,
    }


@router.patch("/team/{user_id}", status_code=204)
def change_role(caller: Caller, user_id: UUID, form: RoleForm) -> Response:
    """Let a member be ``owner``, ``editor`` or ``viewer`` from now on. 409 ``last_owner``."""
    services().team.change_role(caller, user_id, form.role)
    return Response(status_code=204)


@router.delete("/team/{user_id}", status_code=204)
def remove_member(caller: Caller, user_id: UUID) -> Response:
    """End a membership and all sessions of that person. 409 ``last_owner``."""
    services().team.remove(caller, user_id)
    return Response(status_code=204)


@router.post("/team/invitations", status_code=201, dependencies=[Depends(limited("mail"))])
def invite(caller: Caller, form: InvitationForm) -> dict[str, Any]:
    """Invite an e-mail address; the link in the e-mail is good for seven days."""
    return shapes.invitation(services().team.invite(caller, form))


@router.post(
    "/team/invitations/{invitation_id}/resend",
    status_code=204,
    dependencies=[Depends(limited("mail"))],
)
def resend_invitation(caller: Caller, invitation_id: UUID) -> Response:
    """Send a new link; the old one leads nowhere any more."""
    services().team.resend(caller, invitation_id)
    return Response(status_code=204)


@router.delete("/team/invitations/{invitation_id}", status_code=204)
def revoke_invitation(caller: Caller, invitation_id: UUID) -> Response:
    """End an invitation that nobody has accepted."""
    services().team.revoke(caller, invitation_id)
    return Response(status_code=204)
