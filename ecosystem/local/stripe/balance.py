"""Balance transactions and the balances they add up to.

Simple on purpose: every currency has its own balance (no conversion); a charge is pending for
two days (``money.SETTLEMENT_SECONDS``) and then available, and so is what is taken from it
meanwhile; everything else counts at once.
"""

from typing import Any

from ecosystem.local.stripe.errors import StripeRefusal, missing
from ecosystem.local.stripe.lists import listing
from ecosystem.local.stripe.money import SETTLEMENT_SECONDS, processing_fee
from ecosystem.local.stripe.platform import Call, Platform, new_id
from ecosystem.local.stripe.resources import complete
from ecosystem.local.stripe.storage import Body

KIND = "balance_transaction"
_CATEGORIES = {
    "adjustment": "dispute",
    "payment": "charge",
    "payment_refund": "refund",
    "payout_failure": "payout_reversal",
    "refund_failure": "refund_failure",
    "transfer_refund": "transfer_reversal",
}


def make_entry(
    *,
    id: str,
    type: str,
    source: str,
    amount: int,
    currency: str,
    created: int,
    available_on: int,
    fee: int = 0,
    fee_words: str = "Stripe processing fees",
    category: str = "",
    description: str | None = None,
) -> Body:
    """A balance transaction; ``amount`` and ``fee`` in minor units, ``net`` is their difference."""
    details = [
        {
            "amount": fee,
            "application": None,
            "currency": currency,
            "description": fee_words,
            "type": "stripe_fee",
        }
    ]
    given: Body = {
        "id": id,
        "amount": amount,
        "available_on": available_on,
        "balance_type": "payments",
        "created": created,
        "currency": currency,
        "description": description,
        "fee": fee,
        "fee_details": details if fee else [],
        "net": amount - fee,
        "reporting_category": category or _CATEGORIES.get(type, type),
        "source": source,
        "status": "available" if available_on <= created else "pending",
        "type": type,
    }
    return complete(KIND, given)


def book(
    platform: Platform,
    type: str,
    source: str,
    amount: int,
    currency: str,
    *,
    account: str = "",
    available_on: int | None = None,
    **more: Any,
) -> Body:
    """Add a balance transaction that happens now; available now unless said otherwise."""
    now = platform.now()
    entry = make_entry(
        id=new_id("txn"),
        type=type,
        source=source,
        amount=amount,
        currency=currency,
        created=now,
        available_on=now if available_on is None else available_on,
        **more,
    )
    return platform.store.add(entry, account=account)


def charge_entry(platform: Platform, charge: Body, *, at_once: bool = False) -> Body:
    """The balance transaction of a successful charge: amount less the processing fee."""
    amount = int(charge["amount"])
    return book(
        platform,
        "charge",
        str(charge["id"]),
        amount,
        str(charge["currency"]),
        available_on=platform.now() + (0 if at_once else SETTLEMENT_SECONDS),
        fee=processing_fee(amount),
        description=charge["description"],
    )


def not_before(platform: Platform, entry_id: str | None) -> int:
    """When money that undoes an earlier entry counts: with that entry, or now if that is later."""
    entry = platform.store.get(str(entry_id or ""), KIND)
    return max(platform.now(), int(entry["available_on"]) if entry else 0)


def sums(platform: Platform, account: str = "") -> dict[str, tuple[int, int]]:
    """Per currency: available and pending, in minor units."""
    rows = platform.store.run(
        """SELECT json_extract(body, '$.currency'),
                  sum(CASE WHEN json_extract(body, '$.available_on')<=?1
                      THEN json_extract(body, '$.net') ELSE 0 END),
                  sum(CASE WHEN json_extract(body, '$.available_on')>?1
                      THEN json_extract(body, '$.net') ELSE 0 END)
           FROM objects WHERE kind='balance_transaction' AND account=?2 GROUP BY 1 ORDER BY 1""",
        (platform.now(), account),
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def require_available(platform: Platform, amount: int, currency: str, message: str) -> None:
    """Refuse what the platform's available balance does not cover.

    Raises:
        StripeRefusal: 400 ``balance_insufficient``.
    """
    available, _ = sums(platform).get(currency, (0, 0))
    if available < amount:
        raise StripeRefusal(message, code="balance_insufficient")


def retrieve_balance(platform: Platform, call: Call) -> Body:
    """``GET /v1/balance``."""
    totals = sums(platform, call.account) or {"eur": (0, 0)}

    def lines(which: int) -> list[Body]:
        return [
            {"amount": pair[which], "currency": currency, "source_types": {"card": pair[which]}}
            for currency, pair in totals.items()
        ]

    return {
        "object": "balance",
        "available": lines(0),
        "livemode": False,
        "pending": lines(1),
    }


def _as_of_now(platform: Platform, entry: Body) -> Body:
    entry["status"] = "available" if entry["available_on"] <= platform.now() else "pending"
    return entry


def retrieve(platform: Platform, call: Call) -> Body:
    """``GET /v1/balance_transactions/{id}``."""
    entry = platform.store.get(call.path["id"], KIND, call.account)
    if entry is None:
        raise missing("balance transaction", call.path["id"])
    return _as_of_now(platform, entry)


def list_all(platform: Platform, call: Call) -> Body:
    """``GET /v1/balance_transactions``."""
    page = listing(platform, call, KIND, "/v1/balance_transactions")
    for entry in page["data"]:
        _as_of_now(platform, entry)
    return page
