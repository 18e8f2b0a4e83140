"""Packages for everybody: search, one package, its departures, its price."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from ecosystem.api import shapes
from ecosystem.api.limits import limited
from ecosystem.domain.currencies import shown
from ecosystem.domain.errors import Invalid
from ecosystem.domain.search import FARTHEST_KM, NEARBY_KM, PAGE_SIZE, SearchQuery, Sort
from ecosystem.services.forms import PartyForm
from ecosystem.wiring import services

router = APIRouter(prefix="/api/packages", tags=["packages"])


def search_query(
    q: Annotated[str, Query(max_length=200)] = "",
    city: Annotated[str, Query(max_length=100)] = "",
    country: Annotated[str, Query(pattern="^([A-Za-z]{2})?$")] = "",
    from_: Annotated[date | None, Query(alias="from")] = None,
    to: date | None = None,
    travellers: Annotated[int | None, Query(ge=1, le=99)] = None,
    min_price: Annotated[int | None, Query(ge=0, le=10**9)] = None,
    max_price: Annotated[int | None, Query(ge=0, le=10**9)] = None,
    min_nights: Annotated[int | None, Query(ge=0, le=365)] = None,
    max_nights: Annotated[int | None, Query(ge=0, le=365)] = None,
    stars: Annotated[int | None, Query(ge=1, le=5)] = None,
    board: Annotated[str, Query(max_length=40)] = "",
    tag: Annotated[str, Query(max_length=60)] = "",
    operator: Annotated[str, Query(max_length=100)] = "",
    near: Annotated[str, Query(max_length=100)] = "",
    radius: Annotated[int, Query(ge=1, le=FARTHEST_KM)] = NEARBY_KM,
    currency: Annotated[str, Query(pattern="^([A-Z]{3})?$")] = "",
    sort: Sort = "relevance",
    cursor: Annotated[str, Query(max_length=20)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = PAGE_SIZE,
) -> SearchQuery:
    """The query of ``/search``. Prices are whole units per adult: of ``currency``, else of each
    package's own. ``near`` is a city, or latitude and longitude as ``41.9,12.5``."""
    if from_ is not None and to is not None and to < from_:
        raise Invalid.one("to", "The last day lies before the first.")
    if currency and not shown(currency):
        raise Invalid.one("currency", "There are no exchange rates for this currency.")
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 8):
        raise Invalid.one("cursor", "This cursor is not from one of our lists.")
    return SearchQuery(
        q=q, city=city, country=country, from_=from_, to=to, travellers=travellers,
        min_price=min_price, max_price=max_price, min_nights=min_nights, max_nights=max_nights,
        stars=stars, board=board, tag=tag, operator=operator, near=near,
        radius=radius, currency=currency, sort=sort,
        offset=int(cursor or 0), limit=limit,
    )  # fmt: skip


def package_key(key: str) -> UUID | str:
    """A path part that is an id or a slug."""
    try:
        return UUID(key)
    except ValueError:
        return key[:200]


@router.get("", dependencies=[Depends(limited("search"))])
def find(query: Annotated[SearchQuery, Depends(search_query)]) -> JSONResponse:
    """Search. Answers ``items``, ``total``, ``next`` and ``facets``."""
    # Plain JSON already: a dict would be walked through once more on its way out.
    return JSONResponse(shapes.search_page(services().search.find(query)))


@router.get("/{key}")
def one(key: str) -> dict[str, Any]:
    """A published package by id or slug."""
    return shapes.package(services().catalogue.package(package_key(key)))


@router.get("/{key}/departures")
def departures(
    key: str, from_: Annotated[date | None, Query(alias="from")] = None, to: date | None = None
) -> dict[str, Any]:
    """Departures to come, with seats left and price per adult."""
    catalogue = services().catalogue
    package = catalogue.package(package_key(key))
    found = catalogue.departures(package.id, from_, to)
    return {"items": [shapes.departure(item) for item in found], "next": None}


@router.post("/{key}/price", dependencies=[Depends(limited("price"))])
def price(key: str, party: PartyForm) -> dict[str, Any]:
    """What a party would pay, line by line. Holds nothing."""
    return shapes.price(
        services().catalogue.price(
            package_key(key),
            party.departure_id,
            party.adults,
            party.children,
            party.addon_ids,
            party.child_ages,
        )
    )
