"""Stripe's objects in the words of the port. Pure."""

from datetime import UTC, datetime
from typing import Any

from ecosystem.domain.money import Money
from ecosystem.services.ports import (
    CheckoutSession,
    ConnectedAccount,
    DisputeView,
    RefundResult,
    ReversalView,
    StripeEvent,
    TransferView,
)

NO_MONEY = ("requires_payment_method", "canceled")
"""A payment intent that comes to nothing unless somebody pays another way
(https://docs.stripe.com/payments/paymentintents/lifecycle)."""


def _plain(value: Any) -> Any:
    """A Stripe object as plain dicts, or what was not expanded as it is."""
    return value.to_dict() if hasattr(value, "to_dict") else value


def session(found: Any) -> CheckoutSession:
    intent = _plain(found.payment_intent)
    intent_id = intent["id"] if isinstance(intent, dict) else intent
    charge = intent.get("latest_charge") if isinstance(intent, dict) else None
    booked = charge.get("balance_transaction") if isinstance(charge, dict) else None
    metadata = _plain(found.metadata) or {}
    currency = found.currency.upper()
    paid = found.payment_status != "unpaid"
    ended = isinstance(intent, dict) and intent.get("status") in NO_MONEY
    return CheckoutSession(
        id=found.id,
        url=found.url,
        status=found.status,
        paid=paid,
        amount=Money(found.amount_total, currency),
        expires_at=datetime.fromtimestamp(found.expires_at, UTC),
        payment_id=metadata.get("payment_id", ""),
        booking_id=metadata.get("booking_id", ""),
        payment_intent=intent_id,
        charge=charge["id"] if isinstance(charge, dict) else charge,
        fee=Money(booked["fee"], booked["currency"].upper()) if isinstance(booked, dict) else None,
        declined=found.status == "complete" and not paid and ended,
    )


def account(found: Any) -> ConnectedAccount:
    known = _plain(found)
    needs = known.get("requirements") or {}
    return ConnectedAccount(
        id=known["id"],
        transfers_active=(known.get("capabilities") or {}).get("transfers") == "active",
        requirements=tuple(needs.get("currently_due") or ()),
        disabled_reason=needs.get("disabled_reason"),
        past_due=tuple(needs.get("past_due") or ()),
        eventually_due=tuple(needs.get("eventually_due") or ()),
        pending=tuple(needs.get("pending_verification") or ()),
        deadline=_moment(needs.get("current_deadline")),
        details_submitted=bool(known.get("details_submitted")),
        payouts_active=bool(known.get("payouts_enabled")),
    )


def event(found: Any) -> StripeEvent:
    known = _plain(found)
    return StripeEvent(
        id=known["id"],
        type=known["type"],
        account=known.get("account"),
        created=datetime.fromtimestamp(known["created"], UTC),
        object=_plain(known["data"]["object"]),
    )


def refund(found: Any) -> RefundResult:
    known = _plain(found)
    return RefundResult(
        id=known["id"],
        status=known["status"] or "pending",
        failure=known.get("failure_reason"),
        amount=_money(known),
        payment_intent=_id(known["payment_intent"]) or "",
        metadata=known.get("metadata") or {},
    )


def transfer(found: Any) -> TransferView:
    known = _plain(found)
    return TransferView(
        id=known["id"],
        account=_id(known["destination"]) or "",
        amount=_money(known),
        reversed=Money(known["amount_reversed"], known["currency"].upper()),
        source_charge=_id(known.get("source_transaction")),
        metadata=known.get("metadata") or {},
    )


def reversal(found: Any) -> ReversalView:
    known = _plain(found)
    return ReversalView(known["id"], _money(known), known.get("metadata") or {})


def dispute(found: Any) -> DisputeView:
    known = _plain(found)
    booked = known.get("balance_transactions") or []
    currency = (booked[0] if booked else known)["currency"].upper()
    details = known.get("evidence_details") or {}
    intent = known.get("payment_intent")
    return DisputeView(
        id=known["id"],
        charge=_id(known["charge"]) or "",
        payment_intent=_id(intent),
        payment_id=(intent.get("metadata") or {}).get("payment_id", "")
        if isinstance(intent, dict)
        else "",
        amount=_money(known),
        taken=Money(-sum(entry["amount"] for entry in booked), currency),
        fee=Money(sum(entry["fee"] for entry in booked), currency),
        reason=known["reason"],
        status=known["status"],
        evidence_due_by=_moment(details.get("due_by")),
        submissions=details.get("submission_count") or 0,
    )


def balance(found: Any) -> dict[str, Money]:
    """Available, pending and reserved together: what a ledger calls cash."""
    known = _plain(found)
    total: dict[str, Money] = {}
    for kind in ("available", "pending", "connect_reserved"):
        for part in known.get(kind) or ():
            currency = part["currency"].upper()
            total[currency] = total.get(currency, Money.zero(currency)) + _money(part)
    return total


def _money(known: dict[str, Any]) -> Money:
    return Money(known["amount"], known["currency"].upper())


def _id(value: Any) -> str | None:
    """The id of what may have been expanded."""
    return value["id"] if isinstance(value, dict) else value


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
