"""Choosing on a trip's page: dates by keyboard, who travels, what along, what it costs."""

import re
from collections.abc import Callable
from decimal import Decimal

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.selling import Shelf
from tests.browser.visitor import WAIT, Visitor
from tests.live import Live


def amount(text: str) -> Decimal:
    """``€3,769.50`` as a number."""
    return Decimal(re.sub(r"[^\d.]", "", text))


def total(page: Page) -> Locator:
    return page.locator("dt", has_text=re.compile("^Total$")).locator("xpath=following-sibling::dd")


def test_a_party_is_put_together_by_keyboard_and_the_price_follows(
    visitor: Visitor, shelf: Shelf
) -> None:
    package = shelf.take()
    visitor.open(f"/packages/{package['slug']}")
    page = visitor.page
    dates = page.get_by_role("group", name="Day of departure").get_by_role("radio")
    expect(dates.and_(page.locator(":checked"))).to_have_count(1, timeout=WAIT)
    before = amount(total(page).inner_text())

    # The whole group is one stop of the Tab key; arrows move from date to date.
    later = page.get_by_role("button", name="Later month")
    while page.locator("input[name=departure]:not(:disabled)").count() < 2 and later.is_enabled():
        title = page.get_by_role("group", name="Day of departure").locator("p")
        was = title.inner_text()
        later.press("Enter")
        expect(title).not_to_have_text(was, timeout=WAIT)
    open_dates = page.locator("input[name=departure]:not(:disabled)")
    first = open_dates.first
    first.focus()
    page.keyboard.press("Space")
    expect(first).to_be_checked(timeout=WAIT)
    assert re.search(r"\d{4}, .* per adult, ", first.get_attribute("aria-label") or "")
    if open_dates.count() > 1:
        page.keyboard.press("ArrowRight")
        expect(open_dates.nth(1)).to_be_checked(timeout=WAIT)
        expect(open_dates.nth(1)).to_be_focused()

    visitor.field("Adults").fill("1")
    expect(total(page)).not_to_have_text(f"€{before:,}", timeout=WAIT)
    expect(page.get_by_text(re.compile("^1 adult"))).to_be_visible(timeout=WAIT)
    visitor.field("Adults").fill("99")
    visitor.shows("travellers in one booking")
    expect(total(page)).to_have_count(0)
    expect(page.get_by_role("button", name="Reserve", exact=True)).to_be_disabled()
    expect(page.get_by_text("Your seats are held while you pay")).to_have_count(0)
    visitor.field("Adults").fill("2")
    expect(total(page)).to_be_visible(timeout=WAIT)
    visitor.look_over("package-chosen")


def test_what_an_extra_costs_the_party_is_said_and_added(visitor: Visitor, live: Live) -> None:
    found = live.get("/api/packages", operator="via-appia-journeys", limit="50")["items"]
    details = (live.get(f"/api/packages/{one['slug']}") for one in found)
    package, addon = next(
        (one, addon)
        for one in details
        for addon in one["addons"]
        if not addon["required"] and addon["unit"] == "traveller" and one["bookable"]
    )
    visitor.open(f"/packages/{package['slug']}?travellers=2")
    page = visitor.page
    before = amount(total(page).inner_text())
    whole = Decimal(addon["price"]["amount"] * 2) / 100
    visitor.shows(f"€{whole:,.2f}".removesuffix(".00") + " for your party")
    extra = page.get_by_role("checkbox", name=re.compile(re.escape(addon["name"])))
    extra.click()
    expect(extra).to_be_checked(timeout=WAIT)
    expect(total(page)).to_have_text(
        re.compile(re.escape(f"€{before + whole:,.2f}".removesuffix(".00"))), timeout=WAIT
    )


def test_what_is_on_screen_is_what_is_reserved(visitor: Visitor, shelf: Shelf) -> None:
    """Also when one presses the button before the new number was priced."""
    package = shelf.take(seats=4)
    visitor.open(f"/packages/{package['slug']}?travellers=2")
    visitor.field("Adults").fill("3")
    visitor.press("Reserve")
    visitor.page.wait_for_url(re.compile("/checkout/"))
    visitor.heading("Who is travelling?")
    visitor.shows("3 adults")


@pytest.mark.parametrize("path", ["/packages/nothing-here", "/operators/nobody"])
def test_what_is_not_there_is_a_404_with_a_page(visitor: Visitor, live: Live, path: str) -> None:
    assert httpx.get(live.url + path).status_code == 404
    with visitor.forgiving("404"):
        visitor.open(path)
    visitor.heading(re.compile("no page at this address|not offered|no such operator"))


def test_the_head_is_there_before_any_script_and_the_page_takes_it_over(
    visit: Callable[..., Visitor], live: Live
) -> None:
    package = live.get("/api/packages", limit="1")["items"][0]
    html = httpx.get(f"{live.url}/packages/{package['slug']}").text
    assert '<script type="application/ld+json">' in html
    assert f'rel="canonical" href="{live.url}/packages/{package["slug"]}"' in html
    visitor = visit()
    visitor.open(f"/packages/{package['slug']}")
    expect(visitor.page).to_have_title(f"{package['title']} · Ecosystem", timeout=WAIT)
    assert visitor.page.locator("h1").count() == 1
    # Going on within the site leaves nothing of this page's name behind.
    visitor.page.get_by_role("link", name=package["operator"]["name"]).first.click()
    visitor.page.wait_for_url(re.compile("/operators/"))
    visitor.heading(package["operator"]["name"])
    expect(visitor.page).to_have_title(re.compile(package["operator"]["name"]), timeout=WAIT)


def test_a_link_is_shared_by_copying_where_nothing_else_is_there(
    visitor: Visitor, shelf: Shelf
) -> None:
    package = shelf.take()
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.open(f"/packages/{package['slug']}?travellers=2")
    visitor.page.evaluate("delete Navigator.prototype.share")
    visitor.press("Share")
    expect(visitor.page.get_by_role("status").filter(has_text="copied")).to_be_visible(timeout=WAIT)
    copied = visitor.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{visitor.live.url}/packages/{package['slug']}"
