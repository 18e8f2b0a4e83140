"""The search page: filters live in the address, back is back, suggestions by keyboard, ways out."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import PHONE, WAIT, Visitor
from tests.live import Live


def count(page: Any) -> int:
    """The number of trips the page says it found."""
    said = page.locator("p[aria-live]").filter(has_text=re.compile(r"^[\d,]+ trips?$"))
    expect(said).to_be_visible(timeout=WAIT)
    return int(said.inner_text().split()[0].replace(",", ""))


def test_a_filter_stands_in_the_address_and_back_takes_it_away(
    live: Live, visit: Callable[..., Visitor]
) -> None:
    someone = visit()
    page = someone.page
    someone.open("/search?q=Italy&page=2")
    someone.settled()
    everything = count(page)
    assert everything == live.get("/api/packages", q="Italy")["total"]
    facet = page.get_by_role("complementary").get_by_role("link", name=re.compile("^Food"))
    wanted = int(facet.locator("span").last.inner_text().replace(",", ""))
    facet.click()
    page.wait_for_url(re.compile(r"/search\?q=Italy&tag=food$"))
    expect(page.get_by_role("link", name="Remove Food")).to_be_visible(timeout=WAIT)
    someone.settled()
    assert count(page) == wanted
    page.go_back()
    page.wait_for_url(re.compile(r"page=2"))
    expect(page.get_by_role("link", name="Remove Food")).to_have_count(0, timeout=WAIT)
    someone.settled()
    assert count(page) == everything
    page.get_by_role("complementary").get_by_label("Price up to").fill("1200")
    page.get_by_role("complementary").get_by_role("button", name="Show trips").click()
    page.wait_for_url(re.compile(r"/search\?q=Italy(&radius=100)?&max_price=1200$"))
    expect(page.get_by_role("link", name="Remove Price up to 1,200")).to_be_visible(timeout=WAIT)
    someone.look_over("search-filtered")


def test_suggestions_are_chosen_by_keyboard(live: Live, visit: Callable[..., Visitor]) -> None:
    someone = visit()
    page = someone.page
    someone.open("/")
    someone.settled()
    box = page.get_by_role("combobox", name="Where")
    box.press_sequentially("florense", delay=20)
    option = page.get_by_role("option", name=re.compile("Florence.*City"))
    expect(option).to_be_visible(timeout=WAIT)
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("Escape")
    expect(option).to_be_hidden()
    box.press("ArrowDown")
    expect(option).to_be_visible()
    expect(box).to_have_attribute("aria-activedescendant", re.compile("search-suggestion-0"))
    box.press("Enter")
    page.wait_for_url(re.compile(r"/search\?city=florence"))
    someone.settled()
    assert count(page) == live.get("/api/packages", city="florence")["total"]


def test_an_empty_list_offers_ways_out(visit: Callable[..., Visitor]) -> None:
    someone = visit(width=PHONE)
    page = someone.page
    someone.open("/search?q=qqkyoto&max_price=1&travellers=500")
    someone.settled()
    expect(page.get_by_text("number of travellers (1 to 99)")).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("No trip fits all of this")).to_be_visible()
    someone.open("/search?city=florense&max_nights=30")
    someone.settled()
    expect(page.get_by_role("link", name=re.compile("^Florence, Italy"))).to_be_visible(
        timeout=WAIT
    )
    someone.look_over("search-nothing")
    page.get_by_role("link", name=re.compile("^Florence, Italy")).click()
    page.wait_for_url(re.compile(r"/search\?city=florence&max_nights=30"))
    expect(page.get_by_text(re.compile(r"^[1-9][\d,]* trips?$"))).to_be_visible(timeout=WAIT)


def test_every_filter_fits_a_phone(visit: Callable[..., Visitor]) -> None:
    someone = visit(width=PHONE)
    page = someone.page
    someone.open("/search?near=Rome&radius=200")
    someone.settled()
    page.get_by_role("button", name="Filters", exact=True).click()
    drawer = page.get_by_role("dialog", name="Filters")
    for label in ("From", "To"):
        field = drawer.get_by_label(label, exact=True)
        assert field.evaluate("node => node.scrollWidth <= node.clientWidth"), label
    expect(drawer.get_by_label("Near a city")).to_have_value("Rome")
    expect(drawer.get_by_label("Within")).to_have_value("200")
    drawer.get_by_label("Most nights").fill("7")
    drawer.get_by_role("button", name="Show trips").click()
    page.wait_for_url(re.compile(r"near=Rome&radius=200&max_nights=7"))
    expect(page.get_by_role("link", name="Remove At most 7 nights")).to_be_visible(timeout=WAIT)
    someone.look_over("search-phone")


@pytest.mark.parametrize("path", ["/search?sort=%00&page=9999&q=%F0%9F%98%80", "/search?stars=x"])
def test_an_address_nobody_meant_still_answers(visit: Callable[..., Visitor], path: str) -> None:
    someone = visit()
    someone.open(path)
    someone.settled()
    expect(someone.page.get_by_text("Left out, because")).to_be_visible(timeout=WAIT)
