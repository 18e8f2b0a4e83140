"""Stripe and SES as fast as Python can play them: what is measured is the product, not them.

A Checkout Session is open when it is made and paid when it is asked about; every e-mail is
taken. ``python -m bench.vendors PORT``; the stand-ins of a local stack know far more, and are
too slow to stand behind a measurement.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

_MAIL = (
    b'<SendRawEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/">'
    b"<SendRawEmailResult><MessageId>bench</MessageId></SendRawEmailResult>"
    b"</SendRawEmailResponse>"
)


class Vendors:
    """What was asked for, by its id. Ids do not come again after a restart: they are in the
    databases of the rows before."""

    def __init__(self) -> None:
        self._sessions: dict[str, dict[str, Any]] = {}
        self._number = count(1)
        self._name = uuid4().hex[:8]

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body."""
        if path == "/":
            return 200, _MAIL
        status, found = self._stripe(method, path, body)
        return status, json.dumps(found).encode()

    def _stripe(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        name, _, rest = path.removeprefix("/v1/").partition("/")
        if path == "/v1/checkout/sessions" and method == "POST":
            return 200, self._open(dict(parse_qsl(body.decode())))
        if name == "checkout" and method == "GET":
            return 200, self._paid(rest.removeprefix("sessions/"))
        if name == "accounts":
            return 200, {"id": rest, "object": "account", "capabilities": {"transfers": "active"}}
        if name in ("events", "transfers", "refunds") and method == "GET":
            return 200, {"object": "list", "data": [], "has_more": False, "url": path}
        if name == "transfers":
            return 200, {"id": f"tr_bench_{self._name}_{next(self._number)}", "object": "transfer"}
        message = f"{method} {path} is not played here."
        return 404, {"error": {"type": "invalid_request_error", "message": message}}

    def _open(self, asked: dict[str, str]) -> dict[str, Any]:
        key = f"cs_bench_{self._name}_{next(self._number)}"
        price = "line_items[0][price_data]"
        self._sessions[key] = {
            "id": key,
            "object": "checkout.session",
            "url": f"https://pay.example/{key}",
            "status": "open",
            "payment_status": "unpaid",
            "amount_total": int(asked[f"{price}[unit_amount]"]),
            "currency": asked[f"{price}[currency]"],
            "expires_at": int(asked["expires_at"]),
            "metadata": {n: asked[f"metadata[{n}]"] for n in ("payment_id", "booking_id")},
            "payment_intent": None,
        }
        return self._sessions[key]

    def _paid(self, key: str) -> dict[str, Any]:
        session = self._sessions[key]
        fee = {"id": f"txn_{key}", "object": "balance_transaction", "fee": 29}
        charge = {
            "id": f"ch_{key}",
            "object": "charge",
            "balance_transaction": {**fee, "currency": session["currency"]},
        }
        intent = {"id": f"pi_{key}", "object": "payment_intent", "latest_charge": charge}
        paid = {"status": "complete", "payment_status": "paid", "payment_intent": intent}
        return {**session, **paid, "url": None}


class Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, as much of it as the clients of both vendors use."""

    def __init__(self, answer: Callable[[str, str, bytes], tuple[int, bytes]]) -> None:
        self._answer = answer
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._received += data
        while self._one():
            pass

    def _one(self) -> bool:
        """Answer one request if it has come in whole."""
        end = self._received.find(b"\r\n\r\n")
        if end < 0 or self._transport is None:
            return False
        head = bytes(self._received[:end])
        at = head.lower().find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if b"100-continue" in head and len(self._received) == end + 4:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if len(self._received) < end + 4 + length:
            return False
        body = bytes(self._received[end + 4 : end + 4 + length])
        del self._received[: end + 4 + length]
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
        status, answer = self._answer(method, target.partition("?")[0], body)
        kind = "text/xml" if answer.startswith(b"<") else "application/json"
        self._transport.write(
            f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nRequest-Id: bench\r\n"
            f"Content-Length: {len(answer)}\r\n\r\n".encode()
            + answer
        )
        return True


async def serve(port: int) -> None:
    vendors = Vendors()
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(vendors.answer), "127.0.0.1", port
    )
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
