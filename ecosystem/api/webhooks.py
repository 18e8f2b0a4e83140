"""What Stripe sends: verified, kept once, answered; a worker deals with it."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from ecosystem.domain.errors import Invalid
from ecosystem.wiring import services

router = APIRouter(prefix="/api/stripe", tags=["webhooks"], include_in_schema=False)

LARGEST_EVENT = 1_000_000


@router.post("/webhook")
async def platform(request: Request) -> dict[str, Any]:
    """Events of the platform's own account."""
    return await _receive(request, connect=False)


@router.post("/connect-webhook")
async def connect(request: Request) -> dict[str, Any]:
    """Events of connected accounts."""
    return await _receive(request, connect=True)


async def _receive(request: Request, *, connect: bool) -> dict[str, Any]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_EVENT:
            raise Invalid("This event is too large.", code="bad_signature")
    signature = request.headers.get("stripe-signature", "")

    def keep() -> bool:
        return services().inbox.receive(body, signature, connect=connect)

    new = await run_in_threadpool(keep)
    if new:
        services().worker.nudge("inbox")
    return {"received": True, "new": new}
