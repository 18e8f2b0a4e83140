"""No request body is larger than it has to be."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ecosystem.api.errors import problem

LARGEST_BODY = 1_000_000
"""Bytes. A booking for 99 people has 15 kB; pictures and documents never pass through here."""


class BodyLimit:
    """Answers 413 instead of reading on, whatever length the sender had declared."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        refusal = problem(
            413, f"This is larger than {LARGEST_BODY:,} bytes and was not read.", "too_large"
        )
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > LARGEST_BODY:
            await refusal(scope, receive, send)
            return
        seen, answered, refused = 0, False, False

        async def counted() -> Message:
            nonlocal seen, refused
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > LARGEST_BODY:
                refused = True
                return {"type": "http.disconnect"}
            return message

        async def watched(message: Message) -> None:
            nonlocal answered
            if refused and not answered:
                return
            answered = True
            await send(message)

        try:
            await self._app(scope, counted, watched)
        except Exception:
            # Cut off on purpose, the endpoint complains of a client that left: that is us.
            if not refused:
                raise
        if refused and not answered:
            await refusal(scope, receive, send)
