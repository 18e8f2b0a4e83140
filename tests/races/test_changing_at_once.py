"""Everybody changes at once: one cancellation, one date for the last seats, no money lost."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest

from ecosystem.database.queries import seats
from ecosystem.domain.changes import NewDate, OneTraveller, WholeBooking
from ecosystem.domain.errors import EcosystemError
from tests.bookings.test_changes import accounts, another_date, bought, rows, settled, sold_seats
from tests.meeting import Meeting
from tests.product import GUEST, Product


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Start all together; each gives its result or the error it was refused with."""
    ready = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        ready.wait()
        try:
            return act()
        except EcosystemError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def test_six_cancellations_at_once_are_one(product: Product) -> None:
    booking = bought(product, product.offer(), pay="deposit")
    changes = product.services.changes
    found = at_once([lambda: changes.carry_out(GUEST, booking.reference, WholeBooking())] * 6)
    assert len({done.id for done in found}) == 1
    assert len(rows(product, "select from refunds where booking_id = :id", id=booking.id)) == 1
    settled(product, booking)


def test_one_look_is_one_change(product: Product) -> None:
    booking = bought(product, product.offer(), adults=4)
    changes = product.services.changes
    seen = changes.preview(GUEST, booking.reference, OneTraveller(2)).revision
    found = at_once(
        [lambda: changes.carry_out(GUEST, booking.reference, OneTraveller(2), revision=seen)] * 5
    )
    assert sum(not isinstance(done, EcosystemError) for done in found) == 1
    assert product.services.bookings.get(GUEST, booking.reference).adults == 3
    settled(product, booking)


@pytest.mark.parametrize("lock", [True, False], ids=["as it is", "control without the lock"])
def test_the_last_seats_of_another_date_go_to_one_booking(
    product: Product, monkeypatch: pytest.MonkeyPatch, lock: bool
) -> None:
    made = product.offer(seats=20, deposit_percent=None)
    other = another_date(product, made, days=10, seats=2)
    bookings = [bought(product, made) for _ in range(4)]
    changes, holds = product.services.changes, product.services.holds
    somebody = replace(GUEST, guest_key="s" * 64)
    departure = seats.departure

    everybody = Meeting(len(bookings), kept_apart=lock)

    def looked_at_by_everybody(session: Any, key: Any, **asked: bool) -> Any:
        found = departure(session, key, lock=lock and asked.get("lock", False))
        if key == other:
            everybody.come()
        return found

    monkeypatch.setattr(seats, "departure", looked_at_by_everybody)
    acts: list[Callable[[], Any]] = [
        lambda booking=booking: changes.carry_out(GUEST, booking.reference, NewDate(other))
        for booking in bookings
    ]
    if not lock:
        at_once(acts)
        assert sold_seats(product, other) > 2, "not oversold: this race proves nothing"
        return

    def hold_a_moment_later() -> Any:
        time.sleep(0.15)
        return holds.place(somebody, other, adults=2)

    found = at_once([*acts, hold_a_moment_later])
    assert sum(not isinstance(one, EcosystemError) for one in found) == 1
    assert sold_seats(product, other) == 2
    moved = sum(getattr(one, "state", "") == "done" for one in found)
    assert sold_seats(product, made.departure_id) == 8 - 2 * moved


def test_the_balance_is_paid_while_the_booking_is_cancelled(product: Product) -> None:
    """Whoever is first: the money is kept by the policy, or all of it goes back."""
    booking = bought(product, product.offer(), pay="deposit")
    token = booking.payments[1].pay_path.removeprefix("/pay/")
    product.services.payments.pay_link(token)
    page = product.one(
        "select stripe_session_id as id from payments where pay_token = :token", token=token
    ).id
    product.pay(page)
    at_once(
        [
            lambda: product.services.payments.settle(page),
            lambda: product.services.changes.carry_out(GUEST, booking.reference, WholeBooking()),
            lambda: product.services.payments.settle(page),
        ]
    )
    product.services.payments.settle(page)
    product.services.changes.carry_out(GUEST, booking.reference, WholeBooking())
    found = accounts(product, booking)
    assert found.get("buyer_receivable", 0) == 0
    assert -found["refunds"] == booking.total.minor
    promised = rows(
        product, "select amount_minor from refunds where booking_id = :id", id=booking.id
    )
    assert sum(row.amount_minor for row in promised) == booking.total.minor
