"""An agent's clients: found as one types, kept with a passport, merged and taken apart, booked for."""

import re
import secrets
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.selling import Shelf
from tests.browser.visitor import WAIT, Visitor


def test_a_client_is_kept_found_and_booked_for(visit: Callable[..., Visitor], shelf: Shelf) -> None:
    family = f"Quill{secrets.token_hex(3)}"
    agent = visit()
    page = agent.page
    agent.sign_in("agent@demo.example")
    agent.open("/agent/clients")
    for first in ("Ada", "Ben"):
        agent.press("Add client")
        form = page.get_by_role("dialog", name="New client")
        form.get_by_label("Full name").fill(f"{first} {family}")
        form.get_by_label("Email").fill(f"{family}@example.com".lower())
        form.get_by_role("button", name="Add client").click()
        page.wait_for_url(re.compile("/agent/clients/[0-9a-f-]{36}"), timeout=WAIT)
        agent.heading(f"{first} {family}")
        expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=WAIT)
        if first == "Ada":
            agent.open("/agent/clients")

    agent.press("Add a passport or visa")
    form = page.get_by_role("dialog", name="New passport, card or visa")
    form.get_by_label("Number").fill("AB1234567")
    form.get_by_label("Valid until").fill("2031-05-01")
    form.get_by_role("button", name="Keep it").click()
    agent.shows("•••• 4567")
    agent.press("Show the number of the Passport")
    agent.shows("AB1234567")
    agent.press("Hide")
    agent.field("Write something down").fill("Likes the aisle")
    agent.press("Keep note")
    agent.shows("Likes the aisle")
    agent.press(f"Merge Ada {family} into this client")
    agent.shows(f"Ada {family} was the same person")
    agent.press(f"Undo merging Ada {family}")
    expect(page.get_by_text("was the same person")).to_have_count(0, timeout=WAIT)
    agent.look_over("agent-client")

    agent.press("Book a trip")
    page.wait_for_url(re.compile("/search"), timeout=WAIT)
    agent.settled()
    package = shelf.take()
    agent.open(f"/packages/{package['slug']}?travellers=1")
    agent.press("Reserve")
    page.wait_for_url(re.compile("/checkout/"), timeout=WAIT)
    agent.heading("Who is travelling?")
    agent.shows(f"You book for Ben {family}.")
    expect(agent.field("Full name")).to_have_value(f"Ben {family}", timeout=WAIT)

    agent.open("/agent/clients")
    agent.field("Search").fill(f"ada {family}".lower())
    row = page.get_by_role("row").filter(has_text=f"Ada {family}")
    expect(row).to_have_count(1, timeout=WAIT)
    expect(page.get_by_text(f"Ben {family}")).to_have_count(0, timeout=WAIT)
    agent.look_over("agent-clients")
    rival = visit()
    rival.sign_in("rival@demo.example")
    rival.open("/agent/clients?q=" + family)
    rival.shows("No client fits this search")
