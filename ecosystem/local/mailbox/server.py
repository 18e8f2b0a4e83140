"""The web server of the mailbox, which also hands out the day's exchange rates.

Standard library only: it starts at once and weighs little.
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from ecosystem.local import exchange_rates
from ecosystem.local.mailbox import pages
from ecosystem.local.mailbox.messages import MailUnavailable, Message, fetch

# The body of an e-mail is somebody's HTML: nothing in it may run or be loaded from elsewhere.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; img-src data:; "
    "frame-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'"
)


def serve(host: str, port: int, endpoint: str, site_url: str) -> ThreadingHTTPServer:
    """A server that is bound and ready for ``serve_forever``.

    Args:
        endpoint: the address of MiniStack.
        site_url: shown as the product the e-mails belong to.
    """
    server = ThreadingHTTPServer((host, port), _handler(endpoint, site_url))
    server.daemon_threads = True
    return server


def _handler(endpoint: str, site_url: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            to = parse_qs(address.query).get("to", [""])[0]
            parts = [unquote(part) for part in address.path.strip("/").split("/")]
            try:
                self._route(parts, to)
            except MailUnavailable:
                self._send(
                    HTTPStatus.BAD_GATEWAY,
                    "text/html",
                    pages.unavailable(site_url),
                )

        def do_HEAD(self) -> None:
            self.do_GET()

        def _route(self, parts: list[str], to: str) -> None:
            match parts:
                case [""]:
                    self.send_response(HTTPStatus.FOUND)
                    self.send_header("Location", "/mail")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                case ["health"]:
                    self._send(HTTPStatus.OK, "application/json", '{"status": "up"}')
                case ["exchange-rates.xml"]:
                    self._send(HTTPStatus.OK, "text/xml", exchange_rates.feed())
                case ["mail.json"]:
                    found = [message.as_json() for message in fetch(endpoint, to)]
                    self._send(HTTPStatus.OK, "application/json", json.dumps(found))
                case ["mail.js"]:
                    self._send(HTTPStatus.OK, "text/javascript", pages.SCRIPT)
                case ["mail"]:
                    self._send(
                        HTTPStatus.OK, "text/html", pages.inbox(fetch(endpoint, to), to, site_url)
                    )
                case ["mail", key]:
                    self._one(key, lambda message: pages.message(message, site_url))
                case ["mail", key, "html"]:
                    self._one(key, pages.body)
                case _:
                    self._send(HTTPStatus.NOT_FOUND, "text/html", pages.missing(site_url))

        def _one(self, key: str, show: Callable[[Message], str]) -> None:
            for message in fetch(endpoint):
                if message.id == key:
                    self._send(HTTPStatus.OK, "text/html", show(message))
                    return
            self._send(HTTPStatus.NOT_FOUND, "text/html", pages.missing(site_url))

        def _send(self, status: HTTPStatus, kind: str, text: str) -> None:
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Security-Policy", _POLICY)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the page refreshes itself every few seconds."""

    return Handler
