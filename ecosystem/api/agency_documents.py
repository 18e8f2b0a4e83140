"""Files of the caller's agency, and what is shared of them by link: docs/api.md."""

from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response, StreamingResponse

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.api.limits import limited
from ecosystem.domain.agency_documents import (
    DocumentView,
    SharedView,
    ShareView,
    StoredDocument,
)
from ecosystem.services.agency_documents.forms import (
    CodeForm,
    DocumentChange,
    ShareForm,
    UploadStart,
)
from ecosystem.wiring import services

router = APIRouter(prefix="/api/agents/me/documents", tags=["agency documents"])
shared = APIRouter(prefix="/api/shared", tags=["agency documents"])


def _document(view: DocumentView) -> dict[str, Any]:
    return {
        "id": str(view.id),
        "name": view.name,
        "kind": view.kind,
        "state": view.state,
        "problem": view.problem or None,
        "content_type": view.content_type or None,
        "bytes": view.bytes,
        "client": {"id": str(view.client_id), "name": view.client} if view.client_id else None,
        "booking": view.booking or None,
        "uploaded_by": view.uploaded_by or None,
        "open_links": view.shares,
        "created_at": shapes.instant(view.created_at),
    }


def _share(view: ShareView) -> dict[str, Any]:
    return {
        "id": str(view.id),
        "state": view.state,
        "recipient": view.recipient or None,
        "with_code": view.with_code,
        "expires_at": shapes.instant(view.expires_at),
        "opened": view.opened,
        "taken": view.taken,
        "last_used_at": shapes.instant(view.last_used_at),
        "created_by": view.created_by or None,
        "created_at": shapes.instant(view.created_at),
    }


def _seen(view: SharedView) -> dict[str, Any]:
    return {
        "agency": view.agency,
        "name": view.name or None,
        "type": view.type_name or None,
        "bytes": view.bytes or None,
        "expires_at": shapes.instant(view.expires_at),
        "asks_code": view.asks_code,
        "pass": view.pass_key or None,
    }


@router.get("")
def documents(
    caller: Caller,
    q: Annotated[str, Query(max_length=200)] = "",
    kind: Annotated[str, Query(max_length=20)] = "",
    client_id: UUID | None = None,
    booking: Annotated[str, Query(max_length=40)] = "",
    cursor: Annotated[str, Query(max_length=1000)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> dict[str, Any]:
    """Files, newest first. ``q`` is looked for in names, clients and references; a client's files
    are also those of her bookings."""
    page = services().agency_documents.find(
        caller,
        words=q,
        kind=kind,
        client_id=client_id,
        booking=booking,
        cursor=cursor,
        limit=limit,
    )
    return {"items": [_document(row) for row in page.items], "next": page.next}


@router.post("", status_code=201, dependencies=[Depends(limited("upload"))])
def start_document(caller: Caller, form: UploadStart) -> dict[str, Any]:
    """Begin with one file: post ``upload.fields`` and then ``file`` to ``upload.url`` as
    ``multipart/form-data`` within the hour, then finish. ``size`` in bytes, at most 20 MB;
    ``client_id`` or ``booking`` (a reference) says whose it is, neither: the agency's own."""
    made = services().agency_documents.start(caller, form)
    return {"id": str(made.id), "upload": {"url": made.url, "fields": made.fields}}


@router.get("/{document_id}")
def document(caller: Caller, document_id: UUID) -> dict[str, Any]:
    """One of them; ``state``: uploading, scanning, clean, refused (``problem`` says why)."""
    return _document(services().agency_documents.get(caller, document_id))


@router.post("/{document_id}/finish", dependencies=[Depends(limited("upload"))])
def finish_document(caller: Caller, document_id: UUID) -> dict[str, Any]:
    """Have a file that was sent looked at. Can be repeated. 409 ``not_uploaded``: it has not
    arrived. ``scanning``: ask for it again in a while."""
    return _document(services().agency_documents.finish(caller, document_id))


@router.patch("/{document_id}")
def change_document(caller: Caller, document_id: UUID, form: DocumentChange) -> dict[str, Any]:
    """Another ``name``, ``kind``, ``client_id`` or ``booking``; what is left out stays."""
    return _document(services().agency_documents.change(caller, document_id, form))


@router.delete("/{document_id}", status_code=204)
def remove_document(caller: Caller, document_id: UUID) -> Response:
    """Forget a file for good, with every link to it."""
    services().agency_documents.remove(caller, document_id)
    return Response(status_code=204)


@router.get("/{document_id}/file", response_class=Response)
def take_document(caller: Caller, document_id: UUID) -> Response:
    """The file. That it was taken is written down. 409 ``not_clean`` before it was checked."""
    return _file(services().agency_documents.take(caller, document_id))


@router.get("/{document_id}/history")
def document_history(caller: Caller, document_id: UUID) -> dict[str, Any]:
    """What was done with a file and by whom, the last first."""
    lines = services().agency_documents.history(caller, document_id)
    return {
        "items": [
            {
                "at": shapes.instant(line.at),
                "action": line.action,
                "who": line.who or None,
                "detail": line.detail or None,
            }
            for line in lines
        ],
        "next": None,
    }


@router.get("/{document_id}/shares")
def document_shares(caller: Caller, document_id: UUID) -> dict[str, Any]:
    """The links to a file, the newest first. What they are is not kept, only that they are."""
    rows = services().document_shares.of(caller, document_id)
    return {"items": [_share(row) for row in rows], "next": None}


@router.post("/{document_id}/shares", status_code=201, dependencies=[Depends(limited("message"))])
def share_document(caller: Caller, document_id: UUID, form: ShareForm) -> dict[str, Any]:
    """A link for somebody outside, good for ``days``. ``url`` is told this once."""
    made = services().document_shares.make(caller, document_id, form)
    return {**_share(made.view), "url": f"{services().settings.origin}/d/{made.token}"}


@router.delete("/{document_id}/shares/{share_id}", status_code=204)
def revoke_share(caller: Caller, document_id: UUID, share_id: UUID) -> Response:
    """Take a link back."""
    services().document_shares.revoke(caller, document_id, share_id)
    return Response(status_code=204)


@shared.get("/{token}", dependencies=[Depends(limited("token"))])
def shared_document(caller: Caller, token: str) -> dict[str, Any]:
    """What a link leads to; nothing of the file while ``asks_code``. 410 ``link_ended``."""
    return _seen(services().document_shares.open(caller, token[:100]))


@shared.post("/{token}/pass", dependencies=[Depends(limited("code"))])
def unlock_document(caller: Caller, token: str, form: CodeForm) -> dict[str, Any]:
    """The same with the code word; ``pass`` opens the file for ten minutes."""
    return _seen(services().document_shares.unlock(caller, token[:100], form))


@shared.get("/{token}/file", response_class=Response, dependencies=[Depends(limited("token"))])
def shared_file(
    caller: Caller,
    token: str,
    pass_key: Annotated[str, Query(alias="pass", max_length=400)] = "",
) -> Response:
    """The file. 403 ``code_needed``: say the code word first."""
    return _file(services().document_shares.take(caller, token[:100], pass_key))


def _file(document: StoredDocument) -> Response:
    pieces = services().agency_documents.read(document)
    # Read before the answer begins: a store that does not answer is told as such.
    first = next(pieces, b"")
    return StreamingResponse(
        _from(first, pieces),
        media_type=document.content_type,
        headers={
            # Never shown within our own origin, whatever it is.
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(document.name, safe='')}",
            "Content-Length": str(document.bytes),
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex",
        },
    )


def _from(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
