"""Serving the compiled pages from memory.

A release is a few megabytes, so it is read once at the start: answers need no disk, and a
newer build of the same checkout cannot change the pages under a running server. Each language
has pages of its own; which of them an address leads to says the reader's language, which
``page_headers`` sets for every request.
"""

import base64
import hashlib
import mimetypes
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ecosystem import frontend
from ecosystem.domain.language import LANGUAGES, language

REFLEX_PATHS = ("/_event", "/_upload", "/ping", "/_health", "/_all_routes")
REDIRECTED = re.compile(r"/_event|/(?!_event/).*/", re.DOTALL)
"""Of Reflex's paths: without the slash of its socket, or with one elsewhere, it would redirect to
whatever host the request names."""
SHELL = "/__spa-fallback.html"
NOT_FOUND = "/404.html"
FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
DAY = "public, max-age=86400"
READER = "Cookie, Accept-Language"
"""What decides the language of a page."""
LOCAL_ONLY_PAGES = ("/_gallery",)

_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)([^>]*)>(.*?)</script>", re.DOTALL)
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


@dataclass(frozen=True)
class File:
    """One finished file in every form it can be sent in."""

    plain: bytes
    media_type: str
    cache: str
    etag: str
    encoded: dict[str, bytes] = field(default_factory=dict)
    vary: str = "Accept-Encoding"
    scripts: tuple[str, ...] = ()
    """For HTML: what a content security policy must name to let its inline scripts run."""


class StaticPages:
    """The release of the current sources, loaded at the first request or by ``load``."""

    def __init__(self, *, local: bool, folder: Path | None = None) -> None:
        self._local = local
        self._folder = folder
        self._files: dict[str, dict[str, File]] = {}
        self._routes: Callable[[str], str | None] = lambda _: None

    def load(self) -> dict[str, File]:
        """Return every file for the reader's language by its path from the root.

        The first call reads them all. A script of another language is among them: a page that
        was opened before its reader chose another language still asks for its own.

        Raises:
            FrontendError: the pages were not built from these sources.
        """
        if not self._files:
            folder = self._folder or frontend.release(or_newest=self._local)
            own = {code: _read(folder / code) for code in LANGUAGES}
            every = {name: file for files in own.values() for name, file in files.items()}
            self._files = {code: {**every, **files} for code, files in own.items()}
        return self._files[language().code]

    def route_with(self, router: Callable[[str], str | None]) -> None:
        """Take the app's route table, which says which addresses exist beyond the files."""
        self._routes = router

    def shell(self) -> str:
        """Return the HTML that starts any page, in the reader's language.

        For routes that add their own ``<head>``.

        Raises:
            FrontendError: the pages were not built from these sources.
        """
        return self.load()[SHELL].plain.decode()

    def shell_scripts(self) -> tuple[str, ...]:
        """Return the script hashes of ``shell`` for its content security policy."""
        return self.load()[SHELL].scripts

    def above(self, reflex_app: ASGIApp) -> ASGIApp:
        """Return an app that answers with pages, and leaves Reflex its own paths."""

        async def choose(scope: Scope, receive: Receive, send: Send) -> None:
            path = scope.get("path", "")
            own = path.startswith(REFLEX_PATHS) and not REDIRECTED.fullmatch(path)
            if scope["type"] != "http" or own:
                await reflex_app(scope, receive, send)
                return
            await self.respond(Request(scope))(scope, receive, send)

        return choose

    def respond(self, request: Request) -> Response:
        """Return the page or file at the request's path, with or without a final slash."""
        if request.method not in ("GET", "HEAD"):
            return Response(status_code=405, headers={"Allow": "GET, HEAD"})
        return self._answer(request, *self._find(request.url.path))

    def missing(self, request: Request) -> Response:
        """Return the page that says that there is none at this address, as a 404."""
        return self._answer(request, self.load()[NOT_FOUND], 404)

    def _answer(self, request: Request, file: File, status: int) -> Response:
        headers = {"Cache-Control": file.cache, "ETag": file.etag, "Vary": file.vary}
        request.state.scripts = file.scripts
        if status == 200 and request.headers.get("if-none-match") == file.etag:
            return Response(status_code=304, headers=headers)
        body = file.plain
        accepted = _accepted(request.headers.get("accept-encoding", ""))
        for name, _ in _ENCODINGS:
            if name in accepted and name in file.encoded:
                body = file.encoded[name]
                headers["Content-Encoding"] = name
                break
        return Response(body, status, headers, file.media_type)

    def _find(self, path: str) -> tuple[File, int]:
        files = self.load()
        bare = path.rstrip("/")
        if not self._local and bare in LOCAL_ONLY_PAGES:
            return files[NOT_FOUND], 404
        # A page has one address; the HTML files behind it are none.
        name = f"{bare}/index.html"
        if name not in files and not path.endswith(".html"):
            name = path
        if name in files:
            return files[name], 200
        if self._routes(bare or "/") not in (None, "404"):
            return files[SHELL], 200
        return files[NOT_FOUND], 404


def _read(folder: Path) -> dict[str, File]:
    files: dict[str, File] = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.suffix in (".br", ".gz"):
            continue
        name = "/" + path.relative_to(folder).as_posix()
        plain = path.read_bytes()
        encoded = {
            encoding: sidecar.read_bytes()
            for encoding, suffix in _ENCODINGS
            if (sidecar := path.with_name(path.name + suffix)).is_file()
        }
        html = path.suffix == ".html"
        files[name] = File(
            plain=plain,
            media_type=_media_type(path),
            cache=REVALIDATE if html else FOREVER if name.startswith("/assets/") else DAY,
            etag=f'"{hashlib.sha256(plain).hexdigest()[:24]}"',
            encoded=encoded,
            vary=f"Accept-Encoding, {READER}" if html else "Accept-Encoding",
            scripts=script_hashes(plain) if html else (),
        )
    return files


def script_hashes(html: bytes) -> tuple[str, ...]:
    """Return the ``'sha256-…'`` source expressions of a page's executable inline scripts."""
    found: dict[str, None] = {}
    for attributes, body in _INLINE_SCRIPT.findall(html):
        if b"json" in attributes or not body:
            continue
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        found[f"'sha256-{digest}'"] = None
    return tuple(found)


def _media_type(path: Path) -> str:
    known = {".js": "text/javascript", ".mjs": "text/javascript", ".woff2": "font/woff2"}
    return (
        known.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    )


def _accepted(header: str) -> set[str]:
    """The encodings a client takes; one with ``q=0`` it refuses."""
    accepted: set[str] = set()
    for part in header.split(","):
        name, _, parameters = part.partition(";")
        if parameters.replace(" ", "") not in ("q=0", "q=0.0"):
            accepted.add(name.strip().lower())
    return accepted
