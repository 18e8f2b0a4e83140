"""Buyers over HTTP: hold, booking, Stripe's word that it is paid, and at the end: confirmed."""

import hashlib
import hmac
import json
import random
import selectors
import socket
import time
from collections.abc import Generator, Sequence
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg

from bench.http_load import READ, request
from bench.loads import BenchFailed

SECRET = "whsec_bench"
STEPS = ("hold", "booking", "webhook")
DRAIN_SECONDS = 60.0
Answer = tuple[int, bytes]
Flow = Generator[bytes, Answer, None]


def event(session_id: str, event_id: str) -> bytes:
    """What Stripe sends when a page has been paid."""
    thing = {"id": session_id, "object": "checkout.session"}
    return json.dumps(
        {
            "id": event_id,
            "object": "event",
            "type": "checkout.session.completed",
            "created": int(time.time()),
            "data": {"object": thing},
        }
    ).encode()


def signature(body: bytes) -> str:
    """Stripe's signature of an event (https://docs.stripe.com/webhooks/signature)."""
    at = int(time.time())
    digest = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def hold_body(departure: UUID) -> bytes:
    return json.dumps({"departure_id": str(departure), "adults": 1}).encode()


def booking_body(hold_id: str) -> bytes:
    buyer = {"name": "Maja Lindqvist", "email": "maja@example.com"}
    return json.dumps(
        {"hold_id": hold_id, "lead": buyer, "travellers": [{"name": buyer["name"]}], "pay": "full"}
    ).encode()


class Line:
    """One keep-alive connection with one request under way."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = bytearray()

    def send(self, asked: bytes) -> None:
        self.socket.sendall(asked)

    def receive(self) -> Answer | None:
        """The answer once it is whole."""
        part = self.socket.recv(READ)
        if not part:
            raise BenchFailed("the server closed a connection")
        self._received += part
        head = self._received.find(b"\r\n\r\n")
        if head < 0:
            return None
        at = self._received.lower().find(b"content-length:", 0, head)
        length = int(self._received[at + 15 : self._received.index(b"\r\n", at)])
        if len(self._received) < head + 4 + length:
            return None
        status, body = int(self._received[9:12]), bytes(self._received[head + 4 :])
        self._received.clear()
        return status, body


class BuyerLoad:
    """``buyers`` at once, each booking one seat after the other on one of ``departures``.

    A piece of work is a booking that is confirmed; the run ends when all of them are. The
    latencies are those from a hold's request to the webhook's answer; ``steps`` of the last
    run are written into ``folder`` for the row to read.
    """

    def __init__(
        self, url: str, departures: Sequence[UUID], buyers: int, database: str, notes: str
    ) -> None:
        parts = urlsplit(url)
        self._url = url
        self._departures = departures
        self._lines = [Line(parts.hostname or "", parts.port or 80) for _ in range(buyers)]
        self._database = psycopg.connect(database, autocommit=True)
        self._notes = Path(notes)
        self._dice = random.Random(1)
        self._number = count()
        self._name = uuid4().hex

    def run(self, seconds: float) -> list[float]:
        """Buy until the end, then wait until every booking is confirmed."""
        end = time.perf_counter() + seconds
        steps: list[list[float]] = [[] for _ in STEPS]
        whole: list[float] = []
        before = self._confirmed()
        selector = selectors.DefaultSelector()
        for line in self._lines:
            flow = self._flow(end, steps, whole)
            asked = next(flow, None)
            if asked is not None:
                selector.register(line.socket, selectors.EVENT_READ, (line, flow))
                line.send(asked)
        while selector.get_map():
            for key, _ in selector.select(30):
                line, flow = key.data
                answer = line.receive()
                if answer is None:
                    continue
                try:
                    line.send(flow.send(answer))
                except StopIteration:
                    selector.unregister(line.socket)
        selector.close()
        self._drain(before + len(whole))
        with self._notes.open("a") as file:
            file.write(json.dumps(steps) + "\n")
        return whole

    def _flow(self, end: float, steps: list[list[float]], whole: list[float]) -> Flow:
        while time.perf_counter() < end:
            began = time.perf_counter()
            departure = self._dice.choice(self._departures)
            held = _checked(
                (yield request("POST", f"{self._url}/api/holds", hold_body(departure))), 201
            )
            at_hold = time.perf_counter()
            booked = _checked(
                (yield request("POST", f"{self._url}/api/bookings", booking_body(held["id"]))),
                201,
            )
            at_booking = time.perf_counter()
            page = str(booked["checkout_url"] or "")
            if not page:
                raise BenchFailed("a booking has no payment page")
            body = event(page.rpartition("/")[2], f"evt_{self._name}_{next(self._number)}")
            _checked((yield self._webhook(body)), 200)
            done = time.perf_counter()
            for step, took in zip(
                steps, (at_hold - began, at_booking - at_hold, done - at_booking), strict=True
            ):
                step.append(took)
            whole.append(done - began)

    def _webhook(self, body: bytes) -> bytes:
        asked = request("POST", f"{self._url}/api/stripe/webhook", body)
        return asked.replace(
            b"\r\n\r\n", f"\r\nStripe-Signature: {signature(body)}\r\n\r\n".encode(), 1
        )

    def _confirmed(self) -> int:
        row = self._database.execute(
            "select count(*) from bookings where status = 'confirmed'"
        ).fetchone()
        return int(row[0]) if row else 0

    def _drain(self, expected: int) -> None:
        end = time.perf_counter() + DRAIN_SECONDS
        while (confirmed := self._confirmed()) < expected:
            if time.perf_counter() > end:
                raise BenchFailed(f"{expected - confirmed} bookings are paid and not confirmed")
            time.sleep(0.02)

    def close(self) -> None:
        for line in self._lines:
            line.socket.close()
        self._database.close()


class RushLoad:
    """``buyers`` who ask for one seat of the same departure at the same instant.

    A run is one rush; its latencies are those of every answer. ``seats`` have to be sold.
    """

    def __init__(self, url: str, departure: UUID, buyers: int, seats: int) -> None:
        parts = urlsplit(url)
        self._lines = [Line(parts.hostname or "", parts.port or 80) for _ in range(buyers)]
        self._asked = request("POST", f"{url}/api/holds", hold_body(departure))
        self._seats = seats

    def run(self, seconds: float) -> list[float]:
        selector = selectors.DefaultSelector()
        statuses: list[int] = []
        latencies: list[float] = []
        for line in self._lines:
            selector.register(line.socket, selectors.EVENT_READ, line)
        began = time.perf_counter()
        for line in self._lines:
            line.send(self._asked)
        while len(statuses) < len(self._lines):
            for key, _ in selector.select(30):
                answer = key.data.receive()
                if answer is not None:
                    statuses.append(answer[0])
                    latencies.append(time.perf_counter() - began)
        selector.close()
        sold, refused = statuses.count(201), statuses.count(409)
        if (sold, refused) != (self._seats, len(self._lines) - self._seats):
            raise BenchFailed(f"{self._seats} seats: {sold} sold, {refused} refused: {statuses}")
        return latencies

    def close(self) -> None:
        for line in self._lines:
            line.socket.close()


def _checked(answer: Answer, status: int) -> dict[str, str]:
    if answer[0] != status:
        raise BenchFailed(f"not the answer expected: {answer[0]} {answer[1][:600]!r}")
    return json.loads(answer[1])
