"""Disputes (https://docs.stripe.com/disputes/how-disputes-work).

The amount and a fee leave the balance when a dispute opens; when it is won the amount comes
back, the fee does not.
"""

from typing import Literal

from ecosystem.local.stripe import balance, files
from ecosystem.local.stripe.errors import StripeRefusal, invalid, missing
from ecosystem.local.stripe.lists import listing
from ecosystem.local.stripe.metadata import merge
from ecosystem.local.stripe.money import DISPUTE_FEE
from ecosystem.local.stripe.platform import Call, Platform, new_id
from ecosystem.local.stripe.resources import complete
from ecosystem.local.stripe.storage import Body

KIND = "dispute"
RESPONSE_SECONDS = 7 * 24 * 3600
_OPEN = ("needs_response", "under_review", "warning_needs_response")
_VERDICTS: dict[str, Literal["won", "lost"]] = {
    "winning_evidence": "won",
    "losing_evidence": "lost",
}
"""Texts in ``uncategorized_text`` that decide a dispute at once, as in Stripe's test mode."""


def open_dispute(platform: Platform, charge: Body, reason: str = "fraudulent") -> Body:
    """Dispute a charge: the money leaves the balance."""
    dispute_id = new_id("du")
    amount = int(charge["amount"]) - int(charge["amount_refunded"])
    currency = str(charge["currency"])
    entry = balance.book(
        platform,
        "adjustment",
        dispute_id,
        -amount,
        currency,
        fee=DISPUTE_FEE,
        fee_words="Dispute fee",
        description=f"Chargeback withdrawal for {charge['id']}",
    )
    evidence: Body = dict.fromkeys(("uncategorized_text", "customer_email_address"))
    given: Body = {
        "id": dispute_id,
        "amount": amount,
        "balance_transactions": [entry],
        "charge": charge["id"],
        "created": platform.now(),
        "currency": currency,
        "enhanced_eligibility_types": [],
        "evidence": evidence,
        "evidence_details": {
            "due_by": platform.now() + RESPONSE_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    }
    dispute = platform.store.add(complete(KIND, given))
    charge["disputed"] = True
    platform.store.save(charge)
    platform.emit("charge.dispute.created", dispute)
    platform.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def fetch(platform: Platform, id: str) -> Body:
    """One dispute.

    Raises:
        StripeRefusal: 404.
    """
    dispute = platform.store.get(id, KIND)
    if dispute is None:
        raise missing(KIND, id)
    return dispute


def retrieve(platform: Platform, call: Call) -> Body:
    """``GET /v1/disputes/{dispute}``."""
    return fetch(platform, call.path["dispute"])


def list_all(platform: Platform, call: Call) -> Body:
    """``GET /v1/disputes``."""
    return listing(platform, call, KIND, "/v1/disputes")


def update(platform: Platform, call: Call) -> Body:
    """Hand in evidence (submitted unless ``submit`` is false) and change metadata."""
    dispute = fetch(platform, call.path["dispute"])
    dispute["metadata"] = merge(dispute["metadata"], call.params.get("metadata"))
    evidence = call.params.get("evidence")
    if evidence:
        if dispute["status"] not in _OPEN:
            raise invalid("This dispute is already closed.", code="dispute_already_closed")
        if dispute["evidence_details"]["submission_count"]:
            raise invalid("Evidence for this dispute was submitted already: that can be done once.")
        files.check_evidence(platform, evidence)
        dispute["evidence"].update(evidence)
        dispute["evidence_details"]["has_evidence"] = True
        if call.params.get("submit", True):
            dispute["evidence_details"]["submission_count"] += 1
            dispute["status"] = "under_review"
    platform.store.save(dispute)
    platform.emit("charge.dispute.updated", dispute)
    verdict = _VERDICTS.get(str((evidence or {}).get("uncategorized_text", "")))
    if verdict and dispute["status"] == "under_review":
        return decide(platform, dispute, verdict)
    return dispute


def close(platform: Platform, call: Call) -> Body:
    """Accept the dispute: it is lost."""
    return decide(platform, fetch(platform, call.path["dispute"]), "lost")


def decide(platform: Platform, dispute: Body, verdict: Literal["won", "lost"]) -> Body:
    """End a dispute; when it is won the amount returns to the balance.

    Raises:
        StripeRefusal: 400, if it has ended before.
    """
    if dispute["status"] not in _OPEN:
        raise StripeRefusal(f"This dispute is already closed: {dispute['status']}.")
    dispute["status"] = verdict
    if verdict == "won":
        entry = balance.book(
            platform,
            "adjustment",
            str(dispute["id"]),
            int(dispute["amount"]),
            str(dispute["currency"]),
            category="dispute_reversal",
            description=f"Chargeback reversal for {dispute['charge']}",
        )
        dispute["balance_transactions"].append(entry)
    platform.store.save(dispute)
    platform.emit("charge.dispute.closed", dispute)
    if verdict == "won":
        platform.emit("charge.dispute.funds_reinstated", dispute)
    return dispute
