"""Back from Stripe because a link was used or too old: a fresh one, behind sign-in."""

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from ecosystem.api.auth import Caller
from ecosystem.domain.errors import EcosystemError
from ecosystem.services.payouts import REFRESH_PATH, return_path
from ecosystem.wiring import services

router = APIRouter(prefix="/api/payouts", tags=["payouts"], include_in_schema=False)


@router.get("/refresh")
def refresh(caller: Caller) -> RedirectResponse:
    """Send an operator or agency on to Stripe's form with a new link.

    A browser follows this address, so every way out is a page: sign-in for those who are
    not, and the page about payouts, which says what is wrong, if there is no link.
    """
    if not caller.signed_in:
        return RedirectResponse(f"/sign-in?next={REFRESH_PATH}", status_code=303)
    try:
        link = services().payouts.set_up(caller)
    except EcosystemError:
        return RedirectResponse(return_path(caller), status_code=303)
    return RedirectResponse(link, status_code=303)
