"""What every request goes through: key, parameters, idempotency, pages, expansion, trouble."""

import time
import uuid
from typing import Any

import pytest
import stripe

from ecosystem.local.stripe import schemas
from ecosystem.local.stripe.routes import OPERATIONS
from tests.local.stripe.under_test import KEY, StandIn


def post(stand_in: StandIn, path: str, text: str, **headers: str) -> Any:
    content = {"content-type": "application/x-www-form-urlencoded"}
    own = {"authorization": f"Bearer {KEY}", **content, **headers}
    return stand_in.http.post(path, content=text, headers=own)


def test_a_wrong_key_is_401(stand_in: StandIn) -> None:
    with pytest.raises(stripe.AuthenticationError, match=r"sk_test_\*"):
        stand_in.client("sk_test_somebody_elses").v1.balance.retrieve()
    assert stand_in.http.get("/v1/balance").status_code == 401
    assert stand_in.http.get("/_control/requests").status_code == 401
    assert stand_in.http.get("/v1/balance", auth=(KEY, "")).status_code == 200


def test_every_operation_has_a_schema() -> None:
    for method, path in OPERATIONS:
        assert schemas.schema_of(method, path)["additionalProperties"] is False, path


@pytest.mark.parametrize(
    ("path", "body", "param", "code"),
    [
        ("/v1/transfers", "currency=eur&destination=a&colour=red", "colour", "parameter_unknown"),
        ("/v1/transfers", "amount=5&currency=eur", "destination", "parameter_missing"),
        ("/v1/transfers", "amount=5.5&currency=eur&destination=a", "amount", "parameter_invalid_integer"),
        ("/v1/transfers", "amount=5&currency=quid&destination=a", "currency", None),
        ("/v1/transfers", "amount=5&currency=eur&destination=", "destination", "parameter_invalid_empty"),
        ("/v1/refunds", "charge=ch_1&reason=regret", "reason", None),
        ("/v1/refunds", "charge[id]=ch_1", "charge", None),
        ("/v1/account_links", "account=a&type=account_onboarding", "refresh_url", "parameter_missing"),
        ("/v1/checkout/sessions", "mode=payment&automatic_tax[on]=true", "automatic_tax[on]", "parameter_unknown"),
        ("/v1/checkout/sessions", "mode=payment&automatic_tax[enabled]=yes", "automatic_tax[enabled]", None),
        ("/v1/checkout/sessions", "mode=payment&line_items=x", "line_items", None),
        ("/v1/checkout/sessions", "mode=payment&line_items[0][qty]=1", "line_items[0][qty]", "parameter_unknown"),
        ("/v1/checkout/sessions", "mode=gift", "mode", None),
    ],
)  # fmt: skip
def test_parameters_are_held_against_stripes_schema(
    stand_in: StandIn, path: str, body: str, param: str, code: str | None
) -> None:
    if path == "/v1/account_links":
        body = body.replace("account=a", f"account={stand_in.account(active=False).id}")
    answer = post(stand_in, path, body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert (error.get("param"), error.get("code")) == (param, code)
    assert answer.headers["request-id"].startswith("req_")


def test_arrays_may_be_numbered_or_not(stand_in: StandIn) -> None:
    for key in ("expand[0]", "expand[]"):
        answer = stand_in.http.get(
            "/v1/charges",
            params={key: "data.balance_transaction"},
            headers={"authorization": f"Bearer {KEY}"},
        )
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("body", ["a[=1", "a[b]=1&a=2", "=1"])
def test_unreadable_keys_are_refused(stand_in: StandIn, body: str) -> None:
    assert post(stand_in, "/v1/refunds", body).status_code == 400


def test_json_bodies_are_refused(stand_in: StandIn) -> None:
    own = {"content-type": "application/json", "authorization": f"Bearer {KEY}"}
    assert stand_in.http.post("/v1/refunds", content="{}", headers=own).status_code == 400


def test_unknown_addresses_and_ids_are_404(stand_in: StandIn) -> None:
    assert post(stand_in, "/v1/wishes", "").status_code == 404
    for read in (
        lambda: stand_in.stripe.v1.checkout.sessions.retrieve("cs_test_x"),
        lambda: stand_in.stripe.v1.payment_intents.retrieve("pi_x"),
        lambda: stand_in.stripe.v1.charges.retrieve("ch_x"),
        lambda: stand_in.stripe.v1.refunds.retrieve("re_x"),
        lambda: stand_in.stripe.v1.transfers.retrieve("tr_x"),
        lambda: stand_in.stripe.v1.disputes.retrieve("du_x"),
        lambda: stand_in.stripe.v1.events.retrieve("evt_x"),
        lambda: stand_in.stripe.v1.balance_transactions.retrieve("txn_x"),
        lambda: stand_in.stripe.v1.customers.retrieve("cus_x"),
    ):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            read()
        assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.PermissionError):
        stand_in.stripe.v1.accounts.retrieve("acct_x")


def test_a_repeated_key_gives_the_same_answer_and_does_nothing_more(stand_in: StandIn) -> None:
    charge, key = stand_in.paid(), f"refund-{uuid.uuid4()}"
    options: Any = {"idempotency_key": key}
    first = stand_in.stripe.v1.refunds.create({"charge": charge.id, "amount": 100}, options)
    second = stand_in.stripe.v1.refunds.create({"charge": charge.id, "amount": 100}, options)
    assert first.id == second.id
    assert stand_in.stripe.v1.charges.retrieve(charge.id).amount_refunded == 100
    again = post(
        stand_in, "/v1/refunds", f"charge={charge.id}&amount=100", **{"idempotency-key": key}
    )
    assert again.headers["idempotent-replayed"] == "true"


def test_a_key_with_other_parameters_is_a_conflict(stand_in: StandIn) -> None:
    charge = stand_in.paid()
    options: Any = {"idempotency_key": f"refund-{uuid.uuid4()}"}
    stand_in.stripe.v1.refunds.create({"charge": charge.id, "amount": 100}, options)
    with pytest.raises(stripe.IdempotencyError):
        stand_in.stripe.v1.refunds.create({"charge": charge.id, "amount": 200}, options)
    with pytest.raises(stripe.IdempotencyError):
        stand_in.stripe.v1.customers.create({"name": "M"}, options)


def test_a_refusal_by_the_operation_is_repeated_too_one_by_the_schema_is_not(
    stand_in: StandIn,
) -> None:
    options: Any = {"idempotency_key": f"refund-{uuid.uuid4()}"}
    charge = stand_in.paid(5000)
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
            stand_in.stripe.v1.refunds.create({"charge": charge.id, "amount": 9999}, options)
    key = {"idempotency-key": f"refund-{uuid.uuid4()}"}
    wrong = post(stand_in, "/v1/refunds", f"charge={charge.id}&amuont=1", **key)
    right = post(stand_in, "/v1/refunds", f"charge={charge.id}&amount=1", **key)
    assert (wrong.status_code, right.status_code) == (400, 200)


def test_keys_are_forgotten_after_a_day(stand_in: StandIn) -> None:
    options: Any = {"idempotency_key": f"customer-{uuid.uuid4()}"}
    first = stand_in.stripe.v1.customers.create({"name": "M"}, options)
    stand_in.control("clock", {"advance": 24 * 3600 + 1})
    assert stand_in.stripe.v1.customers.create({"name": "N"}, options).id != first.id


def test_pages_of_a_list(stand_in: StandIn) -> None:
    group = f"group-{uuid.uuid4()}"
    data: Any = {"transfer_group": group}
    made = [stand_in.paid(1000 + at, payment_intent_data=data).id for at in range(5)][::-1]
    charges = stand_in.stripe.v1.charges
    first = charges.list({"transfer_group": group, "limit": 2})
    assert ([item.id for item in first.data], first.has_more) == (made[:2], True)
    after: Any = {"transfer_group": group, "limit": 2, "starting_after": made[1]}
    assert [item.id for item in charges.list(after).data] == made[2:4]
    before: Any = {"transfer_group": group, "limit": 2, "ending_before": made[3]}
    page = charges.list(before)
    assert ([item.id for item in page.data], page.has_more) == (made[1:3], True)
    walked = charges.list({"transfer_group": group, "limit": 2}).auto_paging_iter()
    assert [item.id for item in walked] == made


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"starting_after": "ch_nothing"}, "starting_after"),
        ({"starting_after": "ch_1", "ending_before": "ch_2"}, "starting_after"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_list_parameters_are_checked(stand_in: StandIn, params: dict[str, Any], param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stand_in.stripe.v1.charges.list(params)  # type: ignore[arg-type]
    assert caught.value.param == param


def test_lists_by_time(stand_in: StandIn) -> None:
    charge = stand_in.paid()
    created = charge.created
    charges = stand_in.stripe.v1.charges
    since = charges.list({"created": {"gte": created}, "limit": 100})
    assert charge.id in [item.id for item in since.data]
    earlier = charges.list({"created": {"lt": created}, "limit": 100})
    assert charge.id not in [item.id for item in earlier.data]


def test_expansion(stand_in: StandIn) -> None:
    charge = stand_in.paid()
    sessions = stand_in.stripe.v1.checkout.sessions
    page = sessions.list(
        {
            "payment_intent": charge.payment_intent,
            "expand": ["data.payment_intent", "data.line_items"],
        }
    )
    assert page.data[0].payment_intent.amount == 12900  # type: ignore[union-attr]
    assert page.data[0].line_items.data[0].quantity == 1  # type: ignore[union-attr]
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        stand_in.stripe.v1.charges.retrieve(charge.id, {"expand": ["amount"]})
    with pytest.raises(stripe.InvalidRequestError, match="more than 4 levels"):
        stand_in.stripe.v1.charges.retrieve(charge.id, {"expand": ["a.b.c.d.e"]})


def test_requests_are_remembered_for_conformance_tests(stand_in: StandIn) -> None:
    stand_in.stripe.v1.customers.create({"name": "Maja", "metadata": {"n": "1"}})
    path = "requests?operation=POST /v1/customers"
    last = stand_in.control(path, method="GET")["requests"][-1]
    assert last["params"] == {"name": "Maja", "metadata": {"n": "1"}}
    assert last["status"] == 200
    assert last["idempotency_key"], "the client always sends one"
    assert last["version"]


def test_the_last_word_of_the_api_under_trouble(stand_in: StandIn) -> None:
    charge = stand_in.paid()
    params: Any = {"charge": charge.id, "amount": 100}
    rule = {"method": "POST", "path": "/v1/refunds", "times": 1}
    once = stand_in.client(max_network_retries=0).v1.refunds
    stand_in.control("faults", {"api": {**rule, "kind": "500"}})
    with pytest.raises(stripe.APIError):
        once.create(params)
    stand_in.control("faults", {"api": {**rule, "kind": "429"}})
    with pytest.raises(stripe.RateLimitError):
        once.create(params)
    assert stand_in.stripe.v1.charges.retrieve(charge.id).amount_refunded == 0
    stand_in.control("faults", {"api": {**rule, "kind": "slow", "seconds": 0.3}})
    started = time.monotonic()
    once.create(params)
    assert time.monotonic() - started >= 0.3


def test_a_cut_connection_leaves_the_work_done_and_the_key_finds_it(stand_in: StandIn) -> None:
    charge = stand_in.paid()
    params: Any = {"charge": charge.id, "amount": 100}
    options: Any = {"idempotency_key": f"refund-{uuid.uuid4()}"}
    rule = {"method": "POST", "path": "/v1/refunds", "kind": "cut_after"}
    stand_in.control("faults", {"api": rule})
    with pytest.raises(stripe.APIConnectionError):
        stand_in.client(max_network_retries=0).v1.refunds.create(params, options)
    assert stand_in.stripe.v1.charges.retrieve(charge.id).amount_refunded == 100
    assert stand_in.stripe.v1.refunds.create(params, options).amount == 100
    assert stand_in.stripe.v1.charges.retrieve(charge.id).amount_refunded == 100


def test_unknown_trouble_is_refused(stand_in: StandIn) -> None:
    for body in ({"mode": "gremlins"}, {"api": {"kind": "418"}}, {"modus": "drop"}):
        assert stand_in.refused("faults", body) == 400


def test_customers(stand_in: StandIn) -> None:
    customers = stand_in.stripe.v1.customers
    made = customers.create({"name": "Maja", "email": "maja@shop.example"})
    for value, left in (("1", {"a": "1"}), ("", {})):
        changed = customers.update(made.id, {"metadata": {"a": value}})
        assert changed.to_dict()["metadata"] == left
    session = stand_in.session(customer=made.id, customer_email=None)
    stand_in.submit(session)
    assert stand_in.stripe.v1.checkout.sessions.retrieve(session.id).customer == made.id
    assert customers.delete(made.id).deleted
