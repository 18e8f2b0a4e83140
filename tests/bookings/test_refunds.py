"""Refunds from the promise to the card: kept, refused, sent back, made by somebody else."""

from typing import Any

import pytest

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from ecosystem.domain.ids import uuid7
from ecosystem.services.refunds import KEYS_LAST
from tests.bookings.sold import OPS, Sold, sell
from tests.product import Product


def refunds_at_stripe(sold: Sold) -> list[int]:
    [intent] = {row.payment_intent for row in sold.refunds()}
    return [r.amount.minor for r in sold.product.vendor().refunds_of(intent)]


def catch_up(product: Product) -> None:
    """Every event of Stripe arrives, three times."""
    events = product.vendor().events_since(product.services.clock.now().replace(year=2020))
    for event in events:
        product.services.inbox.keep(event)
    product.work()


def test_a_promise_is_carried_out_once(product: Product) -> None:
    sold = sell(product)
    sold.repriced(100_000)
    [row] = sold.refunds()
    back = sold.booking.total.minor - 100_000
    assert (row.state, row.amount_minor) == ("wanted", back)
    assert sold.balances()["refunds"] == -back
    for _ in range(3):
        product.services.refunds.carry_out({"refund_id": str(row.id)})
        product.services.refunds.reconcile()
        product.work()
    assert refunds_at_stripe(sold) == [back]
    [row] = sold.refunds()
    assert row.state == "succeeded"
    assert "refunds" not in sold.balances()
    assert sold.balances().get("buyer_receivable") is None
    [payment] = product.services.bookings.get(OPS, sold.booking.reference).payments
    assert payment.status == "partially_refunded"
    assert sum("on its way back" in mail.subject for mail in product.postbox.sent) == 1


def test_a_connection_cut_after_the_refund_is_the_same_refund(product: Product) -> None:
    sold = sell(product)
    sold.repriced(100_000)
    [row] = sold.refunds()
    fault = {"method": "POST", "path": "/v1/refunds", "kind": "cut_after", "times": 9}
    product.stripe.control("faults", {"api": fault})
    with pytest.raises(Unavailable):
        product.services.refunds.carry_out({"refund_id": str(row.id)})
    product.stripe.control("faults", {"api": []})
    assert sold.refunds()[0].state == "wanted"
    product.services.refunds.carry_out({"refund_id": str(row.id)})
    assert refunds_at_stripe(sold) == [row.amount_minor]


def test_a_refund_is_found_again_when_its_key_is_forgotten(product: Product, clock: Any) -> None:
    sold = sell(product)
    sold.repriced(100_000)
    [row] = sold.refunds()
    row_in_words = {"refund_id": str(row.id), "attempt": "0"}
    product.vendor().refund(
        f"refund:{row.id}:lost", row.payment_intent, _money(row), metadata=row_in_words
    )
    clock.move(seconds=KEYS_LAST.total_seconds() + 60)
    product.services.refunds.reconcile()
    assert refunds_at_stripe(sold) == [row.amount_minor]
    assert sold.refunds()[0].state == "succeeded"


def _money(row: Any) -> Any:
    from ecosystem.domain.money import Money

    return Money(row.amount_minor, row.currency)


def test_a_refund_the_bank_sends_back_is_owed_until_a_person_tries_again(product: Product) -> None:
    sold = sell(product)
    sold.repriced(100_000)
    product.work()
    [row] = sold.refunds()
    product.stripe.control(f"refunds/{row.stripe_refund_id}/fail", {})
    catch_up(product)
    catch_up(product)
    [row] = sold.refunds()
    assert (row.state, row.failure) == ("failed", "lost_or_stolen_card")
    assert sold.balances()["refunds"] == -row.amount_minor
    [seen] = product.services.refunds.open(OPS)
    assert (seen.id, seen.state, seen.failure) == (row.id, "failed", "lost_or_stolen_card")
    product.services.refunds.retry(OPS, row.id)
    with pytest.raises(Conflict):
        product.services.refunds.retry(OPS, row.id)
    product.work()
    catch_up(product)
    [row] = sold.refunds()
    assert (row.state, row.attempt, row.failure) == ("succeeded", 1, None)
    assert "refunds" not in sold.balances()
    assert product.services.refunds.open(OPS) == ()


def test_a_failed_refund_is_settled_by_hand(product: Product) -> None:
    sold = sell(product)
    sold.repriced(100_000)
    product.work()
    [row] = sold.refunds()
    with pytest.raises(Conflict):
        product.services.refunds.by_hand(OPS, row.id, "Transfer of 3 March")
    product.stripe.control(f"refunds/{row.stripe_refund_id}/fail", {})
    product.services.refunds.look(row.payment_intent)
    with pytest.raises(Invalid):
        product.services.refunds.by_hand(OPS, row.id, " ")
    product.services.refunds.by_hand(OPS, row.id, "Bank transfer of 3 March")
    assert sold.refunds()[0].state == "by_hand"
    assert "refunds" not in sold.balances()
    assert sold.balances()["bank"] == -row.amount_minor
    said = sold.rows("select data from audit_log where action = 'refund.by_hand'")
    assert [entry.data["note"] for entry in said] == ["Bank transfer of 3 March"]


def test_a_refund_stripe_refuses_waits_for_a_person(product: Product) -> None:
    sold = sell(product)
    [payment] = sold.rows("select * from payments where booking_id = :id")
    product.stripe.control(f"charges/{payment.stripe_charge}/dispute", {})
    sold.repriced(100_000)
    product.services.refunds.reconcile()
    product.services.outbox.step()
    [row] = sold.refunds()
    assert (row.state, row.failure) == ("failed", "charge_disputed")
    assert sold.balances()["refunds"] == -row.amount_minor


def test_a_refund_somebody_made_at_stripe_is_seen_in_the_books(product: Product) -> None:
    sold = sell(product)
    [payment] = sold.rows("select * from payments where booking_id = :id")
    product.stripe.stripe.v1.refunds.create({"charge": payment.stripe_charge, "amount": 5000})
    for _ in range(3):
        catch_up(product)
    [row] = sold.refunds()
    assert (row.reason, row.state, row.amount_minor) == ("goodwill", "succeeded", 5000)
    assert sold.balances()["buyer_receivable"] == 5000
    [payment] = sold.rows("select * from payments where booking_id = :id")
    assert (payment.status, payment.refunded_minor) == ("partially_refunded", 5000)
    assert all(check.good for check in product.services.ledger_checks.look()[:-1])


def test_paid_twice_in_two_tabs_gives_the_second_back(product: Product) -> None:
    sold = sell(product)
    [payment] = sold.rows("select * from payments where booking_id = :id")
    again = product.stripe.session(
        payment.amount_minor,
        payment.currency.lower(),
        metadata={"payment_id": str(payment.id), "booking_id": str(sold.id)},
    )
    product.pay(again.id)
    for _ in range(3):
        product.services.payments.settle(again.id)
        product.work()
    [row] = sold.refunds()
    assert (row.reason, row.state) == ("twice", "succeeded")
    [payment] = sold.rows("select * from payments where booking_id = :id")
    assert (payment.status, payment.refunded_minor) == ("paid", 0)
    assert sold.balances().get("buyer_receivable") is None
    assert sum("We gave back" in mail.subject for mail in product.postbox.sent) == 1
    assert all(check.good for check in product.services.ledger_checks.look()[:-1])


@pytest.mark.parametrize("role", ["guest", "customer", "agent", "provider"])
def test_only_operations_see_and_retry_refunds(product: Product, role: Any) -> None:
    actor = Actor(role=role, source="cognito", user_id=uuid7(), operator_id=uuid7())
    with pytest.raises(Forbidden):
        product.services.refunds.open(actor)
    with pytest.raises(Forbidden):
        product.services.refunds.retry(actor, uuid7())
    with pytest.raises(Forbidden):
        product.services.refunds.by_hand(actor, uuid7(), "note")
    with pytest.raises(NotFound):
        product.services.refunds.retry(OPS, uuid7())
