"""The stand-in as an ASGI application."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ecosystem.local.stripe import background
from ecosystem.local.stripe.answers import answer
from ecosystem.local.stripe.config import StandInConfig
from ecosystem.local.stripe.control import Control
from ecosystem.local.stripe.delivery import Courier
from ecosystem.local.stripe.gateway import Gateway
from ecosystem.local.stripe.hosted_onboarding import OnboardingPages
from ecosystem.local.stripe.hosted_payment import PaymentPages
from ecosystem.local.stripe.platform import Platform
from ecosystem.local.stripe.storage import Store

STATE_FILE = "stripe.sqlite3"


class StandIn:
    """One running stand-in. Its state opens with the server and closes with it."""

    def __init__(self, config: StandInConfig) -> None:
        self.config = config

    @contextlib.asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Open the state, run the background, and put everything away in the end."""
        self.config.data_dir.mkdir(parents=True, exist_ok=True)
        store = Store(self.config.data_dir / STATE_FILE)
        woken = asyncio.Event()
        platform = Platform(self.config, store, woken.set)
        courier = Courier(platform)
        gateway = Gateway(platform)
        app.state.gateway = gateway
        app.state.payment = PaymentPages(platform)
        app.state.onboarding = OnboardingPages(platform)
        app.state.control = Control(platform, gateway.requests)
        worker = asyncio.create_task(background.run(platform, courier, woken))
        try:
            yield
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
            await courier.close()
            store.close()


async def _health(_request: Request) -> Response:
    return answer(200, {"status": "ok"})


async def _api(request: Request) -> Response:
    return await request.app.state.gateway(request)


async def _pay(request: Request) -> Response:
    return await request.app.state.payment.show_or_pay(request)


async def _authenticate(request: Request) -> Response:
    return await request.app.state.payment.authenticate(request)


async def _receipt(request: Request) -> Response:
    return await request.app.state.payment.receipt(request)


async def _open_link(request: Request) -> Response:
    return await request.app.state.onboarding.open_link(request)


async def _onboard(request: Request) -> Response:
    return await request.app.state.onboarding.show_or_submit(request)


async def _dashboard(request: Request) -> Response:
    return await request.app.state.onboarding.dashboard(request)


async def _control(request: Request) -> Response:
    return await request.app.state.control(request)


def create_app(config: StandInConfig) -> Starlette:
    """The application for one configuration; nothing is opened before it starts."""
    stand_in = StandIn(config)
    return Starlette(
        routes=[
            Route("/health", _health),
            Route("/v1/{rest:path}", _api, methods=["GET", "POST", "DELETE"]),
            Route("/c/pay/{session}", _pay, methods=["GET", "POST"]),
            Route("/c/pay/{session}/authenticate", _authenticate, methods=["GET", "POST"]),
            Route("/receipts/{charge}", _receipt),
            Route("/setup/e/{account}/{token}", _open_link),
            Route("/setup/s/{token}", _onboard, methods=["GET", "POST"]),
            Route("/express/{account}/{token}", _dashboard),
            Route("/_control/{rest:path}", _control, methods=["GET", "POST"]),
        ],
        lifespan=stand_in.lifespan,
    )
