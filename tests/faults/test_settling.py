"""Money that goes back stays back; one broken payment keeps nobody else waiting."""

import logging
from dataclasses import replace
from typing import Any

import pytest

from ecosystem.database.queries import ledger
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import NotFound, Unavailable
from ecosystem.services.forms import BookingForm
from ecosystem.services.ports import CheckoutSession, StripeEvent
from tests.product import GUEST, Product

QUICKER = Actor(role="guest", source="guest", guest_key="quicker")


@pytest.mark.parametrize("remembered", [True, False], ids=["as it is", "control"])
def test_seats_that_come_free_again_do_not_revive_a_payment_that_goes_back(
    product: Product, clock: Any, monkeypatch: pytest.MonkeyPatch, remembered: bool
) -> None:
    """Paid late, seats gone, refund promised; then the seats come free and the event repeats."""
    made = product.offer(seats=2)
    booking = product.book(product.hold(made))
    page = product.session_of(booking)
    product.pay(page)
    clock.move(minutes=40)
    other = product.hold(made, actor=QUICKER)
    product.services.payments.settle(page)
    product.services.holds.release(QUICKER, other.id)
    if not remembered:
        standing = ledger.standing
        monkeypatch.setattr(ledger, "standing", lambda payment, _: standing(payment, "nothing"))
        product.change("update payments set status = 'due', refunded_minor = 0, closed_at = null")
    product.services.payments.settle(page)
    product.work()
    status = product.services.bookings.get(GUEST, booking.reference).status
    refunded = product.one("select count(*) n from ledger_entries where cause like 'refund%'").n
    assert refunded
    if remembered:
        assert status == "expired"
    else:
        assert status == "confirmed", "the control travels for nothing"


class Picky:
    """The Stripe adapter, with one page about which it raises."""

    def __init__(self, real: Any, page: str, error: Exception) -> None:
        self._real, self._page, self._error = real, page, error

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)

        def act(first: Any, *rest: Any) -> Any:
            if first == self._page:
                raise self._error
            return real(first, *rest)

        return act


@pytest.mark.parametrize(
    ("error", "becomes"),
    [
        (Unavailable("No answer."), "pending_payment"),
        (ValueError("a bug"), "pending_payment"),
        (NotFound("Stripe does not know this."), "expired"),
    ],
)
def test_a_payment_that_fails_does_not_hold_up_the_ones_behind_it(
    product: Product, clock: Any, caplog: Any, error: Exception, becomes: str
) -> None:
    made = product.offer(seats=4)
    first = product.book(product.hold(made))
    clock.move(minutes=1)
    second = product.book(product.hold(made, actor=QUICKER), actor=QUICKER)
    clock.move(minutes=40)
    payments: Any = product.services.payments
    payments._stripe = Picky(payments._stripe, product.session_of(first), error)
    with caplog.at_level(logging.CRITICAL):
        payments.reconcile()
    assert product.services.bookings.get(QUICKER, second.reference).status == "expired"
    assert product.services.bookings.get(GUEST, first.reference).status == becomes


def test_a_corrected_address_opens_the_page_after_a_lost_answer(product: Product) -> None:
    """Stripe made the page, its answer was lost, and she corrects her address meanwhile."""
    hold = product.hold(product.offer())
    product.stripe.control(
        "faults",
        {"api": [{"kind": "cut_after", "path": "/v1/checkout/sessions", "times": 3}]},
    )
    assert product.book(hold).checkout_url is None
    product.stripe.control("faults", {"api": []})
    form = {
        "hold_id": hold.id,
        "lead": {"name": "Maja Lindqvist", "email": "right@example.com"},
    }
    booking = product.services.bookings.create(GUEST, BookingForm.model_validate(form))
    assert booking.checkout_url
    product.pay(product.session_of(booking))
    product.services.payments.settle(product.session_of(booking))
    assert product.services.bookings.get(GUEST, booking.reference).status == "confirmed"


def test_a_page_of_other_software_on_the_account_is_left_alone(product: Product) -> None:
    page = product.stripe.stripe.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "http://localhost:3999/",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": "eur",
                        "unit_amount": 500,
                        "product_data": {"name": "A mug"},
                    },
                }
            ],
        }
    )
    product.pay(page.id)
    product.services.payments.settle(page.id)
    assert product.one("select count(*) n from ledger_entries").n == 0


def test_two_who_were_refused_at_once_end_at_one_page(product: Product) -> None:
    """The one who gives up the first attempt late must not end the second one."""
    booking = product.book(product.hold(product.offer()))
    payment = product.one("select id, attempt, checkout_url from payments")
    product.services.payments._abandon(payment.id, payment.attempt - 1)
    token = booking.payments[0].pay_path.rpartition("/")[2]
    assert product.services.payments.pay_link(token).url == payment.checkout_url


class Unbooked:
    """The Stripe adapter while charges are not booked yet: what Stripe keeps is not known."""

    def __init__(self, real: Any) -> None:
        self._real, self.booked = real, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def checkout(self, session_id: str) -> CheckoutSession:
        page = self._real.checkout(session_id)
        return page if self.booked else replace(page, fee=None)


@pytest.mark.parametrize("late", [False, True], ids=["sold", "given back"])
def test_what_stripe_keeps_is_posted_when_it_is_known(
    product: Product, clock: Any, late: bool
) -> None:
    made = product.offer(seats=2)
    booking = product.book(product.hold(made))
    page = product.session_of(booking)
    payments: Any = product.services.payments
    payments._stripe = stripe = Unbooked(payments._stripe)
    product.pay(page)
    if late:
        clock.move(minutes=40)
        product.hold(made, actor=QUICKER)
    payments.settle(page)

    def kept() -> int:
        sql = "select coalesce(sum(amount_minor), 0) as n from ledger_entries where account = :name"
        return int(product.one(sql, name="processing_fees").n)

    assert kept() == 0
    stripe.booked = True
    payment = product.one("select id from payments")
    for event in ("evt_booked", "evt_changed_again"):
        charge = {"id": "ch_1", "metadata": {"payment_id": str(payment.id)}}
        now = product.clock.now()
        product.services.inbox.keep(StripeEvent(event, "charge.updated", None, now, charge))
    other = StripeEvent("evt_others", "charge.updated", None, product.clock.now(), {"id": "ch_2"})
    product.services.inbox.keep(other)
    product.work()
    fee = stripe.checkout(page).fee
    assert fee
    assert kept() == fee.minor
    assert product.one("select count(*) as n from inbox where processed_at is null").n == 0


def test_a_bank_that_takes_its_time_is_asked_now_and_then(product: Product, clock: Any) -> None:
    booking = product.book(product.hold(product.offer()))
    payments, page = product.services.payments, product.session_of(booking)
    product.stripe.control(f"sessions/{page}/pay", {"settles_later": True})
    payments.settle(page)
    clock.move(minutes=40)
    assert payments.reconcile() == 1
    clock.move(seconds=30)
    assert payments.reconcile() == 0
    product.stripe.control(f"sessions/{page}/settle", {"succeeds": False})
    clock.move(minutes=3)
    payments.reconcile()
    assert product.services.bookings.get(GUEST, booking.reference).status == "expired"
