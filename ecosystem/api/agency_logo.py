"""An agency's logo: sent by the browser to the store, shown on what its clients get."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header
from fastapi.responses import Response

from ecosystem.api.auth import Caller
from ecosystem.api.limits import limited
from ecosystem.services.package_pictures import PictureStart
from ecosystem.wiring import services

router = APIRouter(tags=["own agency"])

OWN = "/api/agencies/me/logo"
FOR_A_DAY = "public, max-age=86400"


@router.post(OWN, status_code=201, dependencies=[Depends(limited("message"))])
def start(caller: Caller, form: PictureStart) -> dict[str, Any]:
    """Where to post the file as ``multipart/form-data``: the ``fields``, then ``file``."""
    made = services().agency_logos.start(caller, form)
    return {"id": str(made.picture_id), "url": made.url, "fields": made.fields}


@router.post(OWN + "/{upload_id}/finish", dependencies=[Depends(limited("message"))])
def finish(caller: Caller, upload_id: UUID) -> dict[str, Any]:
    """Have what was posted looked at and make it the logo."""
    return {"logo": str(services().agency_logos.finish(caller, upload_id))}


@router.delete(OWN, status_code=204)
def remove(caller: Caller) -> Response:
    """Go without a logo."""
    services().agency_logos.remove(caller)
    return Response(status_code=204)


@router.get("/logos/{logo}.png", include_in_schema=False)
def logo(logo: UUID, if_none_match: Annotated[str, Header(max_length=1000)] = "") -> Response:
    """A logo that an agency has now; its content never changes."""
    etag = f'"{logo}"'
    headers = {
        "Cache-Control": FOR_A_DAY,
        "Content-Security-Policy": "default-src 'none'",
        "ETag": etag,
    }
    content = services().agency_logos.read(logo)
    if etag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="image/png", headers=headers)
