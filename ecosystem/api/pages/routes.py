"""Public pages with a head of their own, and what tells search engines of them.

A page is Reflex's shell with a head put in; the browser draws the rest. What is not public is
a real 404 with the not-found page in it.
"""

import gzip
from collections.abc import Callable
from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from ecosystem.api.pages.ahead import operator_ahead, package_ahead
from ecosystem.api.pages.head import Head, in_page
from ecosystem.api.pages.subjects import operator_head, package_head
from ecosystem.domain.errors import NotFound, Unavailable
from ecosystem.static_pages import StaticPages
from ecosystem.wiring import services

LONGEST_SLUG = 200
HOUR = "public, max-age=3600"
PRIVATE = (
    "/account", "/agent", "/api/", "/checkout/", "/compare", "/confirm", "/d/", "/forgot-password",
    "/ops", "/pay/", "/provider", "/quotes/", "/saved", "/second-factor", "/sign-in", "/sign-up",
    "/trips",
)  # fmt: skip
"""What robots stay away from: pages of one person. Reading them takes a key or a session anyway."""
METHODS = ["GET", "HEAD"]
_URLSET = "http://www.sitemaps.org/schemas/sitemap/0.9"


def public_pages(pages: StaticPages) -> APIRouter:
    """The routes, over the compiled pages they put their heads into."""
    router = APIRouter(include_in_schema=False)

    def answer(
        request: Request, slug: str, found_by: Callable[[str], tuple[Head, str]]
    ) -> Response:
        if len(slug) > LONGEST_SLUG or not slug.isprintable():
            return pages.missing(request)
        try:
            head, ahead = found_by(slug)
        except NotFound:
            return pages.missing(request)
        except Unavailable:
            # The page says so itself, and tries again when asked to.
            return _html(request, pages.shell(), status=503)
        return _html(request, in_page(pages.shell(), head, ahead))

    @router.api_route("/packages/{slug}", methods=METHODS)
    @router.api_route("/packages/{slug}/", methods=METHODS)
    def package(request: Request, slug: str) -> Response:
        """A published package's page."""
        return answer(request, slug, _of_package)

    @router.api_route("/operators/{slug}", methods=METHODS)
    @router.api_route("/operators/{slug}/", methods=METHODS)
    def operator(request: Request, slug: str) -> Response:
        """A verified operator's page."""
        return answer(request, slug, _of_operator)

    @router.api_route("/sitemap.xml", methods=METHODS)
    def sitemap() -> Response:
        """Every public address, or the list of the files that have them."""
        files = services().sitemap.files()
        if files == 1:
            return _sitemap(0)
        origin = services().settings.origin
        lines = "".join(
            f"<sitemap><loc>{escape(origin)}/sitemaps/{n}.xml</loc></sitemap>" for n in range(files)
        )
        return _xml(f'<sitemapindex xmlns="{_URLSET}">{lines}</sitemapindex>')

    @router.api_route("/sitemaps/{number}.xml", methods=METHODS)
    def sitemap_file(request: Request, number: str) -> Response:
        """One file of several."""
        plain = number.isascii() and number.isdigit() and len(number) < 6
        if not plain or int(number) >= services().sitemap.files():
            return pages.missing(request)
        return _sitemap(int(number))

    @router.api_route("/robots.txt", methods=METHODS)
    def robots() -> Response:
        """What robots may read, and where the sitemap is."""
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE), "Allow: /"]
        text = "\n".join([*lines, "", f"Sitemap: {services().settings.origin}/sitemap.xml", ""])
        return PlainTextResponse(text, headers={"Cache-Control": HOUR})

    return router


def _of_package(slug: str) -> tuple[Head, str]:
    made = services()
    package = made.catalogue.package(slug)
    pictures = made.pictures.of(package.id)
    departures = made.catalogue.departures(package.id)
    head = package_head(package, departures, pictures, made.settings.origin)
    return head, package_ahead(package, pictures)


def _of_operator(slug: str) -> tuple[Head, str]:
    operator = services().marketplace.operator(slug)
    return operator_head(operator, services().settings.origin), operator_ahead(operator)


def _html(request: Request, page: str, status: int = 200) -> Response:
    body, headers = page.encode(), {"Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["Content-Encoding"] = gzip.compress(body, 5), "gzip"
    return Response(body, status, headers, "text/html; charset=utf-8")


def _sitemap(number: int) -> Response:
    origin = services().settings.origin
    lines = "".join(
        f"<url><loc>{escape(origin + item.path)}</loc>"
        + (
            f"<lastmod>{item.changed.isoformat(timespec='seconds')}</lastmod>"
            if item.changed
            else ""
        )
        + "</url>"
        for item in services().sitemap.file(number)
    )
    return _xml(f'<urlset xmlns="{_URLSET}">{lines}</urlset>')


def _xml(content: str) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>{content}'
    return Response(text, media_type="application/xml", headers={"Cache-Control": HOUR})
