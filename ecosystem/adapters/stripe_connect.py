"""Stripe: Checkout Sessions, refunds, connected accounts, events.

The platform charges and keeps a ledger; money is transferred to operators and
agencies later (separate charges and transfers,
https://docs.stripe.com/connect/separate-charges-and-transfers).
"""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import stripe
from stripe import StripeClient

from ecosystem.adapters import stripe_objects as read
from ecosystem.adapters.bulkhead import Bulkhead
from ecosystem.adapters.stripe_http import StripeHttp
from ecosystem.domain.errors import Invalid, NotFound, Unavailable
from ecosystem.domain.language import N_, _
from ecosystem.domain.money import Money
from ecosystem.services.ports import (
    CheckoutRequest,
    CheckoutSession,
    ConnectedAccount,
    DisputeView,
    RefundResult,
    ReversalView,
    StripeEvent,
    TransferView,
)

API_VERSION = "2026-08-26.dahlia"
WEBHOOK_TOLERANCE_SECONDS = 300
CALL_SECONDS = 10
SILENCE = N_("The payment service does not answer. Nothing was charged; try again in a minute.")
_PAID_EXPANSION = ["payment_intent.latest_charge.balance_transaction"]

T = TypeVar("T")


class StripeConnect:
    """``api_base`` is empty for Stripe itself, or the address of a stand-in."""

    def __init__(
        self,
        secret_key: str,
        *,
        webhook_secret: str,
        connect_webhook_secret: str,
        api_base: str = "",
    ) -> None:
        options: dict[str, Any] = (
            {"base_addresses": {"api": api_base, "files": api_base}} if api_base else {}
        )
        self._client = StripeClient(
            secret_key,
            stripe_version=API_VERSION,
            max_network_retries=2,
            http_client=StripeHttp(CALL_SECONDS, api_base or stripe.DEFAULT_API_BASE),
            **options,
        )
        self._bulkhead = Bulkhead(SILENCE, code="payments_unavailable")
        self._secrets = {False: webhook_secret, True: connect_webhook_secret}

    def open_checkout(self, request: CheckoutRequest) -> CheckoutSession:
        """Raises ``Invalid`` when Stripe refuses the parameters, ``Unavailable`` else."""
        ids = {
            "payment_id": request.payment_id,
            "booking_id": request.booking_id,
            "reference": request.reference,
        }
        params: Any = {
            "mode": "payment",
            "locale": "de" if request.language == "de" else "en-GB",
            "client_reference_id": request.booking_id,
            **({"customer_email": request.email} if request.email else {}),
            "success_url": request.success_url,
            "cancel_url": request.cancel_url,
            "expires_at": int(request.expires_at.timestamp()),
            "metadata": ids,
            "payment_intent_data": {
                "transfer_group": request.booking_id,
                "metadata": ids,
                "description": f"{request.reference} {request.title}"[:500],
            },
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": request.amount.currency.lower(),
                        "unit_amount": request.amount.minor,
                        "product_data": {
                            "name": request.title[:250],
                            "description": request.description[:500],
                        },
                    },
                }
            ],
        }
        options: Any = {"idempotency_key": request.idempotency_key}
        session = self._call(
            lambda: self._client.v1.checkout.sessions.create(params=params, options=options)
        )
        return read.session(session)

    def checkout(self, session_id: str) -> CheckoutSession:
        return read.session(
            self._call(
                lambda: self._client.v1.checkout.sessions.retrieve(
                    session_id, params={"expand": _PAID_EXPANSION}
                )
            )
        )

    def expire_checkout(self, session_id: str) -> bool:
        try:
            self._call(lambda: self._client.v1.checkout.sessions.expire(session_id))
        except Invalid:
            return False
        return True

    def refund(
        self,
        idempotency_key: str,
        payment_intent: str,
        amount: Money,
        *,
        metadata: Mapping[str, str],
    ) -> RefundResult:
        return read.refund(
            self._call(
                lambda: self._client.v1.refunds.create(
                    params={
                        "payment_intent": payment_intent,
                        "amount": amount.minor,
                        "metadata": dict(metadata),
                    },
                    options={"idempotency_key": idempotency_key},
                )
            )
        )

    def refund_status(self, refund_id: str) -> RefundResult:
        return read.refund(self._call(lambda: self._client.v1.refunds.retrieve(refund_id)))

    def refunds_of(self, payment_intent: str) -> Sequence[RefundResult]:
        listed = self._call(
            lambda: list(
                self._client.v1.refunds.list(
                    params={"payment_intent": payment_intent, "limit": 100}
                ).auto_paging_iter()
            )
        )
        return [read.refund(one) for one in listed]

    def transfer(
        self,
        idempotency_key: str,
        amount: Money,
        account: str,
        source_charge: str,
        transfer_group: str,
        metadata: Mapping[str, str],
    ) -> str:
        transfer = self._call(
            lambda: self._client.v1.transfers.create(
                params={
                    "amount": amount.minor,
                    "currency": amount.currency.lower(),
                    "destination": account,
                    "source_transaction": source_charge,
                    "transfer_group": transfer_group,
                    "metadata": dict(metadata),
                },
                options={"idempotency_key": idempotency_key},
            )
        )
        return transfer.id

    def transfers_of(self, transfer_group: str) -> Sequence[TransferView]:
        listed = self._call(
            lambda: list(
                self._client.v1.transfers.list(
                    params={"transfer_group": transfer_group, "limit": 100}
                ).auto_paging_iter()
            )
        )
        return [read.transfer(one) for one in listed]

    def reverse_transfer(
        self,
        idempotency_key: str,
        transfer_id: str,
        amount: Money,
        metadata: Mapping[str, str],
    ) -> str:
        reversal = self._call(
            lambda: self._client.v1.transfers.reversals.create(
                transfer_id,
                params={"amount": amount.minor, "metadata": dict(metadata)},
                options={"idempotency_key": idempotency_key},
            )
        )
        return reversal.id

    def reversals_of(self, transfer_id: str) -> Sequence[ReversalView]:
        listed = self._call(
            lambda: list(
                self._client.v1.transfers.reversals.list(
                    transfer_id, params={"limit": 100}
                ).auto_paging_iter()
            )
        )
        return [read.reversal(one) for one in listed]

    def dispute(self, dispute_id: str) -> DisputeView:
        return read.dispute(
            self._call(
                lambda: self._client.v1.disputes.retrieve(
                    dispute_id, params={"expand": ["payment_intent"]}
                )
            )
        )

    def upload_evidence(self, name: str, content: bytes) -> str:
        file = io.BytesIO(content)
        file.name = name
        uploaded = self._call(
            lambda: self._client.v1.files.create(
                params={"purpose": "dispute_evidence", "file": file}
            )
        )
        return uploaded.id

    def submit_evidence(
        self, dispute_id: str, files: Mapping[str, str], texts: Mapping[str, str]
    ) -> DisputeView:
        evidence: Any = {**texts, **files}
        return read.dispute(
            self._call(
                lambda: self._client.v1.disputes.update(
                    dispute_id,
                    params={"evidence": evidence, "submit": True, "expand": ["payment_intent"]},
                )
            )
        )

    def balance(self) -> Mapping[str, Money]:
        return read.balance(self._call(lambda: self._client.v1.balance.retrieve()))

    def create_account(self, idempotency_key: str, email: str, country: str) -> ConnectedAccount:
        """An account whose losses and fees are the platform's, with an Express dashboard
        (https://docs.stripe.com/connect/migrate-to-controller-properties)."""
        account = self._call(
            lambda: self._client.v1.accounts.create(
                params={
                    "country": country,
                    "email": email,
                    "controller": {
                        "losses": {"payments": "application"},
                        "fees": {"payer": "application"},
                        "stripe_dashboard": {"type": "express"},
                    },
                    "capabilities": {"transfers": {"requested": True}},
                },
                options={"idempotency_key": idempotency_key},
            )
        )
        return read.account(account)

    def account(self, account_id: str) -> ConnectedAccount:
        return read.account(self._call(lambda: self._client.v1.accounts.retrieve(account_id)))

    def onboarding_link(self, account_id: str, refresh_url: str, return_url: str) -> str:
        link = self._call(
            lambda: self._client.v1.account_links.create(
                params={
                    "account": account_id,
                    "refresh_url": refresh_url,
                    "return_url": return_url,
                    "type": "account_onboarding",
                }
            )
        )
        return link.url

    def dashboard_link(self, account_id: str) -> str:
        return self._call(lambda: self._client.v1.accounts.login_links.create(account_id)).url

    def verify_event(self, body: bytes, signature: str, *, connect: bool) -> StripeEvent:
        secret = self._secrets[connect]
        if not secret:
            raise NotFound("This endpoint is off: its webhook secret is not configured.")
        try:
            event = stripe.Webhook.construct_event(
                body, signature, secret, tolerance=WEBHOOK_TOLERANCE_SECONDS
            )
        except (stripe.SignatureVerificationError, ValueError, TypeError, KeyError):
            raise Invalid(
                "The signature of this event is missing, wrong or too old.", code="bad_signature"
            ) from None
        return read.event(event)

    def events_since(self, since: datetime) -> Sequence[StripeEvent]:
        listed = self._call(
            lambda: list(
                self._client.v1.events.list(
                    params={"created": {"gte": int(since.timestamp())}, "limit": 100}
                ).auto_paging_iter()
            )
        )
        return [read.event(event) for event in reversed(listed)]

    def ping(self) -> None:
        self._call(lambda: self._client.v1.balance.retrieve())

    def _call(self, ask: Callable[[], T]) -> T:
        with self._bulkhead.place():
            return _asked(ask)


def _asked(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except stripe.InvalidRequestError as error:
        code = error.code or "stripe_refused"
        if error.http_status == 404:
            raise NotFound("Stripe does not know this.", code=code) from error
        raise Invalid(error.user_message or "Stripe refused the request.", code=code) from error
    except stripe.IdempotencyError as error:
        # The key was used with other parameters (https://docs.stripe.com/api/idempotent_requests):
        # asking again with it never helps.
        raise Invalid("Stripe refused the request.", code="idempotency_key_reused") from error
    except stripe.PermissionError as error:
        # The account is not connected to the platform (any more).
        raise NotFound("Stripe does not know this account.", code="account_gone") from error
    except stripe.StripeError as error:
        raise Unavailable(_(SILENCE), code="payments_unavailable") from error
