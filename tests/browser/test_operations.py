"""Operations at work: a dispute is answered, an adjustment takes two, a message is looked at."""

import re
from collections.abc import Callable
from contextlib import closing

from playwright.sync_api import expect

from tests.browser.selling import CVC, EXPIRY, Buyer, Shelf, Sold
from tests.browser.visitor import WAIT, Visitor, new_email
from tests.live import Live, eventually

DISPUTED_CARD = "4000 0000 0000 0259"
OPS, COLLEAGUE = "ops@demo.example", "controller@demo.example"


def test_a_disputed_payment_is_seen_and_answered(
    visitor: Visitor, live: Live, shelf: Shelf
) -> None:
    card = {"number": DISPUTED_CARD, "expiry": EXPIRY, "cvc": CVC}
    page = visitor.page
    with closing(Buyer(live)) as buyer:
        booking = buyer.book(buyer.hold(shelf.take()), "Ines Duarte", new_email("ines"))
        reference = booking["reference"]
        assert buyer.client.post(booking["checkout_url"], data=card).status_code == 303
        eventually(
            lambda: (
                buyer.client.get(f"/api/bookings/{reference}").json()["payments"][0]["status"]
                == "disputed"
            ),
            "the dispute",
        )
    visitor.sign_in(OPS)
    visitor.open("/ops/payments")
    expect(page.get_by_role("heading", level=1, name="Payments")).to_be_visible(timeout=WAIT)
    checks = page.get_by_role("table", name="Checks of the ledger")
    expect(checks.get_by_role("row")).to_have_count(7, timeout=WAIT)
    visitor.look_over("ops-payments")
    page.get_by_role("link", name=re.compile(reference)).first.click()
    expect(page.get_by_role("heading", level=1, name=f"Dispute of {reference}")).to_be_visible(
        timeout=WAIT
    )
    expect(page.get_by_text("Needs an answer")).to_be_visible()
    visitor.look_over("ops-dispute")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Evidence (PDF)").click()
    assert taken.value.suggested_filename == f"evidence-{reference}.pdf"
    page.get_by_label("Statement").fill("The trip was booked, confirmed and paid by the traveller.")
    page.get_by_role("button", name="Send evidence…").click()
    page.get_by_role("dialog").get_by_role("button", name="Send evidence").click()
    expect(page.get_by_text("The bank decides", exact=True)).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("button", name="Send evidence…")).to_have_count(0)


def test_an_adjustment_takes_two(visit: Callable[..., Visitor], sold: Sold) -> None:
    one, two = visit(), visit()
    one.sign_in(OPS)
    one.open(f"/ops/adjustments?reference={sold.reference}")
    page = one.page
    page.get_by_label("Amount").fill("1.50")
    page.get_by_role("button", name="Propose").click()
    expect(page.get_by_text("at least 10 characters", exact=False)).to_be_visible(timeout=WAIT)
    page.get_by_label("Reason").fill("Parking that the operator paid for us")
    page.get_by_role("button", name="Propose").click()
    row = page.get_by_role("row").filter(has_text=sold.reference).first
    expect(row.get_by_text("Waits for somebody else")).to_be_visible(timeout=WAIT)
    one.look_over("ops-adjustments")
    two.sign_in(COLLEAGUE)
    two.open("/ops/adjustments")
    theirs = two.page.get_by_role("row").filter(has_text=sold.reference).first
    theirs.get_by_role("button", name=re.compile("^Approve")).click()
    expect(two.page.get_by_text("Approved and posted.")).to_be_visible(timeout=WAIT)
    two.open(f"/ops/audit?q={sold.reference}")
    expect(two.page.get_by_text("Adjustment: approved")).to_be_visible(timeout=WAIT)
    two.look_over("ops-audit")


def test_a_message_is_opened_and_looked_at_again(visitor: Visitor, sold: Sold) -> None:
    visitor.sign_in(OPS)
    visitor.open("/ops/events")
    page = visitor.page
    page.get_by_label("Search").fill(sold.reference)
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile(f"q={sold.reference}"), timeout=WAIT)
    # The address is there before the list is: what is pressed in the old one is closed again.
    visitor.open(f"/ops/events?q={sold.reference}")
    first = page.get_by_role("button", name=re.compile("checkout.session.completed")).first
    first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Content")).to_contain_text(sold.reference, timeout=WAIT)
    visitor.look_over("ops-message")
    dialog.get_by_role("button", name="Look again").click()
    expect(page.get_by_text("It is dealt with in the next seconds")).to_be_visible(timeout=WAIT)
    page.get_by_role("link", name="Going out").click()
    expect(page.get_by_role("table", name="Messages, newest first")).to_be_visible(timeout=WAIT)
    visitor.look_over("ops-events")
