"""Transfers to connected accounts and their reversals.

Source of the rules: https://docs.stripe.com/connect/separate-charges-and-transfers.
"""

from ecosystem.local.stripe import balance
from ecosystem.local.stripe.errors import StripeRefusal, invalid, missing, required
from ecosystem.local.stripe.lists import listing
from ecosystem.local.stripe.metadata import merge
from ecosystem.local.stripe.money import words
from ecosystem.local.stripe.platform import Call, Platform, new_id
from ecosystem.local.stripe.resources import complete, page_of
from ecosystem.local.stripe.storage import Body

KIND = "transfer"
REVERSAL = "transfer_reversal"


def create(platform: Platform, call: Call) -> Body:
    """Move money from the platform's balance to a connected account."""
    params = call.params
    amount = _positive(params, "amount")
    currency, destination = str(params["currency"]), str(params["destination"])
    _check_destination(platform, destination)
    source = params.get("source_transaction")
    group = params.get("transfer_group")
    if source:
        charge = _check_source(platform, str(source), amount, currency)
        group = group or charge["transfer_group"] or f"group_{charge['payment_intent']}"
        available_on = balance.not_before(platform, charge["balance_transaction"])
        if not charge["transfer_group"]:
            charge["transfer_group"] = group
            platform.store.save(charge)
    else:
        available_on = platform.now()
        message = (
            "You have insufficient available funds in your Stripe account. Try adding funds "
            "directly to your available balance by creating Charges using the 4000000000000077 "
            "test card. See: https://stripe.com/docs/testing#available-balance"
        )
        balance.require_available(platform, amount, currency, message)
    transfer_id, payment_id = new_id("tr"), new_id("py")
    entry = balance.book(
        platform,
        "transfer",
        transfer_id,
        -amount,
        currency,
        available_on=available_on,
        description=params.get("description"),
    )
    received = balance.book(
        platform,
        "payment",
        payment_id,
        amount,
        currency,
        account=destination,
        available_on=available_on,
    )
    transfer = make_transfer(
        id=transfer_id,
        amount=amount,
        currency=currency,
        created=platform.now(),
        destination=destination,
        destination_payment=payment_id,
        entry=str(entry["id"]),
        source_transaction=str(source) if source else None,
        transfer_group=group,
        description=params.get("description"),
        metadata=merge({}, params.get("metadata")),
    )
    platform.store.add(transfer)
    payment = make_destination_payment(transfer, str(received["id"]))
    platform.store.add(payment, account=destination)
    platform.emit("transfer.created", transfer)
    platform.emit("payment.created", payment, account=destination)
    return transfer


def make_transfer(
    *,
    id: str,
    amount: int,
    currency: str,
    created: int,
    destination: str,
    destination_payment: str,
    entry: str,
    source_transaction: str | None,
    transfer_group: str | None,
    description: str | None,
    metadata: dict[str, str],
) -> Body:
    """A transfer of which nothing is reversed; ``entry`` is its balance transaction's id."""
    given: Body = {
        "id": id,
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": entry,
        "created": created,
        "currency": currency,
        "description": description,
        "destination": destination,
        "destination_payment": destination_payment,
        "livemode": False,
        "metadata": metadata,
        "reversals": page_of([], f"/v1/transfers/{id}/reversals"),
        "reversed": False,
        "source_transaction": source_transaction,
        "source_type": "card",
        "transfer_group": transfer_group,
    }
    return complete(KIND, given)


def make_destination_payment(transfer: Body, entry: str) -> Body:
    """The charge that a transfer is on the account it goes to."""
    given: Body = {
        "id": transfer["destination_payment"],
        "amount": transfer["amount"],
        "amount_captured": transfer["amount"],
        "amount_refunded": 0,
        "balance_transaction": entry,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "captured": True,
        "created": transfer["created"],
        "currency": transfer["currency"],
        "disputed": False,
        "livemode": False,
        "metadata": {},
        "paid": True,
        "refunded": False,
        "source_transfer": transfer["id"],
        "status": "succeeded",
    }
    return complete("charge", given)


def _positive(params: Body, name: str) -> int:
    if name not in params:
        raise required(name)
    amount = int(params[name])
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, name, "parameter_invalid_integer")
    return amount


def _check_destination(platform: Platform, destination: str) -> None:
    account = platform.store.get(destination, "account")
    if account is None:
        raise missing("destination", destination, param="destination", status=400)
    if account["capabilities"].get("transfers") != "active":
        message = (
            "Your destination account needs to have at least one of the following capabilities "
            "enabled: transfers, crypto_transfers, legacy_payments"
        )
        raise StripeRefusal(message, code="insufficient_capabilities_for_transfer")


def _check_source(platform: Platform, source: str, amount: int, currency: str) -> Body:
    charge = platform.store.get(source, "charge", "")
    if charge is None:
        raise missing("charge", source, param="source_transaction", status=400)
    if charge["status"] != "succeeded":
        message = f"The charge {source} did not succeed and can't fund a transfer."
        raise invalid(message, "source_transaction")
    if charge["currency"] != currency:
        message = (
            f"The currency of source_transaction's balance transaction ({charge['currency']}) "
            f"must be the same as the transfer currency ({currency})"
        )
        raise invalid(message, "currency")
    used = platform.store.run(
        """SELECT coalesce(sum(json_extract(body, '$.amount')
                             - json_extract(body, '$.amount_reversed')), 0)
           FROM objects WHERE kind='transfer' AND json_extract(body, '$.source_transaction')=?""",
        (source,),
    ).fetchone()[0]
    left = int(charge["amount"]) - int(used)
    if amount > left:
        message = (
            "Transfers using this transaction as a source must not exceed the source amount of "
            f"{words(int(charge['amount']), currency)}. (There are previous transfers using this "
            f"as a source, with {words(left, currency)} remaining.)"
        )
        raise invalid(message, "amount")
    return charge


def fetch(platform: Platform, id: str) -> Body:
    """One transfer.

    Raises:
        StripeRefusal: 404.
    """
    transfer = platform.store.get(id, KIND)
    if transfer is None:
        raise missing(KIND, id)
    return transfer


def retrieve(platform: Platform, call: Call) -> Body:
    """``GET /v1/transfers/{transfer}``."""
    return fetch(platform, call.path["transfer"])


def update(platform: Platform, call: Call) -> Body:
    """Change description and metadata."""
    transfer = fetch(platform, call.path["transfer"])
    transfer["metadata"] = merge(transfer["metadata"], call.params.get("metadata"))
    if "description" in call.params:
        transfer["description"] = call.params["description"]
    platform.store.save(transfer)
    platform.emit("transfer.updated", transfer)
    return transfer


def list_all(platform: Platform, call: Call) -> Body:
    """``GET /v1/transfers``."""
    return listing(platform, call, KIND, "/v1/transfers")


def reverse(platform: Platform, call: Call) -> Body:
    """Take money back from a connected account, in full or in part."""
    transfer = fetch(platform, call.path["id"])
    left = int(transfer["amount"]) - int(transfer["amount_reversed"])
    currency, destination = str(transfer["currency"]), str(transfer["destination"])
    if left == 0:
        raise invalid(f"Transfer {transfer['id']} is already fully reversed.", "id")
    amount = _positive(call.params, "amount") if "amount" in call.params else left
    if amount > left:
        message = (
            f"Amount {words(amount, currency)} is greater than the remaining amount of the "
            f"transfer ({words(left, currency)})."
        )
        raise invalid(message, "amount")
    if sum(balance.sums(platform, destination).get(currency, (0, 0))) < amount:
        message = "The connected account has insufficient funds for this reversal."
        raise StripeRefusal(message, code="balance_insufficient")
    reversal_id, refund_id = new_id("trr"), new_id("pyr")
    available_on = balance.not_before(platform, transfer["balance_transaction"])
    entry = balance.book(
        platform, "transfer_refund", reversal_id, amount, currency, available_on=available_on
    )
    balance.book(
        platform,
        "payment_refund",
        refund_id,
        -amount,
        currency,
        account=destination,
        available_on=available_on,
    )
    given: Body = {
        "id": reversal_id,
        "amount": amount,
        "balance_transaction": entry["id"],
        "created": platform.now(),
        "currency": currency,
        "metadata": merge({}, call.params.get("metadata")),
        "transfer": transfer["id"],
    }
    reversal = platform.store.add(complete(REVERSAL, given))
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].insert(0, reversal)
    platform.store.save(transfer)
    platform.emit("transfer.reversed", transfer)
    return reversal


def _fetch_reversal(platform: Platform, call: Call) -> Body:
    reversal = platform.store.get(call.path["id"], REVERSAL)
    if reversal is None or reversal["transfer"] != call.path["transfer"]:
        raise missing("transfer reversal", call.path["id"])
    return reversal


def retrieve_reversal(platform: Platform, call: Call) -> Body:
    """``GET /v1/transfers/{transfer}/reversals/{id}``."""
    return _fetch_reversal(platform, call)


def update_reversal(platform: Platform, call: Call) -> Body:
    """Change the metadata."""
    reversal = _fetch_reversal(platform, call)
    reversal["metadata"] = merge(reversal["metadata"] or {}, call.params.get("metadata"))
    return platform.store.save(reversal)


def list_reversals(platform: Platform, call: Call) -> Body:
    """``GET /v1/transfers/{id}/reversals``."""
    transfer = fetch(platform, call.path["id"])
    url = f"/v1/transfers/{transfer['id']}/reversals"
    filters = {"transfer": transfer["id"]}
    return listing(platform, call, REVERSAL, url, filters=filters, account="")
