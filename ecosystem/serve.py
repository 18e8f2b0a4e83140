"""Running the compiled app: pages, API and websocket on one port."""

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from reflex_base import constants
from reflex_base.environment import environment
from starlette.types import ASGIApp

from ecosystem import frontend
from ecosystem.settings import Settings

KILL_SECONDS = 4


def serve(settings: Settings) -> None:
    """Serve the product until SIGTERM or SIGINT, on ``settings.port``.

    Local stacks listen to this machine only.

    Raises:
        FrontendError: the pages were not built from these sources.
    """
    frontend.release(or_newest=settings.local)
    listen(settings, "ecosystem.serve:create_app")


def listen(settings: Settings, factory: str) -> None:
    """Serve the app that ``factory`` (``module:function``) makes, as the product is served."""
    server = Server(
        target=factory,
        factory=True,
        address="127.0.0.1" if settings.local else "0.0.0.0",
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=1,
        log_level=LogLevels.warning,
        workers_kill_timeout=KILL_SECONDS,
        working_dir=frontend.ROOT,
    )
    server.serve()


def create_app() -> ASGIApp:
    """Return the whole product as one ASGI app, from pages that are already compiled."""
    asgi = backend()
    from ecosystem.ecosystem import app, compiled_pages

    compiled_pages.route_with(app.router)
    compiled_pages.load()
    return asgi


def backend() -> ASGIApp:
    """Return the product as an ASGI app that has no pages yet: the API and the events."""
    environment.REFLEX_ENV_MODE.set(constants.Env.PROD)
    environment.REFLEX_SKIP_COMPILE.set(True)
    environment.REFLEX_BACKEND_ONLY.set(True)
    from ecosystem.ecosystem import app

    return app()
