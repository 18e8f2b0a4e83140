"""The desk by keyboard: going anywhere, earnings off the screen, and what was typed after a reload."""

import re
import secrets
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.visitor import WAIT, Visitor


def keys_work(page: Page) -> None:
    """Wait for the script behind the keys, which comes once a page has use for it."""
    expect(page.locator("html[data-single-keys]")).to_have_count(1, timeout=WAIT)


def test_an_agent_works_by_keyboard_and_loses_nothing_typed(
    visit: Callable[..., Visitor],
) -> None:
    agent = visit()
    page, keys = agent.page, agent.page.keyboard
    agent.sign_in("agent@demo.example")
    agent.open("/agent/clients")
    keys_work(page)
    keys.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    keys.press("Escape")

    # Earnings go with a key, on every page of this tab, but not while one types.
    bookings = page.get_by_role("columnheader", name="Commission")
    keys.press("g")
    keys.press("b")
    page.wait_for_url(re.compile("/agent/bookings$"), timeout=WAIT)
    expect(bookings).to_be_visible(timeout=WAIT)
    earned = page.locator("td [data-earnings]").first
    expect(earned).to_be_visible(timeout=WAIT)
    keys.press("h")
    expect(earned).to_be_hidden()
    page.get_by_role("searchbox").first.press_sequentially("gchh")
    expect(page).to_have_url(re.compile("/agent/bookings$"))
    agent.open("/agent/bookings")
    expect(bookings).to_be_visible(timeout=WAIT)
    expect(earned).to_be_hidden()
    keys_work(page)
    keys.press("h")
    expect(earned).to_be_visible()

    # A new client's name is still there after a reload, and gone once she is kept.
    name = f"Quill {secrets.token_hex(3)}"
    agent.open("/agent/clients")
    agent.press("Add client")
    form = page.get_by_role("dialog", name="New client")
    form.get_by_label("Full name").fill(name)
    page.reload()
    agent.settled()
    expect(form).to_be_hidden()  # a form that was open closes as the page is loaded anew
    agent.press("Add client")
    expect(form.get_by_label("Full name")).to_have_value(name, timeout=WAIT)
    expect(form.get_by_text("What you typed before is back")).to_be_visible()
    form.get_by_role("button", name="Add client").click()
    page.wait_for_url(re.compile("/agent/clients/[0-9a-f-]{36}"), timeout=WAIT)
    agent.heading(name)
    address = page.url
    page.get_by_label("Preferences").fill("The aisle")
    page.reload()
    agent.settled()
    expect(page.get_by_label("Preferences")).to_have_value("The aisle", timeout=WAIT)
    agent.press("Start anew")
    expect(page.get_by_label("Preferences")).to_have_value("")

    # A page by its name, a client by hers.
    keys.press("Escape")
    page.locator("h1").click()
    keys_work(page)
    keys.press("Control+k")
    palette = page.get_by_role("dialog", name="Go to…")
    expect(palette.get_by_role("option", name="Today")).to_be_visible()
    keys.type("propos")
    expect(palette.get_by_role("option", name="Today")).to_be_hidden()
    keys.press("Enter")
    page.wait_for_url(re.compile("/agent/quotes$"), timeout=WAIT)
    agent.heading("Proposals")
    keys.press("Control+k")
    keys.type(name.lower())
    found = palette.get_by_role("option", name=name)
    expect(found).to_have_attribute("aria-selected", "true", timeout=WAIT)
    agent.look_over("agent-palette")
    keys.press("Enter")
    page.wait_for_url(address, timeout=WAIT)

    # Somebody else in the same tab finds neither the client nor what was typed.
    page.get_by_label("Preferences").fill("The window")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "/agent" not in url, timeout=WAIT)
    agent.settled()
    assert not page.evaluate("Object.keys(sessionStorage).filter(k => k.startsWith('draft:'))")
    agent.sign_in("rival@demo.example")
    agent.open("/agent")
    keys_work(page)
    keys.press("Control+k")
    keys.type(name.lower())
    expect(palette.locator("[data-none]")).to_be_visible(timeout=WAIT)
