"""A booking's papers: voucher, invoice, calendar file, and its money explained."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.api.limits import client_address, limited
from ecosystem.domain.actor import Actor
from ecosystem.services.disputes.accesses import What
from ecosystem.services.documents.desk import Document
from ecosystem.wiring import services

router = APIRouter(
    prefix="/api/bookings/{reference}",
    tags=["documents"],
    dependencies=[Depends(limited("reference"))],
)

Key = Annotated[str, Query(max_length=100)]


@router.get("/voucher.pdf", response_class=Response)
def voucher(request: Request, caller: Caller, reference: str, key: Key = "") -> Response:
    """What a traveller shows on the way. 409 ``no_voucher`` unless the booking is confirmed."""
    document = services().documents.voucher(caller, reference[:40], key=key)
    return _taken(request, caller, reference, "voucher", document)


@router.get("/invoice.pdf", response_class=Response)
def invoice(request: Request, caller: Caller, reference: str, key: Key = "") -> Response:
    """The invoice, with a credit note for each reduction. 409 ``no_invoice`` before it was
    confirmed."""
    document = services().documents.invoice(caller, reference[:40], key=key)
    return _taken(request, caller, reference, "invoice", document)


@router.get("/calendar.ics", response_class=Response)
def calendar(request: Request, caller: Caller, reference: str, key: Key = "") -> Response:
    """The trip for a calendar, or its cancellation. 409 ``no_calendar`` before it was
    confirmed."""
    document = services().documents.calendar(caller, reference[:40], key=key)
    return _taken(request, caller, reference, "calendar", document)


@router.get("/money")
def money(caller: Caller, reference: str, key: Key = "") -> dict[str, Any]:
    """Why these amounts: the ledger's entries, which sum to zero per currency, and the same in
    words. Other parties' parts of a posting are one entry, ``other_parties``."""
    told = services().documents.money(caller, reference[:40], key=key)
    return {
        "reference": told.reference,
        "entries": [
            {
                "at": shapes.instant(entry.at),
                "account": entry.account,
                "amount": shapes.money(entry.amount),
                "cause": entry.cause,
            }
            for entry in told.entries
        ],
        "lines": [
            {
                "at": shapes.instant(line.at),
                "text": line.text,
                "amount": shapes.money(line.amount),
            }
            for line in told.lines
        ],
        "sums": [{"label": one.label, "amount": shapes.money(one.amount)} for one in told.sums],
    }


def _taken(
    request: Request, caller: Actor, reference: str, what: What, document: Document
) -> Response:
    """The file; that a buyer took it is noted, as evidence should the payment be disputed."""
    services().accesses.note(
        caller,
        reference[:40],
        what,
        address=client_address(request),
        browser=request.headers.get("user-agent", ""),
    )
    return _file(document)


def _file(document: Document) -> Response:
    return Response(
        document.content,
        media_type=document.kind,
        headers={
            "Content-Disposition": f'inline; filename="{document.name}"',
            # The address may have the key: neither caches nor other sites may keep it.
            "Cache-Control": "private, no-store",
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex",
        },
    )
