"""History by import, the shape of answers, and what one stand-in costs."""

import dataclasses
from pathlib import Path
from typing import Any

import psutil
import pytest
from jsonschema import Draft4Validator

from ecosystem.local.stripe.fixtures import (
    FixtureAccount,
    FixturePayment,
    FixtureRefund,
    FixtureReversal,
    Fixtures,
    FixturesRefused,
    FixtureTransfer,
    derived_id,
    post_fixtures,
    processing_fee,
)
from ecosystem.local.stripe.resources import schemas
from tests.local.stripe.under_test import KEY, StandIn

LONG_AGO = 1_740_000_000
BOOKINGS = 1500


def history(bookings: int) -> Fixtures:
    operator = FixtureAccount("acct_operator", LONG_AGO, "o@shop.example", business_name="Ferro")
    agency = FixtureAccount("acct_agency", LONG_AGO, "a@shop.example")
    made = Fixtures(accounts=[operator, agency])
    for number in range(bookings):
        charge, at = f"ch_{number}", LONG_AGO + number * 3600
        made.payments.append(
            FixturePayment(
                f"cs_test_{number}",
                100_000,
                "eur",
                at,
                payment_intent_id=f"pi_{number}",
                charge_id=charge,
                customer_email="c@shop.example",
                transfer_group=f"booking-{number}",
                metadata={"booking": str(number)},
            )
        )
        for account, amount in ((operator, 80_000), (agency, 10_000)):
            made.transfers.append(
                FixtureTransfer(
                    f"tr_{account.id}_{number}",
                    amount,
                    "eur",
                    at + 60,
                    account.id,
                    source_transaction=charge,
                    transfer_group=f"booking-{number}",
                )
            )
    made.refunds.append(FixtureRefund("re_0", "ch_0", 30_000, LONG_AGO + 90_000))
    made.reversals.append(FixtureReversal("trr_0", "tr_acct_operator_0", 20_000, LONG_AGO + 90_000))
    return made


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with StandIn(tmp_path_factory.mktemp("filled") / "state") as running:
        running.imported, running.took = imported(running, BOOKINGS)  # type: ignore[attr-defined]
        yield running


def imported(stand_in: StandIn, bookings: int) -> tuple[dict[str, int], float]:
    """How many of each kind, and the seconds of processor that the stand-in took for them."""
    process = psutil.Process(stand_in.pid)
    before = process.cpu_times()
    counts = post_fixtures(stand_in.base, KEY, history(bookings))
    after = process.cpu_times()
    return counts, sum(after[:2]) - sum(before[:2])


def test_a_year_of_bookings_is_imported(filled: Any, tmp_path: Path) -> None:
    assert filled.imported["charge"] == BOOKINGS * 3, "with what the accounts received"
    assert filled.imported["transfer"] == BOOKINGS * 2
    with StandIn(tmp_path / "state") as smaller:
        _, took = imported(smaller, BOOKINGS // 5)
    assert filled.took < 3 * 5 * took, "each booking costs more, the more there are"


def test_imported_history_reads_like_lived_history(filled: Any) -> None:
    api = filled.stripe.v1
    session = api.checkout.sessions.retrieve(
        "cs_test_0", {"expand": ["payment_intent.latest_charge.balance_transaction"]}
    )
    assert (session.status, session.created, session.metadata.booking) == (
        "complete",
        LONG_AGO,
        "0",
    )
    charge = session.payment_intent.latest_charge
    assert (charge.id, charge.amount_refunded) == ("ch_0", 30_000)
    assert charge.balance_transaction.fee == processing_fee(100_000) == 1525
    assert charge.balance_transaction.id == derived_id("txn", "ch_0")
    transfer = api.transfers.retrieve("tr_acct_operator_0")
    assert (transfer.amount_reversed, transfer.reversals.data[0].id) == (20_000, "trr_0")
    newest = api.charges.list({"limit": 1}).data[0]
    assert newest.id == f"ch_{BOOKINGS - 1}", "lists go by the given times"
    assert api.accounts.retrieve("acct_operator").capabilities.transfers == "active"
    total = sum(item.amount for item in api.balance.retrieve().available)
    assert total == BOOKINGS * (100_000 - 1525 - 90_000) - 30_000 + 20_000
    assert api.events.list().data == [], "nothing is announced"


def test_life_goes_on_after_an_import(filled: Any) -> None:
    refund = filled.stripe.v1.refunds.create({"charge": "ch_5", "amount": 1000})
    assert refund.payment_intent == "pi_5"
    reversal = filled.stripe.v1.transfers.reversals.create("tr_acct_agency_5", {"amount": 100})
    assert reversal.amount == 100


def test_a_second_import_changes_nothing(filled: Any) -> None:
    before = filled.stripe.v1.balance.retrieve().available[0].amount
    assert post_fixtures(filled.base, KEY, history(20)) == {}
    assert filled.stripe.v1.balance.retrieve().available[0].amount == before


def test_references_to_nothing_are_refused(stand_in: StandIn) -> None:
    wrong = Fixtures(refunds=[FixtureRefund("re_x", "ch_nobody", 5, LONG_AGO)])
    with pytest.raises(FixturesRefused, match="ch_nobody"):
        post_fixtures(stand_in.base, KEY, wrong)
    account = FixtureAccount("acct_half", LONG_AGO)
    both = dataclasses.replace(wrong, accounts=[account])
    with pytest.raises(FixturesRefused):
        post_fixtures(stand_in.base, KEY, both)
    assert stand_in.http.get("/v1/accounts/acct_half", auth=(KEY, "")).status_code == 403


def closed_schema(name: str) -> dict[str, Any]:
    """A resource schema in which ids may stand for objects and foreign objects are any object."""

    def turn(schema: Any) -> Any:
        if isinstance(schema, list):
            return [turn(item) for item in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return {"type": "object"}
        turned = {key: turn(value) for key, value in schema.items() if key != "nullable"}
        return {"anyOf": [turned, {"type": "null"}]} if schema.get("nullable") is True else turned

    resource = schemas()[name]
    properties = {key: turn(value) for key, value in resource["properties"].items()}
    return {**turn(resource), "properties": properties, "additionalProperties": False}


def test_answers_have_the_fields_that_stripe_documents(stand_in: StandIn) -> None:
    account = stand_in.account()
    charge = stand_in.paid(10000, "4000 0000 0000 0259")
    other = stand_in.paid(10000)
    made: Any = stand_in.stripe.v1.transfers.create(
        {
            "amount": 5000,
            "currency": "eur",
            "destination": account.id,
            "source_transaction": other.id,
        }
    )
    stand_in.stripe.v1.transfers.reversals.create(made.id, {"amount": 100})
    refund = stand_in.stripe.v1.refunds.create({"charge": other.id, "amount": 100})
    stand_in.control(f"refunds/{refund.id}/fail", {})
    stand_in.stripe.v1.customers.create({"name": "Maja"})
    declined = stand_in.session()
    stand_in.submit(declined, "4000 0000 0000 0002")
    paths = {
        "account": "/v1/accounts",
        "balance_transaction": "/v1/balance_transactions",
        "charge": "/v1/charges",
        "checkout.session": "/v1/checkout/sessions",
        "customer": "/v1/customers",
        "dispute": "/v1/disputes",
        "event": "/v1/events",
        "payment_intent": "/v1/payment_intents",
        "refund": "/v1/refunds",
        "transfer": "/v1/transfers",
        "transfer_reversal": f"/v1/transfers/{made.id}/reversals",
    }
    assert charge.disputed
    for name, path in paths.items():
        answer = stand_in.http.get(path, params={"limit": 40}, auth=(KEY, "")).json()
        assert answer["data"], name
        validator = Draft4Validator(closed_schema(name))
        for item in answer["data"]:
            problems = [
                f"{error.json_path}: {error.message}" for error in validator.iter_errors(item)
            ]
            assert not problems, f"{name}: {problems}"


def test_one_stand_in_is_small(stand_in: StandIn) -> None:
    assert psutil.Process(stand_in.pid).memory_info().rss < 90_000_000
