"""Checkout Sessions: what may be created, how they are paid, when they end."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import stripe

from tests.local.stripe.under_test import StandIn, line

DAY = 24 * 3600


def retrieve(stand_in: StandIn, session: Any, *expand: str) -> Any:
    return stand_in.stripe.v1.checkout.sessions.retrieve(session.id, {"expand": list(expand)})


def test_a_new_session_is_open_and_unpaid_and_has_no_intent_yet(stand_in: StandIn) -> None:
    session = stand_in.session(client_reference_id="hold-1", metadata={"booking": "b1"})
    assert (session.status, session.payment_status, session.payment_intent) == (
        "open",
        "unpaid",
        None,
    )
    assert session.amount_total == 12900
    assert session.url == f"{stand_in.base}/c/pay/{session.id}"
    assert session.metadata["booking"] == "b1"
    assert session.expires_at - session.created == DAY
    lines = stand_in.stripe.v1.checkout.sessions.line_items.list(session.id)
    assert [item.description for item in lines.data] == ["Rome by rail"]


def test_paying_on_the_page_leads_back_with_the_sessions_id(stand_in: StandIn) -> None:
    session = stand_in.session(
        payment_intent_data={"transfer_group": "booking-7", "metadata": {"booking": "b7"}}
    )
    answer = stand_in.submit(session)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"http://shop.example/done?session={session.id}"
    done = retrieve(stand_in, session, "payment_intent.latest_charge.balance_transaction")
    assert (done.status, done.payment_status, done.url) == ("complete", "paid", None)
    intent = done.payment_intent
    assert (intent.status, intent.amount_received) == ("succeeded", 12900)
    assert intent.metadata["booking"] == "b7"
    charge = intent.latest_charge
    assert (charge.paid, charge.transfer_group) == (True, "booking-7")
    entry = charge.balance_transaction
    assert (entry.amount, entry.fee, entry.net) == (12900, 219, 12681), "1.5 % and 25 cents"
    types = [
        item.type
        for item in stand_in.endpoint.wait(
            lambda item: item.subject in (session.id, intent.id, charge.id), 4
        )
    ]
    assert sorted(types) == [
        "charge.succeeded",
        "checkout.session.completed",
        "payment_intent.created",
        "payment_intent.succeeded",
    ]


@pytest.mark.parametrize(
    ("card", "decline_code", "words"),
    [
        ("4000 0000 0000 0002", "generic_decline", "Your card was declined."),
        ("4000 0000 0000 9995", "insufficient_funds", "Your card has insufficient funds."),
        ("4111 1111 1111 1111", "test_mode_live_card", "takes only the test cards"),
    ],
)
def test_a_declined_card_leaves_the_session_open(
    stand_in: StandIn, card: str, decline_code: str, words: str
) -> None:
    session = stand_in.session()
    answer = stand_in.submit(session, card)
    assert answer.headers["location"] == session.url
    page = stand_in.http.get(session.url)
    assert words in page.text
    assert 'role="alert"' in page.text
    assert words not in stand_in.http.get(session.url).text, "told once"
    still = retrieve(stand_in, session, "payment_intent")
    assert (still.status, still.payment_status) == ("open", "unpaid")
    intent = still.payment_intent
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.decline_code == decline_code
    stand_in.endpoint.wait(
        lambda item: item.type == "payment_intent.payment_failed" and item.subject == intent.id
    )
    assert stand_in.submit(session).headers["location"].startswith("http://shop.example/done")
    assert retrieve(stand_in, session).payment_intent == intent.id, "the same intent, again"


def test_wrong_fields_are_named_where_they_are(stand_in: StandIn) -> None:
    session = stand_in.session()
    answer = stand_in.submit(session, "4242 4242 4242 4241", expiry="01/20", cvc="1")
    assert answer.status_code == 422
    for name in ("number", "expiry", "cvc"):
        field = re.search(rf'<input id="{name}"[^>]*>', answer.text)
        assert field
        assert f'aria-describedby="{name}-error"' in field.group()
        assert 'aria-invalid="true"' in field.group()
    assert retrieve(stand_in, session).payment_intent is None, "no attempt was made"


def test_the_page_asks_nobody_else_and_has_what_tests_rely_on(stand_in: StandIn) -> None:
    page = stand_in.http.get(stand_in.session().url)
    for label in ("Card number", "Expiry", "CVC"):
        assert f">{label}</label>" in page.text
    assert '<button class="btn primary" type="submit">Pay</button>' in page.text
    assert page.text.count("<h1>") == 1
    assert "€129.00" in page.text
    assert 'href="http://shop.example/cancelled"' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert not re.findall(r'(?:src|@import|url\()\s*=?\s*["\']?(?:https?:)?//', page.text)


def test_what_the_seller_wrote_is_shown_as_text(stand_in: StandIn) -> None:
    item = line(5000)
    item["price_data"]["product_data"]["name"] = "<script>alert(1)</script>"
    page = stand_in.http.get(stand_in.session(line_items=[item]).url)
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize("passes", [True, False])
def test_authentication_first(stand_in: StandIn, passes: bool) -> None:
    session = stand_in.session()
    answer = stand_in.submit(session, "4000 0025 0000 3155")
    assert answer.headers["location"] == f"{session.url}/authenticate"
    assert retrieve(stand_in, session, "payment_intent").payment_intent.status == "requires_action"
    assert "Complete" in stand_in.http.get(f"{session.url}/authenticate").text
    choice = {"answer": "complete" if passes else "fail"}
    answer = stand_in.http.post(f"{session.url}/authenticate", data=choice)
    after = retrieve(stand_in, session, "payment_intent")
    if passes:
        assert answer.headers["location"].startswith("http://shop.example/done")
        assert (after.status, after.payment_status) == ("complete", "paid")
        again = stand_in.http.post(f"{session.url}/authenticate", data=choice)
        assert again.headers["location"].startswith("http://shop.example/done")
    else:
        assert answer.headers["location"] == session.url
        assert after.status == "open"
        error = after.payment_intent.last_payment_error
        assert error.code == "payment_intent_authentication_failure"


def test_paying_twice_charges_once(stand_in: StandIn) -> None:
    session = stand_in.session()
    first, second = stand_in.submit(session), stand_in.submit(session)
    assert first.headers["location"] == second.headers["location"]
    intent = str(retrieve(stand_in, session).payment_intent)
    assert len(stand_in.stripe.v1.charges.list({"payment_intent": intent}).data) == 1
    assert "This is paid" in stand_in.http.get(f"/c/pay/{session.id}").text


def test_many_at_once_charge_once(stand_in: StandIn) -> None:
    session = stand_in.session()
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: stand_in.submit(session), range(24)))
    assert {answer.status_code for answer in answers} == {303}
    intent = str(retrieve(stand_in, session).payment_intent)
    assert len(stand_in.stripe.v1.charges.list({"payment_intent": intent}).data) == 1


def test_an_expired_session_can_not_be_paid(stand_in: StandIn) -> None:
    session = stand_in.session()
    gone = stand_in.stripe.v1.checkout.sessions.expire(session.id)
    assert (gone.status, gone.url) == ("expired", None)
    answer = stand_in.submit(session)
    assert answer.status_code == 410
    assert "Nothing was charged" in answer.text
    assert "http://shop.example/cancelled" in answer.text
    stand_in.endpoint.wait(
        lambda item: item.type == "checkout.session.expired" and item.subject == session.id
    )


@pytest.mark.parametrize("ended_by", ["paying", "expiring"])
def test_only_an_open_session_expires(stand_in: StandIn, ended_by: str) -> None:
    session = stand_in.session()
    if ended_by == "paying":
        stand_in.submit(session)
    else:
        stand_in.stripe.v1.checkout.sessions.expire(session.id)
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        stand_in.stripe.v1.checkout.sessions.expire(session.id)


def test_expiring_cancels_an_attempt_that_had_failed(stand_in: StandIn) -> None:
    session = stand_in.session()
    stand_in.submit(session, "4000 0000 0000 0002")
    stand_in.stripe.v1.checkout.sessions.expire(session.id)
    intent = retrieve(stand_in, session, "payment_intent").payment_intent
    assert intent.status == "canceled"


def test_a_slow_method_completes_unpaid_and_settles_later(stand_in: StandIn) -> None:
    for succeeds in (True, False):
        session = stand_in.session()
        stand_in.control(f"sessions/{session.id}/pay", {"settles_later": True})
        assert retrieve(stand_in, session).payment_status == "unpaid"
        assert retrieve(stand_in, session).status == "complete"
        stand_in.control(f"sessions/{session.id}/settle", {"succeeds": succeeds})
        expected = "paid" if succeeds else "unpaid"
        assert retrieve(stand_in, session).payment_status == expected
        ending = "succeeded" if succeeds else "failed"
        stand_in.endpoint.wait(
            lambda item, session=session, ending=ending: (
                item.type == f"checkout.session.async_payment_{ending}"
                and item.subject == session.id
            )
        )


def refusal(stand_in: StandIn, **params: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stand_in.session(**params)
    assert caught.value.http_status == 400
    return caught.value


def test_life_of_a_session_is_bounded(stand_in: StandIn) -> None:
    now = stand_in.now()
    assert refusal(stand_in, expires_at=now + 29 * 60).param == "expires_at"
    assert refusal(stand_in, expires_at=now + DAY + 60).param == "expires_at"
    assert stand_in.session(expires_at=now + 31 * 60).expires_at == now + 31 * 60


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (49, "eur", "amount_too_small"),
        (29, "gbp", "amount_too_small"),
        (49, "jpy", "amount_too_small"),
        (100_000_000, "eur", "amount_too_large"),
    ],
)
def test_amounts_have_limits(stand_in: StandIn, amount: int, currency: str, code: str) -> None:
    assert refusal(stand_in, amount=amount, currency=currency).code == code


def test_zero_decimal_currencies_are_shown_whole(stand_in: StandIn) -> None:
    session = stand_in.session(15000, "jpy")
    assert "¥15,000<" in stand_in.http.get(session.url).text


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"line_items": []}, "line_items"),
        ({"line_items": [line(100), line(100, "usd")]}, "line_items"),
        ({"line_items": [{"price_data": line(1)["price_data"]}]}, "line_items[0][quantity]"),
        ({"line_items": [line(-5)]}, "line_items[0][price_data][unit_amount]"),
        ({"line_items": [{"price": "price_x", "quantity": 1}]}, "line_items[0][price]"),
        ({"customer_email": "no address"}, "customer_email"),
        ({"customer": "cus_nobody", "customer_email": None}, "customer"),
        ({"success_url": "not a url"}, "success_url"),
        ({"mode": "subscription"}, "mode"),
        ({"metadata": {"k" * 41: "v"}}, f"metadata[{'k' * 41}]"),
        ({"metadata": {"k": "v" * 501}}, "metadata[k]"),
        ({"metadata": {f"k{n}": "v" for n in range(51)}}, "metadata"),
        ({"client_reference_id": "x" * 201}, "client_reference_id"),
        (
            {"payment_intent_data": {"application_fee_amount": 5, "transfer_group": "g"}},
            "payment_intent_data[application_fee_amount]",
        ),
    ],
)
def test_refused_sessions_name_the_parameter(
    stand_in: StandIn, params: dict[str, Any], param: str
) -> None:
    assert refusal(stand_in, **params).param == param


def test_time_ends_sessions_and_settles_charges(stand_in: StandIn) -> None:
    session = stand_in.session(expires_at=stand_in.now() + 1900)
    entry = str(stand_in.paid(10000).balance_transaction)
    stand_in.control("clock", {"advance": 1901})
    stand_in.endpoint.wait(
        lambda item: item.type == "checkout.session.expired" and item.subject == session.id
    )
    assert retrieve(stand_in, session).status == "expired"
    assert stand_in.submit(session).status_code == 410
    entries = stand_in.stripe.v1.balance_transactions
    assert entries.retrieve(entry).status == "pending"
    stand_in.control("clock", {"advance": 2 * DAY})
    assert entries.retrieve(entry).status == "available"


def test_unknown_pages_are_404(stand_in: StandIn) -> None:
    answers: list[httpx.Response] = [
        stand_in.http.get("/c/pay/cs_test_nothing"),
        stand_in.http.get("/receipts/ch_nothing"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404]


def test_the_receipt_says_what_was_paid(stand_in: StandIn) -> None:
    charge = stand_in.paid(4200)
    page = stand_in.http.get(charge.receipt_url)
    assert "€42.00" in page.text
    assert "ending in 4242" in page.text
