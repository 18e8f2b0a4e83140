"""The contract of the ``ExchangeRates`` port, over the bank's file as the local stack serves it."""

import threading
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ecosystem.adapters.ecb import LARGEST, Ecb, read
from ecosystem.domain.currencies import EURO, SHOWN
from ecosystem.domain.errors import Unavailable
from ecosystem.local.exchange_rates import feed, last_working_day
from ecosystem.local.mailbox.server import serve


@pytest.fixture(scope="module")
def stand_in() -> Iterator[str]:
    server = serve("127.0.0.1", 0, "http://127.0.0.1:9", "http://localhost:3000")
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/exchange-rates.xml"
    server.shutdown()
    server.server_close()


@pytest.fixture
def answering() -> Iterator[tuple[str, list[tuple[int, bytes]]]]:
    """An address and what it will answer."""
    answers: list[tuple[int, bytes]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = answers.pop(0)
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", answers
    server.shutdown()
    server.server_close()


def test_every_currency_that_is_offered_has_a_rate(stand_in: str) -> None:
    rates = Ecb(stand_in).fetch()
    assert rates.day == last_working_day(rates.day)
    assert set(SHOWN) <= {*rates.per_euro, EURO}
    assert rates.per_euro["USD"] == Decimal("1.0836")


@pytest.mark.parametrize(
    ("today", "day"),
    [("2026-11-20", "2026-11-20"), ("2026-11-21", "2026-11-20"), ("2026-11-22", "2026-11-20")],
)
def test_rates_are_of_the_last_working_day(today: str, day: str) -> None:
    assert read(feed(date.fromisoformat(today)).encode()).day == date.fromisoformat(day)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<html><body>Down for maintenance</body></html>",
        "not xml at all",
        "{}",
        "<!DOCTYPE x [<!ENTITY a 'aaaa'>]>" + feed(date(2026, 11, 20)).partition("\n")[2],
        feed(date(2026, 11, 20)).replace("1.0836", "0"),
        feed(date(2026, 11, 20)).replace("1.0836", "-1"),
        feed(date(2026, 11, 20)).replace("1.0836", "NaN"),
        feed(date(2026, 11, 20)).replace("1.0836", "Infinity"),
        feed(date(2026, 11, 20)).replace("1.0836", "1e99"),
        feed(date(2026, 11, 20)).replace("1.0836", "one"),
        feed(date(2026, 11, 20)).replace("'USD'", "'dollar'"),
        feed(date(2026, 11, 20)).replace("2026-11-20", "20 Nov"),
        feed(date(2026, 11, 20)).replace(" rate=", " price="),
        feed(date(2026, 11, 20)).replace("currency=", "name="),
    ],
)
def test_what_is_not_a_file_of_rates_is_refused(content: str) -> None:
    with pytest.raises(Unavailable):
        read(content.encode())


def test_refusals_silence_and_endless_answers_are_unavailable(
    answering: tuple[str, list[tuple[int, bytes]]],
) -> None:
    address, answers = answering
    answers += [(500, b""), (302, b""), (200, b"<" * (LARGEST + 1))]
    for _ in range(3):
        with pytest.raises(Unavailable):
            Ecb(address).fetch()
    for nowhere in ("http://127.0.0.1:9/", "", "not an address", "http://"):
        with pytest.raises(Unavailable):
            Ecb(nowhere).fetch()
