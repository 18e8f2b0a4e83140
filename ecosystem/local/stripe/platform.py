"""What every operation works with: the state, the clock, new ids, and events."""

import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecosystem.local.stripe.config import StandInConfig
from ecosystem.local.stripe.faults import Faults
from ecosystem.local.stripe.resources import complete
from ecosystem.local.stripe.schemas import api_version
from ecosystem.local.stripe.storage import Body, Store, dumps

_LETTERS = string.ascii_letters + string.digits
_CLOCK_OFFSET = "clock_offset"


def new_id(prefix: str, length: int = 24) -> str:
    """An id in Stripe's form: ``ch_`` and unguessable letters and digits."""
    marks = (_LETTERS[byte % len(_LETTERS)] for byte in secrets.token_bytes(length))
    return f"{prefix}_{''.join(marks)}"


@dataclass
class Call:
    """One request to an operation.

    Attributes:
        params: decoded and checked parameters.
        path: values of the placeholders in the path, by name.
        account: the connected account named in ``Stripe-Account``; empty for the platform.
        request_id: the id in the answer's ``Request-Id``.
        idempotency_key: as sent, if sent.
        upload: the bytes of the file that came along, if one did.
    """

    params: Body = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)
    account: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    upload: bytes | None = None


class Platform:
    """The state of one stand-in and the few things that every operation does with it."""

    def __init__(self, config: StandInConfig, store: Store, wake: Callable[[], None]) -> None:
        self.config = config
        self.store = store
        self.faults = Faults()
        self.call: Call | None = None
        self._wake = wake
        self._offset = float(store.meta(_CLOCK_OFFSET, "0"))

    def wake(self) -> None:
        """Let the background look for due work now."""
        self._wake()

    def time(self) -> float:
        """Seconds since 1970 on the stand-in's own clock, which tests can move forward."""
        return self.config.wall() + self._offset

    def now(self) -> int:
        """Whole seconds since 1970 on the stand-in's own clock."""
        return int(self.time())

    def advance(self, seconds: float) -> None:
        """Move the clock forward, for good: it survives a restart."""
        self._offset += seconds
        self.store.set_meta(_CLOCK_OFFSET, str(self._offset))

    def emit(
        self,
        type: str,
        subject: Body,
        *,
        account: str = "",
        previous: Mapping[str, Any] | None = None,
    ) -> Body:
        """Record an event in the running transaction; it is delivered after the commit.

        Args:
            subject: the object as it is now.
            account: the connected account it happened on; its events go to the Connect endpoint.
            previous: earlier values of what changed, for ``*.updated``.
        """
        data: Body = {"object": subject}
        if previous is not None:
            data["previous_attributes"] = dict(previous)
        endpoint = "connect" if account else "platform"
        url = self.config.connect_webhook_url if account else self.config.webhook_url
        call = self.call
        given: Body = {
            "id": new_id("evt"),
            "api_version": api_version(),
            "created": self.now(),
            "data": data,
            "livemode": False,
            "pending_webhooks": 1 if url else 0,
            "request": {
                "id": call.request_id if call else None,
                "idempotency_key": call.idempotency_key if call else None,
            },
            "type": type,
        }
        if account:
            given["account"] = account
        event = self.store.add(complete("event", given), account=account)
        if url:
            self.enqueue(str(event["id"]), endpoint, type)
        return event

    def enqueue(self, event: str, endpoint: str, type: str) -> None:
        """Plan the delivery of an event, bent by the fault mode in force."""
        now = self.config.wall()
        for plan in self.faults.plan(endpoint, type, now):
            self.store.run(
                "INSERT INTO deliveries (event, endpoint, due, batch, status) VALUES (?,?,?,?,?)",
                (event, endpoint, plan.due, plan.batch, plan.status),
            )
        self._wake()

    def later(self, seconds: float, name: str, subject: str) -> None:
        """Plan a piece of work of the stand-in's own, like a refund that fails afterwards."""
        self.store.run(
            "INSERT INTO jobs (due, name, subject) VALUES (?,?,?)",
            (self.time() + seconds, name, subject),
        )


def event_payload(event: Body) -> bytes:
    """The exact bytes of a webhook."""
    return dumps(event).encode()
