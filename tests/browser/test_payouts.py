"""Being paid, in a browser: a new agency sets payouts up at Stripe and comes back."""

import httpx
from playwright.sync_api import expect

from tests.browser.visitor import PASSWORD, WAIT, Visitor, new_email
from tests.live import Live


def test_a_new_agency_sets_payouts_up(visitor: Visitor, live: Live) -> None:
    email = new_email("pia.payouts")
    person = {"role": "agent", "name": "Pia Payouts", "organisation": "Payout Travel"}
    with httpx.Client(base_url=live.url, timeout=60) as client:
        asked = {**person, "email": email, "password": PASSWORD, "country": "DE"}
        assert client.post("/api/auth/sign-up", json=asked).is_success
        code = {"email": email, "code": "123456"}
        assert client.post("/api/auth/confirm", json=code).is_success
    visitor.sign_in(email)
    visitor.open("/agent/commissions")
    visitor.shows("Not set up")
    visitor.shows("your commissions wait until we can pay you")
    visitor.press("Set up payouts")
    page = visitor.page
    expect(page.get_by_role("heading", level=1, name="Set up payouts")).to_be_visible(timeout=WAIT)
    page.get_by_role("link", name="Save for later").click()
    expect(page.get_by_text("Information missing")).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("A bank account")).to_be_visible()
    visitor.settled()
    visitor.look_over("agent-commissions-incomplete")
    visitor.press("Set up payouts")
    page.get_by_label("Business name").fill("Payout Travel")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Agree and submit").click()
    expect(page.get_by_text("Active", exact=True)).to_be_visible(timeout=WAIT)
    visitor.settled()
    visitor.press("Open your pages at Stripe")
    expect(page.get_by_role("heading", name="Balance")).to_be_visible(timeout=WAIT)
