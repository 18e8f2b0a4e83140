"""The app: pages, API and the websocket between them, on one origin.

From the outside in: response headers and the guest cookie, the REST API, the compiled pages,
Reflex (events and its own health checks).
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import reflex as rx
from reflex.event import EventSpec
from starlette.types import ASGIApp

from ecosystem import pages
from ecosystem.api import answers_all, create_api
from ecosystem.api.pages import public_pages
from ecosystem.domain.language import _, language
from ecosystem.page_headers import PageHeaders
from ecosystem.pages.components.overlay import error_boundary, overlay
from ecosystem.pages.components.theme import head
from ecosystem.settings import load
from ecosystem.socket_limit import SocketLimit
from ecosystem.state.guard import Guard
from ecosystem.state.toast import toast
from ecosystem.static_pages import StaticPages
from ecosystem.wiring import services

logger = logging.getLogger(__name__)
settings = load()
compiled_pages = StaticPages(local=settings.local)
api = create_api()
api.include_router(public_pages(compiled_pages))


def with_headers(inner: ASGIApp) -> ASGIApp:
    """Put the response headers around everything else."""
    return PageHeaders(inner, compiled_pages, settings)


def tell_of_failure(exception: Exception) -> EventSpec:
    """Log what a handler raised and say so on the page, without what only we can read."""
    logger.error("a page's handler failed", exc_info=exception)
    return toast(_("This did not work. Load the page again to see how things stand."), "problem")


app = rx.App(
    html_lang=language().code,
    html_custom_attrs={"dir": language().direction},
    head_components=head(),
    stylesheets=["/theme.css"],
    toaster=None,
    backend_exception_handler=tell_of_failure,
    app_wraps={
        (55, "ErrorBoundary"): lambda _: error_boundary(),
        (5, "Overlay"): lambda _: overlay(),
    },
    api_transformer=[
        compiled_pages.above,
        answers_all,
        api,
        with_headers,
        SocketLimit,
    ],
)
pages.register(app)
# Before everything else, hydration included.
app.add_middleware(Guard(), index=0)


@asynccontextmanager
async def background() -> AsyncIterator[None]:
    """The worker, as long as this process serves. Each process has one; they share the work."""
    made = await asyncio.to_thread(services)
    if settings.worker_in_app:
        made.worker.start()
    yield
    await asyncio.to_thread(made.close)


app.register_lifespan_task(background)
