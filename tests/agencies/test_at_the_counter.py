"""An agency's second press, its assistants' prices, and what it owes after a cancellation."""

from dataclasses import replace
from typing import Any

import pytest

from ecosystem.domain.changes import WholeBooking
from ecosystem.domain.errors import Conflict
from tests.agencies.test_selling import agreed, assistant
from tests.bookings.sold import Sold
from tests.product import GUEST, Product


@pytest.mark.parametrize("model", ["commission", "net", "operator_pays_later"])
def test_booking_once_more_leaves_the_page_that_a_client_may_be_paying(
    product: Product, model: str
) -> None:
    actor, offer = agreed(product, model)
    hold = product.hold(offer, actor=actor)
    first = product.book(hold, actor=actor)
    kept = product.one("select price from bookings where id = :id", id=first.id).price
    again = product.book(hold, actor=actor)
    assert (again.reference, again.checkout_url) == (first.reference, first.checkout_url)
    row = product.one(
        "select b.price, p.attempt from bookings b join payments p on p.booking_id = b.id"
    )
    assert (row.price, row.attempt) == (kept, 1)
    assert "sale" not in row.price


def test_what_is_owed_of_a_cancelled_trip_is_found_paid_without_an_event(
    product: Product, clock: Any
) -> None:
    actor, offer = agreed(product, "agency_collects", starts_in=20)  # half comes back
    booking = product.book(product.hold(offer, actor=actor), actor=actor)
    product.services.changes.carry_out(actor, booking.reference, WholeBooking())
    product.work()
    token = product.one("select pay_token from payments where kind = 'account'").pay_token
    product.services.payments.pay_link(token)
    product.pay(product.session_of(booking))
    assert "buyer_receivable" in Sold(product, offer, booking).balances()
    clock.move(minutes=5)
    product.services.payments.reconcile()
    assert "buyer_receivable" not in Sold(product, offer, booking).balances()


def test_an_assistant_is_asked_about_a_rise_of_the_price_she_was_shown(product: Product) -> None:
    actor, offer = agreed(product, "agency_collects")
    helper = assistant(replace(actor, user_id=None))
    shown = product.hold(offer, actor=GUEST).price.total
    # The public price is above what she was shown, what her agency owes still below it.
    product.change(
        "update departures set price_minor = 145000 where id = :id", id=offer.departure_id
    )
    with pytest.raises(Conflict) as refused:
        product.hold(offer, actor=helper, expected=shown)
    assert refused.value.code == "price_changed"
    assert refused.value.data["price"].total == product.hold(offer, actor=GUEST).price.total
    assert product.hold(offer, actor=actor, expected=shown).price.total <= shown
