"""How addresses lead to compiled files, and with which headers."""

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from ecosystem.api import answers_all
from ecosystem.page_headers import PageHeaders, storage_origin
from ecosystem.settings import Settings
from ecosystem.static_pages import StaticPages, script_hashes

INLINE = "<script>start()</script>"
FILES = {
    "index.html": f"<h1>Home</h1>{INLINE}",
    "search/index.html": "<h1>Search</h1>",
    "search.html": "<h1>Search</h1>",
    "_gallery/index.html": "<h1>Parts</h1>",
    "404.html": "<h1>Nothing here</h1>",
    "__spa-fallback.html": "<div></div><script>shell()</script>",
    "assets/app-1a2b.js": "console.log(1)",
    "fonts/serif.woff2": "font",
}

GERMAN_INLINE = "<script>anfangen()</script>"
GERMAN_FILES = {
    "index.html": f"<h1>Start</h1>{GERMAN_INLINE}",
    "search/index.html": "<h1>Suche</h1>",
    "404.html": "<h1>Hier ist nichts</h1>",
    "__spa-fallback.html": "<div></div><script>huelle()</script>",
    "assets/german-3c4d.js": "console.log(2)",
}


class Client:
    """Asks the app in this process, keeping cookies as a browser does."""

    def __init__(self, app: ASGIApp) -> None:
        self.cookies = httpx.Cookies()
        self._transport = httpx.ASGITransport(app)

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return self.ask("GET", path, headers)

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        async def asked() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=self._transport, base_url="https://shop.test", cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, headers=headers)
                self.cookies.update(client.cookies)
                return answer

        # In a thread: the browser tests of the same run keep an event loop in this one.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: asyncio.run(asked())).result()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for code, files in {"en": FILES, "de": FILES | GERMAN_FILES}.items():
        for name, text in files.items():
            path = tmp_path / code / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(text.encode()))
    return tmp_path


def client_of(folder: Path, settings: Settings) -> Client:
    pages = StaticPages(local=settings.local, folder=folder)
    pages.route_with(lambda path: "packages/[slug]" if path.startswith("/packages/") else None)
    inner = pages.above(PlainTextResponse("from Reflex"))
    return Client(PageHeaders(inner, pages, settings))


@pytest.fixture
def client(folder: Path) -> Client:
    return client_of(folder, Settings())


@pytest.mark.parametrize("path", ["/search", "/search/", "/search?q=Rome"])
def test_a_page_answers_with_and_without_its_slash(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "Search" in answer.text
    assert answer.headers["cache-control"] == "private, no-cache"


def test_no_shared_cache_keeps_what_is_for_one_caller(client: Client, folder: Path) -> None:
    """A page with a guest's cookie on it, and every answer of the API."""
    first = client.get("/search")
    assert "set-cookie" in first.headers
    assert first.headers["cache-control"] == "private, no-cache"
    again = client.get("/search")
    assert "set-cookie" not in again.headers
    assert again.headers["cache-control"] == "no-cache"
    pages = StaticPages(local=True, folder=folder)
    api = Client(PageHeaders(PlainTextResponse("from the API"), pages, Settings()))
    assert api.get("/api/bookings").headers["cache-control"] == "no-store"
    assert "cache-control" not in api.get("/metrics").headers


@pytest.mark.parametrize("path", ["/packages/rome", "/packages/rome/"])
def test_an_address_with_a_name_in_it_gets_the_shell(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "shell()" in answer.text


@pytest.mark.parametrize(
    "path", ["/nothing", "/404", "/404.html", "/search.html", "/../rxconfig.py", "/etc//"]
)
def test_an_unknown_address_is_a_real_404(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Nothing here" in answer.text


def test_hashed_files_are_kept_for_good_and_others_are_not(client: Client) -> None:
    assert "immutable" in client.get("/assets/app-1a2b.js").headers["cache-control"]
    assert client.get("/fonts/serif.woff2").headers["cache-control"] == "public, max-age=86400"


def test_a_file_is_sent_compressed_to_who_takes_it(client: Client) -> None:
    packed = client.get("/assets/app-1a2b.js", headers={"accept-encoding": "br;q=0, gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    plain = client.get("/assets/app-1a2b.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == packed.text
    assert plain.headers["vary"] == "Accept-Encoding"


def test_an_unchanged_file_is_not_sent_again(client: Client) -> None:
    tag = client.get("/").headers["etag"]
    again = client.get("/", headers={"if-none-match": tag})
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize("path", ["/_event/", "/_event/?EIO=4", "/ping", "/_health"])
def test_reflex_keeps_its_own_addresses(client: Client, path: str) -> None:
    assert client.get(path).text == "from Reflex"


@pytest.mark.parametrize("path", ["/_event", "/ping/", "/ping//", "/_health/", "/_all_routes/"])
def test_nobody_is_sent_to_the_host_she_names(client: Client, path: str) -> None:
    answer = client.get(path, headers={"host": "evil.example"})
    assert answer.status_code == 404
    assert "location" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_unknown_address_of_the_api_is_no_page(folder: Path, method: str) -> None:
    pages = StaticPages(local=True, folder=folder)
    beneath = Client(answers_all(pages.above(PlainTextResponse("from Reflex"))))
    answer = beneath.ask(method, "/api/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Search" in beneath.get("/search").text


def test_only_reading_is_allowed(client: Client) -> None:
    assert client.ask("POST", "/search").status_code == 405


def test_a_page_may_run_its_own_scripts_and_no_others(client: Client) -> None:
    policy = client.get("/").headers["content-security-policy"]
    (own,) = script_hashes(INLINE.encode())
    assert f"script-src 'self' {own};" in policy
    assert "unsafe-eval" not in policy
    assert "frame-ancestors 'none'" in policy


def test_pages_say_how_they_may_be_used(client: Client) -> None:
    headers = client.get("/").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "geolocation=()" in headers["permissions-policy"]


def test_a_browser_gets_one_guest_cookie(client: Client) -> None:
    first = client.get("/")
    cookie = first.headers["set-cookie"]
    assert cookie.startswith("eco_guest=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert len(first.cookies["eco_guest"]) >= 43
    assert "set-cookie" not in client.get("/search").headers
    client.cookies.clear()
    assert "set-cookie" not in client.get("/assets/app-1a2b.js").headers


def production() -> Settings:
    """Settings of a production stack, of which only what pages look at is filled in."""
    return Settings.model_construct(
        ecosystem_env="production", s3_bucket_name="papers", aws_region="eu-west-1"
    )


def test_in_production_cookies_are_bound_to_the_host(folder: Path) -> None:
    answer = client_of(folder, production()).get("/")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-eco_guest=")
    assert "; Secure" in cookie
    assert "Path=/;" in cookie
    assert "max-age" in answer.headers["strict-transport-security"]
    policy = answer.headers["content-security-policy"]
    assert "connect-src 'self' https://papers.s3.eu-west-1.amazonaws.com;" in policy
    assert storage_origin(production()) in policy


def test_the_gallery_is_for_local_stacks(folder: Path, client: Client) -> None:
    assert client.get("/_gallery").status_code == 200
    assert client_of(folder, production()).get("/_gallery/").status_code == 404
    assert client_of(folder, production()).get("/_gallery/index.html").status_code == 404


@pytest.mark.parametrize(
    ("cookie", "accepted", "code"),
    [
        ("de", "", "de"),
        ("de", "en-GB", "de"),
        ("en", "de", "en"),
        ("", "de-AT,de;q=0.9,en;q=0.5", "de"),
        ("", "en;q=0.3, de;q=0.8", "de"),
        ("", "fr-FR,fr", "en"),
        ("", "de;q=0", "en"),
        ("", "de;q=much", "en"),
        ("xx'<", "de", "de"),
        ("", "", "en"),
    ],
)
def test_a_reader_gets_pages_in_her_language(
    client: Client, cookie: str, accepted: str, code: str
) -> None:
    headers = {"cookie": f"language={cookie}"} if cookie else {}
    headers |= {"accept-language": accepted} if accepted else {}
    home, nowhere = client.get("/", headers), client.get("/nothing", headers)
    assert ("Start" in home.text, "Hier ist" in nowhere.text) == (code == "de", code == "de")
    assert home.headers["content-language"] == code
    assert home.headers["vary"] == "Accept-Encoding, Cookie, Accept-Language"
    (own,) = script_hashes((GERMAN_INLINE if code == "de" else INLINE).encode())
    assert own in home.headers["content-security-policy"]
    assert ("huelle()" in client.get("/packages/rome", headers).text) == (code == "de")


def test_a_page_that_is_still_open_finds_its_scripts_in_another_language(client: Client) -> None:
    answer = client.get("/assets/german-3c4d.js", {"accept-language": "en"})
    assert answer.status_code == 200
    assert answer.headers["vary"] == "Accept-Encoding"


def test_an_unchanged_page_is_sent_again_in_another_language(client: Client) -> None:
    tag = client.get("/").headers["etag"]
    again = client.get("/", headers={"if-none-match": tag, "cookie": "language=de"})
    assert again.status_code == 200


def test_data_blocks_are_not_scripts() -> None:
    html = b'<script type="application/ld+json">{}</script><script src="/a.js"></script>'
    assert script_hashes(html) == ()
