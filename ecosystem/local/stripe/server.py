"""Serving the stand-in in this process, on one event loop and little memory."""

import asyncio
import signal
import threading

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from ecosystem.local.stripe.app import create_app
from ecosystem.local.stripe.config import StandInConfig


def make_server(config: StandInConfig, host: str, port: int) -> Server:
    """A server that is not yet started."""
    return Server(
        create_app(config),
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        log_level=LogLevels.error,
        backlog=1024,
    )


async def serve(config: StandInConfig, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM (or, outside the main thread, until cancelled)."""
    server = make_server(config, host, port)
    if threading.current_thread() is threading.main_thread():
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.stop)
    await server.serve()
