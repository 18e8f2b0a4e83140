"""The mailbox: what was sent is shown, links work, and nobody's HTML may run or load."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from ecosystem.local.mailbox.server import serve


def _record(number: int, to: str, text: str, html: str = "") -> dict[str, Any]:
    return {
        "MessageId": f"message-{number}@email.amazonses.com",
        "Source": "hello@ecosystem.example",
        "To": [to],
        "CC": [],
        "BCC": [],
        "Subject": f"Subject <{number}>",
        "BodyText": text,
        "BodyHtml": html,
        "Timestamp": 1_795_322_346.5 + number,
        "Type": "SendEmail",
    }


SENT = [
    _record(1, "agent@demo.example", "Pay at https://eco.example/pay/abc?x=1&y=2."),
    _record(2, "customer@demo.example", "Hello", "<script>alert(1)</script><p>Hello</p>"),
]


@pytest.fixture
def mailbox() -> Iterator[str]:
    class Sent(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = json.dumps({"messages": {"000000000000": SENT}}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    aws = ThreadingHTTPServer(("127.0.0.1", 0), Sent)
    box = serve("127.0.0.1", 0, f"http://127.0.0.1:{aws.server_port}", "http://localhost:3000")
    for server in (aws, box):
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{box.server_port}"
    for server in (aws, box):
        server.shutdown()
        server.server_close()


def test_the_list_is_newest_first_and_escaped(mailbox: str) -> None:
    page = httpx.get(f"{mailbox}/mail").text
    assert page.index("Subject &lt;2&gt;") < page.index("Subject &lt;1&gt;")


def test_search_by_address_in_any_case(mailbox: str) -> None:
    found = httpx.get(f"{mailbox}/mail.json", params={"to": "AGENT@demo"}).json()
    assert [message["id"] for message in found] == ["message-1"]
    page = httpx.get(f"{mailbox}/mail", params={"to": "nobody@x"}).text
    assert "No e-mail to <b>nobody@x</b> yet" in page


def test_links_in_text_can_be_clicked(mailbox: str) -> None:
    page = httpx.get(f"{mailbox}/mail/message-1").text
    assert '<a href="https://eco.example/pay/abc?x=1&amp;y=2"' in page


def test_html_is_shown_in_a_closed_frame_that_loads_nothing(mailbox: str) -> None:
    page = httpx.get(f"{mailbox}/mail/message-2").text
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "<script>alert" not in page
    body = httpx.get(f"{mailbox}/mail/message-2/html")
    assert "default-src 'none'" in body.headers["Content-Security-Policy"]


def test_a_message_that_is_not_there_is_said_so(mailbox: str) -> None:
    answer = httpx.get(f"{mailbox}/mail/none")
    assert answer.status_code == 404
    assert "not in the mailbox" in answer.text
