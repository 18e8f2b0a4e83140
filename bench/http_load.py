"""Requests over HTTP/1.1 keep-alive connections, as cheaply as Python can send them.

One thread, one ``epoll`` loop, requests made beforehand as bytes, and of an answer only
the status and the length are read. Each connection has one request under way.
"""

import random
import selectors
import socket
import time
from collections.abc import Sequence
from itertools import cycle
from urllib.parse import urlsplit

from bench.loads import BenchFailed

READ = 1 << 16


def request(method: str, url: str, body: bytes = b"") -> bytes:
    """One request, ready to be sent."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    head = f"{method} {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: application/json\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class HttpLoad:
    """``clients`` connections to ``url``'s host, each sending one of ``requests`` at a time."""

    def __init__(
        self, url: str, requests: Sequence[bytes], clients: int, status: int, seed: int = 1
    ) -> None:
        parts = urlsplit(url)
        # In one order through all of them, so that each is sent equally often.
        self._requests = cycle(random.Random(seed).sample(requests, len(requests)))
        self._expected = f"HTTP/1.1 {status} ".encode()
        self._sockets = [
            socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30)
            for _ in range(clients)
        ]
        for one in self._sockets:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def run(self, seconds: float) -> list[float]:
        """Keep every connection busy; answers still due at the end are waited for, and count."""
        latencies: list[float] = []
        selector = selectors.DefaultSelector()
        sent: dict[socket.socket, float] = {}
        end = time.perf_counter() + seconds
        for one in self._sockets:
            selector.register(one, selectors.EVENT_READ, bytearray())
            sent[one] = self._send(one)
        while sent:
            for key, _ in selector.select(30):
                one: socket.socket = key.fileobj  # type: ignore[assignment]
                received: bytearray = key.data
                part = one.recv(READ)
                if not part:
                    raise BenchFailed("the server closed a connection")
                received += part
                if not self._complete(received):
                    continue
                received.clear()
                now = time.perf_counter()
                latencies.append(now - sent.pop(one))
                if now < end:
                    sent[one] = self._send(one)
        selector.close()
        return latencies

    def _send(self, one: socket.socket) -> float:
        now = time.perf_counter()
        one.sendall(next(self._requests))
        return now

    def _complete(self, received: bytearray) -> bool:
        head = received.find(b"\r\n\r\n")
        if head < 0:
            return False
        at = received.lower().find(b"content-length:", 0, head)
        if at < 0:
            raise BenchFailed(f"an answer without a length: {bytes(received[:300])!r}")
        length = int(received[at + 15 : received.index(b"\r\n", at)])
        if len(received) < head + 4 + length:
            return False
        if not received.startswith(self._expected):
            raise BenchFailed(f"not the answer expected: {bytes(received[:900])!r}")
        return True

    def close(self) -> None:
        for one in self._sockets:
            one.close()
