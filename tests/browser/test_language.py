"""Whoever reads German gets German everywhere and keeps it; pages stand when they are turned."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.selling import GOOD_CARD, Shelf, Sold, pay_by_card
from tests.browser.visitor import PASSWORD, WAIT, Visitor, new_email
from tests.live import Live

ENGLISH_LEFT = re.compile(
    r"\b(the|your|and|seats?|nights?|travellers?|departures?|reviews?|sign in|children)\b", re.I
)
GERMAN_LOCALE = {"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CLIPPED = """() => {
  const width = document.documentElement.clientWidth;
  const seen = (element) => {
    if (element.closest(".sr-only, [hidden], dialog:not([open]), details:not([open]) > div"))
      return false;
    // What can be scrolled, or is cut off on purpose, is reached another way.
    for (let up = element.parentElement; up && up !== document.body; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== "visible") return false;
    return getComputedStyle(element).position !== "fixed";
  };
  return [...document.querySelectorAll("a, button, input, select, p, h1, h2, h3, dt, dd, li")]
    .filter((element) => {
      const box = element.getBoundingClientRect();
      return box.width > 0 && box.height > 0 && (box.left < -1 || box.right > width + 1);
    })
    .filter(seen)
    .map((element) => `${element.tagName} ${element.textContent.slice(0, 40)}`);
}"""


def hold_in(visitor: Visitor, package: dict[str, Any], adults: int = 2) -> str:
    """Hold seats as this visitor; returns the hold's id."""
    party = {
        "departure_id": package["departures"][-1]["id"],
        "adults": adults,
        "children": 0,
        "addon_ids": [],
    }
    answer = visitor.context.request.post(
        f"{visitor.live.url}/api/holds", data=party, headers={"Origin": visitor.live.url}
    )
    assert answer.ok, answer.text()
    return answer.json()["id"]


def choose_german(visitor: Visitor) -> None:
    """Switch with the form at the foot of the page."""
    foot = visitor.page.locator("footer")
    foot.get_by_label("Language").select_option("de")
    foot.get_by_role("button", name="Apply").click()
    expect(visitor.page.locator("html")).to_have_attribute("lang", "de", timeout=WAIT)
    visitor.settled()


def test_german_from_the_first_page_to_the_e_mail(
    live: Live, visit: Callable[..., Visitor], shelf: Shelf
) -> None:
    guest, email = visit(), new_email("jonas.weber")
    page = guest.page
    guest.open("/trips")
    choose_german(guest)
    assert page.url.endswith("/trips"), "back on the page the form was on"
    guest.heading("Meine Buchungen")
    page.reload()
    guest.settled()
    guest.heading("Meine Buchungen")
    package = shelf.take()
    other = guest.tab()
    guest.open(f"/packages/{package['slug']}", other)
    expect(other.get_by_role("button", name="Reservieren")).to_be_visible(timeout=WAIT)
    expect(other.locator("#content")).to_contain_text(re.compile(r"\d\s€"), timeout=WAIT)
    other.close()
    guest.open(f"/checkout/{hold_in(guest, package)}")
    guest.heading("Wer reist?")
    guest.shows(re.compile(r"Zwei Plätze am \w+\., \d+\. .+ gehören Ihnen bis \d\d:\d\d Uhr"))
    guest.press(re.compile(r"€\sbezahlen$"))
    guest.shows("Geben Sie den vollständigen Namen ein.")
    expect(guest.field("Vollständiger Name")).to_be_focused(timeout=WAIT)
    guest.field("Vollständiger Name").fill("Jonas Weber")
    guest.field("E-Mail").fill(email)
    page.reload()
    guest.settled()
    expect(guest.field("Vollständiger Name")).to_have_value("Jonas Weber", timeout=WAIT)
    expect(guest.field("E-Mail")).to_have_value(email)
    form = page.locator("#content form").inner_text()
    # What extras are called and what they are is the operator's, in the language she wrote in.
    for extra in live.get(f"/api/packages/{package['id']}")["addons"]:
        for hers in (extra["name"], extra["description"]):
            form = form.replace(hers or "", "")
    assert not ENGLISH_LEFT.findall(form), form
    guest.look_over("german-checkout")
    guest.press(re.compile(r"€\sbezahlen$"))
    pay_by_card(page, GOOD_CARD)
    page.wait_for_url(re.compile("/trips/TRV-"))
    guest.shows("Bestätigt")
    guest.shows(re.compile("[Dd]ie Plätze gehören Ihnen"))
    guest.look_over("german-trip")
    mail = live.mail(email, "Ihre Reise ist gebucht")
    assert mail["text"].startswith("Guten Tag Jonas Weber,")
    assert re.search(r"Gesamt: [\d.]+(,\d\d)?\s€", mail["text"])
    assert "lang='de'" in mail["html"]


def test_a_browser_that_asks_for_german_gets_it(live: Live) -> None:
    with httpx.Client(base_url=live.url, headers=GERMAN_LOCALE, timeout=60) as client:
        page = client.get("/sign-in/")
        assert '<html dir="ltr" lang="de">' in page.text
        assert page.headers["content-language"] == "de"
        refused = client.get("/api/bookings/TRV-00000000")
        assert refused.json()["detail"] == "Zu dieser Buchungsnummer gibt es keine Buchung."
        desk = client.get("/provider/")
        assert "Overview" in desk.text


def test_the_choice_goes_along_with_the_account(
    visit: Callable[..., Visitor], new_customer: Callable[[str, str], None]
) -> None:
    email = new_email("greta.lang")
    new_customer(email, PASSWORD)
    here = visit()
    here.sign_in(email)
    here.open("/account")
    form = here.page.get_by_role("main").locator("form[action='/api/reader']")
    form.get_by_label("Language").select_option("de")
    form.get_by_label("Prices in").select_option("USD")
    form.get_by_role("button", name="Apply").click()
    here.heading("Ihr Konto")
    here.settled()
    expect(here.page.get_by_role("main").get_by_label("Preise in")).to_have_value(
        "USD", timeout=WAIT
    )
    elsewhere = visit()
    elsewhere.open("/sign-in?next=/account")
    elsewhere.heading("Sign in")
    elsewhere.sign_in_by_form(email)
    elsewhere.heading("Ihr Konto")
    cookies = {one.get("name"): one.get("value") for one in elsewhere.context.cookies()}
    assert (cookies["language"], cookies["currency"]) == ("de", "USD")


@pytest.mark.parametrize(
    ("form", "leads"),
    [
        ({"language": "de", "next": "/search?q=Rom"}, "/search?q=Rom"),
        ({"language": "de", "next": "//evil.example"}, "/"),
        ({"language": "de", "next": "/\\evil.example"}, "/"),
        ({"currency": ""}, "/"),
        ({}, "/"),
    ],
)
def test_choosing_leads_to_a_page_of_ours(live: Live, form: dict[str, str], leads: str) -> None:
    answer = httpx.post(f"{live.url}/api/reader", data=form, timeout=60)
    assert (answer.status_code, answer.headers["location"]) == (303, leads)


def test_a_choice_is_one_on_offer_and_made_on_our_own_pages(live: Live) -> None:
    address = f"{live.url}/api/reader"
    for form in ({"language": "xx"}, {"language": "de\r\nSet-Cookie: a=b"}, {"currency": "XXX"}):
        answer = httpx.post(address, data=form, timeout=60)
        assert answer.status_code == 422
        assert "set-cookie" not in answer.headers
    other = httpx.post(
        address, data={"language": "de"}, headers={"Origin": "https://evil.example"}, timeout=60
    )
    assert (other.status_code, other.json()["code"]) == (403, "cross_origin")
    junk = httpx.get(f"{live.url}/sign-in/", headers={"Cookie": "language=<script>"}, timeout=60)
    assert '<html dir="ltr" lang="en">' in junk.text


@pytest.mark.parametrize("width", [360, 1280])
def test_pages_stand_when_read_from_right_to_left(
    visit: Callable[..., Visitor], shelf: Shelf, sold: Sold, width: int
) -> None:
    reader = visit(width=width)
    reader.open("/")
    hold = hold_in(reader, shelf.take())
    for path in (
        "/",
        "/search",
        f"/packages/{sold.package['slug']}",
        f"/checkout/{hold}",
        f"/trips/{sold.reference}?key={sold.key}",
    ):
        reader.open(path)
        reader.page.evaluate("document.documentElement.dir = 'rtl'")
        assert reader.page.evaluate(OVERFLOW) <= 0, f"{path} is wider than the screen"
        assert reader.page.evaluate(CLIPPED) == [], path
