"""Stripe: Checkout Sessions, refunds, connected accounts, events.

The platform charges and keeps a ledger; money is transferred to operators and
agencies later (separate charges and transfers,
https://docs.stripe.com/connect/separate-charges-and-transfers).
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import stripe
from stripe import StripeClient

from ecosystem.adapters.bulkhead import Bulkhead
from ecosystem.domain.errors import Invalid, NotFound, Unavailable
from ecosystem.domain.language import N_, _
from ecosystem.domain.money import Money
from ecosystem.services.ports import (
    CheckoutRequest,
    CheckoutSession,
    ConnectedAccount,
    StripeEvent,
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
        options: dict[str, Any] = {"base_addresses": {"api": api_base}} if api_base else {}
        self._client = StripeClient(
            secret_key,
            stripe_version=API_VERSION,
            max_network_retries=2,
            http_client=stripe.RequestsClient(timeout=CALL_SECONDS),
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
        session = self._call(
            lambda: self._client.v1.checkout.sessions.create(
                params={
                    "mode": "payment",
                    "locale": "de" if request.language == "de" else "en-GB",
                    "client_reference_id": request.booking_id,
                    "customer_email": request.email,
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
                },
                options={"idempotency_key": request.idempotency_key},
            )
        )
        return _session(session)

    def checkout(self, session_id: str) -> CheckoutSession:
        return _session(
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

    def refund(self, idempotency_key: str, payment_intent: str, amount: Money) -> str:
        refund = self._call(
            lambda: self._client.v1.refunds.create(
                params={"payment_intent": payment_intent, "amount": amount.minor},
                options={"idempotency_key": idempotency_key},
            )
        )
        return refund.id

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
        return _account(account)

    def account(self, account_id: str) -> ConnectedAccount:
        return _account(self._call(lambda: self._client.v1.accounts.retrieve(account_id)))

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
        return _event(event)

    def events_since(self, since: datetime) -> Sequence[StripeEvent]:
        listed = self._call(
            lambda: list(
                self._client.v1.events.list(
                    params={"created": {"gte": int(since.timestamp())}, "limit": 100}
                ).auto_paging_iter()
            )
        )
        return [_event(event) for event in reversed(listed)]

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


def _plain(value: Any) -> Any:
    """A Stripe object as plain dicts, or what was not expanded as it is."""
    return value.to_dict() if hasattr(value, "to_dict") else value


def _session(session: Any) -> CheckoutSession:
    intent = _plain(session.payment_intent)
    intent_id = intent["id"] if isinstance(intent, dict) else intent
    charge = intent.get("latest_charge") if isinstance(intent, dict) else None
    booked = charge.get("balance_transaction") if isinstance(charge, dict) else None
    metadata = _plain(session.metadata) or {}
    currency = session.currency.upper()
    return CheckoutSession(
        id=session.id,
        url=session.url,
        status=session.status,
        paid=session.payment_status != "unpaid",
        amount=Money(session.amount_total, currency),
        expires_at=datetime.fromtimestamp(session.expires_at, UTC),
        payment_id=metadata.get("payment_id", ""),
        booking_id=metadata.get("booking_id", ""),
        payment_intent=intent_id,
        charge=charge["id"] if isinstance(charge, dict) else charge,
        fee=Money(booked["fee"], booked["currency"].upper()) if isinstance(booked, dict) else None,
    )


def _account(account: Any) -> ConnectedAccount:
    known = _plain(account)
    needs = known.get("requirements") or {}
    return ConnectedAccount(
        id=known["id"],
        transfers_active=(known.get("capabilities") or {}).get("transfers") == "active",
        requirements=tuple(needs.get("currently_due") or ()),
        disabled_reason=needs.get("disabled_reason"),
    )


def _event(event: Any) -> StripeEvent:
    known = _plain(event)
    return StripeEvent(
        id=known["id"],
        type=known["type"],
        account=known.get("account"),
        created=datetime.fromtimestamp(known["created"], UTC),
        object=_plain(known["data"]["object"]),
    )
