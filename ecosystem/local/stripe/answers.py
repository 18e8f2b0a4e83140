"""HTTP answers: JSON with headers, and one that breaks off."""

from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ecosystem.local.stripe.storage import Body, dumps


def answer(status: int, body: Body, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer that no cache keeps."""
    return Response(
        dumps(body),
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-cache, no-store", **(headers or {})},
    )


class CutShort(Response):
    """An answer whose connection breaks in the middle: the caller can't know what happened."""

    def __init__(self, content: bytes, headers: Mapping[str, str]) -> None:
        super().__init__(
            content[: len(content) // 2],
            media_type="application/json",
            headers={**headers, "content-length": str(len(content))},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        # The rest is promised by content-length and never comes: the server closes the connection.
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
