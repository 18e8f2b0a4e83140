"""Operators: their public profile, who the caller is, and what was booked of hers."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from ecosystem.api import shapes
from ecosystem.api.auth import Caller
from ecosystem.domain.errors import Invalid
from ecosystem.domain.search import SearchQuery
from ecosystem.wiring import services

router = APIRouter(prefix="/api/operators", tags=["operators"])


@router.get("")
def operators(
    cursor: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> dict[str, Any]:
    """Verified operators."""
    page = services().catalogue.operators(after=cursor, limit=limit)
    return {"items": [shapes.operator(item) for item in page.items], "next": page.next}


@router.get("/me/bookings")
def own_bookings(
    caller: Caller,
    cursor: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> dict[str, Any]:
    """Bookings of the operator's packages, the last to depart first."""
    page = services().marketplace.bookings(caller, cursor=cursor, limit=limit)
    return {"items": [shapes.booking_row(row) for row in page.items], "next": page.next}


@router.get("/{slug}")
def profile(slug: str) -> dict[str, Any]:
    """A public profile with the operator's packages."""
    if len(slug) > 200:
        raise Invalid.one("slug", "This is not the name of an operator.")
    view = services().marketplace.operator(slug)
    page = services().search.find(SearchQuery(operator=slug, limit=100), facets=False)
    return shapes.operator(view) | {"packages": [shapes.card(item) for item in page.items]}
