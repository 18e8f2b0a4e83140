"""Filling a stand-in with history: accounts, payments, transfers, refunds with given ids.

The demo data builds a ``Fixtures`` value and hands it to ``post_fixtures``; nothing is announced
by webhook and no event is recorded. Importing the same ids again changes nothing. Amounts are in
minor units, times are seconds since 1970 UTC. The processing fee of each payment is
``processing_fee(amount)``, as it would be for a payment made on the page.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from ecosystem.local.stripe.money import SETTLEMENT_SECONDS, processing_fee

__all__ = [
    "SETTLEMENT_SECONDS",
    "FixtureAccount",
    "FixturePayment",
    "FixtureRefund",
    "FixtureReversal",
    "FixtureTransfer",
    "Fixtures",
    "FixturesRefused",
    "derived_id",
    "post_fixtures",
    "processing_fee",
]


class FixturesRefused(Exception):
    """The stand-in did not take the fixtures; the message is its own."""


@dataclass(frozen=True)
class FixtureAccount:
    """A connected account, onboarded unless ``active`` is false."""

    id: str
    created: int
    email: str | None = None
    country: str = "DE"
    business_name: str = ""
    active: bool = True
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FixturePayment:
    """A Checkout Session that was paid, with its payment intent, charge and balance transaction.

    Ids that are left empty are derived from the session's (see ``derived_id``). ``metadata`` goes
    to the session, the payment intent and the charge.
    """

    session_id: str
    amount: int
    currency: str
    created: int
    payment_intent_id: str = ""
    charge_id: str = ""
    balance_transaction_id: str = ""
    description: str = "Booking"
    customer_email: str | None = None
    client_reference_id: str | None = None
    transfer_group: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    success_url: str = "http://localhost:3000/"


@dataclass(frozen=True)
class FixtureTransfer:
    """A transfer to a connected account, funded by a charge if ``source_transaction`` is given."""

    id: str
    amount: int
    currency: str
    created: int
    destination: str
    source_transaction: str | None = None
    transfer_group: str | None = None
    description: str | None = None
    balance_transaction_id: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FixtureRefund:
    """A refund of a charge that succeeded."""

    id: str
    charge_id: str
    amount: int
    created: int
    reason: str | None = "requested_by_customer"
    balance_transaction_id: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FixtureReversal:
    """A full or partial reversal of a transfer."""

    id: str
    transfer_id: str
    amount: int
    created: int
    balance_transaction_id: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fixtures:
    """Everything to import; refunds and reversals may refer to what is imported with them."""

    accounts: list[FixtureAccount] = field(default_factory=list)
    payments: list[FixturePayment] = field(default_factory=list)
    transfers: list[FixtureTransfer] = field(default_factory=list)
    refunds: list[FixtureRefund] = field(default_factory=list)
    reversals: list[FixtureReversal] = field(default_factory=list)

    def as_json(self) -> dict[str, list[dict[str, Any]]]:
        """The body of ``POST /_control/fixtures``."""
        return asdict(self)


def derived_id(prefix: str, source: str) -> str:
    """An id that is always the same for the same source: ``derived_id("txn", "ch_1")``."""
    return f"{prefix}_{hashlib.sha256(f'{prefix}/{source}'.encode()).hexdigest()[:24]}"


def post_fixtures(base_url: str, secret_key: str, fixtures: Fixtures) -> dict[str, int]:
    """Import fixtures into a running stand-in. Returns how many objects were new, by kind.

    Raises:
        FixturesRefused: a fixture refers to something unknown, or the key is wrong.
        OSError: the stand-in does not answer.
    """
    request = Request(
        f"{base_url.rstrip('/')}/_control/fixtures",
        data=json.dumps(fixtures.as_json()).encode(),
        headers={"Authorization": f"Bearer {secret_key}", "Content-Type": "application/json"},
        method="POST",
    )
    try:
        # No proxy: the stand-in is on this machine whatever the person's shell says.
        with build_opener(ProxyHandler({})).open(request, timeout=60) as response:
            return json.load(response)["imported"]
    except HTTPError as error:
        raise FixturesRefused(error.read().decode(errors="replace")) from error
