"""Charges, transfers, refunds, disputes and connected accounts: what we need of Stripe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from ecosystem.domain.money import Money


@dataclass(frozen=True)
class CheckoutRequest:
    """A page on which somebody pays one amount of one booking.

    ``idempotency_key`` is made from our own ids, so a repeated call gets the
    first answer. ``expires_at`` is between 30 minutes and 24 hours ahead. Without an ``email``
    the page asks for one.
    """

    idempotency_key: str
    booking_id: str
    payment_id: str
    reference: str
    title: str
    description: str
    amount: Money
    email: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    language: str = "en"


@dataclass(frozen=True)
class CheckoutSession:
    """``status``: open, complete, expired. ``paid`` is true once money is certain; ``declined``
    once it is certain that none comes, days after a page was completed."""

    id: str
    url: str | None
    status: str
    paid: bool
    amount: Money
    expires_at: datetime
    payment_id: str
    booking_id: str
    payment_intent: str | None = None
    charge: str | None = None
    fee: Money | None = None
    declined: bool = False


@dataclass(frozen=True)
class StripeEvent:
    """A verified event. ``object`` is the resource as it was when the event was made."""

    id: str
    type: str
    account: str | None
    created: datetime
    object: dict[str, Any]


@dataclass(frozen=True)
class ConnectedAccount:
    """``requirements`` are due now, ``past_due`` of them already cost an ability,
    ``eventually_due`` come later and ``pending`` are being looked at by Stripe. All are
    Stripe's own names of fields. ``deadline``: when what is due now begins to cost."""

    id: str
    transfers_active: bool
    requirements: tuple[str, ...] = ()
    disabled_reason: str | None = None
    past_due: tuple[str, ...] = ()
    eventually_due: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    deadline: datetime | None = None
    details_submitted: bool = False
    payouts_active: bool = False


@dataclass(frozen=True)
class RefundResult:
    """``status``: pending, requires_action, succeeded, failed, canceled. ``failure`` is the
    bank's reason in Stripe's words once it failed. A refund can fail after it succeeded."""

    id: str
    status: str
    failure: str | None
    amount: Money
    payment_intent: str
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TransferView:
    """Money sent to a connected account; ``reversed`` of it came back."""

    id: str
    account: str
    amount: Money
    reversed: Money
    source_charge: str | None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReversalView:
    id: str
    amount: Money
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DisputeView:
    """``status`` is Stripe's word: ``warning_…`` are inquiries that take no money,
    ``needs_response under_review won lost prevented``. ``taken`` is what the balance lacks
    for it now (nothing for an inquiry, nothing after it was won), ``fee`` what Stripe kept.
    ``payment_id`` is ours, empty if other software on the account took the payment."""

    id: str
    charge: str
    payment_intent: str | None
    payment_id: str
    amount: Money
    taken: Money
    fee: Money
    reason: str
    status: str
    evidence_due_by: datetime | None
    submissions: int


class Payments(Protocol):
    """Charges and connected accounts (Stripe). Raises ``Unavailable`` when a retry is due.

    What moves money takes an idempotency key that its caller makes of its own ids: the same
    key gets the first answer again, a refusal included, so another try needs another key.
    Stripe forgets keys after 24 hours; ``metadata`` finds what was carried out before that.
    """

    def open_checkout(self, request: CheckoutRequest) -> CheckoutSession: ...

    def checkout(self, session_id: str) -> CheckoutSession:
        """The session as it is now, with its charge and fee when it is paid."""
        ...

    def expire_checkout(self, session_id: str) -> bool:
        """End an open session so that it can't be paid any more. False: it was not open."""
        ...

    def refund(
        self,
        idempotency_key: str,
        payment_intent: str,
        amount: Money,
        *,
        metadata: Mapping[str, str],
    ) -> RefundResult:
        """Give ``amount`` of a payment back to its card.

        Raises:
            Invalid: Stripe refuses for good; ``code`` is its own (``charge_disputed``,
                ``charge_already_refunded``, …).
        """
        ...

    def refund_status(self, refund_id: str) -> RefundResult:
        """The refund as it is now."""
        ...

    def refunds_of(self, payment_intent: str) -> Sequence[RefundResult]:
        """Every refund of a payment, whoever made it, newest first."""
        ...

    def transfer(
        self,
        idempotency_key: str,
        amount: Money,
        account: str,
        source_charge: str,
        transfer_group: str,
        metadata: Mapping[str, str],
    ) -> str:
        """Send a part of a charge to a connected account; returns the transfer's id.

        Raises:
            Invalid: Stripe refuses for good; ``code`` is its own
                (``insufficient_capabilities_for_transfer``, …).
        """
        ...

    def transfers_of(self, transfer_group: str) -> Sequence[TransferView]:
        """Every transfer of a booking, newest first."""
        ...

    def reverse_transfer(
        self,
        idempotency_key: str,
        transfer_id: str,
        amount: Money,
        metadata: Mapping[str, str],
    ) -> str:
        """Take money of a transfer back; returns the reversal's id.

        Raises:
            Invalid: ``code`` ``balance_insufficient``: the account has not got it any more.
        """
        ...

    def reversals_of(self, transfer_id: str) -> Sequence[ReversalView]:
        """Everything that was taken back of a transfer, whoever did it, newest first."""
        ...

    def dispute(self, dispute_id: str) -> DisputeView: ...

    def upload_evidence(self, name: str, content: bytes) -> str:
        """Give Stripe a PDF, PNG or JPEG as evidence; returns the file's id."""
        ...

    def submit_evidence(
        self, dispute_id: str, files: Mapping[str, str], texts: Mapping[str, str]
    ) -> DisputeView:
        """Hand evidence to the bank, once and for good. Keys of both are the names of
        Stripe's evidence fields; ``files`` are ids of ``upload_evidence``.

        Raises:
            Invalid: the dispute is closed, or a field is unknown or too long.
        """
        ...

    def balance(self) -> Mapping[str, Money]:
        """What the platform has at Stripe by currency, available or still on its way."""
        ...

    def create_account(
        self, idempotency_key: str, email: str, country: str
    ) -> ConnectedAccount: ...

    def account(self, account_id: str) -> ConnectedAccount: ...

    def onboarding_link(self, account_id: str, refresh_url: str, return_url: str) -> str: ...

    def dashboard_link(self, account_id: str) -> str:
        """A link, good for one visit, to the account's own pages at Stripe.

        Raises:
            Invalid: the account has not finished its onboarding.
        """
        ...

    def verify_event(self, body: bytes, signature: str, *, connect: bool) -> StripeEvent:
        """Check the signature (300 s tolerance). Raises ``Invalid`` or, with no secret
        configured, ``NotFound``."""
        ...

    def events_since(self, since: datetime) -> Sequence[StripeEvent]:
        """Oldest first; what a lost webhook would have said."""
        ...

    def ping(self) -> None: ...
