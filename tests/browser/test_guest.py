"""Somebody without an account finds a trip, reserves, is declined, pays, and finds it again."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.selling import DECLINED_CARD, GOOD_CARD, Sold, pay_by_card
from tests.browser.visitor import WAIT, Visitor, new_email
from tests.live import Live

NAME = "Marta Kowalska"


def test_a_guest_books_by_mouse_and_pays_with_the_second_card(
    live: Live, visit: Callable[..., Visitor]
) -> None:
    guest, email = visit(), new_email("marta.kowalska")
    page = guest.page
    guest.open("/")
    page.get_by_role("main").get_by_role("link", name="Italy").click()
    page.wait_for_url(re.compile(r"/search\?country=IT"))
    guest.settled()
    filters = page.get_by_role("complementary")
    cities = filters.locator("section").filter(has=page.get_by_role("heading", name="City"))
    link = cities.get_by_role("link").first
    city = link.locator("span span").first.inner_text().strip()
    link.click()
    page.wait_for_url(re.compile("city="))
    expect(page.get_by_role("link", name=f"Remove {city}")).to_be_visible(timeout=WAIT)
    guest.settled()
    guest.look_over("guest-search")
    page.locator("main li a[href*='/packages/']").first.click()
    page.wait_for_url(re.compile("/packages/"))
    expect(page.get_by_role("button", name="Reserve")).to_be_enabled(timeout=WAIT)
    guest.shows(city)
    title = page.locator("h1").inner_text()
    guest.press("Reserve")
    page.wait_for_url(re.compile("/checkout/"))
    guest.heading("Who is travelling?")
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^\d\d?:\d\d$"), timeout=WAIT)
    guest.field("Full name").fill(NAME)
    guest.field("Email").fill(email)
    guest.look_over("guest-checkout")
    guest.press(re.compile("^Pay "))
    with guest.forgiving("answer: 402"):
        pay_by_card(page, DECLINED_CARD)
        expect(page.get_by_role("alert")).to_contain_text("declined", timeout=WAIT)
    page.get_by_role("link", name="Cancel and go back").click()
    page.wait_for_url(re.compile("/checkout/"))
    guest.settled()
    guest.shows("declined")
    guest.shows(re.compile(r"still held until \d\d:\d\d"))
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^\d\d?:\d\d$"), timeout=WAIT)
    guest.look_over("guest-declined")
    guest.press(re.compile("^Pay "))
    pay_by_card(page, GOOD_CARD)
    page.wait_for_url(re.compile("/trips/TRV-"))
    guest.settled()
    guest.shows("Confirmed")
    guest.heading(title)
    guest.look_over("guest-trip")

    reference = urlsplit(page.url).path.rpartition("/")[2]
    mail = live.mail(email, reference)
    link = re.search(rf"{re.escape(live.url)}/trips/\S+", mail["text"])
    assert link is not None
    elsewhere = visit()
    elsewhere.open(link.group())
    elsewhere.heading(title)
    elsewhere.shows(NAME)


def test_without_the_key_a_trip_says_nothing_of_its_people(visitor: Visitor, sold: Sold) -> None:
    visitor.open(f"/trips/{sold.reference}")
    visitor.heading(sold.title)
    visitor.shows("names and addresses are left out")
    everything = visitor.page.content()
    assert sold.name not in everything
    assert sold.email not in everything
    visitor.look_over("guest-trip-without-key")


def test_a_reservation_of_somebody_else_is_not_there(
    visit: Callable[..., Visitor], sold: Sold
) -> None:
    owner, stranger = visit(), visit()
    owner.open(f"/packages/{sold.package['slug']}")
    owner.press("Reserve")
    owner.page.wait_for_url(re.compile("/checkout/"))
    owner.heading("Who is travelling?")
    stranger.open(owner.page.url)
    stranger.heading("This reservation is not here")


def test_a_checkout_without_a_name_says_so_at_the_field(visitor: Visitor, sold: Sold) -> None:
    visitor.open(f"/packages/{sold.package['slug']}")
    visitor.press("Reserve")
    visitor.page.wait_for_url(re.compile("/checkout/"))
    visitor.heading("Who is travelling?")
    visitor.field("Email").fill("not an address")
    visitor.press(re.compile("^Pay "))
    for label in ("Full name", "Email"):
        wrong = visitor.field(label)
        expect(wrong).to_have_attribute("aria-invalid", "true", timeout=WAIT)
        expect(wrong).to_have_accessible_description(re.compile(r"\w{3,}"))
    visitor.look_over("guest-checkout-mistakes")
