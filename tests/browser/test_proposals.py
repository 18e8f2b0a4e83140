"""A proposal: written at the desk, accepted on a phone, and seen at the desk at once."""

import re
import secrets
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.proposing import AGENT, propose
from tests.browser.selling import GOOD_CARD, Shelf, pay_by_card
from tests.browser.visitor import PHONE, WAIT, Visitor
from tests.live import Live


def test_a_proposal_is_written_sent_accepted_on_a_phone_and_paid(
    visit: Callable[..., Visitor], shelf: Shelf, live: Live
) -> None:
    first, second = shelf.take(), shelf.take()
    name = f"Ines {secrets.token_hex(3).title()}"
    sent = propose(live, [first], [first, second], title="Two ways south", client=name)
    agent, client = visit(), visit(width=PHONE)

    agent.sign_in(AGENT)
    agent.open(f"/agent/quotes/{sent.id}")
    agent.heading("Two ways south")
    # Something of the agency's own is added to the first option, and the whole sent again.
    agent.page.get_by_role("button", name="Add something else").first.click()
    dialog = agent.page.get_by_role("dialog", name="Add something else")
    dialog.get_by_label("What").fill("Transfer from the airport")
    dialog.get_by_label("Each").fill("45.50")
    dialog.get_by_role("button", name="Add it").click()
    agent.shows("Transfer from the airport")
    agent.shows("not what the client was sent last")
    agent.press("Send again")
    agent.press("Send it")
    agent.shows(re.compile("Version 2 sent by"))

    client.open(sent.path)
    client.heading("Two ways south")
    client.shows("Transfer from the airport")
    expect(agent.page.get_by_text(re.compile("Opened once"))).to_be_visible(timeout=WAIT)
    client.page.get_by_role("button", name="Accept this option").last.click()
    dialog = client.page.get_by_role("dialog", name="Option B")
    dialog.get_by_label("Your name").fill(name)
    dialog.get_by_role("button", name="Accept and hold the seats").click()
    client.shows("Your seats are held for a short while")
    expect(agent.page.get_by_text(re.compile(f"Accepted by {name}"))).to_be_visible(timeout=WAIT)
    expect(client.page.get_by_role("link", name=re.compile("^Pay "))).to_have_count(2, timeout=WAIT)
    client.page.get_by_role("link", name=re.compile("^Pay ")).first.click()
    pay_by_card(client.page, GOOD_CARD)
    client.page.wait_for_url(re.compile("/trips/TRV-"))
    client.settled()
    client.shows("Confirmed")
    expect(agent.page.get_by_text("Confirmed", exact=True)).to_be_visible(timeout=WAIT)
    # Who travels is said now, and seen at the desk's own page of the booking.
    client.press("Name the travellers")
    expect(client.page.get_by_label("Name of traveller 1")).to_have_value(name, timeout=WAIT)
    client.page.get_by_label("Name of traveller 2").fill("Bo Sand")
    client.page.locator("#travellers-form").get_by_role("button", name="Save").click()
    expect(client.page.locator("#travellers").get_by_text("Bo Sand")).to_be_visible(timeout=WAIT)
    agent.page.get_by_role("link", name=re.compile("^TRV-")).first.click()
    agent.page.wait_for_url(re.compile("/agent/bookings/TRV-"))
    agent.settled()
    agent.heading(name)
    agent.open(f"/agent/quotes/{sent.id}")

    client.open(sent.path)
    client.page.get_by_label(re.compile("^Write to")).fill("Thank you!")
    client.press("Send message")
    expect(agent.page.get_by_text("Thank you!")).to_be_visible(timeout=WAIT)


def test_a_new_proposal_is_begun_and_filled_at_the_desk(visitor: Visitor, shelf: Shelf) -> None:
    package = shelf.take()
    visitor.sign_in(AGENT)
    visitor.open("/agent/quotes")
    visitor.heading("Proposals")
    visitor.page.get_by_role("button", name="New proposal").first.click()
    dialog = visitor.page.get_by_role("dialog", name="New proposal")
    dialog.get_by_label("Title").fill("A quiet week")
    dialog.get_by_role("button", name="Begin").click()
    expect(dialog.get_by_text("Choose a client from the list.")).to_be_visible(timeout=WAIT)
    dialog.get_by_role("combobox", name="Client").press_sequentially("a", delay=50)
    dialog.get_by_role("option").first.click(timeout=WAIT)
    dialog.get_by_label("Title").fill("A quiet week")
    dialog.get_by_role("button", name="Begin").click()
    visitor.page.wait_for_url(re.compile("/agent/quotes/[0-9a-f-]{36}"))
    visitor.heading("A quiet week")
    visitor.settled()
    visitor.press("Add a trip")
    dialog = visitor.page.get_by_role("dialog", name="Add a trip")
    dialog.get_by_role("combobox", name="Trip").press_sequentially(package["title"], delay=10)
    dialog.get_by_role("option", name=re.compile(re.escape(package["title"]))).first.click(
        timeout=WAIT
    )
    expect(dialog.get_by_label("Date").get_by_role("option").first).to_be_attached(timeout=WAIT)
    dialog.get_by_role("button", name="Add it").click()
    expect(visitor.page.get_by_role("link", name=package["title"])).to_be_visible(timeout=WAIT)
    visitor.page.get_by_role("button", name=f"Change {package['title']}").click()
    dialog = visitor.page.get_by_role("dialog", name="Change the trip")
    dialog.get_by_label("A word about it").fill("With a view of the river")
    dialog.get_by_role("button", name="Keep it").click()
    expect(visitor.page.get_by_text("With a view of the river")).to_be_visible(timeout=WAIT)
    visitor.page.get_by_role("button", name=re.compile("^Remove ")).first.click()
    expect(visitor.page.get_by_role("link", name=package["title"])).to_have_count(0, timeout=WAIT)
