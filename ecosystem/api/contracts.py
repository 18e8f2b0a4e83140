"""Contracts between operators and agencies, from either side."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.api.limits import limited
from ecosystem.domain.contracts import Contract
from ecosystem.services.agency_contracts import EndForm, OfferForm
from ecosystem.wiring import services

router = APIRouter(tags=["contracts"])
MAIL = [Depends(limited("mail"))]
"""Of what somebody else gets an e-mail about."""


@router.get("/api/operators/me/agencies")
def agencies(caller: Caller, q: Annotated[str, Query(max_length=100)] = "") -> dict[str, Any]:
    """Agencies that sold trips of the caller's operator or have a contract with it, the most
    bookings first; with three letters of a name in ``q``, other ones too."""
    contracts = services().agency_contracts
    return {
        "items": [
            {
                "id": str(one.id),
                "name": one.name,
                "country": one.country,
                "verified": one.verified,
                "bookings": one.bookings,
                "sold": [shapes.money(amount) for amount in one.sold],
                "last_sold_at": shapes.instant(one.last_sold_at),
                "contract": one.contract and _contract(one.contract),
                "offer": one.offer and _contract(one.offer),
            }
            for one in contracts.agencies(caller, q)
        ],
        "next": None,
    }


@router.get("/api/operators/me/contracts")
def offered(caller: Caller) -> dict[str, Any]:
    """Everything the caller's operator offered agencies, newest first."""
    return _listed(services().agency_contracts.offered(caller))


@router.post("/api/operators/me/contracts", status_code=201, dependencies=MAIL)
def offer(caller: Caller, form: OfferForm) -> dict[str, Any]:
    """Offer an agency a contract; one that waits is withdrawn. Owners only."""
    return _contract(services().agency_contracts.offer(caller, form))


@router.post("/api/operators/me/contracts/{contract_id}/withdraw", dependencies=MAIL)
def withdraw(caller: Caller, contract_id: UUID) -> dict[str, Any]:
    """Take an offer back. 409 ``contract_answered``."""
    return _contract(services().agency_contracts.withdraw(caller, contract_id))


@router.get("/api/agents/me/contracts")
def received(caller: Caller) -> dict[str, Any]:
    """Everything operators offered the caller's agency, newest first; not for assistants."""
    return _listed(services().agency_contracts.received(caller))


@router.post("/api/agents/me/contracts/{contract_id}/accept", dependencies=MAIL)
def accept(caller: Caller, contract_id: UUID) -> dict[str, Any]:
    """Accept an offer; it takes the place of what held before. Owners only.
    409 ``contract_answered contract_over not_verified``."""
    return _contract(services().agency_contracts.accept(caller, contract_id))


@router.post("/api/agents/me/contracts/{contract_id}/decline", dependencies=MAIL)
def decline(caller: Caller, contract_id: UUID) -> dict[str, Any]:
    """Decline an offer. 409 ``contract_answered``."""
    return _contract(services().agency_contracts.decline(caller, contract_id))


@router.post("/api/operators/me/contracts/{contract_id}/end", dependencies=MAIL)
@router.post("/api/agents/me/contracts/{contract_id}/end", dependencies=MAIL)
def end(caller: Caller, contract_id: UUID, form: EndForm) -> dict[str, Any]:
    """Give a contract its last day; bookings keep the terms they were made by. Owners only.
    409 ``contract_over``."""
    return _contract(services().agency_contracts.end(caller, contract_id, form))


def _listed(found: list[Contract]) -> dict[str, Any]:
    return {"items": [_contract(one) for one in found], "next": None}


def _contract(one: Contract) -> dict[str, Any]:
    terms = one.terms
    return {
        "id": str(one.id),
        "operator": {"id": str(one.operator_id), "name": one.operator_name},
        "agency": {"id": str(one.agency_id), "name": one.agency_name},
        "model": terms.model,
        "percent": float(terms.percent),
        "days": terms.days,
        "credit": terms.credit and shapes.money(terms.credit),
        "starts_on": str(one.starts_on),
        "ends_on": one.ends_on and str(one.ends_on),
        "state": one.state,
        "standing": one.standing(services().agency_contracts.today()),
        "offered_at": shapes.instant(one.offered_at),
        "answered_at": shapes.instant(one.answered_at),
        "ended_at": shapes.instant(one.ended_at),
    }
