"""Refunds (https://docs.stripe.com/api/refunds): from the platform's balance, fees are kept."""

from ecosystem.local.stripe import balance
from ecosystem.local.stripe.errors import StripeRefusal, invalid, missing, required
from ecosystem.local.stripe.lists import listing
from ecosystem.local.stripe.metadata import merge
from ecosystem.local.stripe.money import words
from ecosystem.local.stripe.platform import Call, Platform, new_id
from ecosystem.local.stripe.resources import complete
from ecosystem.local.stripe.storage import Body

KIND = "refund"
FAILS_AFTER_SECONDS = 0.3
FAIL_JOB = "fail_refund"


def create(platform: Platform, call: Call) -> Body:
    """Refund a charge in full or in part."""
    params = call.params
    charge = _charge(platform, params)
    if params.get("reverse_transfer") or params.get("refund_application_fee"):
        name = "reverse_transfer" if params.get("reverse_transfer") else "refund_application_fee"
        message = f"The charge {charge['id']} has no associated transfer or application fee."
        raise invalid(message, name)
    amount = _amount(charge, params)
    refund_id = new_id("re")
    entry = balance.book(
        platform,
        "refund",
        refund_id,
        -amount,
        str(charge["currency"]),
        available_on=balance.not_before(platform, charge["balance_transaction"]),
        description=f"REFUND FOR CHARGE ({charge['description'] or charge['id']})",
    )
    refund = platform.store.add(
        make_refund(
            charge,
            id=refund_id,
            amount=amount,
            created=platform.now(),
            entry=str(entry["id"]),
            reason=params.get("reason"),
            metadata=merge({}, params.get("metadata")),
        )
    )
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    platform.store.save(charge)
    platform.emit("refund.created", refund)
    platform.emit("charge.refunded", charge)
    if platform.store.private(str(charge["id"])).get("aftermath") == "refund_fails":
        platform.later(FAILS_AFTER_SECONDS, FAIL_JOB, refund_id)
    return refund


def make_refund(
    charge: Body,
    *,
    id: str,
    amount: int,
    created: int,
    entry: str,
    reason: str | None,
    metadata: dict[str, str],
) -> Body:
    """A refund that succeeded; ``entry`` is the id of its balance transaction."""
    given: Body = {
        "id": id,
        "amount": amount,
        "balance_transaction": entry,
        "charge": charge["id"],
        "created": created,
        "currency": charge["currency"],
        "destination_details": {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "succeeded",
    }
    return complete(KIND, given)


def _charge(platform: Platform, params: Body) -> Body:
    charge_id, intent_id = params.get("charge"), params.get("payment_intent")
    if charge_id and intent_id:
        raise invalid("You may only specify one of: charge, payment_intent.", "charge")
    if intent_id:
        intent = platform.store.get(str(intent_id), "payment_intent")
        if intent is None:
            raise missing("payment_intent", str(intent_id), param="payment_intent", status=400)
        if intent["status"] != "succeeded":
            message = (
                f"This PaymentIntent ({intent_id}) does not have a successful charge to refund."
            )
            raise invalid(message, "payment_intent")
        charge_id = intent["latest_charge"]
    if not charge_id:
        raise required("charge")
    charge = platform.store.get(str(charge_id), "charge", "")
    if charge is None:
        raise missing("charge", str(charge_id), param="charge", status=400)
    if charge["status"] != "succeeded":
        raise invalid(f"Charge {charge_id} did not succeed and cannot be refunded.", "charge")
    if charge["disputed"]:
        message = f"Charge {charge_id} has been charged back; cannot issue a refund."
        raise StripeRefusal(message, code="charge_disputed", param="charge")
    return charge


def _amount(charge: Body, params: Body) -> int:
    left = int(charge["amount"]) - int(charge["amount_refunded"])
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise StripeRefusal(message, code="charge_already_refunded")
    amount = int(params.get("amount", left))
    if amount < 1:
        message = "Invalid positive integer"
        raise invalid(message, "amount", "parameter_invalid_integer")
    if amount > left:
        currency = str(charge["currency"])
        message = (
            f"Refund amount ({words(amount, currency)}) is greater than unrefunded amount on "
            f"charge ({words(left, currency)})"
        )
        raise invalid(message, "amount")
    return amount


def fetch(platform: Platform, id: str) -> Body:
    """One refund.

    Raises:
        StripeRefusal: 404.
    """
    refund = platform.store.get(id, KIND)
    if refund is None:
        raise missing(KIND, id)
    return refund


def retrieve(platform: Platform, call: Call) -> Body:
    """``GET /v1/refunds/{refund}``."""
    return fetch(platform, call.path["refund"])


def update(platform: Platform, call: Call) -> Body:
    """Change the metadata."""
    refund = fetch(platform, call.path["refund"])
    refund["metadata"] = merge(refund["metadata"] or {}, call.params.get("metadata"))
    platform.store.save(refund)
    platform.emit("refund.updated", refund)
    return refund


def list_all(platform: Platform, call: Call) -> Body:
    """``GET /v1/refunds``."""
    return listing(platform, call, KIND, "/v1/refunds")


def fail(platform: Platform, id: str, reason: str = "lost_or_stolen_card") -> Body:
    """A refund that had succeeded is sent back: the money returns to the balance.

    Raises:
        StripeRefusal: 404; 400, if it has failed before.
    """
    with platform.store.transaction():
        refund = fetch(platform, id)
        if refund["status"] != "succeeded":
            raise invalid(f"Refund {id} is {refund['status']}.")
        amount = int(refund["amount"])
        entry = balance.book(platform, "refund_failure", id, amount, str(refund["currency"]))
        refund.update(
            status="failed", failure_reason=reason, failure_balance_transaction=entry["id"]
        )
        platform.store.save(refund)
        charge = platform.store.get(str(refund["charge"]), "charge")
        if charge is not None:
            charge["amount_refunded"] -= amount
            charge["refunded"] = False
            platform.store.save(charge)
        platform.emit("refund.updated", refund)
        platform.emit("refund.failed", refund)
    return refund
