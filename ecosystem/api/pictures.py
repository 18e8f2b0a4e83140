"""Pictures: drawn covers that depend on their address alone, and operators' own."""

import gzip
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path
from fastapi.responses import Response

from ecosystem.api.auth import Caller
from ecosystem.services.pictures import cover
from ecosystem.wiring import services

router = APIRouter(tags=["pictures"], include_in_schema=False)

FOR_EVER = "public, max-age=31536000, immutable"
FOR_THIS_BROWSER = "private, max-age=3600"
NOTHING_ELSE = "default-src 'none'; style-src 'unsafe-inline'"


@router.get("/covers/{package_id}/{country}/{latitude}.svg")
def package_cover(
    package_id: UUID,
    country: Annotated[str, Path(pattern="^[A-Z]{2}$")],
    latitude: Annotated[int, Path(ge=-90, le=90)],
    accept_encoding: Annotated[str, Header(max_length=1000)] = "",
) -> Response:
    """The drawn cover of a package. ``latitude`` in whole degrees picks its climate."""
    picture = cover.svg(str(package_id), float(latitude), country).encode()
    headers = {
        "Cache-Control": FOR_EVER,
        "Content-Security-Policy": NOTHING_ELSE,
        "Vary": "Accept-Encoding",
    }
    if "gzip" in accept_encoding:
        picture, headers["Content-Encoding"] = gzip.compress(picture, 6), "gzip"
    return Response(picture, media_type="image/svg+xml", headers=headers)


@router.get("/pictures/{picture_id}/{width}.webp")
def package_picture(
    caller: Caller,
    picture_id: UUID,
    width: Annotated[int, Path(ge=1, le=10_000)],
    if_none_match: Annotated[str, Header(max_length=1000)] = "",
) -> Response:
    """An operator's own picture, 480, 960 or 1600 pixels wide. Its content never changes.

    Of a package that is not public only its operator's people get it: 404 for all others.
    """
    files = services().picture_files
    access = files.access(caller, picture_id)
    etag = f'"{picture_id}-{width}"'
    headers = {
        "Cache-Control": FOR_EVER if access.public else FOR_THIS_BROWSER,
        "Content-Security-Policy": NOTHING_ELSE,
        "ETag": etag,
    }
    if not access.public:
        headers["Vary"] = "Cookie, Authorization"
    if etag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(files.read(picture_id, width), media_type="image/webp", headers=headers)
