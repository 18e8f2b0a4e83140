"""Rate limits of the API, by browser and by address."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.requests import HTTPConnection

from ecosystem.domain import cookies
from ecosystem.services.rate_limits import PROCESS, RULES
from ecosystem.wiring import services


def limited(name: str) -> Callable[[Request], Awaitable[None]]:
    """A dependency that counts a call of the kind ``name`` (a key of ``RULES``).

    Raises:
        AssertionError: at import, for a kind without a rule.
    """
    assert name in RULES, f"no rate limit is called {name}"

    # Async, though it waits for nothing: FastAPI would run it in a thread.
    async def count(request: Request) -> None:
        spend(name, request)

    return count


def spend(name: str, request: HTTPConnection) -> None:
    """Count one call. Raises ``TooManyRequests``; never with RATE_LIMITS=off."""
    settings = services().settings
    if settings.rate_limits == "off":
        return
    secure = not settings.local
    browser = (
        request.headers.get("authorization")
        or request.cookies.get(cookies.cookie_name(cookies.SESSION, secure=secure))
        or request.cookies.get(cookies.cookie_name(cookies.GUEST, secure=secure))
        or ""
    )
    PROCESS.spend(name, browser=browser[:200], address=client_address(request))


def client_address(request: HTTPConnection) -> str:
    """The caller's address: the socket's, or what the last trusted proxy saw.

    ``X-Forwarded-For`` is believed only as far from its end as TRUSTED_PROXY_HOPS says;
    what stands before that, the client wrote.
    """
    hops = services().settings.trusted_proxy_hops
    if hops:
        # A proxy may add a line of its own instead of writing on in the client's.
        lines = ",".join(request.headers.getlist("x-forwarded-for"))
        seen = [part.strip() for part in lines.split(",")]
        if len(seen) >= hops and seen[-hops]:
            return seen[-hops]
    return request.client.host if request.client else ""
