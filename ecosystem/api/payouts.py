"""How the caller is paid: the account at Stripe, and the ways to its forms and pages."""

from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.api.limits import limited
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.requirements import in_words
from ecosystem.services.payouts import REFRESH_PATH, return_path
from ecosystem.wiring import services

# Each call asks Stripe, whose own limit is for all of us.
router = APIRouter(
    prefix="/api/payouts", tags=["payouts"], dependencies=[Depends(limited("payouts"))]
)


@router.get("")
def status(caller: Caller) -> dict[str, Any]:
    """How the operator's or agency's account stands at Stripe now. ``state`` is ``none
    incomplete review active restricted rejected gone``; ``requirements`` are due by ``deadline``.
    """
    view = services().payouts.status(caller)
    return {
        "state": view.state,
        "requirements": [
            {"name": name, "words": in_words([name])[0]} for name in view.requirements
        ],
        "deadline": shapes.instant(view.deadline),
        "pending": list(view.pending),
        "bank_waits": view.bank_waits,
    }


@router.post("/setup")
def set_up(caller: Caller) -> dict[str, str]:
    """A link to Stripe's form, good for one visit; the account is made at the first call."""
    return {"url": services().payouts.set_up(caller)}


@router.post("/dashboard")
def dashboard(caller: Caller) -> dict[str, str]:
    """A link to the account's own pages at Stripe, good for one visit. 409 ``not_onboarded``."""
    return {"url": services().payouts.dashboard(caller)}


@router.get("/refresh", include_in_schema=False)
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
