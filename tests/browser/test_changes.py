"""Bookings are cancelled, taken apart and moved from their pages, by each whom they concern."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.selling import GOOD_CARD, Buyer, Shelf, Sold, pay_by_card
from tests.browser.visitor import PASSWORD, WAIT, Visitor, new_email
from tests.live import Live


@pytest.fixture
def buyer(live: Live) -> Iterator[Buyer]:
    """A guest who books with the API."""
    one = Buyer(live)
    yield one
    one.client.close()


def dialog(visitor: Visitor) -> Locator:
    """The dialog that is open, once it has loaded what it asks."""
    found = visitor.page.locator("dialog[open]")
    expect(found).to_be_visible(timeout=WAIT)
    expect(found.locator("[aria-busy=true]")).to_have_count(0, timeout=WAIT)
    return found


def press_in(box: Locator, name: str | re.Pattern[str]) -> None:
    box.get_by_role("button", name=name).first.click()


def open_trip(visitor: Visitor, sold: Sold) -> None:
    visitor.open(f"/trips/{sold.reference}?key={sold.key}")
    visitor.heading(sold.title)
    expect(visitor.page.get_by_role("button", name="Cancel booking")).to_be_visible(timeout=WAIT)


def test_a_guest_cancels_and_sees_the_money_come_back(
    live: Live, visitor: Visitor, shelf: Shelf, buyer: Buyer
) -> None:
    sold = buyer.buy(shelf.take(), "Ola Nordmann", new_email("ola.nordmann"))
    open_trip(visitor, sold)
    visitor.page.get_by_role("button", name="Cancel booking").click()
    asked = dialog(visitor)
    expect(asked).to_contain_text("Comes back to your card", timeout=WAIT)
    visitor.look_over("trip-cancel-asked")
    press_in(asked, "Keep it as it is")
    expect(asked).to_be_hidden(timeout=WAIT)
    visitor.shows("Confirmed")

    visitor.page.get_by_role("button", name="Cancel booking").click()
    press_in(dialog(visitor), "Confirm cancellation")
    visitor.shows("This booking was cancelled.")
    visitor.shows("Booking cancelled")
    expect(visitor.page.get_by_role("button", name="Cancel booking")).to_have_count(0)
    # The worker sends the refund; the page follows by itself.
    visitor.shows(re.compile("on its way to the card since|sent to the card on"))
    visitor.page.get_by_role("button", name="Why these amounts").click()
    expect(dialog(visitor)).to_contain_text("Paid", timeout=WAIT)
    visitor.look_over("trip-money-told")
    press_in(dialog(visitor), "Close")
    visitor.look_over("trip-cancelled")
    invoice = visitor.context.request.get(
        f"{live.url}/api/bookings/{sold.reference}/invoice.pdf?key={sold.key}"
    )
    assert invoice.headers["content-type"] == "application/pdf"


def test_an_operator_cancels_with_everything_back_and_the_buyer_reads_why(
    visit: Callable[..., Visitor], shelf: Shelf, buyer: Buyer
) -> None:
    sold = buyer.buy(shelf.take(), "Sofia Rossi", new_email("sofia.rossi"))
    operator, guest = visit(), visit()
    open_trip(guest, sold)
    operator.sign_in("operator@demo.example")
    operator.open(f"/provider/bookings/{sold.reference}")
    operator.heading(sold.name)
    operator.page.get_by_role("button", name="Cancel booking").click()
    asked = dialog(operator)
    expect(asked).to_contain_text("Goes back to the payer's card", timeout=WAIT)
    asked.get_by_label("Why").fill("The mountain road is closed until June.")
    operator.look_over("provider-cancel-asked")
    press_in(asked, "Confirm cancellation")
    operator.shows("Booking cancelled")
    operator.shows("by the operator")
    operator.look_over("provider-booking-cancelled")

    # What was shown before is not what would be done now: the guest's page asks nothing of it.
    guest.page.get_by_role("button", name="Cancel booking").click()
    expect(dialog(guest)).to_contain_text("cancelled already", timeout=WAIT)
    guest.open(f"/trips/{sold.reference}?key={sold.key}")
    guest.shows("The mountain road is closed until June.")


def test_an_agent_takes_a_traveller_off(
    live: Live, visit: Callable[..., Visitor], shelf: Shelf, buyer: Buyer
) -> None:
    signed = buyer.client.post(
        "/api/auth/sign-in", json={"email": "agent@demo.example", "password": PASSWORD}
    )
    assert signed.is_success, signed.text
    sold = buyer.buy(shelf.take(), "Client Of Maple", new_email("client.maple"))
    agent, rival = visit(), visit()
    agent.sign_in("agent@demo.example")
    agent.open(f"/agent/bookings?q={sold.reference}")
    agent.page.get_by_role("link", name="Client Of Maple").click()
    agent.page.wait_for_url(re.compile("/agent/bookings/TRV-"))
    agent.heading("Client Of Maple")
    agent.page.get_by_role("button", name="Take a traveller off").click()
    listed = dialog(agent)
    expect(listed.get_by_role("listitem")).to_have_count(2, timeout=WAIT)
    agent.look_over("trip-who-does-not-travel")
    press_in(listed, "Take off")
    asked = dialog(agent)
    expect(asked).to_contain_text("Price after the change", timeout=WAIT)
    agent.look_over("trip-traveller-asked")
    press_in(asked, "Take this traveller off")
    agent.shows("What was changed")
    agent.shows("1 adult")
    agent.look_over("trip-traveller-taken-off")

    rival.sign_in("rival@demo.example")
    rival.open(f"/trips/{sold.reference}")
    rival.heading("There is no booking here")


def test_a_guest_moves_to_another_date(visitor: Visitor, shelf: Shelf, buyer: Buyer) -> None:
    sold = buyer.buy(shelf.take(), "Mila Novak", new_email("mila.novak"))
    open_trip(visitor, sold)
    before = visitor.page.locator("h1 + p").inner_text()
    visitor.page.get_by_role("button", name="Change the date").click()
    listed = dialog(visitor)
    expect(listed.get_by_role("listitem").first).to_be_visible(timeout=WAIT)
    visitor.look_over("trip-dates")
    press_in(listed, "Choose")
    asked = dialog(visitor)
    expect(asked).to_contain_text("Price after the change", timeout=WAIT)
    visitor.look_over("trip-date-asked")
    dearer = asked.get_by_role("button", name=re.compile("and move$"))
    if dearer.count():
        dearer.click()
        pay_by_card(visitor.page, GOOD_CARD)
        visitor.page.wait_for_url(re.compile("/trips/TRV-"))
        visitor.settled()
    else:
        press_in(asked, "Move to this date")
    visitor.shows("Moved to")
    expect(visitor.page.locator("h1 + p")).not_to_have_text(before, timeout=WAIT)
    visitor.look_over("trip-moved")


def test_operations_cancel_a_trip_that_does_not_take_place(
    visitor: Visitor, shelf: Shelf, buyer: Buyer
) -> None:
    sold = buyer.buy(shelf.take(), "Jan de Wit", new_email("jan.dewit"))
    visitor.sign_in("ops@demo.example")
    visitor.open(f"/trips/{sold.reference}")
    visitor.page.get_by_role("button", name="Cancel booking").click()
    press_in(dialog(visitor), "Confirm cancellation")
    visitor.shows("by the marketplace")
