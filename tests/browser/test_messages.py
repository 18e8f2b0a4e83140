"""A buyer and an operator write to each other; nobody else reads it."""

import secrets
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.browser.selling import Sold
from tests.browser.visitor import WAIT, Visitor


def conversation(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("log", name="Messages")


def write(visitor: Visitor, words: str) -> None:
    visitor.page.locator("#message-body").fill(words)
    visitor.press("Send message")
    expect(conversation(visitor)).to_contain_text(words, timeout=WAIT)
    expect(visitor.page.locator("#message-body")).to_have_value("", timeout=WAIT)


def test_a_guest_with_the_link_and_the_operator_write_to_each_other(
    visit: Callable[..., Visitor], sold: Sold
) -> None:
    question = f"Is there a lift? <b>{secrets.token_hex(3)}</b>"
    answer = f"There is. {secrets.token_hex(3)}"
    guest, operator = visit(), visit()
    guest.open(f"/trips/{sold.reference}?key={sold.key}")
    write(guest, question)
    guest.look_over("trip-messages")

    operator.sign_in("operator@demo.example")
    operator.open("/provider")
    operator.shows(f"{sold.name} wrote about")
    operator.open(f"/provider/bookings?q={sold.reference}")
    operator.shows("1 new")
    operator.page.get_by_role("link", name=sold.name).click()
    operator.heading(sold.name)
    expect(conversation(operator)).to_contain_text(question, timeout=WAIT)
    write(operator, answer)
    operator.look_over("provider-booking-messages")

    # Without a word from the guest the answer arrives, and the question counts as read.
    expect(conversation(guest)).to_contain_text(answer, timeout=WAIT * 2)
    expect(conversation(guest)).to_contain_text("read", timeout=WAIT * 2)
    operator.open(f"/provider/bookings?q={sold.reference}")
    operator.shows(sold.name)
    assert "1 new" not in operator.page.get_by_role("main").inner_text()


def test_who_knows_the_reference_alone_sees_no_message(
    visit: Callable[..., Visitor], sold: Sold
) -> None:
    secret = f"Only for you {secrets.token_hex(3)}"
    guest, stranger, rival = visit(), visit(), visit()
    guest.open(f"/trips/{sold.reference}?key={sold.key}")
    write(guest, secret)
    stranger.open(f"/trips/{sold.reference}")
    stranger.shows("City by city")
    expect(stranger.page.locator("#message-body")).to_have_count(0)
    assert secret not in stranger.page.content()
    rival.sign_in("newoperator@demo.example")
    rival.open(f"/provider/bookings/{sold.reference}")
    rival.heading("There is no such booking")
    assert secret not in rival.page.content()


def test_a_file_of_bookings_is_downloaded(visitor: Visitor, sold: Sold) -> None:
    visitor.sign_in("operator@demo.example")
    visitor.open(f"/provider/bookings?q={sold.reference}")
    visitor.shows(sold.name)
    with visitor.page.expect_download() as waiting:
        visitor.page.get_by_role("link", name="Download CSV").click()
    text = waiting.value.path().read_text(encoding="utf-8-sig")
    assert text.startswith("Reference,Status,")
    assert sold.reference in text
