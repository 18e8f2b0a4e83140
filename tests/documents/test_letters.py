"""E-mails about bookings and their money: who gets which, in which words, and never a wrong one."""

from datetime import timedelta
from email import message_from_bytes
from typing import Any

import pytest
from icalendar import Calendar

from ecosystem.adapters import mime
from ecosystem.services.emails.writing import Letter, as_html, as_text
from ecosystem.services.ports import Email
from tests.documents.papers import booking_row, cancelled, run
from tests.product import GUEST, Product
from tests.services.test_desks import sell


def deliver(product: Product, topic: str, reference: str, **payload: Any) -> list[Email]:
    """Carry a message of the outbox out, twice, as may happen; what was sent."""
    product.work()
    before = len(product.postbox.sent)
    booking = booking_row(product, reference)
    handler = product.services.outbox._handlers[topic]
    for _ in range(2):
        handler({"booking_id": str(booking.id), **{k: str(v) for k, v in payload.items()}})
    sent = product.postbox.sent[before:]
    # A double is the same letter with the same id.
    assert len({mail.id for mail in sent}) <= 1
    return sent[:1]


def deposit(product: Product) -> tuple[str, Any]:
    """A confirmed booking with its deposit paid, and the payment of its balance."""
    booking = product.book(product.hold(product.offer(price="1000.00")), pay="deposit")
    session = product.session_of(booking)
    product.pay(session)
    product.services.payments.settle(session)
    balance = product.one(
        "select * from payments where booking_id = :b and kind = 'balance'", b=booking.id
    )
    return booking.reference, balance


def test_a_confirmation_brings_the_trip_for_the_calendar_and_links_to_the_papers(
    product: Product,
) -> None:
    reference = sell(product, product.offer(), GUEST)
    product.work()
    (mail,) = [one for one in product.postbox.sent if one.id.endswith(".confirmed")]
    (file,) = mail.attachments
    calendar = Calendar.from_ical(file.content.decode())
    assert calendar["METHOD"] == "PUBLISH"
    assert file.parameters["method"] == "PUBLISH"
    key = booking_row(product, reference).view_key
    assert f"/api/bookings/{reference}/voucher.pdf?key={key}" in mail.text
    assert f"/api/bookings/{reference}/invoice.pdf?key={key}" in mail.html
    assert "2 adults × €1,340: €2,680" in mail.text
    kept = product.one("select * from sent_emails where id = :id", id=mail.id)
    assert (kept.recipient, kept.subject, kept.body) == (mail.to, mail.subject, mail.text)


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("buyer", "Your booking was cancelled,"),
        ("operator", "Via Appia Journeys has cancelled your trip,"),
        ("ops", "the trip can't take place"),
        ("system", "because what was due was not paid"),
    ],
)
def test_a_cancellation_says_who_when_in_the_trips_zone_and_what_comes_back(
    product: Product, by: str, said: str
) -> None:
    reference = sell(product, product.offer(price="1000.00"), GUEST)
    total = booking_row(product, reference).total_minor
    change, _refund = cancelled(
        product, reference, retained=total - 50_000, by=by, reason="The {ferry} does not run."
    )
    run(
        product,
        "update booking_changes set created_at = '2026-11-22T23:30:00Z' where id = :c",
        c=change,
    )
    (mail,) = deliver(product, "email.booking_cancelled", reference, change_id=change)
    assert said in mail.text
    assert "23 Nov 2026, 00:30" in mail.text  # in Rome it was the next day
    assert "€500 goes back to the card" in mail.text
    assert ("{ferry}" in mail.text) == (by in ("operator", "ops"))
    (file,) = mail.attachments
    assert Calendar.from_ical(file.content.decode())["METHOD"] == "CANCEL"


def test_letters_are_in_the_bookings_language(product: Product) -> None:
    reference = sell(product, product.offer(price="1000.00"), GUEST)
    run(product, "update bookings set language = 'de' where reference = :r", r=reference)
    change, refund = cancelled(product, reference, retained=0)
    (mail,) = deliver(product, "email.booking_cancelled", reference, change_id=change)
    assert "storniert" in mail.subject
    assert "lang='de'" in mail.html
    (mail,) = deliver(product, "email.refund_sent", reference, refund_id=refund)
    assert "unterwegs" in mail.subject


def test_a_changed_booking_tells_its_new_price_and_what_left_it(product: Product) -> None:
    reference = sell(product, product.offer(price="1000.00"), GUEST)
    change, _refund = cancelled(product, reference, retained=100_000)
    run(
        product,
        "update booking_changes set kind = 'traveller_cancelled',"
        """ detail = '{"subject": "Nils <b>"}' where id = :c""",
        c=change,
    )
    (mail,) = deliver(product, "email.booking_changed", reference, change_id=change)
    assert "Nils <b> does not travel any more." in mail.text
    assert "Nils &lt;b&gt;" in mail.html
    assert "New total: €1,000" in mail.text
    run(product, "update booking_changes set state = 'dropped' where id = :c", c=change)
    assert deliver(product, "email.booking_changed", reference, change_id=change) == []


def test_a_refund_is_told_once_sent_and_a_failed_one_goes_to_operations(product: Product) -> None:
    reference = sell(product, product.offer(price="1000.00"), GUEST)
    _change, refund = cancelled(product, reference, retained=0, refund_state="wanted")
    assert deliver(product, "email.refund_sent", reference, refund_id=refund) == []
    run(product, "update refunds set state = 'pending' where id = :r", r=refund)
    (mail,) = deliver(product, "email.refund_sent", reference, refund_id=refund)
    assert mail.to == "maja@example.com"
    assert "on its way back to you" in mail.subject
    run(
        product,
        "update refunds set state = 'failed', failure = 'expired_or_canceled_card' where id = :r",
        r=refund,
    )
    (mail,) = deliver(product, "email.refund_failed", reference, refund_id=refund)
    assert mail.to != "maja@example.com"
    assert "expired_or_canceled_card" in mail.text
    assert "/ops/payments" in mail.text
    assert not mail.text.startswith("Hello")


@pytest.mark.parametrize(("days", "said"), [(14, "in 14 days"), (2, "in 2 days"), (0, "today")])
def test_a_balance_is_asked_for_until_it_is_paid(product: Product, days: int, said: str) -> None:
    reference, balance = deposit(product)
    (mail,) = deliver(product, "email.balance_due", reference, payment_id=balance.id, days=days)
    assert said in mail.subject
    assert f"/pay/{balance.pay_token}" in mail.html
    run(product, "update payments set status = 'paid' where id = :p", p=balance.id)
    for topic, more in (("balance_due", {"days": days}), ("balance_overdue", {"cancels_on": ""})):
        assert deliver(product, f"email.{topic}", reference, payment_id=balance.id, **more) == []


def test_an_overdue_balance_says_when_the_booking_ends(product: Product) -> None:
    reference, balance = deposit(product)
    day = (product.clock.now() + timedelta(days=7)).date()
    (mail,) = deliver(
        product, "email.balance_overdue", reference, payment_id=balance.id, cancels_on=day
    )
    assert str(day.year) in mail.text
    assert "will be cancelled" in mail.text
    (mail,) = deliver(
        product, "email.balance_overdue", reference, payment_id=balance.id, cancels_on=""
    )
    assert "will be cancelled" not in mail.text


def test_a_declined_payment_keeps_the_seats_and_says_until_when(product: Product) -> None:
    booking = product.book(product.hold(product.offer()))
    payment = product.one("select * from payments where booking_id = :b", b=booking.id)
    ask = {"payment_id": payment.id}
    assert deliver(product, "email.payment_declined", booking.reference, **ask) == []
    run(
        product,
        "update payments set status = 'failed', failure = 'The card was declined.' where id = :p",
        p=payment.id,
    )
    (mail,) = deliver(product, "email.payment_declined", booking.reference, **ask)
    assert "The card was declined." in mail.text
    assert "Your seats stay yours until" in mail.text
    assert deliver(product, "email.booking_expired", booking.reference) == []
    run(product, "update bookings set status = 'expired' where id = :b", b=booking.id)
    (mail,) = deliver(product, "email.booking_expired", booking.reference)
    assert "Nothing was charged" in mail.text


def test_what_was_declined_or_has_ended_is_told_after_a_while_and_once(product: Product) -> None:
    booking = product.book(product.hold(product.offer()))
    payments = product.services.payments
    payment = product.one("select id from payments where booking_id = :b", b=booking.id)
    for number in range(2):
        payments.refused(payment.id, "The card was declined.", event_id=f"evt_{number}")
    product.work()
    assert product.postbox.sent == []
    product.clock.move(minutes=11)
    product.work()
    (mail,) = product.postbox.sent
    assert "did not go through" in mail.subject
    product.clock.move(minutes=40)
    payments.reconcile()
    product.clock.move(minutes=11)
    product.work()
    assert [one.subject[:14] for one in product.postbox.sent[1:]] == ["Your seats are"]


def test_a_file_in_a_letter_is_one_for_calendar_programs(product: Product) -> None:
    sell(product, product.offer(), GUEST)
    product.work()
    (mail,) = [one for one in product.postbox.sent if one.id.endswith(".confirmed")]
    sent = mime.as_bytes(mail, "Ecosystem <trips@example.com>")
    parts = {part.get_content_type(): part for part in message_from_bytes(sent).walk()}
    assert {"text/plain", "text/html", "text/calendar"} <= set(parts)
    assert parts["text/calendar"].get_param("method") == "PUBLISH"
    assert parts["text/calendar"].get_filename() == "trip.ics"
    content = parts["text/calendar"].get_payload(decode=True)
    assert isinstance(content, bytes)
    assert content == mail.attachments[0].content


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("Maja Lindqvist", True),
        ("J. R. R. Tolkien", True),
        ("Your prize: https://evil.example/win", False),
        ("Prize at evil.example now", False),
        ("Write to win@evil", False),
    ],
)
def test_a_strangers_link_is_not_sent_on_as_a_name(name: str, greeted: bool) -> None:
    """Whoever books chooses the name and the address that is written to, before paying."""
    letter = Letter("Subject", ["Said."], ["Fact"], ("See", "https://ours.example"))
    for written in (as_text(letter, name), as_html(letter, name)):
        assert (name in written) is greeted
        assert "Said." in written
