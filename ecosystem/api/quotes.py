"""Proposals: an agency's own, and what their clients do with them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from ecosystem.api.auth import Caller
from ecosystem.api.limits import client_address, limited
from ecosystem.api.repeating import Key, once
from ecosystem.api.shapes import instant, money
from ecosystem.domain.quotes import (
    Content,
    Offer,
    Option,
    QuoteBooking,
    QuoteComment,
    QuoteRow,
    QuoteView,
)
from ecosystem.services.documents.desk import Document
from ecosystem.services.quotes.forms import (
    AcceptForm,
    CommentForm,
    DeclineForm,
    QuoteForm,
    WithdrawForm,
)
from ecosystem.wiring import services

router = APIRouter(tags=["proposals"])

OWN = "/api/agents/me/quotes"
Token = Annotated[str, "the secret part of the client's address"]
Looking = [Depends(limited("token"))]
Writing = [Depends(limited("message"))]
Accepting = [Depends(limited("book"))]


@router.get(OWN)
def rows(
    caller: Caller,
    cursor: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
    q: Annotated[str, Query(max_length=100)] = "",
    status: Annotated[list[str] | None, Query(max_length=10)] = None,
    client_id: UUID | None = None,
) -> dict[str, Any]:
    """The agency's proposals, the last changed first."""
    page = services().quotes.rows(
        caller, cursor=cursor, limit=limit, words=q, statuses=status or (), client_id=client_id
    )
    return {"items": [_row(row) for row in page.items], "next": page.next}


@router.post(OWN, status_code=201)
def create(
    request: Request, caller: Caller, form: QuoteForm, idempotency_key: Key = None
) -> JSONResponse:
    """Begin a proposal to a client."""

    def act() -> tuple[int, dict[str, Any]]:
        return 201, _quote(services().quotes.create(caller, form))

    return once("quote", request, caller, idempotency_key, act, form)


@router.get(OWN + "/{quote_id}")
def get(caller: Caller, quote_id: UUID) -> dict[str, Any]:
    """One proposal; what its client wrote counts as read."""
    return _quote(services().quotes.get(caller, quote_id))


@router.patch(OWN + "/{quote_id}")
def edit(caller: Caller, quote_id: UUID, form: QuoteForm) -> dict[str, Any]:
    """Write a proposal anew, as a whole. The client sees it when it is sent again."""
    return _quote(services().quotes.edit(caller, quote_id, form))


@router.post(OWN + "/{quote_id}/send", dependencies=Writing)
def send(caller: Caller, quote_id: UUID) -> dict[str, Any]:
    """Freeze what is written at the prices of now and write to the client."""
    return _quote(services().quotes.send(caller, quote_id))


@router.post(OWN + "/{quote_id}/withdraw")
def withdraw(caller: Caller, quote_id: UUID, form: WithdrawForm | None = None) -> dict[str, Any]:
    """Take a proposal back."""
    reason = form.reason if form else ""
    return _quote(services().quotes.withdraw(caller, quote_id, reason))


@router.post(OWN + "/{quote_id}/duplicate", status_code=201)
def duplicate(
    request: Request, caller: Caller, quote_id: UUID, idempotency_key: Key = None
) -> JSONResponse:
    """A new draft with the same content."""

    def act() -> tuple[int, dict[str, Any]]:
        return 201, _quote(services().quotes.duplicate(caller, quote_id))

    return once("quote-copy", request, caller, idempotency_key, act, quote_id)


@router.post(OWN + "/{quote_id}/comments", status_code=201, dependencies=Writing)
def comment(caller: Caller, quote_id: UUID, form: CommentForm) -> dict[str, Any]:
    """Answer the client."""
    return _quote(services().quotes.comment(caller, quote_id, form))


@router.get(OWN + "/{quote_id}/proposal.pdf", response_class=Response)
def own_paper(caller: Caller, quote_id: UUID) -> Response:
    """What is being written, on paper, as its client would get it."""
    return _file(services().quote_papers.for_agent(caller, quote_id))


@router.get("/api/quotes/{token}/proposal.pdf", response_class=Response, dependencies=Looking)
def paper(token: Token) -> Response:
    """A proposal on paper, as it was sent last."""
    return _file(services().quote_papers.for_client(token))


@router.get("/api/quotes/{token}", dependencies=Looking)
def offer(token: Token) -> dict[str, Any]:
    """A proposal as its client sees it. Reading it here is not noted as opening it."""
    return _offer(services().quotes.show(token))


@router.post("/api/quotes/{token}/accept", dependencies=Accepting)
def accept(request: Request, token: Token, form: AcceptForm) -> dict[str, Any]:
    """Hold every seat of an option and make its bookings; the same word twice makes one."""
    return _offer(services().quotes.accept(token, form, address=client_address(request)))


@router.post("/api/quotes/{token}/decline", dependencies=Writing)
def decline(token: Token, form: DeclineForm) -> dict[str, Any]:
    """Say no to a proposal."""
    return _offer(services().quotes.decline(token, form))


@router.post("/api/quotes/{token}/comments", status_code=201, dependencies=Writing)
def ask(token: Token, form: CommentForm) -> dict[str, Any]:
    """Write to the agent beneath a proposal."""
    return _offer(services().quotes.ask(token, form))


def _file(document: Document) -> Response:
    return Response(
        document.content,
        media_type=document.kind,
        headers={
            "Content-Disposition": f'inline; filename="{document.name}"',
            # The address has the client's key: neither caches nor other sites may keep it.
            "Cache-Control": "private, no-store",
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex",
        },
    )


def _row(row: QuoteRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "number": row.number,
        "title": row.title,
        "client": {"id": str(row.client_id), "name": row.client_name},
        "agent": row.agent_name,
        "status": row.status,
        "valid_until": row.valid_until.isoformat(),
        "worth": [money(total) for total in row.worth],
        "opened": row.opened_count,
        "unread": row.unread,
        "updated_at": instant(row.updated_at),
    }


def _quote(view: QuoteView) -> dict[str, Any]:
    return {
        "id": str(view.id),
        "number": view.number,
        "title": view.title,
        "client": {
            "id": str(view.client_id),
            "name": view.client_name,
            "email": view.client_email,
        },
        "agent": {"id": str(view.agent_id), "name": view.agent_name},
        "status": view.status,
        "language": view.language,
        "pay": view.pay,
        "valid_until": view.valid_until.isoformat(),
        "version": view.version,
        "changed": view.changed,
        "url": view.url or None,
        "versions": [
            {"number": v.number, "sent_at": instant(v.sent_at), "sent_by": v.sent_by}
            for v in view.versions
        ],
        "first_opened_at": instant(view.first_opened_at),
        "last_opened_at": instant(view.last_opened_at),
        "opened": view.opened_count,
        "accepted": _accepted(view),
        "closed_reason": view.closed_reason,
        **_content(view.content, commission=True),
        "comments": [_comment(item) for item in view.comments],
        "bookings": [_booking(item) for item in view.bookings],
    }


def _offer(view: Offer) -> dict[str, Any]:
    return {
        "number": view.number,
        "title": view.title,
        "status": view.status,
        "version": view.sent_version,
        "sent_at": instant(view.sent_at),
        "valid_until": view.valid_until.isoformat(),
        "agency": view.agency_name,
        "agent": {"name": view.agent_name, "email": view.agent_email},
        "client": view.client_name,
        "pay": view.pay,
        "can_accept": view.can_accept,
        "why_not": view.why_not,
        "accepted": _accepted(view),
        **_content(view.content, commission=False),
        "comments": [_comment(item) for item in view.comments],
        "bookings": [_booking(item) for item in view.bookings],
    }


def _accepted(view: QuoteView | Offer) -> dict[str, Any] | None:
    if view.accepted_at is None:
        return None
    return {
        "option_id": view.accepted_option,
        "name": view.accepted_name,
        "at": instant(view.accepted_at),
    }


def _content(content: Content, *, commission: bool) -> dict[str, Any]:
    return {
        "cover": content.cover,
        "options": [_option(option, commission=commission) for option in content.options],
    }


def _option(option: Option, *, commission: bool) -> dict[str, Any]:
    shown = option.model_dump(mode="json")
    if not commission:
        for item in shown["items"]:
            for name in ("commission", "model", "net"):
                item.get("shown", {}).pop(name, None)
            item.pop("markup_percent", None)
    sums: dict[str, Any] = {
        "agreed": [money(total) for total in option.agreed],
        "paid_here": [money(total) for total in option.paid_here],
        "paid_now": [money(total) for total in option.now],
        "paid_to_agency": [money(total) for total in option.paid_to_agency],
    }
    if commission:
        sums["commission"] = [money(total) for total in option.commission]
    return {**shown, **sums}


def _comment(item: QuoteComment) -> dict[str, Any]:
    return {
        "id": str(item.id),
        "by": "client" if item.by_client else "agency",
        "name": item.name,
        "text": item.text,
        "at": instant(item.at),
    }


def _booking(item: QuoteBooking) -> dict[str, Any]:
    return {
        "reference": item.reference,
        "title": item.title,
        "starts_on": item.starts_on.isoformat(),
        "status": item.status,
        "total": money(item.total),
        "due_now": None if item.due_now is None else money(item.due_now),
        "url": item.url,
        "pay_url": item.pay_url,
        "held_until": instant(item.held_until),
    }
