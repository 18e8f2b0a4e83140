"""The REST API in this process over a test's product.

An application makes its routes at its first request, which takes longer than most tests: those of
a worker share one. It holds nothing of its own; what it asks are the services that are installed.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ecosystem import wiring
from ecosystem.api import create_api
from ecosystem.api.auth import caller
from ecosystem.domain.actor import Actor
from tests.memory_sign_in import ORIGIN, InProcess
from tests.product import Product

Client = Callable[[Actor], httpx.Client]


@pytest.fixture(scope="session")
def api() -> FastAPI:
    """The API as it is served."""
    return create_api()


@pytest.fixture(scope="session")
def believing_api() -> FastAPI:
    """The API that believes a request to come from the actor in its scope."""

    def believed(request: Request) -> Actor:
        return request.scope["actor"]

    made = create_api()
    made.dependency_overrides[caller] = believed
    return made


@pytest.fixture
def served(product: Product) -> Iterator[Product]:
    """The product whose services answer; put back at the end."""
    before = list(wiring._installed)
    wiring.install(product.services)
    yield product
    wiring._installed[:] = before


@pytest.fixture
def http(served: Product, api: FastAPI) -> Iterator[httpx.Client]:
    """A client of the API over the test's product; it keeps cookies as a browser does."""
    with httpx.Client(transport=InProcess(api), base_url=ORIGIN) as client:
        yield client


@pytest.fixture
def client(served: Product, believing_api: FastAPI) -> Iterator[Client]:
    """A client of the API for whoever is given."""
    with ExitStack() as opened:

        def make(actor: Actor) -> httpx.Client:
            transport = InProcess(_asked_by(actor, believing_api))
            return opened.enter_context(httpx.Client(transport=transport, base_url=ORIGIN))

        yield make


def _asked_by(actor: Actor, api: FastAPI) -> ASGIApp:
    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        await api({**scope, "actor": actor}, receive, send)

    return asked
