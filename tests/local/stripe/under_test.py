"""A running stand-in, an endpoint that receives its webhooks, and short ways to use both."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import stripe
from stripe._http_client import HTTPClient

# What the SDK waits before it asks again, at first: half a second is for the real Stripe.
HTTPClient.INITIAL_DELAY = 0.02

KEY = "sk_test_under_test"
SECRETS = {"/hook": "whsec_platform", "/connect": "whsec_connect"}
GOOD_CARD = "4242 4242 4242 4242"


@dataclass
class Received:
    """One webhook as it came in."""

    path: str
    event: dict[str, Any]
    at: float
    verified: bool

    @property
    def type(self) -> str:
        return self.event["type"]

    @property
    def subject(self) -> str:
        return self.event["data"]["object"].get("id", "")


@dataclass
class Endpoint:
    """Receives webhooks of both kinds; ``statuses`` are answered first, then always 200."""

    received: list[Received] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    hold_until: int = 0
    """Answers wait, a while, until so many are asked for at once."""
    running_now: int = 0
    most_at_once: int = 0

    def __enter__(self) -> Self:
        outer = self
        lock = threading.Condition()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                with lock:
                    outer.running_now += 1
                    outer.most_at_once = max(outer.most_at_once, outer.running_now)
                    lock.notify_all()
                    lock.wait_for(lambda: outer.most_at_once >= outer.hold_until, 5)
                with lock:
                    outer.running_now -= 1
                    status = outer.statuses.pop(0) if outer.statuses else 200
                    if status < 300:
                        outer.received.append(_read(self.path, body, self.headers))
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def wait(
        self, fits: Callable[[Received], bool], count: int = 1, seconds: float = 20
    ) -> list[Received]:
        """Wait until ``count`` webhooks fit; returns all that do, in order of arrival."""
        ends = time.monotonic() + seconds
        while True:
            found = [item for item in list(self.received) if fits(item)]
            if len(found) >= count:
                return found
            if time.monotonic() > ends:
                seen = [(item.type, item.subject) for item in self.received[-20:]]
                raise AssertionError(f"waited for {count}, found {len(found)}; last: {seen}")
            time.sleep(0.01)


def _read(path: str, body: bytes, headers: Any) -> Received:
    try:
        stripe.Webhook.construct_event(body, headers["Stripe-Signature"], SECRETS[path])
        verified = True
    except stripe.SignatureVerificationError:
        verified = False
    return Received(path, json.loads(body), time.monotonic(), verified)


class StandIn:
    """A stand-in in its own process, on its own port and folder."""

    def __init__(self, folder: Path, endpoint: Endpoint | None = None) -> None:
        self.folder = folder
        self.endpoint = endpoint or Endpoint()
        self._hooked = endpoint is not None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.base = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=self.base, trust_env=False, timeout=20)
        self.stripe = self.client()
        self._process: subprocess.Popen[bytes] | None = None

    def client(self, key: str = KEY, **options: Any) -> stripe.StripeClient:
        return stripe.StripeClient(key, base_addresses={"api": self.base}, **options)

    def start(self) -> Self:
        arguments = ["--port", str(self.port), "--data-dir", str(self.folder), "--secret-key", KEY]
        arguments += ["--retry-base-seconds", "0.1"]
        if self._hooked:
            arguments += ["--webhook-url", f"{self.endpoint.base}/hook"]
            arguments += ["--webhook-secret", SECRETS["/hook"]]
            arguments += ["--connect-webhook-url", f"{self.endpoint.base}/connect"]
            arguments += ["--connect-webhook-secret", SECRETS["/connect"]]
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            command = [sys.executable, "-m", "ecosystem.local.stripe", *arguments]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        ends = time.monotonic() + 30
        while True:
            try:
                if self.http.get("/health").status_code == 200:
                    return self
            except httpx.TransportError:
                if time.monotonic() > ends or self._process.poll() is not None:
                    raise
            time.sleep(0.03)

    def stop(self) -> int:
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(10)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()
        assert self._process is not None
        if self._process.poll() is None:
            self.stop()

    def control(self, path: str, body: Any = None, *, method: str = "POST") -> dict[str, Any]:
        answer = self.http.request(
            method, f"/_control/{path}", json=body, headers={"Authorization": f"Bearer {KEY}"}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, body: Any) -> int:
        headers = {"Authorization": f"Bearer {KEY}"}
        return self.http.post(f"/_control/{path}", json=body, headers=headers).status_code

    def now(self) -> int:
        return int(self.control("clock", {"advance": 0})["now"])

    def session(self, amount: int = 12900, currency: str = "eur", **more: Any) -> Any:
        params: dict[str, Any] = {
            "mode": "payment",
            "success_url": "http://shop.example/done?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://shop.example/cancelled",
            "customer_email": "buyer@shop.example",
            "line_items": [line(amount, currency)],
            **more,
        }
        return self.stripe.v1.checkout.sessions.create(params)  # type: ignore[arg-type]

    def submit(self, session: Any, card: str = GOOD_CARD, **more: str) -> httpx.Response:
        """Fill in the hosted page as a browser would."""
        form = {"number": card, "expiry": "12 / 34", "cvc": "123", **more}
        # On a connection of its own, as from another browser: a kept one may just be closing.
        return httpx.post(f"{self.base}/c/pay/{session.id}", data=form, timeout=20, trust_env=False)

    def paid(self, amount: int = 12900, card: str = GOOD_CARD, **more: Any) -> Any:
        """A charge that succeeded."""
        session = self.session(amount, **more)
        self.control(f"sessions/{session.id}/pay", {"card": card})
        intent = self.stripe.v1.checkout.sessions.retrieve(
            session.id, {"expand": ["payment_intent.latest_charge"]}
        ).payment_intent
        return intent.latest_charge  # type: ignore[union-attr]

    def account(self, *, active: bool = True) -> Any:
        made = self.stripe.v1.accounts.create(
            {
                "controller": {
                    "losses": {"payments": "application"},
                    "fees": {"payer": "application"},
                    "stripe_dashboard": {"type": "express"},
                },
                "capabilities": {"transfers": {"requested": True}},
                "email": "operator@shop.example",
            }
        )
        if active:
            self.control(f"accounts/{made.id}", {"action": "activate"})
        return made


def line(amount: int, currency: str = "eur", quantity: int = 1) -> dict[str, Any]:
    price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Rome by rail"}}
    return {"quantity": quantity, "price_data": price}
