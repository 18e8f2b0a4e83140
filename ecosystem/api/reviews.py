"""Reviews of packages and operators for everybody, and those of a booking for its two sides."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from ecosystem.api.auth import Caller
from ecosystem.api.limits import limited
from ecosystem.api.shapes import instant
from ecosystem.domain.reviews import STARS, BookingReviews, RatingSummary, ReviewView
from ecosystem.domain.views import Page
from ecosystem.services.reviews import ReplyForm, ReviewForm
from ecosystem.wiring import services

router = APIRouter(prefix="/api", tags=["reviews"])

Cursor = Annotated[str, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=100)]
Key = Annotated[str, Query(max_length=100)]


def review(item: ReviewView) -> dict[str, Any]:
    return {
        "id": str(item.id),
        "author": item.author,
        "author_name": item.author_name,
        "rating": item.rating,
        "body": item.body,
        "language": item.language,
        "trip": item.trip,
        "travelled_on": str(item.travelled_on)[:7],
        "revealed_at": instant(item.revealed_at),
        "reply": item.reply,
        "replied_at": instant(item.replied_at),
    }


def _page(found: tuple[RatingSummary, Page[ReviewView]]) -> dict[str, Any]:
    summary, page = found
    return {
        "rating": None if summary.average is None else float(summary.average),
        "count": summary.count,
        "stars": {str(s): n for s, n in zip(STARS, summary.by_stars, strict=True)},
        "items": [review(item) for item in page.items],
        "next": page.next,
    }


def _of_booking(reviews: BookingReviews) -> dict[str, Any]:
    return {
        "side": reviews.side,
        "stage": reviews.stage,
        "mine": review(reviews.mine) if reviews.mine else None,
        "theirs": review(reviews.theirs) if reviews.theirs else None,
        "reveals_at": instant(reviews.reveals_at),
    }


@router.get("/packages/{slug}/reviews")
def of_package(slug: str, cursor: Cursor = "", limit: Limit = 10) -> dict[str, Any]:
    """What travellers said of a package, newest first, and how many gave how many stars."""
    return _page(services().reviews.of_package(slug, cursor=cursor, limit=limit))


@router.get("/operators/{slug}/reviews")
def of_operator(slug: str, cursor: Cursor = "", limit: Limit = 10) -> dict[str, Any]:
    """What travellers said of an operator's trips."""
    return _page(services().reviews.of_operator(slug, cursor=cursor, limit=limit))


@router.get("/bookings/{reference}/review", dependencies=[Depends(limited("reference"))])
def of_booking(caller: Caller, reference: str, key: Key = "") -> dict[str, Any]:
    """How far a booking's reviews are for the caller's side. ``stage``: early, never, open,
    waiting, revealed, closed."""
    return _of_booking(services().reviews.of_booking(caller, reference[:40], key=key))


@router.post(
    "/bookings/{reference}/review", status_code=201, dependencies=[Depends(limited("book"))]
)
def write(caller: Caller, reference: str, form: ReviewForm, key: Key = "") -> dict[str, Any]:
    """Review a completed trip, once for each side. ``key`` is the one of the mailed link."""
    return _of_booking(services().reviews.write(caller, reference[:40], form, key=key))


@router.post("/operators/me/reviews/{review_id}/reply", status_code=204)
def reply(caller: Caller, review_id: UUID, form: ReplyForm) -> Response:
    """Answer a traveller's review in public, once."""
    services().reviews.reply(caller, review_id, form)
    return Response(status_code=204)
