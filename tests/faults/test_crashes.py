"""Killed between any two steps: nothing is lost, nothing is doubled."""

from collections.abc import Callable
from typing import Any

import pytest

from ecosystem.domain.errors import Unavailable
from ecosystem.services.ports import CheckoutRequest, CheckoutSession
from tests.product import GUEST, Product


class Killed(BaseException):
    """As sudden as ``kill -9``: no handler of the product catches it."""


class Dying:
    """The Stripe adapter, with death before or after one of its calls."""

    def __init__(self, real: Any, method: str, *, after: bool) -> None:
        self._real = real
        self._method = method
        self._after = after

    def __getattr__(self, name: str) -> Callable[..., Any]:
        real = getattr(self._real, name)
        if name != self._method:
            return real

        def act(*args: Any, **kwargs: Any) -> Any:
            if self._after:
                real(*args, **kwargs)
            raise Killed

        return act


def _with_stripe(product: Product, stripe: Any) -> Any:
    """Let the services talk to another Stripe; returns what undoes it."""
    payments = product.services.payments
    before = payments._stripe
    payments._stripe = stripe
    return lambda: setattr(payments, "_stripe", before)


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_killed_between_booking_and_payment_page(product: Product, clock: Any, after: bool) -> None:
    """The booking is committed, the process dies around the call to Stripe."""
    hold = product.hold(product.offer(seats=2))
    undo = _with_stripe(
        product, Dying(product.services.payments._stripe, "open_checkout", after=after)
    )
    with pytest.raises(Killed):
        product.book(hold)
    undo()
    row = product.one("select id, status from bookings")
    assert row.status == "pending_payment"
    payment = product.one("select id, attempt, stripe_session_id from payments")
    assert (payment.attempt, payment.stripe_session_id) == (1, None)

    clock.move(minutes=3)
    product.services.payments.reconcile()

    reopened = product.one("select attempt, stripe_session_id, checkout_url from payments")
    assert reopened.attempt == 1
    sessions = product.stripe.stripe.v1.checkout.sessions.list({"limit": 100}).data
    ours = [s for s in sessions if _ids(s).get("payment_id") == str(payment.id)]
    assert [s.id for s in ours] == [reopened.stripe_session_id], "exactly one page exists"

    booking = product.services.bookings.get(
        GUEST, product.one("select reference from bookings").reference
    )
    product.pay(reopened.stripe_session_id)
    product.services.payments.settle(reopened.stripe_session_id)
    assert product.services.bookings.get(GUEST, booking.reference).status == "confirmed"


def test_a_booking_stands_while_stripe_is_down(product: Product) -> None:
    """No page can be opened: the seats are kept and the pay link works later."""
    hold = product.hold(product.offer(seats=2))

    class Down:
        def __getattr__(self, name: str) -> Callable[..., Any]:
            def act(*_: Any, **__: Any) -> Any:
                raise Unavailable("The payment service does not answer.")

            return act

    undo = _with_stripe(product, Down())
    booking = product.book(hold)
    assert (booking.status, booking.checkout_url) == ("pending_payment", None)
    undo()
    token = booking.payments[0].pay_path.rpartition("/")[2]
    assert product.services.payments.pay_link(token).url.startswith(product.stripe.base)


def test_killed_before_the_result_of_a_payment_is_kept(product: Product) -> None:
    """The buyer has paid; the process dies while it makes the booking say so."""
    booking = product.book(product.hold(product.offer()))
    session_id = product.session_of(booking)
    product.pay(session_id)
    undo = _with_stripe(product, Dying(product.services.payments._stripe, "checkout", after=True))
    with pytest.raises(Killed):
        product.services.payments.settle(session_id)
    undo()
    assert product.services.bookings.get(GUEST, booking.reference).status == "pending_payment"
    product.services.payments.settle(session_id)
    assert product.services.bookings.get(GUEST, booking.reference).status == "confirmed"


def test_a_lost_webhook_is_made_up_for(product: Product, clock: Any) -> None:
    booking = product.book(product.hold(product.offer()))
    product.pay(product.session_of(booking))
    clock.move(minutes=3)
    product.services.payments.reconcile()
    product.work()
    assert product.services.bookings.get(GUEST, booking.reference).status == "confirmed"
    assert len(product.postbox.sent) == 1


def test_a_worker_that_dies_with_a_message_leaves_it_to_the_next(
    product: Product, clock: Any
) -> None:
    booking = product.book(product.hold(product.offer()))
    product.pay(product.session_of(booking))
    product.services.payments.settle(product.session_of(booking))

    def die(_: Any) -> None:
        raise Killed

    handlers = product.services.outbox._handlers
    kept = dict(handlers)
    handlers["email.booking_confirmed"] = die  # type: ignore[index]
    with pytest.raises(Killed):
        product.services.outbox.step()
    handlers.update(kept)  # type: ignore[attr-defined]
    assert product.services.outbox.step() == 0, "the lease is still out"
    clock.move(minutes=2)
    product.work()
    assert len(product.postbox.sent) == 1


def test_open_checkout_is_asked_with_the_same_key_and_body_again(product: Product) -> None:
    """The control of the fault tests: another key would open a second page."""
    booking = product.book(product.hold(product.offer()))
    payment = product.one("select * from payments where booking_id = :id", id=booking.id)
    stripe = product.services.payments._stripe
    request = CheckoutRequest(
        idempotency_key=f"{payment.id}:checkout:1",
        booking_id=str(booking.id),
        payment_id=str(payment.id),
        reference=booking.reference,
        title=booking.package_title,
        description="14 May to 22 May, 2 travellers",
        amount=booking.total,
        email=booking.lead_email,
        success_url="http://localhost:3999/",
        cancel_url="http://localhost:3999/",
        expires_at=payment.session_expires_at,
    )
    other: CheckoutSession = stripe.open_checkout(
        CheckoutRequest(
            **{**request.__dict__, "idempotency_key": f"{request.idempotency_key}:another"}
        )
    )
    assert other.id != payment.stripe_session_id


def _ids(session: Any) -> dict[str, str]:
    """The metadata of a page; pages of other tests may have none."""
    return session.metadata.to_dict() if session.metadata else {}
