"""Around every answer: its reader's language, its security headers, a guest's cookie."""

import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ecosystem.domain.cookies import GUEST, cookie_name, read_cookie
from ecosystem.domain.language import COOKIE, Language, language, language_for, speaking
from ecosystem.settings import Settings
from ecosystem.static_pages import READER, StaticPages

GUEST_SECONDS = 180 * 24 * 3600
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"


def storage_origin(settings: Settings) -> str:
    """Return the one other origin a page talks to: our bucket, for pictures and documents."""
    if settings.local:
        return settings.aws_endpoint_url.rstrip("/")
    return f"https://{settings.s3_bucket_name}.s3.{settings.aws_region}.amazonaws.com"


def content_security_policy(scripts: tuple[str, ...], storage: str) -> str:
    """Return the policy of a page whose inline scripts have these hashes.

    Only ``storage`` is another origin. Inline *styles* are allowed because React writes
    ``style`` attributes into the compiled HTML; inline scripts only by their hash, and no eval.
    """
    parts = [
        "default-src 'self'",
        " ".join(("script-src 'self'", *scripts)),
        "style-src 'self' 'unsafe-inline'",
        f"img-src 'self' data: blob: {storage}",
        "font-src 'self'",
        f"connect-src 'self' {storage}",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
    return "; ".join(part.rstrip() for part in parts)


def reader_language(headers: Headers) -> Language:
    """Return the language of who sent a request: chosen before, else what the browser asks for."""
    return language_for(
        read_cookie(headers.get("cookie", ""), COOKIE), headers.get("accept-language", "")
    )


class PageHeaders:
    """Outermost middleware: everything inside speaks the reader's language.

    It adds headers to every answer, the policy and a guest cookie to HTML.
    """

    def __init__(self, inner: ASGIApp, pages: StaticPages, settings: Settings) -> None:
        self._inner = inner
        self._pages = pages
        self._secure = not settings.local
        self._storage = storage_origin(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, adding headers where an HTTP answer starts."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(scope, MutableHeaders(scope=message))
            await send(message)

        scope.setdefault("state", {})
        with speaking(reader_language(Headers(scope=scope)).code):
            await self._inner(scope, receive, with_headers)

    def _add(self, scope: Scope, headers: MutableHeaders) -> None:
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        if self._secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if scope["path"].startswith("/api/"):
            # What is told to one caller is not for a cache that many of them share.
            headers.setdefault("Cache-Control", "no-store")
        if not headers.get("content-type", "").startswith("text/html"):
            return
        headers.setdefault("Content-Language", language().code)
        if READER not in headers.get("vary", ""):
            headers.add_vary_header(READER)
        scripts = scope["state"].get("scripts")
        if scripts is None:
            scripts = self._pages.shell_scripts()
        headers.setdefault(
            "Content-Security-Policy", content_security_policy(scripts, self._storage)
        )
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", PERMISSIONS)
        headers.setdefault("Cache-Control", "no-cache")
        name = cookie_name(GUEST, secure=self._secure)
        if not read_cookie(Headers(scope=scope).get("cookie", ""), name):
            value = (
                f"{name}={secrets.token_urlsafe(32)}; Path=/; Max-Age={GUEST_SECONDS}; "
                + "HttpOnly; SameSite=Lax"
            )
            headers.append("Set-Cookie", value + ("; Secure" if self._secure else ""))
            # A shared cache would hand the same cookie, and so the same holds, to everyone.
            if "no-store" not in headers["Cache-Control"]:
                headers["Cache-Control"] = "private, no-cache"
