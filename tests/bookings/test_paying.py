"""A booking from hold to paid, over real databases, the real SDK and the stand-in."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from ecosystem.domain.actor import Actor
from ecosystem.domain.booking import LONGEST_WAIT
from ecosystem.domain.errors import Conflict, Gone, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.services.ports import CheckoutRequest, CheckoutSession, StripeEvent
from tests.product import GUEST, Product


def completed(product: Product, session_id: str, event_id: str = "evt_1") -> StripeEvent:
    """The event that Stripe sends when a page has been paid."""
    return StripeEvent(
        id=event_id,
        type="checkout.session.completed",
        account=None,
        created=product.services.clock.now(),
        object={"id": session_id, "object": "checkout.session"},
    )


def ledger_rest(product: Product, booking: Any) -> int:
    return product.one(
        "select coalesce(sum(amount_minor), 0) as rest from ledger_entries where booking_id = :id",
        id=booking.id,
    ).rest


def test_a_booking_is_confirmed_by_its_payment(product: Product) -> None:
    made = product.offer()
    hold = product.hold(made, addon_ids=frozenset({made.optional_addon}))
    assert [(line.label, line.quantity, line.amount.minor) for line in hold.price.lines] == [
        ("Adult", 2, 268000),
        ("City tax", 2, 2400),
        ("Uffizi with a guide", 2, 9600),
    ]
    booking = product.book(hold)
    assert booking.status == "pending_payment"
    assert booking.checkout_url
    product.pay(product.session_of(booking))
    assert product.services.inbox.keep(completed(product, product.session_of(booking)))
    product.work()
    paid = product.services.bookings.get(GUEST, booking.reference)
    assert (paid.status, paid.due.minor, paid.paid) == ("confirmed", 0, hold.price.total)
    assert ledger_rest(product, booking) == 0
    accounts = {
        row.account: row.sum
        for row in product_rows(
            product,
            "select account, sum(amount_minor) from ledger_entries where booking_id = :id"
            " group by account",
            id=booking.id,
        )
    }
    assert accounts["buyer_receivable"] == 0
    assert accounts["operator_payable"] < 0 < accounts["platform_cash"]
    [mail] = product.postbox.sent
    assert booking.reference in mail.subject
    assert "Rome, Florence & Venice by rail" in mail.text
    assert "€2,800" in mail.text


def product_rows(product: Product, sql: str, **values: Any) -> list[Any]:
    with product.database.unit("rds") as session:
        return list(session.execute(text(sql), values))


def test_the_same_event_three_times_at_once_is_one_booking(product: Product) -> None:
    booking = product.book(product.hold(product.offer()))
    session_id = product.session_of(booking)
    product.pay(session_id)
    for number in range(3):
        product.services.inbox.keep(completed(product, session_id, "evt_same"))
        product.services.inbox.keep(completed(product, session_id, f"evt_other_{number}"))
    threads = [
        threading.Thread(target=work)
        for work in (
            *[product.services.inbox.step] * 3,
            *[lambda: product.services.payments.settle(session_id)] * 3,
        )
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    product.work()
    assert product.services.bookings.get(GUEST, booking.reference).status == "confirmed"
    assert len(product.postbox.sent) == 1
    assert product.one(
        "select count(*) as n from ledger_entries where booking_id = :id", id=booking.id
    ).n == len(
        {
            (row.cause, row.account)
            for row in product_rows(
                product,
                "select cause, account from ledger_entries where booking_id = :id",
                id=booking.id,
            )
        }
    )
    assert ledger_rest(product, booking) == 0


def test_a_declined_card_keeps_the_seats(product: Product) -> None:
    made = product.offer(seats=2)
    booking = product.book(product.hold(made))
    session_id = product.session_of(booking)
    product.stripe.http.post(
        f"/c/pay/{session_id}",
        data={"number": "4000 0000 0000 0002", "expiry": "12 / 34", "cvc": "123"},
    )
    for event in product.services.inbox._stripe.events_since(booking.created_at):
        product.services.inbox.keep(event)
    product.work()
    view = product.services.bookings.get(GUEST, booking.reference)
    assert view.status == "pending_payment"
    assert view.payments[0].status == "failed"
    assert view.payments[0].failure
    with pytest.raises(Conflict, match="last seats"):
        product.hold(made, adults=1, actor=Actor(role="guest", source="guest", guest_key="other"))
    product.pay(session_id)
    product.services.payments.settle(session_id)
    assert product.services.bookings.get(GUEST, booking.reference).status == "confirmed"


def test_paid_late_with_seats_left_is_confirmed(product: Product, clock: Any) -> None:
    made = product.offer(seats=2)
    booking = product.book(product.hold(made))
    product.pay(product.session_of(booking))
    clock.move(minutes=40)
    product.services.payments.settle(product.session_of(booking))
    assert product.services.bookings.get(GUEST, booking.reference).status == "confirmed"


def test_paid_late_with_seats_gone_is_given_back_once(product: Product, clock: Any) -> None:
    made = product.offer(seats=2)
    booking = product.book(product.hold(made))
    session_id = product.session_of(booking)
    product.pay(session_id)
    clock.move(minutes=40)
    product.hold(made, actor=Actor(role="guest", source="guest", guest_key="quicker"))
    for _ in range(3):
        product.services.payments.settle(session_id)
        product.work()
    view = product.services.bookings.get(GUEST, booking.reference)
    assert view.status == "expired"
    assert view.payments[0].status == "refunded"
    refunds = product.stripe.stripe.v1.refunds.list(
        {
            "payment_intent": product.one(
                "select payment_intent as pi from refunds where booking_id = :id", id=booking.id
            ).pi
        }
    )
    assert [refund.amount for refund in refunds.data] == [booking.total.minor]
    assert [mail.subject[:12] for mail in product.postbox.sent] == ["We gave back"]
    assert ledger_rest(product, booking) == 0


def test_an_unpaid_booking_expires_and_frees_its_seats(product: Product, clock: Any) -> None:
    made = product.offer(seats=2)
    booking = product.book(product.hold(made))
    clock.move(minutes=36)
    product.services.payments.reconcile()
    assert product.services.bookings.get(GUEST, booking.reference).status == "expired"
    assert product.hold(made).seats == 2
    with pytest.raises(Gone):
        product.services.payments.open(
            product.one("select id from payments where booking_id = :id", id=booking.id).id
        )


def test_a_deposit_confirms_and_leaves_the_balance_due(product: Product) -> None:
    hold = product.hold(product.offer())
    assert hold.price.deposit is not None
    booking = product.book(hold, pay="deposit")
    product.pay(product.session_of(booking))
    product.services.payments.settle(product.session_of(booking))
    view = product.services.bookings.get(GUEST, booking.reference)
    assert view.status == "confirmed"
    assert view.due == hold.price.total - hold.price.deposit
    balance = next(p for p in view.payments if p.kind == "balance")
    target = product.services.payments.pay_link(balance.pay_path.rpartition("/")[2])
    assert not target.paid
    assert target.url.startswith(product.stripe.base)


def balance_of(product: Product) -> tuple[Any, str]:
    """A booking whose deposit is paid, and the token that pays its balance."""
    booking = product.book(product.hold(product.offer()), pay="deposit")
    product.pay(product.session_of(booking))
    product.services.payments.settle(product.session_of(booking))
    view = product.services.bookings.get(GUEST, booking.reference)
    balance = next(p for p in view.payments if p.kind == "balance")
    return booking, balance.pay_path.rpartition("/")[2]


def test_a_page_that_was_ended_is_handed_to_nobody_and_not_asked_about(
    product: Product, clock: Any
) -> None:
    booking, token = balance_of(product)
    payments = product.services.payments
    first = payments.pay_link(token).url
    payments.end_pages(booking.id)
    assert payments.pay_link(token).url != first
    clock.move(minutes=3)
    assert payments.reconcile() == 1, "it may have been paid"
    payments.end_pages(booking.id)
    clock.move(minutes=3)
    assert payments.reconcile() == 0


def test_a_balance_paid_after_the_trip_leaves_it_completed(product: Product) -> None:
    booking, token = balance_of(product)
    product.services.payments.pay_link(token)
    page = product.one("select stripe_session_id as id from payments where kind = 'balance'").id
    with product.database.unit("rds") as session:
        session.execute(text("update bookings set status = 'completed'"))
    confirmed = product.one("select confirmed_at from bookings").confirmed_at
    product.pay(page)
    product.services.payments.settle(page)
    product.work()
    after = product.one("select status, confirmed_at from bookings")
    assert (after.status, after.confirmed_at) == ("completed", confirmed)
    assert product.postbox.sent[-1].subject.startswith("We received")
    assert ledger_rest(product, booking) == 0


def test_a_slow_payment_that_fails_is_made_another_way(product: Product) -> None:
    booking = product.book(product.hold(product.offer()))
    payments, page = product.services.payments, product.session_of(booking)
    product.stripe.control(f"sessions/{page}/pay", {"settles_later": True})
    payments.settle(page)
    assert product.one("select status from payments").status == "processing"
    product.stripe.control(f"sessions/{page}/settle", {"succeeds": False})
    for _ in range(2):
        payments.settle(page)
    row = product.one("select * from payments")
    assert row.status == "failed"
    assert payments.pay_link(row.pay_token).url != booking.checkout_url
    product.pay(product.session_of(booking))
    payments.settle(product.session_of(booking))
    assert product.services.bookings.get(GUEST, booking.reference).status == "confirmed"


def test_a_page_made_while_the_amount_changed_is_handed_to_nobody(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    payments, hold = product.services.payments, product.hold(product.offer())
    opened = payments._stripe.open_checkout

    def slow(request: CheckoutRequest) -> CheckoutSession:
        page = opened(request)
        monkeypatch.setattr(payments._stripe, "open_checkout", opened)
        payments.ask_for(UUID(request.booking_id), "full")
        return page

    monkeypatch.setattr(payments._stripe, "open_checkout", slow)
    booking = product.book(hold, pay="deposit")
    assert [(p.kind, p.amount) for p in booking.payments] == [("full", hold.price.total)]
    page = payments._stripe.checkout(product.session_of(booking))
    assert (page.amount, page.url) == (hold.price.total, booking.checkout_url)


def test_booking_twice_from_one_hold_is_one_booking(product: Product) -> None:
    hold = product.hold(product.offer())
    first, second = product.book(hold), product.book(hold)
    assert first.reference == second.reference
    assert first.checkout_url == second.checkout_url


def test_another_choice_of_amount_is_what_is_charged(product: Product) -> None:
    hold = product.hold(product.offer())
    assert hold.price.deposit is not None
    product.book(hold, pay="deposit")
    first = product.one("select stripe_session_id from payments where kind = 'deposit'")
    booking = product.book(hold, pay="full")
    assert [(p.kind, p.amount) for p in booking.payments] == [("full", hold.price.total)]
    page = product.services.payments._stripe.checkout(product.session_of(booking))
    assert (page.amount, page.status) == (hold.price.total, "open")
    old = product.services.payments._stripe.checkout(first.stripe_session_id)
    assert old.status == "expired", "the page with the old amount can't be paid any more"
    again = product.book(hold, pay="deposit")
    assert [p.kind for p in again.payments] == ["deposit", "balance"]
    product.pay(product.session_of(again))
    product.services.payments.settle(product.session_of(again))
    view = product.services.bookings.get(GUEST, booking.reference)
    assert (view.status, view.paid) == ("confirmed", hold.price.deposit)
    assert ledger_rest(product, booking) == 0


def test_a_choice_after_the_old_page_was_paid_changes_nothing(product: Product) -> None:
    hold = product.hold(product.offer())
    booking = product.book(hold, pay="deposit")
    product.pay(product.session_of(booking))
    product.book(hold, pay="full")
    view = product.services.bookings.get(GUEST, booking.reference)
    assert (view.status, view.paid) == ("confirmed", hold.price.deposit)
    assert [p.kind for p in view.payments] == ["deposit", "balance"]


def test_an_expired_hold_can_not_be_booked(product: Product, clock: Any) -> None:
    hold = product.hold(product.offer())
    clock.move(minutes=36)
    with pytest.raises(Gone, match="Nothing was charged"):
        product.book(hold)


def test_a_trip_is_on_sale_until_its_day_begins_where_it_is(product: Product, clock: Any) -> None:
    """At noon in Greenwich the next day has begun on Kiritimati, and not in Rome."""
    made = product.offer()
    noon = clock.now().replace(hour=12, minute=0) + timedelta(days=1)
    clock.move(seconds=(noon - clock.now()).total_seconds())
    for zone, sold in (("Europe/Rome", True), ("Pacific/Kiritimati", False)):
        with product.database.unit("rds") as session:
            session.execute(
                text(
                    "update departures set starts_on = cast(:day as date),"
                    " ends_on = cast(:day as date) + 8, timezone = :zone"
                ),
                {"day": noon.date() + timedelta(days=1), "zone": zone},
            )
        if sold:
            product.hold(made)
        else:
            with pytest.raises(Conflict) as refused:
                product.hold(made)
            assert refused.value.code == "departure_closed"


def test_somebody_elses_hold_is_not_found(product: Product) -> None:
    hold = product.hold(product.offer())
    other = Actor(role="customer", source="cognito", user_id=uuid7())
    for act in (
        lambda: product.book(hold, actor=other),
        lambda: product.services.holds.get(other, hold.id),
        lambda: product.services.holds.release(other, hold.id),
    ):
        with pytest.raises(NotFound):
            act()


def test_an_operator_without_payouts_is_not_bookable_yet(product: Product) -> None:
    with pytest.raises(Conflict) as refused:
        product.hold(product.offer(payable=False))
    assert refused.value.code == "not_bookable"


def test_a_party_that_does_not_fit_is_told_so(product: Product) -> None:
    made = product.offer(seats=3)
    with pytest.raises(Invalid):
        product.hold(made, adults=9)
    with pytest.raises(Invalid):
        product.hold(made, addon_ids=frozenset({uuid7()}))
    with pytest.raises(Conflict) as refused:
        product.hold(made, adults=4)
    assert refused.value.data["seats_left"] == 3


def test_reserving_again_does_not_stand_in_the_own_way(product: Product) -> None:
    made = product.offer(seats=2)
    first = product.hold(made)
    second = product.hold(made, replace_own=True)
    assert first.id != second.id
    assert not product.services.holds.get(GUEST, first.id).live


def test_seats_are_not_kept_for_ever_by_opening_the_page_again(
    product: Product, clock: Any
) -> None:
    made = product.offer(seats=2)
    booking = product.book(product.hold(made))
    payment_id = product.one("select id from payments where booking_id = :id", id=booking.id).id
    pages = set()
    with pytest.raises(Gone) as refused:
        for _ in range(9):
            pages.add(product.services.payments.open(payment_id))
            clock.move(minutes=30)
    assert refused.value.code == "hold_expired"
    assert len(pages) == 3
    assert product.one("select max(expires_at) as at from seat_claims").at <= (
        booking.created_at + LONGEST_WAIT
    )
    clock.move(minutes=30)
    product.services.payments.reconcile()
    assert product.services.bookings.get(GUEST, booking.reference).status == "expired"
    assert product.hold(made).seats == 2
