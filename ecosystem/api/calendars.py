"""Calendars by their secret address, as calendar programs fetch them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path
from fastapi.responses import Response

from ecosystem.api.limits import limited
from ecosystem.wiring import services

router = APIRouter(prefix="/api/calendars", tags=["calendars"])


@router.get("/{token}.ics", response_class=Response, dependencies=[Depends(limited("reference"))])
def calendar(
    token: Annotated[str, Path(min_length=20, max_length=100)],
    if_none_match: Annotated[str, Header(max_length=1000)] = "",
) -> Response:
    """An operator's departures as iCalendar; 304 if nothing has changed since ``ETag``."""
    feed = services().calendar_feeds.file(token)
    tag = f'"{feed.etag}"'
    # A proxy that compressed the file marks the tag as weak.
    known = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    headers = {
        "ETag": tag,
        # The address is the key: no shared cache may keep what it opens.
        "Cache-Control": "private, no-cache",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(
        feed.text,
        media_type="text/calendar; charset=utf-8",
        headers={**headers, "Content-Disposition": 'inline; filename="departures.ics"'},
    )
