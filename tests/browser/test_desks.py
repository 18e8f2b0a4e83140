"""Agents, operators and operations at work: what they see of a sale, and what they change."""

import re
import secrets
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.selling import GOOD_CARD, Shelf, Sold, pay_by_card
from tests.browser.visitor import WAIT, Visitor
from tests.live import Live, eventually

PUBLIC_WITHIN_SECONDS = 15.0
"""Two, on a machine that does nothing else."""


def test_an_agent_books_for_a_client_and_a_rival_does_not_see_it(
    visit: Callable[..., Visitor], shelf: Shelf
) -> None:
    agent = visit()
    page = agent.page
    package = shelf.take()
    agent.open("/sign-in?next=/agent")
    agent.sign_in_by_form("agent@demo.example")
    page.wait_for_url(re.compile("/agent$"))
    agent.settled()
    agent.open(f"/packages/{package['slug']}?travellers=1")
    agent.press("Reserve")
    page.wait_for_url(re.compile("/checkout/"))
    agent.heading("Who is travelling?")
    agent.field("Full name").fill("Client Of Maple")
    agent.field("Email").fill("client@maple.example")
    agent.press(re.compile("^Pay "))
    pay_by_card(page, GOOD_CARD)
    page.wait_for_url(re.compile("/trips/TRV-"))
    agent.settled()
    agent.shows("Confirmed")
    agent.shows("Booked by")
    reference = page.url.partition("/trips/")[2].partition("?")[0]

    find_booking(agent, "/agent/bookings", reference)
    agent.shows("Client Of Maple")
    agent.look_over("agent-bookings-found")
    rival = visit()
    rival.sign_in("rival@demo.example")
    rival.open(f"/agent/bookings?q={reference}")
    rival.shows("No booking fits this search")
    rival.open(f"/trips/{reference}")
    rival.heading("There is no booking here")
    assert "Client Of Maple" not in rival.page.content()


def test_an_operator_sees_who_booked(visitor: Visitor, sold: Sold) -> None:
    visitor.open("/sign-in")
    visitor.sign_in_by_form("operator@demo.example")
    visitor.page.wait_for_url(re.compile("/provider$"))
    visitor.settled()
    find_booking(visitor, "/provider/bookings", sold.reference)
    visitor.shows(sold.name)
    visitor.look_over("provider-bookings-found")


def test_another_operator_does_not_see_who_booked(visitor: Visitor, sold: Sold) -> None:
    visitor.sign_in("newoperator@demo.example")
    visitor.open(f"/provider/bookings?q={sold.reference}")
    visitor.shows("No booking")
    assert sold.name not in visitor.page.content()


def test_an_edited_package_is_public_soon(
    live: Live, visit: Callable[..., Visitor], shelf: Shelf
) -> None:
    package = shelf.take()
    # New each time, as is the price, so that there is something to save.
    title = f"Bay and islands {secrets.token_hex(3)}"
    euros = 1100 + secrets.randbelow(400)
    operator = visit()
    operator.sign_in("operator@demo.example")
    operator.open(f"/provider/packages/{package['id']}")
    operator.field("Title").fill(title)
    operator.page.get_by_label(re.compile("^Price per adult")).fill(str(euros))
    operator.press("Save")
    expect(operator.page.get_by_role("heading", level=1, name=title)).to_be_visible(timeout=WAIT)
    operator.shows("Saved")

    def found() -> bool:
        rows = live.get("/api/packages", q=title)["items"]
        return bool(rows) and rows[0]["title"] == title and rows[0]["id"] == package["id"]

    eventually(found, "package with its new title in the search", PUBLIC_WITHIN_SECONDS)
    assert live.get(f"/api/packages/{package['slug']}")["title"] == title
    operator.look_over("provider-package-saved")

    guest = visit()
    guest.open(f"/packages/{package['slug']}")
    guest.heading(title)
    guest.open(f"/search?q={title}")
    card = guest.page.get_by_role("listitem").filter(has_text=title)
    expect(card).to_be_visible(timeout=WAIT)
    lowest = min(row["price"]["amount"] for row in departures(live, package["id"]))
    assert f"{lowest // 100:,}" in card.inner_text()
    assert euros * 100 in {row["price"]["amount"] for row in departures(live, package["id"])}


def test_a_package_of_another_operator_is_not_there(visitor: Visitor, shelf: Shelf) -> None:
    package = shelf.take()
    visitor.sign_in("newoperator@demo.example")
    visitor.open(f"/provider/packages/{package['id']}")
    visitor.heading("This package does not exist")
    assert package["title"] not in visitor.page.content()


def test_operations_see_that_all_is_well(visitor: Visitor) -> None:
    visitor.open("/sign-in")
    visitor.sign_in_by_form("ops@demo.example")
    visitor.page.wait_for_url(re.compile("/ops$"))
    visitor.settled()
    parts = visitor.page.get_by_role("table", name="Parts the marketplace depends on")
    expect(parts.get_by_role("row")).to_have_count(9, timeout=WAIT)
    visitor.shows(re.compile("Everything answers|slow"))
    expect(parts.get_by_text("down", exact=True)).to_have_count(0)
    well = parts.get_by_text(re.compile("^(answers|slow)$"))
    expect(well).to_have_count(8, timeout=WAIT)
    visitor.look_over("ops-health-well")


def test_operations_find_a_booking_by_its_reference(visitor: Visitor, sold: Sold) -> None:
    visitor.sign_in("ops@demo.example")
    find_booking(visitor, "/ops/bookings", sold.reference)
    visitor.shows(sold.name)
    visitor.page.get_by_role("table").get_by_role("link", name=sold.reference).click()
    visitor.page.wait_for_url(re.compile(f"/trips/{sold.reference}"))
    visitor.heading(sold.title)
    visitor.shows(sold.email)


def find_booking(visitor: Visitor, path: str, reference: str) -> None:
    """Search a list of bookings for one, with its form."""
    visitor.open(path)
    visitor.field("Search").fill(reference)
    visitor.press("Search")
    visitor.page.wait_for_url(re.compile(f"q={reference}"))
    row = visitor.page.get_by_role("table").locator("tbody tr")
    expect(row).to_have_count(1, timeout=WAIT)
    expect(row).to_contain_text(reference)


def departures(live: Live, package_id: str) -> list[dict]:
    return live.get(f"/api/packages/{package_id}/departures", limit="100")["items"]
