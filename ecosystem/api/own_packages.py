"""An operator's own packages: ``/api/operators/me/packages``."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.services.forms import Form
from ecosystem.services.operator_desk import PackageForm
from ecosystem.wiring import services

router = APIRouter(prefix="/api/operators/me/packages", tags=["own packages"])


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


@router.get("/{package_id}")
def own_package(caller: Caller, package_id: UUID) -> dict[str, Any]:
    return shapes.own_package(services().desk.package(caller, package_id))


@router.patch("/{package_id}")
def edit_package(caller: Caller, package_id: UUID, form: PackageForm) -> dict[str, Any]:
    """Change title or price (minor units). ``version`` is the one that was read."""
    return shapes.own_package(services().desk.edit(caller, package_id, form))


class VersionForm(Form):
    """The version that was read; without one, the package as it stands now is meant."""

    version: int | None = Field(default=None, ge=1, strict=True)


@router.post("/{package_id}/publish")
def publish_package(
    caller: Caller, package_id: UUID, form: VersionForm | None = None
) -> dict[str, Any]:
    """Put a draft on sale. 409 ``not_ready`` says what is missing."""
    desk = services().desk
    version = (form and form.version) or desk.package(caller, package_id).version
    return shapes.own_package(desk.publish(caller, package_id, version))


@router.post("/{package_id}/archive")
def archive_package(
    caller: Caller, package_id: UUID, form: VersionForm | None = None
) -> dict[str, Any]:
    """Take a package off sale. Bookings that were made stay as they are."""
    desk = services().desk
    version = (form and form.version) or desk.package(caller, package_id).version
    return shapes.own_package(desk.archive(caller, package_id, version))
