"""An operator's own packages: ``/api/operators/me/packages``."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.api.repeating import Key, once
from ecosystem.domain.actor import Actor
from ecosystem.domain.drafts import PackageDraft, content_of
from ecosystem.services.forms import Form
from ecosystem.services.package_editor import DraftForm, PackageContentForm
from ecosystem.wiring import services

router = APIRouter(prefix="/api/operators/me/packages", tags=["own packages"])

Version = Annotated[int, Path(ge=1, le=10**9)]


@router.get("")
def own_packages(
    caller: Caller,
    cursor: Annotated[str, Query(pattern="^[0-9]{0,7}$")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
    q: Annotated[str, Query(max_length=200)] = "",
) -> dict[str, Any]:
    """The operator's packages in any state, newest change first."""
    offset = int(cursor or 0)
    rows, total = services().desk.packages(caller, limit=limit, offset=offset, words=q)
    following = offset + len(rows)
    return {
        "items": [
            {
                "id": str(row.id),
                "slug": row.slug,
                "title": row.title,
                "status": row.status,
                "price": shapes.money(row.price),
                "nights": row.nights,
                "updated_at": shapes.instant(row.updated_at),
            }
            for row in rows
        ],
        "next": str(following) if rows and following < total else None,
        "total": total,
    }


def _shape(caller: Actor, draft: PackageDraft) -> dict[str, Any]:
    """A package as everybody would see it, and under ``draft`` all that can be edited."""
    content = content_of(draft)
    del content["status"]
    return shapes.own_package(services().desk.package(caller, draft.id)) | {
        "version": draft.version,
        "updated_at": shapes.instant(draft.updated_at),
        "draft": content,
        "lacks": [{"field": item.field, "message": item.message} for item in draft.lacks],
    }


@router.post("", status_code=201)
def create_package(
    request: Request, caller: Caller, form: PackageContentForm, idempotency_key: Key = None
) -> JSONResponse:
    """A new draft: at least ``title`` and ``currency``. Without a ``slug`` the title makes one."""

    def act() -> tuple[int, dict[str, Any]]:
        return 201, _shape(caller, services().editor.create_with(caller, form))

    return once("package", request, caller, idempotency_key, act, form)


@router.get("/{package_id}")
def own_package(caller: Caller, package_id: UUID) -> dict[str, Any]:
    """One of the operator's packages in any state."""
    return _shape(caller, services().editor.open(caller, package_id))


@router.patch("/{package_id}")
def edit_package(caller: Caller, package_id: UUID, form: DraftForm) -> dict[str, Any]:
    """Change what is sent, of the fields under ``draft``; a list replaces the whole list.

    ``version`` is the one that was read. 409 ``edited_elsewhere`` says who saved since.
    """
    return _shape(caller, services().editor.save(caller, package_id, form))


@router.delete("/{package_id}", status_code=204)
def delete_package(caller: Caller, package_id: UUID) -> Response:
    """Remove a draft that never sold a seat. 409 ``not_a_draft`` ``was_sold``: archive it."""
    services().editor.delete(caller, package_id)
    return Response(status_code=204)


class VersionForm(Form):
    """The version that was read; without one, the package as it stands now is meant."""

    version: int | None = Field(default=None, ge=1, le=10**9, strict=True)


Move = Callable[[Actor, UUID, int], PackageDraft]


def _moved(caller: Actor, package_id: UUID, form: VersionForm | None, move: Move) -> dict[str, Any]:
    version = (form and form.version) or services().editor.open(caller, package_id).version
    return _shape(caller, move(caller, package_id, version))


@router.post("/{package_id}/publish")
def publish_package(
    caller: Caller, package_id: UUID, form: VersionForm | None = None
) -> dict[str, Any]:
    """Put a draft on sale. 422 ``not_ready`` says what is missing."""
    return _moved(caller, package_id, form, services().editor.publish)


@router.post("/{package_id}/archive")
def archive_package(
    caller: Caller, package_id: UUID, form: VersionForm | None = None
) -> dict[str, Any]:
    """Take a package off sale. Bookings that were made stay as they are."""
    return _moved(caller, package_id, form, services().editor.archive)


@router.post("/{package_id}/unpublish")
def unpublish_package(
    caller: Caller, package_id: UUID, form: VersionForm | None = None
) -> dict[str, Any]:
    """Make it a draft again, to work on it. Bookings that were made stay as they are."""
    return _moved(caller, package_id, form, services().editor.back_to_draft)


@router.post("/{package_id}/duplicate", status_code=201)
def duplicate_package(
    request: Request, caller: Caller, package_id: UUID, idempotency_key: Key = None
) -> JSONResponse:
    """A draft with the same content."""

    def act() -> tuple[int, dict[str, Any]]:
        return 201, _shape(caller, services().editor.duplicate(caller, package_id))

    return once("package-copy", request, caller, idempotency_key, act, package_id)


@router.get("/{package_id}/versions")
def versions(caller: Caller, package_id: UUID) -> dict[str, Any]:
    """Who changed what and when, the newest first."""
    return {
        "items": [
            {
                "version": line.version,
                "at": shapes.instant(line.at),
                "who": line.who,
                "action": line.action,
                "current": line.current,
                "changes": [
                    {"field": change.field, "was": change.was, "is": change.now}
                    for change in line.changes
                ],
            }
            for line in services().editor.history(caller, package_id)
        ],
        "next": None,
    }


class RestoreForm(Form):
    version: int = Field(ge=1, le=10**9, strict=True)


@router.post("/{package_id}/versions/{number}/restore")
def restore_version(
    caller: Caller, package_id: UUID, number: Version, form: RestoreForm
) -> dict[str, Any]:
    """Make it what it was; ``version`` is the one that stands now."""
    return _shape(caller, services().editor.restore(caller, package_id, number, form.version))
