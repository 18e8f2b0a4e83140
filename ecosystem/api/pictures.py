"""Covers as pictures that a browser may keep for ever: they depend on their address alone."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from fastapi.responses import Response

from ecosystem.services.pictures import cover

router = APIRouter(tags=["pictures"], include_in_schema=False)

FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/covers/{package_id}/{country}/{latitude}.svg")
def package_cover(
    package_id: UUID,
    country: Annotated[str, Path(pattern="^[A-Z]{2}$")],
    latitude: Annotated[int, Path(ge=-90, le=90)],
) -> Response:
    """The drawn cover of a package. ``latitude`` in whole degrees picks its climate."""
    picture = cover.svg(str(package_id), float(latitude), country)
    return Response(
        picture,
        media_type="image/svg+xml",
        headers={
            "Cache-Control": FOR_EVER,
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        },
    )
