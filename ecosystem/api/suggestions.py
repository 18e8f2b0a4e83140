"""What a person may be about to type into the search."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from ecosystem.api.limits import limited
from ecosystem.wiring import services

router = APIRouter(prefix="/api/suggestions", tags=["packages"])


@router.get("", dependencies=[Depends(limited("suggest"))])
def suggest(q: Annotated[str, Query(max_length=200)] = "") -> JSONResponse:
    """Countries, cities, kinds of trip, operators and trips that fit; near misses if none begins so.

    ``kind`` is the query parameter of the search that takes ``value``; of a ``package`` the value
    is its slug.
    """
    return JSONResponse({"items": [vars(found) for found in services().search.suggest(q)]})
