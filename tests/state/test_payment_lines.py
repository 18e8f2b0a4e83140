"""What a trip's page says of payments and refunds in every state they can be in."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from ecosystem.domain.booking import BookingStatus, PaymentStatus
from ecosystem.domain.changes import RefundView
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price
from ecosystem.domain.views import BookingView, PaymentView
from ecosystem.state.payment_lines import asked_for, payment_lines
from ecosystem.state.trip_view import trip_page

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOW.date()
EUR = Money.zero("EUR")


def euros(amount: int) -> Money:
    return Money(amount * 100, "EUR")


def payment(status: PaymentStatus, **more: Any) -> PaymentView:
    given: dict[str, Any] = {
        "kind": "full",
        "amount": euros(500),
        "due_on": TODAY + timedelta(days=10),
        "paid_at": NOW if status in ("paid", "partially_refunded", "refunded") else None,
        "pay_path": "/pay/abc",
        "failure": None,
        "refunded": EUR,
    }
    return PaymentView(status=status, **(given | more))


def refund(state: Any, reason: Any = "change", amount: int = 200) -> RefundView:
    return RefundView(euros(amount), state, reason, NOW)


def booking(
    status: BookingStatus,
    *payments: PaymentView,
    refunds: tuple[RefundView, ...] = (),
    paid: int = 0,
) -> BookingView:
    return BookingView(
        id=uuid4(),
        reference="TRV-7K3Q9XHM",
        status=status,
        package_slug="rome",
        package_title="Rome",
        operator_slug="via-appia",
        operator_name="Via Appia",
        agency_name="",
        starts_on=date(2027, 5, 14),
        ends_on=date(2027, 5, 22),
        timezone="Europe/Rome",
        adults=2,
        children=0,
        lead_name="Maja",
        lead_email="maja@example.com",
        lead_phone="",
        travellers=(),
        stays=(),
        price=Price((), euros(500), None, None),
        total=euros(500),
        paid=euros(paid),
        due=EUR,
        commission=EUR,
        payments=payments,
        cancellation=(),
        hold_id=uuid4(),
        held_until=None,
        checkout_url=None,
        created_at=NOW,
        refunds=refunds,
    )


@pytest.mark.parametrize(
    ("one", "said", "tone"),
    [
        (payment("due"), "due by 2 December 2026", "plain"),
        (payment("due", due_on=TODAY - timedelta(days=1)), "was due on 21 November 2026", "bad"),
        (payment("due", due_on=TODAY), "due by 22 November 2026", "plain"),
        (payment("failed", failure="The card has no money."), "The card has no money.", "bad"),
        (payment("failed", failure="Private.", pay_path=""), "declined", "bad"),
        (payment("processing"), "being processed by the bank", "plain"),
        (payment("due", closed=True), "not asked for any more", "plain"),
        (payment("paid"), "paid on 22 November 2026", "plain"),
        (
            payment("partially_refunded", refunded=euros(200)),
            "paid on 22 November 2026, €200 of it goes back",
            "plain",
        ),
        (payment("refunded", refunded=euros(500)), "refunded", "plain"),
        (payment("disputed"), "disputed", "plain"),
    ],
    ids=lambda one: one.status if isinstance(one, PaymentView) else None,
)
def test_a_payment_in_words(one: PaymentView, said: str, tone: str) -> None:
    (line,) = payment_lines(booking("confirmed", one), TODAY)
    assert (line.detail, line.tone) == (said, tone)
    assert bool(line.href) == (
        one.status in ("due", "failed", "processing") and not one.closed and bool(one.pay_path)
    )


@pytest.mark.parametrize("status", ["cancelled", "expired"])
def test_nothing_is_asked_for_of_a_booking_that_has_ended(status: BookingStatus) -> None:
    ended = booking(status, payment("due"), payment("failed"))
    assert asked_for(ended) == []
    assert {line.detail for line in payment_lines(ended, TODAY)} == {"not asked for any more"}
    assert not any(line.href for line in payment_lines(ended, TODAY))
    assert trip_page(ended, NOW).pay_href == ""


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("wanted", "is being sent to the card"),
        ("pending", "on its way to the card since 22 November 2026"),
        (
            "succeeded",
            "sent to the card on 22 November 2026; banks show it within ten working days",
        ),
        ("failed", "the bank sent it back; we are looking into it and will write to you"),
        ("by_hand", "paid back in another way on 22 November 2026"),
    ],
)
def test_a_refund_in_words(state: str, said: str) -> None:
    seen = booking("cancelled", payment("refunded"), refunds=(refund(state),))
    line = payment_lines(seen, TODAY)[1]
    assert (line.label, line.detail, line.amount) == ("Refund", said, "-€200")
    assert (line.tone == "bad") == (state == "failed")
    assert trip_page(seen, NOW).sending == (state == "wanted")


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (
            booking("expired", payment("due"), refunds=(refund("pending", "late", 500),)),
            (
                "It was not paid in time, so its seats are on sale again. Nothing is owed."
                " A payment came after the seats had gone: all of it, €500, goes back to the card."
            ),
        ),
        (
            booking("confirmed", payment("paid"), refunds=(refund("wanted", "twice", 500),)),
            (
                "Everything is paid and the seats are yours."
                " It was paid twice: the second payment, €500, goes back to the card."
            ),
        ),
        (
            booking(
                "cancelled", payment("partially_refunded"), refunds=(refund("failed"),), paid=300
            ),
            (
                "This booking was cancelled. €200 goes back to the card, €300 is kept."
                " The bank sent a refund of €200 back. We are looking into it and will write to you."
            ),
        ),
        (booking("cancelled"), "This booking was cancelled. Nothing is owed."),
        (
            booking("confirmed", payment("due", due_on=TODAY - timedelta(days=3))),
            "The seats are yours, but €500 was due by 19 November 2026. Pay it to keep them.",
        ),
        (
            booking("confirmed", payment("disputed")),
            (
                "Everything is paid and the seats are yours."
                " The bank that issued the card has questioned a payment."
            ),
        ),
        (
            booking("pending_payment", payment("failed", failure="Declined.")),
            "Declined. Nothing has been paid yet.",
        ),
    ],
    ids=["late", "twice", "failed refund", "unpaid", "overdue", "disputed", "declined"],
)
def test_what_became_of_money_is_said_at_the_top(seen: BookingView, said: str) -> None:
    assert trip_page(seen, NOW).sentence == said


def test_a_difference_for_another_date_need_not_be_paid() -> None:
    view = trip_page(booking("confirmed", payment("paid"), payment("due", kind="change")), NOW)
    assert (view.sentence, view.pay_href) == ("Everything is paid and the seats are yours.", "")
    assert view.payments[1].href == "/pay/abc"


def test_documents_are_offered_once_they_are_there() -> None:
    paid_one = booking("confirmed", payment("paid"))
    view = trip_page(paid_one, NOW, "a key&more")
    assert view.voucher == "/api/bookings/TRV-7K3Q9XHM/voucher.pdf?key=a+key%26more"
    assert view.calendar == "/api/bookings/TRV-7K3Q9XHM/calendar.ics?key=a+key%26more"
    ended = trip_page(replace(paid_one, status="cancelled"), NOW)
    assert (ended.voucher, ended.invoice) == ("", "/api/bookings/TRV-7K3Q9XHM/invoice.pdf")
    for nothing in (
        replace(paid_one, masked=True),
        booking("pending_payment", payment("due")),
        booking("expired", payment("due")),
        booking("cancelled", payment("due")),
    ):
        assert trip_page(nothing, NOW).invoice == ""
