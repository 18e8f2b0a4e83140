"""The clients of the caller's agency: docs/api.md. Nothing here knows of prices or commission."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.api.limits import limited
from ecosystem.api.repeating import Key, once
from ecosystem.domain.clients import ClientLine, ClientView, Duplicate, IdentityView, Twin
from ecosystem.services.clients.forms import (
    ClientChange,
    ClientForm,
    DocumentForm,
    MergeForm,
    NoteForm,
)
from ecosystem.services.clients.sheets import SheetForm, SheetReport
from ecosystem.wiring import services

router = APIRouter(prefix="/api/agents/me", tags=["clients"])


def _line(row: ClientLine) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "email": row.email or None,
        "phone": row.phone or None,
        "country": row.country or None,
        "tags": list(row.tags),
        "household": row.household or None,
        "agent": row.agent or None,
        "next_trip": _day(row.next_trip),
        "updated_at": shapes.instant(row.updated_at),
    }


def _document(row: IdentityView) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "kind": row.kind,
        "last_four": row.last_four or None,
        "country": row.country or None,
        "issued_on": _day(row.issued_on),
        "expires_on": _day(row.expires_on),
    }


def _client(view: ClientView) -> dict[str, Any]:
    return {
        "id": str(view.id),
        "name": view.name,
        "email": view.email or None,
        "phone": view.phone or None,
        "country": view.country or None,
        "birth_date": _day(view.birth_date),
        "nationality": view.nationality or None,
        "address": view.address,
        "language": view.language or None,
        "preferences": view.preferences,
        "notes": view.notes,
        "tags": list(view.tags),
        "agent_id": str(view.agent_id) if view.agent_id else None,
        "household": view.household or None,
        "relatives": [{"id": str(one.id), "name": one.name} for one in view.relatives],
        "documents": [_document(row) for row in view.documents],
        "merged": [{"merge_id": str(one.id), "name": one.name} for one in view.merged],
        "consent": view.consent_at is not None,
        "consent_at": shapes.instant(view.consent_at),
        "consent_source": view.consent_source or None,
        "next_trip": _day(view.next_trip),
        "version": view.version,
        "created_at": shapes.instant(view.created_at),
        "updated_at": shapes.instant(view.updated_at),
    }


def _twin(one: Twin) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name,
        "email": one.email or None,
        "phone": one.phone or None,
        "bookings": one.bookings,
    }


def _duplicate(pair: Duplicate) -> dict[str, Any]:
    return {"first": _twin(pair.first), "second": _twin(pair.second), "alike": pair.alike}


def _report(report: SheetReport) -> dict[str, Any]:
    return {
        "done": report.done,
        "counts": {
            name: report.count(name)
            for name in ("create", "change", "same", "wrong")  # each an Outcome
        },
        "items": [
            {
                "row": row.row,
                "name": row.name,
                "outcome": row.outcome,
                "client_id": str(row.client_id) if row.client_id else None,
                "messages": [{"field": m.field, "message": m.message} for m in row.messages],
            }
            for row in report.rows
        ],
    }


def _day(value: Any) -> str | None:
    return None if value is None else str(value)


@router.get("/clients")
def clients(
    caller: Caller,
    q: Annotated[str, Query(max_length=200)] = "",
    tag: Annotated[str, Query(max_length=100)] = "",
    household: Annotated[str, Query(max_length=200)] = "",
    agent_id: UUID | None = None,
    cursor: Annotated[str, Query(max_length=1000)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> dict[str, Any]:
    """The clients of the caller's agency, by name; every word of ``q`` occurs in each."""
    page = services().clients.find(
        caller,
        words=q,
        tag=tag,
        household=household,
        agent_id=agent_id,
        cursor=cursor,
        limit=limit,
    )
    return {
        "items": [_line(row) for row in page.items],
        "next": page.next,
        "total": page.total,
    }


@router.post("/clients", status_code=201)
def add_client(
    request: Request, caller: Caller, form: ClientForm, idempotency_key: Key = None
) -> JSONResponse:
    """Keep a new client."""

    def act() -> tuple[int, dict[str, Any]]:
        return 201, _client(services().clients.add(caller, form))

    return once("client", request, caller, idempotency_key, act, form)


@router.get("/clients/export", response_class=Response)
def export_clients(caller: Caller) -> Response:
    """All clients as CSV, which can be edited and imported again."""
    name = f"clients-{services().clock.now().date()}.csv"
    return Response(
        services().client_sheets.write(caller).encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/clients/duplicates")
def duplicates(caller: Caller) -> dict[str, Any]:
    """Pairs of clients who may be one person; ``alike``: email, phone or name."""
    found = services().client_merging.duplicates(caller)
    return {"items": [_duplicate(pair) for pair in found], "next": None}


@router.post("/clients/imports", status_code=201)
def send_clients(caller: Caller, form: SheetForm) -> dict[str, Any]:
    """Where to post a CSV file as multipart/form-data: ``fields``, then ``file``."""
    sending = services().client_sheets.send(caller, form)
    upload = {"url": sending.form.url, "fields": sending.form.fields}
    return {"id": str(sending.id), "upload": upload}


@router.get("/clients/imports/{import_id}")
def look_at_clients(caller: Caller, import_id: UUID) -> dict[str, Any]:
    """Row by row what a file that was posted would do. Nothing is changed."""
    return _report(services().client_sheets.look(caller, import_id))


@router.post("/clients/imports/{import_id}/run")
def import_clients(caller: Caller, import_id: UUID) -> dict[str, Any]:
    """Carry out the rows that are right, all together."""
    return _report(services().client_sheets.run(caller, import_id))


@router.post("/clients/merges/{merge_id}/undo")
def undo_merge(caller: Caller, merge_id: UUID) -> dict[str, Any]:
    """Make two clients of one again. 409 ``merge_undone`` when that can't be done any more."""
    return {"id": str(services().client_merging.undo(caller, merge_id))}


@router.get("/clients/{client_id}")
def client(caller: Caller, client_id: UUID) -> dict[str, Any]:
    """A client; one who was merged answers as the one who was kept."""
    return _client(services().clients.get(caller, client_id))


@router.patch("/clients/{client_id}")
def change_client(caller: Caller, client_id: UUID, form: ClientChange) -> dict[str, Any]:
    """Change a client; what is left out stays. ``version`` is the one that was read: 409
    ``edited_elsewhere`` if it is not the newest."""
    return _client(services().clients.change(caller, client_id, form))


@router.delete("/clients/{client_id}")
def erase_client(caller: Caller, client_id: UUID) -> dict[str, Any]:
    """Erase a client, and say what has to be kept. 409 ``client_travels`` while a trip of hers
    is not over."""
    erasure = services().client_rights.erase(caller, client_id)
    return {
        "removed": list(erasure.removed),
        "kept": [{"what": one.what, "why": one.why} for one in erasure.kept],
    }


@router.get("/clients/{client_id}/export", dependencies=[Depends(limited("reveal"))])
def export_client(caller: Caller, client_id: UUID) -> JSONResponse:
    """Everything that is kept of a client, numbers of documents too."""
    return JSONResponse(
        services().client_rights.export(caller, client_id),
        headers={
            "Content-Disposition": f'attachment; filename="client-{client_id}.json"',
            "Cache-Control": "no-store",
        },
    )


@router.get("/clients/{client_id}/timeline")
def timeline(caller: Caller, client_id: UUID) -> dict[str, Any]:
    """What happened with a client, newest first."""
    items = services().clients.timeline(caller, client_id)
    return {
        "items": [
            {
                "at": shapes.instant(item.at),
                "kind": item.kind,
                "title": item.title,
                "detail": item.detail or None,
                "reference": item.reference or None,
            }
            for item in items
        ],
        "next": None,
    }


@router.post("/clients/{client_id}/notes", status_code=201)
def add_note(
    request: Request, caller: Caller, client_id: UUID, form: NoteForm, idempotency_key: Key = None
) -> JSONResponse:
    """Write something down, with its day."""

    def act() -> tuple[int, dict[str, Any]]:
        return 201, {"id": str(services().clients.note(caller, client_id, form))}

    return once("client-note", request, caller, idempotency_key, act, client_id, form)


@router.delete("/clients/{client_id}/notes/{note_id}", status_code=204)
def remove_note(caller: Caller, client_id: UUID, note_id: UUID) -> Response:
    services().clients.remove_note(caller, client_id, note_id)
    return Response(status_code=204)


@router.post("/clients/{client_id}/documents", status_code=201)
def add_document(
    request: Request,
    caller: Caller,
    client_id: UUID,
    form: DocumentForm,
    idempotency_key: Key = None,
) -> JSONResponse:
    """Keep a passport, card or visa; its number is sealed."""

    def act() -> tuple[int, dict[str, Any]]:
        return 201, _document(services().client_documents.add(caller, client_id, form))

    return once("client-document", request, caller, idempotency_key, act, client_id, form)


@router.delete("/clients/{client_id}/documents/{document_id}", status_code=204)
def remove_document(caller: Caller, client_id: UUID, document_id: UUID) -> Response:
    services().client_documents.remove(caller, client_id, document_id)
    return Response(status_code=204)


@router.post(
    "/clients/{client_id}/documents/{document_id}/number",
    dependencies=[Depends(limited("reveal"))],
)
def document_number(caller: Caller, client_id: UUID, document_id: UUID) -> JSONResponse:
    """The whole number. Who asked is written into the audit log."""
    number = services().client_documents.reveal(caller, client_id, document_id)
    return JSONResponse({"number": number}, headers={"Cache-Control": "no-store"})


@router.post("/clients/{client_id}/merge")
def merge_client(caller: Caller, client_id: UUID, form: MergeForm) -> dict[str, Any]:
    """Put another client into this one; ``merge_id`` undoes it."""
    return {"merge_id": str(services().client_merging.merge(caller, client_id, form.other_id))}
