"""Operators as operations see them: can they be paid, and when is their share sent."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from ecosystem.api import shapes
from ecosystem.api.auth import SignedInCaller
from ecosystem.services.operator_terms import PayAfterForm
from ecosystem.wiring import services

router = APIRouter(prefix="/api/ops/operators", tags=["operations"])


@router.get("")
def operators(
    caller: SignedInCaller, q: Annotated[str, Query(max_length=100)] = ""
) -> dict[str, Any]:
    """Operators whose name has ``q``, by name; at most 200."""
    return {
        "items": [
            {
                "id": str(one.id),
                "slug": one.slug,
                "name": one.name,
                "payouts": one.state,
                "terms": shapes.terms(one.terms),
            }
            for one in services().operator_terms.operators(caller, q)
        ],
        "next": None,
    }


@router.patch("/{operator_id}/pay-after")
def set_pay_after(caller: SignedInCaller, operator_id: UUID, form: PayAfterForm) -> dict[str, Any]:
    """When an operator's share of a payment is sent. 409 ``edited_elsewhere``."""
    return shapes.terms(services().operator_terms.set_pay_after(caller, operator_id, form))
