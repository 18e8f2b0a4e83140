"""The parties' shares: due, sent, waited for, taken back."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.database.queries import ledger
from ecosystem.database.queries import transfers as rows
from ecosystem.domain import ledger as postings
from ecosystem.domain.errors import Conflict, Forbidden, Unavailable
from ecosystem.domain.ids import uuid7
from ecosystem.domain.money import Money, step
from ecosystem.domain.split import split
from ecosystem.services.operations import AdjustmentForm
from ecosystem.services.transfers.sending import KEYS_LAST, PATIENT
from ecosystem.services.transfers.tending import PATIENCE, QUIET
from tests.bookings.sold import OPS, Sold, pay_after, sell
from tests.product import GUEST, Product

AVAILABLE_AT_ONCE = "4000 0000 0000 0077"
"""Stripe's test card whose money can be paid out right away."""


def operator_part(sold: Sold, total: int) -> int:
    [row] = sold.rows("select commission_percent, currency from bookings where id = :id")
    return split(Money(total, row.currency), row.commission_percent, by_agency=False).operator.minor


def books_agree(product: Product) -> None:
    """All but the cash, which the tests of one stand-in share."""
    bad = [check for check in product.services.ledger_checks.look()[:-1] if not check.good]
    assert not bad, bad


def test_a_share_leaves_when_it_is_due_and_once(product: Product, clock: Any) -> None:
    sold = sell(product)
    sold.due()
    assert sold.transfers() == [], "the trip has not begun"
    clock.move(days=121, hours=12)
    threads = [threading.Thread(target=sold.due) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sold.due()
    [row] = sold.transfers()
    part = operator_part(sold, sold.booking.total.minor)
    assert (row.state, row.amount_minor, row.party) == ("sent", part, "operator")
    assert sold.at_stripe() == part
    assert "operator_payable" not in sold.balances()
    books_agree(product)


def test_days_after_departure_are_counted_where_the_trip_is(product: Product, clock: Any) -> None:
    sold = sell(product, starts_in=10)
    pay_after(product, sold.offer, "departure", 3)
    start = sold.rows("select starts_on from bookings where id = :id")[0].starts_on
    # Rome is ahead of UTC: its day begins while it is still the day before here.
    first_moment = clock.now().replace(
        year=start.year, month=start.month, day=start.day, hour=22, minute=30
    ) + timedelta(days=2)
    clock.move(seconds=(first_moment - clock.now()).total_seconds() - 3 * 3600)
    sold.due()
    assert sold.transfers() == []
    clock.move(hours=3, minutes=45)
    sold.due()
    assert [row.state for row in sold.transfers()] == ["sent"]


@pytest.mark.parametrize(
    ("currency", "price"), [("EUR", "1340.01"), ("JPY", "13401"), ("KWD", "99.99")]
)
def test_deposit_and_balance_together_send_the_whole_part(
    product: Product, currency: str, price: str
) -> None:
    sold = sell(product, pay="deposit", currency=currency, price=price)
    sold.pay_out_at_once()
    sold.due()
    [first] = sold.transfers()
    total = sold.booking.total.minor
    part = operator_part(sold, total)
    [deposit, balance] = sold.rows("select * from payments where booking_id = :id order by due_on")
    exact = part * deposit.amount_minor // total
    assert first.amount_minor == exact - exact % step(currency)
    assert first.amount_minor <= deposit.amount_minor
    product.services.payments.open(balance.id)
    page = sold.rows(
        "select stripe_session_id as id from payments where kind = 'balance' and booking_id = :id"
    )
    product.pay(page[0].id)
    product.services.payments.settle(page[0].id)
    sold.due()
    sent = sold.transfers()
    assert sum(row.amount_minor for row in sent) == part == sold.at_stripe()
    assert {row.payment_id for row in sent} == {deposit.id, balance.id}
    books_agree(product)


def test_a_share_waits_for_its_account(product: Product) -> None:
    sold = sell(product)
    sold.pay_out_at_once()
    active(product, sold, yes=False)
    sold.due()
    [row] = sold.transfers()
    assert (row.state, row.failure) == ("wanted", "account_not_active")
    ([seen], []) = product.services.transfers.open(OPS)
    assert (seen.reference, seen.failure) == (sold.booking.reference, "account_not_active")
    product.services.transfers.reconcile()
    assert sold.transfers()[0].state == "wanted"
    active(product, sold, yes=True)
    product.clock.move(minutes=3)
    product.services.transfers.reconcile()
    assert sold.transfers()[0].state == "sent"
    books_agree(product)


def test_an_account_stripe_knows_to_be_restricted_is_waited_for(product: Product) -> None:
    sold = sell(product)
    sold.pay_out_at_once()
    product.stripe.control(f"accounts/{sold.account()}", {"action": "restrict"})
    sold.due()
    [row] = sold.transfers()
    assert (row.state, row.failure) == ("wanted", "insufficient_capabilities_for_transfer")
    # What we thought of the account was wrong: Stripe was asked, and it is left in peace.
    product.clock.move(days=1)
    product.services.transfers.reconcile()
    assert sold.transfers()[0].attempt == 1
    product.stripe.control(f"accounts/{sold.account()}", {"action": "activate"})
    product.services.payouts.look(sold.account())
    product.services.transfers.reconcile()
    [row] = sold.transfers()
    assert (row.state, row.attempt) == ("sent", 2)


def test_a_share_refused_again_and_again_is_tried_ever_more_rarely(product: Product) -> None:
    sold = sell(product)
    sold.pay_out_at_once()
    product.services.transfers.plan(sold.id)
    [row] = sold.transfers()
    now = product.services.clock.now()
    product.change("update payout_accounts set updated_at = :at", at=now - timedelta(days=1))

    def due(after: timedelta) -> bool:
        with product.database.unit(RDS) as session:
            return row.id in rows.unsent(session, now + after, QUIET, PATIENCE, 10)

    for attempt, minutes in ((1, 4), (2, 8), (3, 16), (7, 256), (8, 360), (99, 360)):
        product.change(
            "update transfers set attempt = :n, updated_at = :at,"
            " failure = 'insufficient_capabilities_for_transfer'",
            n=attempt,
            at=now,
        )
        assert not due(timedelta(minutes=minutes, seconds=-1)), attempt
        assert due(timedelta(minutes=minutes, seconds=1)), attempt
    product.change("update payout_accounts set updated_at = :at", at=now + timedelta(seconds=1))
    assert due(QUIET + timedelta(seconds=2)), "the account stands otherwise than it did"


def test_people_of_operations_are_told_of_a_share_that_does_not_leave(product: Product) -> None:
    sold = sell(product)
    sold.pay_out_at_once()
    product.services.transfers.plan(sold.id)
    [row] = sold.transfers()
    for _ in range(PATIENT + 1):
        asked = product.services.transfers._intend(row.id)
        assert asked is not None
        product.services.transfers._refused(asked, "insufficient_capabilities_for_transfer")
    product.change("delete from outbox where topic = 'transfer.send'")
    product.work()
    [mail] = [mail for mail in product.postbox.sent if "does not leave" in mail.subject]
    assert sold.booking.reference in mail.subject


def test_an_adjustment_moves_what_the_ledger_says_by_then(product: Product) -> None:
    sold = sell(product)
    sold.pay_out_at_once()
    sold.due()
    part = operator_part(sold, sold.booking.total.minor)
    adjust(product, sold, "operator_payable", "platform_revenue", "40.00")
    sold.due()
    assert sold.at_stripe() == part - 4000
    [back] = sold.reversals()
    assert (back.amount_minor, back.reason, back.state) == (4000, "adjustment", "done")
    adjust(product, sold, "platform_revenue", "operator_payable", "15.50")
    sold.due()
    assert sold.at_stripe() == part - 2450
    assert "operator_payable" not in sold.balances()
    books_agree(product)


def adjust(product: Product, sold: Sold, debit: str, credit: str, amount: str) -> None:
    """Proposed by one person of operations, approved by another."""
    form = AdjustmentForm(
        reference=sold.booking.reference,
        debit=debit,
        credit=credit,
        amount=amount,
        reason="Agreed with the operator by e-mail.",
    )
    made = product.services.adjusting.propose(OPS, form)
    product.services.adjusting.approve(replace(OPS, user_id=uuid7()), made.id)


def active(product: Product, sold: Sold, *, yes: bool) -> None:
    with product.database.unit(RDS) as session:
        session.execute(
            text("update payout_accounts set transfers_active = :yes where party_id = :id"),
            {"yes": yes, "id": sold.offer.operator_id},
        )


def test_a_connection_cut_after_the_transfer_is_the_same_transfer(product: Product) -> None:
    sold = sell(product)
    sold.pay_out_at_once()
    product.services.transfers.plan(sold.id)
    [row] = sold.transfers()
    fault = {"method": "POST", "path": "/v1/transfers", "kind": "cut_after", "times": 9}
    product.stripe.control("faults", {"api": fault})
    with pytest.raises(Unavailable):
        product.services.transfers.send({"transfer_id": str(row.id)})
    product.stripe.control("faults", {"api": []})
    # Cancelled while nobody knows whether it was sent: it was, and it comes back.
    sold.repriced(0)
    product.services.transfers.send({"transfer_id": str(row.id)})
    product.work()
    [row] = sold.transfers()
    assert row.reversed_minor == row.amount_minor
    assert sold.at_stripe() == 0
    assert set(sold.balances()) == {"platform_cash", "processing_fees"}
    books_agree(product)


def test_a_transfer_is_found_again_when_its_key_is_forgotten(product: Product, clock: Any) -> None:
    sold = sell(product)
    sold.pay_out_at_once()
    product.services.transfers.plan(sold.id)
    [row] = sold.transfers()
    fault = {"method": "POST", "path": "/v1/transfers", "kind": "500", "times": 9}
    product.stripe.control("faults", {"api": fault})
    with pytest.raises(Unavailable):
        product.services.transfers.send({"transfer_id": str(row.id)})
    product.stripe.control("faults", {"api": []})
    [row] = sold.transfers()
    product.vendor().transfer(
        f"transfer:{row.id}:forgotten",
        Money(row.amount_minor, row.currency),
        row.stripe_account_id,
        row.source_charge,
        str(sold.id),
        {"transfer_id": str(row.id), "attempt": "1"},
    )
    clock.move(seconds=KEYS_LAST.total_seconds() + 60)
    product.services.transfers.reconcile()
    assert sold.transfers()[0].state == "sent"
    assert sold.at_stripe() == row.amount_minor


def test_a_change_before_the_share_left_needs_no_way_back(product: Product) -> None:
    sold = sell(product)
    sold.pay_out_at_once()
    product.services.transfers.plan(sold.id)
    sold.repriced(100_000)
    product.work()
    [row] = sold.transfers()
    assert (row.state, row.amount_minor) == ("sent", operator_part(sold, 100_000))
    assert sold.reversals() == []
    books_agree(product)


def test_what_a_party_has_too_much_comes_back(product: Product) -> None:
    sold = sell(product)
    sold.pay_out_at_once()
    sold.due()
    sold.repriced(100_000)
    product.work()
    [row] = sold.reversals()
    assert row.state == "done"
    assert sold.at_stripe() == operator_part(sold, 100_000)
    assert sold.balances().get("operator_payable") is None
    sold.repriced(0)
    product.work()
    assert sold.at_stripe() == 0
    assert set(sold.balances()) == {"platform_cash", "processing_fees"}
    books_agree(product)


def test_money_that_cannot_be_taken_back_is_asked_for_again(product: Product, clock: Any) -> None:
    sold = sell(product, card=AVAILABLE_AT_ONCE)
    sold.pay_out_at_once()
    sold.due()
    product.stripe.control(f"accounts/{sold.account()}", {"action": "pay_out"})
    sold.repriced(100_000)
    product.work()
    [row] = sold.reversals()
    assert (row.state, row.failure) == ("failed", "balance_insufficient")
    ([], [seen]) = product.services.transfers.open(OPS)
    assert seen.id == row.id
    books_agree(product)
    other = sell(product)
    with product.database.unit(RDS) as session:
        session.execute(
            text(
                "update payout_accounts set stripe_account_id = stripe_account_id || 'x'"
                " where party_id = :id"
            ),
            {"id": sold.offer.operator_id},
        )
        session.execute(
            text("update payout_accounts set stripe_account_id = :account where party_id = :id"),
            {"account": sold.account(), "id": other.offer.operator_id},
        )
    other.pay_out_at_once()
    other.due()
    clock.move(hours=7)
    product.services.transfers.reconcile()
    [row] = sold.reversals()
    assert (row.state, row.attempt) == ("done", 1)
    books_agree(product)


def test_money_that_was_settled_another_way_is_not_taken_back_too(
    product: Product, clock: Any
) -> None:
    sold = sell(product, card=AVAILABLE_AT_ONCE)
    sold.pay_out_at_once()
    sold.due()
    product.stripe.control(f"accounts/{sold.account()}", {"action": "pay_out"})
    sold.repriced(100_000)
    product.work()
    [row] = sold.reversals()
    assert row.state == "failed"
    amount = Money(row.amount_minor, row.currency)
    given_up = postings.adjusted(
        uuid7(), "platform_revenue", "operator_payable", amount, "Agreed by phone"
    )
    with product.database.unit(RDS) as session:
        ledger.post(session, sold.booking.id, [given_up], clock.now())
    clock.move(hours=7)
    product.services.transfers.reconcile()
    assert sold.reversals() == []
    assert "operator_payable" not in sold.balances()
    books_agree(product)


def test_a_reversal_somebody_made_at_stripe_is_owed_again(product: Product) -> None:
    sold = sell(product)
    sold.pay_out_at_once()
    sold.due()
    [row] = sold.transfers()
    product.stripe.stripe.v1.transfers.reversals.create(row.stripe_transfer_id, {"amount": 700})
    for _ in range(3):
        product.services.transfers.look(row.stripe_transfer_id)
    assert [(r.reason, r.amount_minor) for r in sold.reversals()] == [("stripe", 700)]
    assert sold.balances()["operator_payable"] == -700
    sold.due()
    assert len(sold.transfers()) == 1, "nobody decided to send it again"
    books_agree(product)


def test_after_a_dispute_was_won_the_rest_is_sent_again(product: Product) -> None:
    sold = sell(product)
    sold.pay_out_at_once()
    sold.due()
    [row] = sold.transfers()
    product.stripe.stripe.v1.transfers.reversals.create(row.stripe_transfer_id, {"amount": 700})
    product.services.transfers.look(row.stripe_transfer_id)
    with product.database.unit(RDS) as session:
        rows.plan_again(session, row.booking_id)
    sold.due()
    assert [r.amount_minor for r in sold.transfers()][1:] == [700]
    assert "operator_payable" not in sold.balances()
    books_agree(product)


def test_only_operations_see_what_waits(product: Product) -> None:
    with pytest.raises(Forbidden):
        product.services.transfers.open(GUEST)
    with pytest.raises(Forbidden):
        product.services.ledger_checks.run(GUEST)
    sold = sell(product)
    sold.pay_out_at_once()
    sold.due()
    with pytest.raises(Conflict):
        product.services.transfers.retry(OPS, sold.transfers()[0].id)
