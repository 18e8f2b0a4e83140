"""How many sockets one caller may open: each one makes a State that stays for an hour."""

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from ecosystem.api.limits import spend
from ecosystem.domain.errors import TooManyRequests

TRY_AGAIN_LATER = 1013
"""Closed before it was accepted: a browser sees 403 and comes back later."""


class SocketLimit:
    """Counts handshakes as calls of the kind ``socket``; everything else passes."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a handshake too many before anything is kept for it."""
        if scope["type"] == "websocket":
            try:
                spend("socket", HTTPConnection(scope))
            except TooManyRequests:
                await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
                return
        await self._inner(scope, receive, send)
