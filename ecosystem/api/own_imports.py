"""Files of an operator's packages and departures, in and out: docs/import.md."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.domain.actor import Actor
from ecosystem.services.imports import FileForm, ImportView
from ecosystem.services.imports.desk import TYPES
from ecosystem.services.imports.reading import Format, What
from ecosystem.wiring import services

router = APIRouter(prefix="/api/operators/me", tags=["imports"])


def _file(caller: Actor, what: What, format: Format) -> StreamingResponse:
    name = f"{what}-{services().clock.now().date()}.{format}"
    return StreamingResponse(
        services().exports.write(caller, what, format),
        media_type=f"{TYPES[format]}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/packages/export", response_class=Response)
def export_packages(caller: Caller, format: Format = "csv") -> StreamingResponse:
    """All packages as a file that can be edited and imported again."""
    return _file(caller, "packages", format)


@router.get("/departures/export", response_class=Response)
def export_departures(caller: Caller, format: Format = "csv") -> StreamingResponse:
    """The departures to come as a file that can be edited and imported again."""
    return _file(caller, "departures", format)


def _shape(view: ImportView) -> dict[str, Any]:
    return {
        "id": str(view.id),
        "what": view.what,
        "format": view.format,
        "file_name": view.file_name,
        "state": view.state,
        "total": view.total,
        "done": view.done,
        "counts": view.counts,
        "problem": view.problem or None,
        "who": view.who,
        "created_at": shapes.instant(view.created_at),
        "finished_at": shapes.instant(view.finished_at),
    }


@router.get("/imports")
def imports(caller: Caller) -> dict[str, Any]:
    """The last imports, the newest first."""
    return {"items": [_shape(view) for view in services().imports.earlier(caller)], "next": None}


@router.post("/imports", status_code=201)
def send_file(caller: Caller, form: FileForm) -> dict[str, Any]:
    """Where to post the file as multipart/form-data: ``fields``, then ``file``.

    Afterwards say that it has arrived.
    """
    sending = services().imports.send(caller, form)
    upload = {"url": sending.form.url, "fields": sending.form.fields}
    return {"id": str(sending.import_id), "upload": upload}


@router.post("/imports/{import_id}/arrived")
def file_arrived(caller: Caller, import_id: UUID, form: FileForm) -> dict[str, Any]:
    """The file is there: look at each of its records. Nothing is changed yet."""
    return _shape(services().imports.arrived(caller, import_id, form))


@router.get("/imports/{import_id}")
def one_import(caller: Caller, import_id: UUID) -> dict[str, Any]:
    """How far it is."""
    return _shape(services().imports.view(caller, import_id))


@router.get("/imports/{import_id}/report")
def report(
    caller: Caller,
    import_id: UUID,
    outcome: Annotated[str, Query(pattern="^[a-z]{0,10}$")] = "",
    cursor: Annotated[str, Query(pattern="^[0-9]{0,7}$")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> dict[str, Any]:
    """Record by record: what would change, what is wrong, what was done."""
    offset = int(cursor or 0)
    lines = services().imports.report(
        caller, import_id, outcome=outcome, offset=offset, limit=limit
    )
    return {
        "items": [
            {
                "line": line.line,
                "subject": line.subject,
                "outcome": line.outcome,
                "messages": [{"field": m.field, "message": m.message} for m in line.messages],
            }
            for line in lines
        ],
        "next": str(offset + limit) if len(lines) == limit else None,
    }


@router.post("/imports/{import_id}/run")
def run_import(caller: Caller, import_id: UUID) -> dict[str, Any]:
    """Carry out what was checked, without the records that are wrong."""
    return _shape(services().imports.run(caller, import_id))


@router.post("/imports/{import_id}/cancel")
def cancel_import(caller: Caller, import_id: UUID) -> dict[str, Any]:
    """Stop between two records; what is done stays."""
    return _shape(services().imports.cancel(caller, import_id))
