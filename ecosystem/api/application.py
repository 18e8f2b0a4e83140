"""The REST API put together."""

from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from ecosystem.api import (
    agency_documents,
    agency_logo,
    agents,
    bookings,
    calendars,
    changes,
    clients,
    contracts,
    conversations,
    description,
    docs,
    documents,
    errors,
    health,
    keys,
    me,
    operators,
    ops,
    ops_agencies,
    ops_operators,
    own_agency,
    own_bookings,
    own_departures,
    own_imports,
    own_operator,
    own_packages,
    own_pictures,
    packages,
    payouts,
    pictures,
    quotes,
    reader,
    reports,
    reviews,
    saved,
    sign_in,
    statements,
    suggestions,
    travellers,
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
        responses=description.OTHERWISE,
    )
    description.describe(api)
    errors.install(api)
    api.add_middleware(BodyLimit)
    for part in (
        health, me, packages, own_imports, own_packages, own_pictures, own_operator, own_bookings, own_departures, operators, ops, ops_operators, ops_agencies, own_agency, keys, agents, contracts, clients, agency_documents, bookings, changes, documents, travellers, agency_logo, statements, calendars, conversations, payouts, quotes, sign_in, webhooks, pictures, reader,
        suggestions, reports, reviews, saved, docs,
    ):  # fmt: skip
        api.include_router(part.router)
    api.include_router(agency_documents.shared)
    return api


def answers_all(pages: ASGIApp) -> ASGIApp:
    """The pages, except that what no endpoint answered is told to a program in its language."""

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/api/"):
            said = f"Nothing answers {scope['method']} at this address. /api/docs lists what does."
            await errors.problem(404, said, "not_found")(scope, receive, send)
            return
        await pages(scope, receive, send)

    return choose


def openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 description. Starts nothing and connects to nothing."""
    return create_api().openapi()
