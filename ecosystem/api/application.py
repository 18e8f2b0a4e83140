"""The REST API put together."""

from typing import Any

from fastapi import FastAPI

from ecosystem.api import (
    agents,
    bookings,
    docs,
    errors,
    health,
    me,
    operators,
    packages,
    payouts,
    pictures,
    sign_in,
    webhooks,
)
from ecosystem.api.body_limit import BodyLimit


def create_api() -> FastAPI:
    """The API, without the pages that are mounted beneath it."""
    api = FastAPI(
        title="Ecosystem",
        version="1",
        description="The travel marketplace's unified API over both databases.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    errors.install(api)
    api.add_middleware(BodyLimit)
    for part in (
        health, me, packages, operators, agents, bookings, payouts, sign_in, webhooks, pictures, docs,
    ):  # fmt: skip
        api.include_router(part.router)
    return api


def openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 description. Starts nothing and connects to nothing."""
    return create_api().openapi()
