"""The checkout in a browser: extras, ten minutes more, a second tab, and the way back to it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.selling import DEMO_OPERATOR, GOOD_CARD, Shelf, pay_by_card
from tests.browser.visitor import PHONE, WAIT, Visitor, new_email
from tests.live import Live

NAME = "Ilse Aichinger"


def with_extras(live: Live, shelf: Shelf) -> dict[str, Any]:
    """A trip with an extra that one may leave out."""
    while True:
        package = shelf.take()
        known = live.get(f"/api/packages/{package['id']}")
        if any(not addon["required"] for addon in known["addons"]):
            return package


def reserve(visitor: Visitor, package: dict[str, Any]) -> None:
    visitor.open(f"/packages/{package['slug']}")
    visitor.press("Reserve")
    visitor.page.wait_for_url(re.compile("/checkout/"))
    visitor.heading("Who is travelling?")


def pay_button(page: Page) -> Any:
    return page.get_by_role("main").get_by_role("button", name=re.compile("^Pay "))


def seconds_left(visitor: Visitor) -> int:
    timer = visitor.page.get_by_role("main").get_by_role("timer")
    expect(timer).to_have_text(re.compile(r"^\d+:\d\d$"), timeout=WAIT)
    minutes, seconds = timer.inner_text().split(":")
    return int(minutes) * 60 + int(seconds)


def test_extras_ten_minutes_more_and_the_way_back(
    live: Live, visitor: Visitor, shelf: Shelf
) -> None:
    package, page = with_extras(live, shelf), visitor.page
    reserve(visitor, package)
    before = pay_button(page).inner_text()
    extra = page.get_by_role("group", name="Extras").get_by_role("checkbox").first
    extra.click()
    expect(pay_button(page)).not_to_have_text(before, timeout=WAIT)
    expect(extra).to_be_checked()
    visitor.field("Full name").fill(NAME)
    visitor.field("Phone").fill("+43 1 555 0142")
    left = seconds_left(visitor)
    visitor.press("Keep them 10 minutes longer")
    expect(page.get_by_role("button", name="Keep them 10 minutes longer")).to_have_count(
        0, timeout=WAIT
    )
    assert 540 < seconds_left(visitor) - left <= 600
    visitor.look_over("checkout-extended")

    # The tab is closed; the seats are not lost.
    address, other = page.url, visitor.tab()
    page.close()
    visitor.page = other
    for path in ("/", "/search", "/trips"):
        visitor.open(path)
        kept = other.get_by_role("complementary", name="Your reservation")
        expect(kept).to_contain_text(package["title"], timeout=WAIT)
        expect(kept).to_be_in_viewport()
        if path != "/search":
            visitor.look_over(f"held-seats{'-home' if path == '/' else '-trips'}")
    kept.get_by_role("link", name="Continue").click()
    other.wait_for_url(address)
    visitor.heading("Who is travelling?")
    expect(other.get_by_role("group", name="Extras").get_by_role("checkbox").first).to_be_checked()
    visitor.field("Full name").fill(NAME)
    visitor.field("Email").fill(new_email("ilse.aichinger"))
    visitor.shows("By paying you accept the terms.")
    expect(other.get_by_role("link", name="terms", exact=True)).to_have_attribute("href", "/terms")
    visitor.press(re.compile("^Pay "))
    pay_by_card(other, GOOD_CARD)
    other.wait_for_url(re.compile("/trips/TRV-"))
    visitor.settled()
    visitor.shows("Confirmed")
    visitor.open("/trips")
    expect(other.get_by_role("complementary", name="Your reservation")).to_have_count(0)


def test_a_second_tab_never_charges_what_was_not_seen(
    live: Live, visitor: Visitor, shelf: Shelf
) -> None:
    package, first = with_extras(live, shelf), visitor.page
    reserve(visitor, package)
    seen = pay_button(first).inner_text()
    second = visitor.tab()
    visitor.open(first.url, second)
    second.get_by_role("group", name="Extras").get_by_role("checkbox").first.click()
    expect(pay_button(second)).not_to_have_text(seen, timeout=WAIT)
    visitor.field("Full name").fill(NAME)
    visitor.field("Email").fill(new_email("ilse.aichinger"))
    visitor.press(re.compile("^Pay "))
    visitor.shows("The price has changed while you were looking")
    assert pay_button(first).inner_text() == pay_button(second).inner_text()
    expect(visitor.field("Full name")).to_have_value(NAME)
    visitor.look_over("checkout-consent")
    visitor.press(re.compile("^Pay "))
    pay_by_card(first, GOOD_CARD)
    first.wait_for_url(re.compile("/trips/TRV-"))
    # The other tab finds out by itself, at once when somebody comes back to it.
    second.bring_to_front()
    second.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    second.wait_for_url(re.compile("/trips/TRV-"), timeout=60_000)


def test_by_keyboard_on_a_phone(live: Live, visit: Callable[..., Visitor], shelf: Shelf) -> None:
    visitor = visit(width=PHONE)
    reserve(visitor, with_extras(live, shelf))
    page = visitor.page
    visitor.field("Full name").focus()
    page.keyboard.type(NAME)
    page.keyboard.press("Tab")
    page.keyboard.type("not an address")
    page.keyboard.press("Enter")
    expect(visitor.field("Email")).to_have_attribute("aria-invalid", "true", timeout=WAIT)
    expect(visitor.field("Email")).to_be_focused(timeout=WAIT)


@pytest.fixture
def strict(live: Live) -> Iterator[dict[str, Any]]:
    """A trip whose operator asks for dates of birth while the test runs.

    She sells nothing in Italy, where other tests book with whoever comes first.
    """
    found = live.get("/api/packages", country="JP", limit="100")["items"]
    package = next(
        one
        for one in found
        if one["bookable"]
        and one["operator"]["slug"] != DEMO_OPERATOR
        and (one["seats_left"] or 0) >= 4
        and not live.get("/api/packages", operator=one["operator"]["slug"], country="IT")["total"]
    )
    names = {"host": "HOST", "port": "PORT", "dbname": "DATABASE", "user": "USER"}
    where = {key: live.settings[f"AWS_RDS_{name}"] for key, name in names.items()}
    password = live.settings["AWS_RDS_PASSWORD"]
    with psycopg.connect(**where, password=password, autocommit=True) as connection:  # type: ignore[arg-type]
        ask = (
            "insert into operator_terms (operator_id, asks_birth_dates)"
            " select operator_id, %(asks)s from departures where package_id = %(id)s limit 1"
            " on conflict (operator_id) do update set asks_birth_dates = %(asks)s"
        )
        connection.execute(ask, {"asks": True, "id": package["id"]})
        yield package
        connection.execute(ask, {"asks": False, "id": package["id"]})


def test_dates_of_birth_where_they_are_asked_for(visitor: Visitor, strict: dict[str, Any]) -> None:
    page = visitor.page
    reserve(visitor, strict)
    visitor.field("Full name").fill(NAME)
    visitor.field("Email").fill(new_email("ilse.aichinger"))
    visitor.field("Date of birth").fill("1988-02-29")
    visitor.field("Name of traveller 2").fill("Ada Okafor")
    visitor.press(re.compile("^Pay "))
    missing = visitor.field("Date of birth of traveller 2")
    expect(missing).to_have_attribute("aria-invalid", "true", timeout=WAIT)
    expect(missing).to_have_accessible_description(re.compile("Enter the date of birth"))
    visitor.look_over("checkout-birth-dates")
    missing.fill("1990-11-03")
    page.reload()
    visitor.settled()
    expect(missing).to_have_value("1990-11-03", timeout=WAIT)
    visitor.press(re.compile("^Pay "))
    pay_by_card(page, GOOD_CARD)
    page.wait_for_url(re.compile("/trips/TRV-"))
    visitor.settled()
    visitor.shows("Confirmed")
    visitor.shows("Ada Okafor")
