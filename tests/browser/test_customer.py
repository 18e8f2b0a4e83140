"""A customer signs up with a mailed code, books, signs out, and gets back in."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.selling import GOOD_CARD, Shelf, pay_by_card
from tests.browser.visitor import WAIT, Visitor, new_email
from tests.live import Live

SIGN_UP_CODE, RESET_CODE = "123456", "654321"
"""The local Cognito mails the same codes to everybody."""

FIRST_PASSWORD, NEW_PASSWORD = "Long-Way-Home-7", "Another-Way-Home-8"


def test_a_customer_signs_up_books_and_signs_out(
    live: Live, visitor: Visitor, shelf: Shelf
) -> None:
    page, email = visitor.page, new_email("lea.brandt")
    package = shelf.take()
    visitor.open("/sign-up")
    visitor.field("Full name").fill("Lea Brandt")
    visitor.field("Email").fill(email)
    visitor.field("Password").fill(FIRST_PASSWORD)
    visitor.press("Create account")
    page.wait_for_url(re.compile("/confirm"))
    visitor.settled()
    expect(visitor.field("Email")).to_have_value(email, timeout=WAIT)
    mail = live.mail(email, "")
    assert SIGN_UP_CODE in mail["text"] + mail["html"]
    visitor.look_over("customer-confirm")
    visitor.field("Code").fill(SIGN_UP_CODE)
    visitor.press("Confirm")
    page.wait_for_url(re.compile("/sign-in"))
    visitor.settled()
    visitor.shows("Your address is confirmed")
    visitor.sign_in_by_form(email, FIRST_PASSWORD)
    page.wait_for_url(re.compile("/trips"))
    visitor.settled()
    visitor.shows("Nothing booked yet")

    cookie = next(one for one in visitor.context.cookies() if "session" in one.get("name", ""))
    assert cookie.get("httpOnly") is True
    assert cookie.get("sameSite") == "Lax"
    assert cookie.get("value") not in page.evaluate(
        "document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"
    )

    visitor.open(f"/packages/{package['slug']}")
    visitor.press("Reserve")
    page.wait_for_url(re.compile("/checkout/"))
    visitor.heading("Who is travelling?")
    expect(visitor.field("Full name")).to_have_value("Lea Brandt", timeout=WAIT)
    expect(visitor.field("Email")).to_have_value(email)
    visitor.press(re.compile("^Pay "))
    pay_by_card(page, GOOD_CARD)
    page.wait_for_url(re.compile("/trips/TRV-"))
    visitor.settled()
    visitor.shows("Confirmed")
    reference = page.url.partition("/trips/")[2].partition("?")[0]
    visitor.open("/trips")
    visitor.shows(reference)
    visitor.look_over("customer-trips")

    page.get_by_role("banner").get_by_label("Your account").click()
    page.get_by_role("button", name="Sign out").first.click()
    visitor.settled()
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible(
        timeout=WAIT
    )
    assert visitor.context.request.get("/api/me", timeout=WAIT).status == 401
    visitor.open("/trips")
    visitor.shows("Nothing booked in this browser")


def test_a_wrong_password_is_told_at_the_field(visitor: Visitor) -> None:
    visitor.open("/sign-in")
    visitor.sign_in_by_form("customer@demo.example", "not her password")
    visitor.page.wait_for_url(re.compile(r"/sign-in\?"))
    visitor.settled()
    wrong = visitor.field("Password")
    expect(wrong).to_have_attribute("aria-invalid", "true", timeout=WAIT)
    expect(wrong).to_have_accessible_description(re.compile("password", re.IGNORECASE))
    expect(wrong).to_have_value("")
    expect(visitor.field("Email")).to_have_value("customer@demo.example")
    visitor.look_over("sign-in-wrong-password")


def test_a_sign_up_with_mistakes_keeps_what_was_typed(visitor: Visitor) -> None:
    visitor.open("/sign-up")
    visitor.field("Full name").fill("Lea Brandt")
    visitor.field("Email").fill("lea.brandt")
    visitor.field("Password").fill("short")
    visitor.press("Create account")
    visitor.page.wait_for_url(re.compile(r"/sign-up\?"))
    visitor.settled()
    for label in ("Email", "Password"):
        wrong = visitor.field(label)
        expect(wrong).to_have_attribute("aria-invalid", "true", timeout=WAIT)
        expect(wrong).to_have_accessible_description(re.compile(r"\w{3,}"))
    expect(visitor.field("Full name")).to_have_value("Lea Brandt")
    visitor.look_over("sign-up-mistakes")


def test_a_forgotten_password_is_replaced(
    live: Live, visitor: Visitor, new_customer: Callable[[str, str], None]
) -> None:
    page, email = visitor.page, new_email("noor.haddad")
    new_customer(email, FIRST_PASSWORD)
    visitor.open("/sign-in")
    page.get_by_role("link", name="Forgotten your password?").click()
    page.wait_for_url(re.compile("/forgot-password"))
    visitor.heading("Choose a new password")
    visitor.field("Email").fill(email)
    visitor.press("Mail me a code")
    page.wait_for_url(re.compile(r"/forgot-password\?"))
    visitor.settled()
    visitor.shows("a code is on its way")
    visitor.field("Code").fill(RESET_CODE)
    visitor.field("New password").fill(NEW_PASSWORD)
    visitor.look_over("forgotten-password")
    visitor.press("Set new password")
    page.wait_for_url(re.compile("/sign-in"))
    visitor.settled()
    visitor.shows("Your new password is set")
    visitor.sign_in_by_form(email, NEW_PASSWORD)
    page.wait_for_url(re.compile("/trips"))
    visitor.heading("My bookings")
