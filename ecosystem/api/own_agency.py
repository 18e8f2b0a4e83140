"""The caller's own agency: its profile, its team, and asking to be verified."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.api.limits import limited
from ecosystem.domain.agency import AgencyProfile
from ecosystem.services.agency_profile import AgencyProfileForm, VerificationForm
from ecosystem.services.agency_team import (
    AgencyInvitationForm,
    AgencyRoleForm,
    HandOverForm,
    SecondFactorForm,
)
from ecosystem.wiring import services

router = APIRouter(prefix="/api/agencies/me", tags=["own agency"])


def agency(view: AgencyProfile) -> dict[str, Any]:
    """An agency as its own people and operations read it."""
    return {
        "id": str(view.id),
        "slug": view.slug,
        "name": view.name,
        "country": view.country,
        "currency": view.currency,
        "address": view.address,
        "contact_email": view.contact_email or None,
        "contact_phone": view.contact_phone or None,
        "website": view.website or None,
        "accent": view.accent or None,
        "verification": view.verification,
        "verification_note": view.verification_note,
        "verification_asked_at": shapes.instant(view.verification_asked_at),
        "registration": {
            "company": view.registration.company,
            "number": view.registration.number,
            "registry": view.registration.registry,
            "tax_number": view.registration.tax_number,
        },
        "updated_at": shapes.instant(view.updated_at),
    }


@router.get("")
def own_agency(caller: Caller) -> dict[str, Any]:
    """The caller's agency."""
    return agency(services().agencies.show(caller))


@router.patch("")
def edit_agency(caller: Caller, form: AgencyProfileForm) -> dict[str, Any]:
    """Change the profile; what is left out stays. ``updated_at`` is the one that was read:
    409 ``edited_elsewhere`` if it is not the newest."""
    return agency(services().agencies.edit(caller, form))


@router.post("/verification", dependencies=[Depends(limited("mail"))])
def ask_for_verification(caller: Caller, form: VerificationForm) -> dict[str, Any]:
    """Ask operations to look at the agency. 409 ``already_verified``."""
    return agency(services().agencies.ask(caller, form))


@router.get("/team")
def own_team(caller: Caller) -> dict[str, Any]:
    """The people of the agency, and for owners the invitations nobody has answered."""
    found = services().agency_team.show(caller)
    return {
        "items": [
            {
                "user_id": str(one.user_id),
                "name": one.name,
                "email": one.email,
                "role": one.role,
                "clients": one.clients,
                "open_bookings": one.bookings,
            }
            for one in found.members
        ],
        "invitations": [shapes.invitation(row) for row in found.invitations],
        "requires_second_factor": found.requires_second_factor,
        "next": None,
    }


@router.put("/team/second-factor", status_code=204, dependencies=[Depends(limited("code"))])
def require_second_factor(caller: Caller, form: SecondFactorForm) -> Response:
    """Ask everybody for an authenticator app, or ask no more. 409 ``second_factor_missing``."""
    services().agency_team.require_second_factor(caller, form.required)
    return Response(status_code=204)


@router.patch("/team/{user_id}", status_code=204)
def change_role(caller: Caller, user_id: UUID, form: AgencyRoleForm) -> Response:
    """Let somebody be ``owner``, ``agent`` or ``assistant`` from now on. 409 ``last_owner``."""
    services().agency_team.change_role(caller, user_id, form.role)
    return Response(status_code=204)


@router.delete("/team/{user_id}", status_code=204)
def remove_person(caller: Caller, user_id: UUID, taker: UUID | None = None) -> Response:
    """End somebody's access and all her sessions at once; ``taker`` is a colleague who takes
    over her clients and open bookings. 409 ``last_owner``."""
    services().agency_team.remove(caller, user_id, taker)
    return Response(status_code=204)


@router.post("/team/{user_id}/hand-over")
def hand_over(caller: Caller, user_id: UUID, form: HandOverForm) -> dict[str, int]:
    """Give somebody's clients and open bookings to a colleague; how many of each."""
    clients, bookings = services().agency_team.hand_over(caller, user_id, form.to)
    return {"clients": clients, "open_bookings": bookings}


@router.post("/team/invitations", status_code=201, dependencies=[Depends(limited("mail"))])
def invite(caller: Caller, form: AgencyInvitationForm) -> dict[str, Any]:
    """Invite an e-mail address; the link in the e-mail is good for seven days."""
    return shapes.invitation(services().agency_team.invite(caller, form))


@router.post(
    "/team/invitations/{invitation_id}/resend",
    status_code=204,
    dependencies=[Depends(limited("mail"))],
)
def resend_invitation(caller: Caller, invitation_id: UUID) -> Response:
    """Send a new link; the old one leads nowhere any more."""
    services().agency_team.resend(caller, invitation_id)
    return Response(status_code=204)


@router.delete("/team/invitations/{invitation_id}", status_code=204)
def revoke_invitation(caller: Caller, invitation_id: UUID) -> Response:
    """End an invitation that nobody has accepted."""
    services().agency_team.revoke(caller, invitation_id)
    return Response(status_code=204)
