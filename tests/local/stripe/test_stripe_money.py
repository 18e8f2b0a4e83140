"""Transfers, reversals, refunds, disputes and the balances they leave."""

from typing import Any

import pytest
import stripe

from tests.local.stripe.under_test import StandIn


def transfer(stand_in: StandIn, account: Any, amount: int, charge: Any = None, **more: Any) -> Any:
    params: dict[str, Any] = {
        "amount": amount,
        "currency": "eur",
        "destination": account.id,
        **({"source_transaction": charge.id} if charge else {}),
        **more,
    }
    return stand_in.stripe.v1.transfers.create(params)  # type: ignore[arg-type]


def balance(stand_in: StandIn, account: Any = None) -> int:
    options: Any = {"stripe_account": account.id} if account else {}
    found = stand_in.stripe.v1.balance.retrieve(options=options)
    return sum(i.amount for i in [*found.available, *found.pending] if i.currency == "eur")


def test_a_transfer_from_a_charge_needs_no_available_funds(stand_in: StandIn) -> None:
    account = stand_in.account()
    charge = stand_in.paid(10000, payment_intent_data={"transfer_group": "booking-1"})
    before = balance(stand_in)
    made = transfer(stand_in, account, 8000, charge, metadata={"booking": "1"})
    assert (made.transfer_group, made.source_transaction) == ("booking-1", charge.id)
    assert balance(stand_in) == before - 8000
    assert balance(stand_in, account) == 8000
    entry = stand_in.stripe.v1.balance_transactions.retrieve(str(made.balance_transaction))
    assert (entry.amount, entry.type, entry.source) == (-8000, "transfer", made.id)
    with pytest.raises(stripe.InvalidRequestError, match=r"€20\.00 remaining"):
        transfer(stand_in, account, 2001, charge)
    transfer(stand_in, account, 2000, charge)
    listed = stand_in.stripe.v1.transfers.list({"transfer_group": "booking-1"})
    assert [item.amount for item in listed.data] == [2000, 8000]


def test_without_a_charge_the_funds_must_be_available(tmp_path: Any) -> None:
    with StandIn(tmp_path / "state") as stand_in:
        account = stand_in.account()
        stand_in.paid(10000)
        with pytest.raises(stripe.InvalidRequestError) as caught:
            transfer(stand_in, account, 100)
        assert caught.value.code == "balance_insufficient"
        stand_in.paid(10000, "4000 0000 0000 0077")
        assert transfer(stand_in, account, 9825).amount == 9825
        with pytest.raises(stripe.InvalidRequestError):
            transfer(stand_in, account, 1)


def test_the_destination_must_be_able_to_receive(stand_in: StandIn) -> None:
    charge, account = stand_in.paid(), stand_in.account(active=False)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        transfer(stand_in, account, 100, charge)
    assert caught.value.code == "insufficient_capabilities_for_transfer"
    account.id = "acct_nobody"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        transfer(stand_in, account, 100, charge)
    assert (caught.value.code, caught.value.param) == ("resource_missing", "destination")


@pytest.mark.parametrize(
    ("params", "param"),
    [({"currency": "usd"}, "currency"), ({"amount": 0}, "amount"), ({"amount": -5}, "amount")],
)
def test_refused_transfers(stand_in: StandIn, params: dict[str, Any], param: str) -> None:
    charge, account = stand_in.paid(), stand_in.account()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        transfer(stand_in, account, **{"amount": 100, "charge": charge, **params})
    assert caught.value.param == param


def test_reversals_up_to_the_transfer(stand_in: StandIn) -> None:
    account, charge = stand_in.account(), stand_in.paid(10000)
    made = transfer(stand_in, account, 8000, charge)
    reversals = stand_in.stripe.v1.transfers.reversals
    part = reversals.create(made.id, {"amount": 3000, "metadata": {"why": "cancelled"}})
    assert balance(stand_in, account) == 5000
    with pytest.raises(stripe.InvalidRequestError, match=r"€50\.00"):
        reversals.create(made.id, {"amount": 5001})
    reversals.create(made.id)
    after = stand_in.stripe.v1.transfers.retrieve(made.id)
    assert (after.amount_reversed, after.reversed) == (8000, True)
    assert reversals.retrieve(made.id, part.id).metadata["why"] == "cancelled"  # type: ignore[index]
    assert [item.amount for item in reversals.list(made.id).data] == [5000, 3000]
    with pytest.raises(stripe.InvalidRequestError, match="already fully reversed"):
        reversals.create(made.id)
    events = stand_in.endpoint.wait(lambda item: item.subject == made.id, 3)
    assert sorted(item.type for item in events) == [
        "transfer.created",
        "transfer.reversed",
        "transfer.reversed",
    ]
    again = transfer(stand_in, account, 10000, charge)
    assert again.amount == 10000, "what was reversed can be transferred again"


def test_what_was_paid_out_can_not_be_reversed(stand_in: StandIn) -> None:
    account = stand_in.account()
    made = transfer(stand_in, account, 8000, stand_in.paid(10000))
    stand_in.control(f"accounts/{account.id}", {"action": "pay_out"})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stand_in.stripe.v1.transfers.reversals.create(made.id)
    assert caught.value.code == "balance_insufficient"


def test_refunds_in_parts(stand_in: StandIn) -> None:
    charge = stand_in.paid(10000)
    before = balance(stand_in)
    refunds = stand_in.stripe.v1.refunds
    part = refunds.create({"charge": charge.id, "amount": 4000, "reason": "requested_by_customer"})
    assert part.status == "succeeded"
    assert balance(stand_in) == before - 4000, "the processing fee is not given back"
    with pytest.raises(stripe.InvalidRequestError, match=r"€60\.00"):
        refunds.create({"charge": charge.id, "amount": 6001})
    rest = refunds.create({"payment_intent": str(charge.payment_intent)})
    assert rest.amount == 6000
    after = stand_in.stripe.v1.charges.retrieve(charge.id, {"expand": ["refunds"]})
    assert (after.amount_refunded, after.refunded) == (10000, True)
    assert [item.id for item in after.refunds.data] == [rest.id, part.id]  # type: ignore[union-attr]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        refunds.create({"charge": charge.id})
    assert caught.value.code == "charge_already_refunded"
    listed = refunds.list({"payment_intent": str(charge.payment_intent)})
    assert len(listed.data) == 2
    stand_in.endpoint.wait(
        lambda item: item.type == "charge.refunded" and item.subject == charge.id, 2
    )


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"charge": "ch_x"},
        {"charge": "$", "amount": 0},
        {"charge": "$", "payment_intent": "pi_x"},
        {"charge": "$", "reverse_transfer": True},
    ],
)
def test_refused_refunds(stand_in: StandIn, params: dict[str, Any]) -> None:
    charge = stand_in.paid()
    given = {key: charge.id if value == "$" else value for key, value in params.items()}
    with pytest.raises(stripe.InvalidRequestError):
        stand_in.stripe.v1.refunds.create(given)  # type: ignore[arg-type]
    assert stand_in.stripe.v1.charges.retrieve(charge.id).amount_refunded == 0


def test_a_refund_can_fail_later(stand_in: StandIn) -> None:
    charge = stand_in.paid(10000, "4000 0000 0000 5126")
    before = balance(stand_in)
    refund = stand_in.stripe.v1.refunds.create({"charge": charge.id})
    assert refund.status == "succeeded"
    stand_in.endpoint.wait(lambda item: item.type == "refund.failed" and item.subject == refund.id)
    after = stand_in.stripe.v1.refunds.retrieve(refund.id)
    assert (after.status, after.failure_reason) == ("failed", "lost_or_stolen_card")
    assert balance(stand_in) == before
    assert stand_in.stripe.v1.charges.retrieve(charge.id).amount_refunded == 0


def disputed(stand_in: StandIn) -> tuple[Any, Any]:
    charge = stand_in.paid(10000, "4000 0000 0000 0259")
    dispute = stand_in.stripe.v1.disputes.list({"charge": charge.id}).data[0]
    return charge, dispute


def test_a_disputed_charge_takes_the_money_away(stand_in: StandIn) -> None:
    before = balance(stand_in)
    charge, dispute = disputed(stand_in)
    assert balance(stand_in) == before + 10000 - 175 - 10000 - 1500
    assert (dispute.status, dispute.amount) == ("needs_response", 10000)
    stand_in.endpoint.wait(
        lambda item: item.type == "charge.dispute.created" and item.subject == dispute.id
    )
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stand_in.stripe.v1.refunds.create({"charge": charge.id})
    assert caught.value.code == "charge_disputed"


@pytest.mark.parametrize("how", ["evidence", "control"])
def test_a_dispute_is_won(stand_in: StandIn, how: str) -> None:
    _, dispute = disputed(stand_in)
    before = balance(stand_in)
    if how == "evidence":
        evidence: Any = {"evidence": {"uncategorized_text": "winning_evidence"}}
        stand_in.stripe.v1.disputes.update(dispute.id, evidence)
    else:
        stand_in.control(f"disputes/{dispute.id}", {"verdict": "won"})
    assert stand_in.stripe.v1.disputes.retrieve(dispute.id).status == "won"
    assert balance(stand_in) == before + 10000
    closed = stand_in.endpoint.wait(
        lambda item: item.type == "charge.dispute.closed" and item.subject == dispute.id
    )
    assert closed[0].event["data"]["object"]["status"] == "won"


def test_evidence_is_submitted_once(stand_in: StandIn) -> None:
    _, dispute = disputed(stand_in)
    update = stand_in.stripe.v1.disputes.update
    for submit in (False, False, True):
        evidence: Any = {"evidence": {"uncategorized_text": "As agreed"}, "submit": submit}
        update(dispute.id, evidence)
    with pytest.raises(stripe.InvalidRequestError, match="submitted already"):
        update(dispute.id, {"evidence": {"uncategorized_text": "Something else"}})
    after = update(dispute.id, {"metadata": {"told": "yes"}})
    assert (after.status, after.evidence_details.submission_count) == ("under_review", 1)
    assert after.evidence.uncategorized_text == "As agreed"


def test_an_accepted_dispute_is_lost(stand_in: StandIn) -> None:
    _, dispute = disputed(stand_in)
    evidence: Any = {"evidence": {"uncategorized_text": "draft"}, "submit": False}
    assert stand_in.stripe.v1.disputes.update(dispute.id, evidence).status == "needs_response"
    assert stand_in.stripe.v1.disputes.close(dispute.id).status == "lost"
    with pytest.raises(stripe.InvalidRequestError):
        stand_in.stripe.v1.disputes.close(dispute.id)


def test_balance_transactions_explain_the_balance(stand_in: StandIn) -> None:
    account, charge = stand_in.account(), stand_in.paid(10000)
    made = transfer(stand_in, account, 5000, charge)
    stand_in.stripe.v1.transfers.reversals.create(made.id, {"amount": 1000})
    stand_in.stripe.v1.refunds.create({"charge": charge.id, "amount": 2000})
    disputed(stand_in)
    listed = stand_in.stripe.v1.balance_transactions.list({"limit": 100, "currency": "eur"})
    entries = list(listed.auto_paging_iter())
    assert sum(item.net for item in entries) == balance(stand_in)
    assert all(item.net == item.amount - item.fee for item in entries)
    found = stand_in.stripe.v1.balance_transactions.list({"source": charge.id}).data
    assert [item.type for item in found] == ["charge"]


def test_what_is_taken_back_early_leaves_the_pending_balance(stand_in: StandIn) -> None:
    account, charge = stand_in.account(), stand_in.paid(10000)
    made = transfer(stand_in, account, 5000, charge)
    reversal = stand_in.stripe.v1.transfers.reversals.create(made.id, {"amount": 1000})
    refund = stand_in.stripe.v1.refunds.create({"charge": charge.id, "amount": 2000})
    for entry in (charge, made, reversal, refund):
        kept = stand_in.stripe.v1.balance_transactions.retrieve(str(entry.balance_transaction))
        assert kept.status == "pending"
