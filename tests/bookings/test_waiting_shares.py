"""A share that waits for its account leaves by the terms of then, not by those it was planned by."""

from typing import Any

from tests.bookings.sold import pay_after, sell
from tests.bookings.test_transfers import active, books_agree, operator_part
from tests.product import Product


def test_other_terms_hold_back_what_has_not_left(product: Product, clock: Any) -> None:
    sold = sell(product)
    sold.pay_out_at_once()
    active(product, sold, yes=False)
    sold.due()
    assert [row.failure for row in sold.transfers()] == ["account_not_active"]
    pay_after(product, sold.offer, "departure", 30)
    active(product, sold, yes=True)
    clock.move(minutes=5)
    product.services.transfers.reconcile()
    sold.due()
    assert [row.state for row in sold.transfers()] == ["dropped"]
    clock.move(days=151)
    sold.due()
    assert [row.state for row in sold.transfers()] == ["dropped", "sent"]
    assert sold.at_stripe() == operator_part(sold, sold.booking.total.minor)
    books_agree(product)
