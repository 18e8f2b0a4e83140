"""What is typed into the address bar by mistake or malice ends on a page that helps."""

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.browser.visitor import Visitor
from tests.live import Live

HOSTILE = "'\"><script>window.hacked=1</script>\u202e{{7*7}}%00"

QUERIES = (
    f"q={quote(HOSTILE)}",
    "q=" + "%F0%9F%8F%96" * 300,
    "page=-1&sort=nothing&stars=99&tag=" + quote("' or 1=1 --"),
    "page=99999999999999999999&travellers=-5&min_price=-1&max_price=abc",
    "from=2027-02-31&to=yesterday&min_nights=1e9&max_nights=NaN",
    "from=9999-12-31&to=0001-01-01&travellers=99999999",
    "country=%00&city=../../etc/passwd&operator=%FF%FE",
    "q=a&q=b&country[]=IT&__proto__=1",
)

WORD = quote(HOSTILE, safe="")
LONG = "a" * 1500
UUID = "0190b0b0-0000-7000-8000-000000000000"

PATHS = (
    "/packages/no-such-trip",
    f"/packages/{WORD}",
    f"/packages/{LONG}",
    "/packages/any?travellers=-1&from=never",
    "/operators/nobody",
    f"/operators/{WORD}",
    f"/operators/{LONG}?page=zero",
    f"/checkout/{UUID}",
    "/checkout/not-an-id",
    f"/checkout/{WORD}",
    "/pay/unknown",
    f"/pay/{WORD}",
    f"/pay/{LONG}",
    "/trips/TRV-AAAAAAAA",
    f"/trips/{WORD}?key={WORD}",
    f"/trips/TRV-AAAAAAAA?key={LONG}&from=payment",
    f"/trips?after={WORD}",
    f"/sign-in?f={WORD}&next=//evil.example",
    f"/sign-up?f={LONG}",
    f"/confirm?f={WORD}",
    f"/forgot-password?f={WORD}",
)

DESK_PATHS = (
    ("operator@demo.example", f"/provider/packages/{UUID}"),
    ("operator@demo.example", f"/provider/packages/{WORD}"),
    ("operator@demo.example", f"/provider/packages?q={WORD}&status=none&page=-1"),
    ("operator@demo.example", f"/provider/bookings?q={WORD}&status={WORD}"),
    ("agent@demo.example", f"/agent/bookings?q={LONG}&status=1"),
    ("ops@demo.example", f"/ops/bookings?q={WORD}&status=confirmed"),
)


class Server:
    """The web server's log, read from where this test began."""

    def __init__(self, live: Live) -> None:
        self._path: Path = live.data_dir / "logs" / "web.log"
        self._from = len(self._text())

    def complaints(self) -> list[str]:
        """Lines of what went wrong inside."""
        lines = self._text()[self._from :].splitlines()
        return [line for line in lines if "Traceback" in line or "handler failed" in line]

    def _text(self) -> str:
        return self._path.read_text(errors="replace") if self._path.exists() else ""


@pytest.fixture
def server(live: Live) -> Server:
    return Server(live)


def test_a_hostile_search_is_answered(visitor: Visitor, server: Server) -> None:
    for query in QUERIES:
        visitor.open(f"/search?{query}")
        visitor.heading("Find a trip")
        unharmed(visitor)
    assert server.complaints() == []


def test_unknown_and_hostile_addresses_lead_to_a_page_that_helps(
    visitor: Visitor, server: Server
) -> None:
    # A trip or operator that does not exist may be answered with a real 404.
    with visitor.forgiving("answer: 404", "status of 404"):
        for path in PATHS:
            visitor.open(path)
            assert visitor.page.get_by_role("main").get_by_role("link").count() > 0, path
            unharmed(visitor)
    assert server.complaints() == []


def test_hostile_addresses_of_desks_lead_to_a_page_that_helps(
    visitor: Visitor, server: Server
) -> None:
    # A slash in what should be one word is an address that does not exist.
    with visitor.forgiving("answer: 404", "status of 404"):
        for email, path in DESK_PATHS:
            visitor.context.clear_cookies()
            visitor.sign_in(email)
            visitor.open(path)
            unharmed(visitor)
    assert server.complaints() == []


@pytest.mark.parametrize("path", ["/api/packages?limit=0", "/api/packages/%00", "/api/bookings/x"])
def test_the_api_says_what_is_wrong(live: Live, visitor: Visitor, path: str) -> None:
    answer = visitor.context.request.get(path)
    assert 400 <= answer.status < 500
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["code"]


def unharmed(visitor: Visitor) -> None:
    """No script ran, nothing of the server's inside is told, nothing failed behind the page."""
    assert visitor.page.evaluate("window.hacked") is None
    toasts = visitor.page.locator("#toasts").all_inner_texts()
    assert "This did not work" not in " ".join(toasts), visitor.page.url
    visitor.sensible()
