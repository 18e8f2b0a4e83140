"""``POST /_control/fixtures``: objects with given ids and times, without events and webhooks."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, TypeVar

from ecosystem.local.stripe import accounts, balance, payments, refunds, transfers
from ecosystem.local.stripe.cards import CARDS
from ecosystem.local.stripe.errors import invalid, missing
from ecosystem.local.stripe.fixtures import (
    FixtureAccount,
    FixturePayment,
    FixtureRefund,
    FixtureReversal,
    FixtureTransfer,
    derived_id,
)
from ecosystem.local.stripe.money import SETTLEMENT_SECONDS, processing_fee
from ecosystem.local.stripe.platform import Platform
from ecosystem.local.stripe.resources import complete
from ecosystem.local.stripe.storage import Body, Store, dumps

_T = TypeVar("_T")
_CARD = CARDS["4242424242424242"]
_CONTROLLER: Body = {
    "fees": {"payer": "application"},
    "is_controller": True,
    "losses": {"payments": "application"},
    "requirement_collection": "stripe",
    "stripe_dashboard": {"type": "express"},
    "type": "application",
}


class _Batch:
    """Objects to be written together; later fixtures see and change the earlier ones."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._new: dict[str, tuple[Body, str]] = {}
        self._changed: dict[str, Body] = {}

    def has(self, id: str) -> bool:
        return id in self._new or self._store.get(id) is not None

    def add(self, body: Body, account: str = "") -> None:
        self._new[str(body["id"])] = (body, account)

    def change(self, id: str, kind: str) -> Body:
        """An object that will be written back after the caller changed it."""
        if id in self._new:
            return self._new[id][0]
        if id not in self._changed:
            found = self._store.get(id, kind)
            if found is None:
                raise missing(kind, id, status=400)
            self._changed[id] = found
        return self._changed[id]

    def write(self) -> dict[str, int]:
        self._store.run_many(
            "INSERT INTO objects (id, kind, account, created, body) VALUES (?,?,?,?,?)",
            (
                (id, body["object"], account, body["created"], dumps(body))
                for id, (body, account) in self._new.items()
            ),
        )
        self._store.run_many(
            "UPDATE objects SET body=? WHERE id=?",
            ((dumps(body), id) for id, body in self._changed.items()),
        )
        return dict(Counter(str(body["object"]) for body, _ in self._new.values()))


def load(platform: Platform, body: Body) -> Body:
    """Import what ``Fixtures.as_json`` describes, all or nothing. Known ids are left as they are.

    Raises:
        StripeRefusal: 400, for an unknown field or a reference to nothing.
    """
    batch = _Batch(platform.store)
    with platform.store.transaction():
        for account in _read(body, "accounts", FixtureAccount):
            _account(batch, account)
        for payment in _read(body, "payments", FixturePayment):
            _payment(platform, batch, payment)
        for transfer in _read(body, "transfers", FixtureTransfer):
            _transfer(batch, transfer)
        for refund in _read(body, "refunds", FixtureRefund):
            _refund(batch, refund)
        for reversal in _read(body, "reversals", FixtureReversal):
            _reversal(batch, reversal)
        return {"imported": batch.write()}


def _read(body: Body, name: str, shape: type[_T]) -> Iterable[_T]:
    for at, item in enumerate(body.get(name, [])):
        try:
            yield shape(**item)
        except TypeError as error:
            raise invalid(f"{name}[{at}]: {error}", f"{name}[{at}]") from None


def _account(batch: _Batch, given: FixtureAccount) -> None:
    if batch.has(given.id):
        return
    account = accounts.make_account(
        id=given.id,
        created=given.created,
        country=given.country,
        email=given.email,
        metadata=dict(given.metadata),
        capabilities=["transfers"],
        active=given.active,
        controller=dict(_CONTROLLER),
    )
    account["business_profile"]["name"] = given.business_name or None
    batch.add(account)


def _entry(batch: _Batch, id: str, account: str = "", **fields: Any) -> str:
    batch.add(balance.make_entry(id=id, **fields), account)
    return id


def _payment(platform: Platform, batch: _Batch, given: FixturePayment) -> None:
    if batch.has(given.session_id):
        return
    intent_id = given.payment_intent_id or derived_id("pi", given.session_id)
    charge_id = given.charge_id or derived_id("ch", given.session_id)
    intent = complete(
        "payment_intent",
        {
            "id": intent_id,
            "amount": given.amount,
            "amount_capturable": 0,
            "amount_received": given.amount,
            "capture_method": "automatic_async",
            "client_secret": derived_id(f"{intent_id}_secret", intent_id),
            "confirmation_method": "automatic",
            "created": given.created,
            "currency": given.currency,
            "description": given.description,
            "latest_charge": charge_id,
            "livemode": False,
            "metadata": dict(given.metadata),
            "payment_method_types": ["card"],
            "receipt_email": given.customer_email,
            "status": "succeeded",
            "transfer_group": given.transfer_group,
        },
    )
    batch.add(intent)
    entry = _entry(
        batch,
        given.balance_transaction_id or derived_id("txn", charge_id),
        type="charge",
        source=charge_id,
        amount=given.amount,
        currency=given.currency,
        created=given.created,
        available_on=given.created + SETTLEMENT_SECONDS,
        fee=processing_fee(given.amount),
        description=given.description,
    )
    charge = payments.new_charge(
        intent, id=charge_id, created=given.created, card=_CARD, method=None
    )
    charge.update(
        status="succeeded",
        paid=True,
        captured=True,
        amount_captured=given.amount,
        balance_transaction=entry,
        receipt_url=f"{platform.config.public_url}/receipts/{charge_id}",
    )
    batch.add(charge)
    batch.add(_paid_session(given, intent_id))


def _paid_session(given: FixturePayment, intent_id: str) -> Body:
    nothing: Body = {"enabled": False, "liability": None, "provider": None, "status": None}
    return complete(
        "checkout.session",
        {
            "id": given.session_id,
            "amount_subtotal": given.amount,
            "amount_total": given.amount,
            "automatic_tax": nothing,
            "client_reference_id": given.client_reference_id,
            "created": given.created,
            "currency": given.currency,
            "custom_fields": [],
            "custom_text": {},
            "customer_details": {"email": given.customer_email, "name": None},
            "customer_email": given.customer_email,
            "expires_at": given.created + 24 * 3600,
            "livemode": False,
            "metadata": dict(given.metadata),
            "mode": "payment",
            "payment_intent": intent_id,
            "payment_method_types": ["card"],
            "payment_status": "paid",
            "shipping_options": [],
            "status": "complete",
            "success_url": given.success_url,
            "ui_mode": "hosted_page",
        },
    )


def _transfer(batch: _Batch, given: FixtureTransfer) -> None:
    if batch.has(given.id):
        return
    if not batch.has(given.destination):
        raise missing("destination", given.destination, param="destination", status=400)
    available_on = given.created
    if given.source_transaction:
        charge = batch.change(given.source_transaction, "charge")
        available_on = int(charge["created"]) + SETTLEMENT_SECONDS
    payment_id = derived_id("py", given.id)
    shared: Body = {
        "currency": given.currency,
        "created": given.created,
        "available_on": max(available_on, given.created),
    }
    entry = _entry(
        batch,
        given.balance_transaction_id or derived_id("txn", given.id),
        type="transfer",
        source=given.id,
        amount=-given.amount,
        **shared,
    )
    received = _entry(
        batch,
        derived_id("txn", payment_id),
        given.destination,
        type="payment",
        source=payment_id,
        amount=given.amount,
        **shared,
    )
    transfer = transfers.make_transfer(
        id=given.id,
        amount=given.amount,
        currency=given.currency,
        created=given.created,
        destination=given.destination,
        destination_payment=payment_id,
        entry=entry,
        source_transaction=given.source_transaction,
        transfer_group=given.transfer_group,
        description=given.description,
        metadata=dict(given.metadata),
    )
    batch.add(transfer)
    batch.add(transfers.make_destination_payment(transfer, received), given.destination)


def _refund(batch: _Batch, given: FixtureRefund) -> None:
    if batch.has(given.id):
        return
    charge = batch.change(given.charge_id, "charge")
    if charge["amount_refunded"] + given.amount > charge["amount"]:
        raise invalid(f"Refund {given.id} is greater than what is left of {given.charge_id}.")
    charge["amount_refunded"] += given.amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    entry = _entry(
        batch,
        given.balance_transaction_id or derived_id("txn", given.id),
        type="refund",
        source=given.id,
        amount=-given.amount,
        currency=str(charge["currency"]),
        created=given.created,
        available_on=given.created,
    )
    batch.add(
        refunds.make_refund(
            charge,
            id=given.id,
            amount=given.amount,
            created=given.created,
            entry=entry,
            reason=given.reason,
            metadata=dict(given.metadata),
        )
    )


def _reversal(batch: _Batch, given: FixtureReversal) -> None:
    if batch.has(given.id):
        return
    transfer = batch.change(given.transfer_id, "transfer")
    if transfer["amount_reversed"] + given.amount > transfer["amount"]:
        raise invalid(f"Reversal {given.id} is greater than what is left of {given.transfer_id}.")
    currency, refund_id = str(transfer["currency"]), derived_id("pyr", given.id)
    shared: Body = {
        "currency": currency,
        "created": given.created,
        "available_on": given.created,
    }
    entry = _entry(
        batch,
        given.balance_transaction_id or derived_id("txn", given.id),
        type="transfer_refund",
        source=given.id,
        amount=given.amount,
        **shared,
    )
    _entry(
        batch,
        derived_id("txn", refund_id),
        str(transfer["destination"]),
        type="payment_refund",
        source=refund_id,
        amount=-given.amount,
        **shared,
    )
    reversal = complete(
        transfers.REVERSAL,
        {
            "id": given.id,
            "amount": given.amount,
            "balance_transaction": entry,
            "created": given.created,
            "currency": currency,
            "metadata": dict(given.metadata),
            "transfer": given.transfer_id,
        },
    )
    transfer["amount_reversed"] += given.amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].insert(0, reversal)
    batch.add(reversal)
