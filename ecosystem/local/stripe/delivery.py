"""Webhooks: signed, sent after the commit, repeated until someone answers with 2xx.

Sources: https://docs.stripe.com/webhooks (any 2xx counts, order is not promised, an event may
come twice) and https://docs.stripe.com/webhooks/signature (``t=…,v1=…`` over ``t.payload``).
"""

import asyncio
import contextlib
import hashlib
import hmac
import http.client
import logging
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ecosystem.local.stripe.platform import Platform, event_payload

PARALLEL = 4
TIMEOUT_SECONDS = 15.0
_LOG = logging.getLogger(__name__)


def signature(payload: bytes, secret: str, timestamp: int) -> str:
    """The value of the ``Stripe-Signature`` header."""
    mac = hmac.new(secret.encode(), b"%d." % timestamp + payload, hashlib.sha256)
    return f"t={timestamp},v1={mac.hexdigest()}"


@dataclass(frozen=True)
class _Due:
    seq: int
    event: str
    endpoint: str
    attempt: int
    batch: str


class Courier:
    """Delivers what is due. One task of the event loop; the sending is done in threads."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="webhook")
        self._slots = asyncio.Semaphore(PARALLEL)
        self._busy: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._open: set[http.client.HTTPConnection] = set()

    async def close(self) -> None:
        """Stop; what was under way is repeated after the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)
        # Python waits for the threads when it ends: one whose endpoint is silent would keep the
        # process for as long as the endpoint may take to answer.
        for connection in list(self._open):
            if connection.sock is not None:
                with contextlib.suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)

    def start_due(self) -> None:
        """Begin the delivery of everything whose time has come."""
        rows = self._platform.store.run(
            "SELECT seq, event, endpoint, attempt, batch FROM deliveries "
            "WHERE status='waiting' AND due<=? ORDER BY due, seq LIMIT 500",
            (self._platform.config.wall(),),
        ).fetchall()
        batches: dict[str, list[_Due]] = {}
        for row in rows:
            due = _Due(*row)
            if due.seq in self._busy:
                continue
            self._busy.add(due.seq)
            batches.setdefault(due.batch or f"alone-{due.seq}", []).append(due)
        for name, batch in batches.items():
            task = asyncio.create_task(self._deliver_batch(name, batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def next_due(self) -> float | None:
        """Wall-clock time of the earliest delivery that is not under way."""
        marks = ",".join(str(seq) for seq in self._busy)
        row = self._platform.store.run(
            f"SELECT min(due) FROM deliveries WHERE status='waiting' AND seq NOT IN ({marks})"
        ).fetchone()
        return row[0]

    async def _deliver_batch(self, name: str, batch: list[_Due]) -> None:
        if name.startswith("at-once"):
            await asyncio.gather(*(self._deliver(due) for due in batch))
            return
        ordered: Sequence[_Due] = batch[::-1] if name.startswith("newest-first") else batch
        async with self._slots:
            for due in ordered:
                await self._deliver(due)

    async def _deliver(self, due: _Due) -> None:
        try:
            status, said = await self._send(due)
            self._record(due, status, said)
        finally:
            self._busy.discard(due.seq)
            self._platform.wake()

    async def _send(self, due: _Due) -> tuple[int, str]:
        config = self._platform.config
        to_connect = due.endpoint == "connect"
        url = config.connect_webhook_url if to_connect else config.webhook_url
        secret = config.connect_webhook_secret if to_connect else config.webhook_secret
        event = self._platform.store.get(due.event, "event")
        if event is None or not url:
            return 0, "there is no endpoint any more"
        payload = event_payload(event)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(payload, secret, int(config.wall())),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._post, url, payload, headers)

    def _post(self, url: str, payload: bytes, headers: dict[str, str]) -> tuple[int, str]:
        """Status and first words of the answer; 0 when there was none. Redirects are not followed."""
        parts = urlsplit(url)
        make = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        connection = make(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
        self._open.add(connection)
        try:
            path = parts.path or "/"
            connection.request(
                "POST", f"{path}?{parts.query}" if parts.query else path, payload, headers
            )
            response = connection.getresponse()
            return response.status, response.read(200).decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            return 0, f"{type(error).__name__}: {error}"
        finally:
            self._open.discard(connection)
            connection.close()

    def _record(self, due: _Due, status: int, said: str) -> None:
        platform = self._platform
        config = platform.config
        attempt = due.attempt + 1
        answer = f"{status} {said}".strip()
        with platform.store.transaction():
            if 200 <= status < 300:
                platform.store.run(
                    "UPDATE deliveries SET status='delivered', attempt=?, answer=? WHERE seq=?",
                    (attempt, answer, due.seq),
                )
                self._settle(due.event)
                return
            given_up = attempt >= config.retry_attempts
            wait = min(
                config.retry_cap_seconds, config.retry_base_seconds * 2 ** min(due.attempt, 30)
            )
            platform.store.run(
                "UPDATE deliveries SET status=?, attempt=?, due=?, answer=?, batch='' WHERE seq=?",
                (
                    "failed" if given_up else "waiting",
                    attempt,
                    config.wall() + wait,
                    answer,
                    due.seq,
                ),
            )
        _LOG.warning("webhook %s attempt %d: %s", due.event, attempt, answer)

    def _settle(self, event_id: str) -> None:
        event: dict[str, Any] | None = self._platform.store.get(event_id, "event")
        if event is not None and event["pending_webhooks"]:
            event["pending_webhooks"] = 0
            self._platform.store.save(event)
