"""Payouts of connected accounts to their banks: never by themselves, only when a test asks."""

from ecosystem.local.stripe import balance
from ecosystem.local.stripe.errors import invalid, missing
from ecosystem.local.stripe.lists import listing
from ecosystem.local.stripe.platform import Call, Platform, new_id
from ecosystem.local.stripe.resources import complete
from ecosystem.local.stripe.storage import Body

KIND = "payout"


def make(platform: Platform, account: str, *, fails: bool) -> list[Body]:
    """Pay out an account's whole balance, one payout per currency.

    Args:
        fails: the bank sends it back: the money stays in the balance, ``payout.failed`` is told.

    Raises:
        StripeRefusal: 400, if there is nothing to pay out.
    """
    totals = {key: sum(pair) for key, pair in balance.sums(platform, account).items()}
    due = {currency: amount for currency, amount in totals.items() if amount > 0}
    if not due:
        raise invalid("This account has nothing to pay out.", "account")
    return [_one(platform, account, currency, due[currency], fails) for currency in due]


def _one(platform: Platform, account: str, currency: str, amount: int, fails: bool) -> Body:
    id = new_id("po")
    entry = balance.book(platform, "payout", id, -amount, currency, account=account)
    given: Body = {
        "id": id,
        "amount": amount,
        "arrival_date": platform.now(),
        "automatic": True,
        "balance_transaction": entry["id"],
        "created": platform.now(),
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "reconciliation_status": "completed",
        "source_type": "card",
        "status": "failed" if fails else "paid",
        "type": "bank_account",
    }
    payout = complete(KIND, given)
    if fails:
        back = balance.book(platform, "payout_failure", id, amount, currency, account=account)
        payout.update(
            failure_balance_transaction=back["id"],
            failure_code="account_closed",
            failure_message="The bank account has been closed.",
        )
    platform.store.add(payout, account=account)
    platform.emit("payout.created", payout, account=account)
    platform.emit("payout.failed" if fails else "payout.paid", payout, account=account)
    return payout


def retrieve(platform: Platform, call: Call) -> Body:
    """``GET /v1/payouts/{payout}``."""
    payout = platform.store.get(call.path["payout"], KIND, call.account)
    if payout is None:
        raise missing(KIND, call.path["payout"])
    return payout


def list_all(platform: Platform, call: Call) -> Body:
    """``GET /v1/payouts``."""
    return listing(platform, call, KIND, "/v1/payouts")
