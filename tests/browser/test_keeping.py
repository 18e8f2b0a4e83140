"""Saving trips before and after signing in, comparing them, and reviewing one from both sides."""

import re
from collections.abc import Callable

import psycopg
from playwright.sync_api import Page, expect

from ecosystem.local.demo_data.accounts import PASSWORD
from tests.browser.selling import Buyer, Shelf, Sold
from tests.browser.visitor import WAIT, Visitor, new_email
from tests.live import Live

OPERATOR = "operator@demo.example"
WORDS = "Every train was on time, and the hotels were a walk from each station."


def card_button(page: Page, title: str, name: str) -> None:
    """Press a button on the card of a trip."""
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=title))
    card.first.get_by_role("button", name=name).click()


def test_a_guest_saves_a_trip_signs_in_and_still_has_it(
    live: Live, visitor: Visitor, shelf: Shelf, new_customer: Callable[[str, str], None]
) -> None:
    page, package = visitor.page, shelf.take()
    email = new_email("nora.walsh")
    new_customer(email, PASSWORD)
    visitor.open("/saved")
    visitor.shows("Nothing saved yet")
    visitor.open(f"/packages/{package['slug']}")
    save = page.get_by_role("main").get_by_role("button", name="Save", exact=True)
    save.click()
    expect(save).to_have_attribute("aria-pressed", "true", timeout=WAIT)
    page.get_by_role("link", name="Saved trips").click()
    visitor.settled()
    visitor.shows(package["title"])
    visitor.shows("kept in this browser")
    visitor.look_over("saved")

    card_button(page, package["title"], "Save this trip")
    visitor.shows("Nothing saved yet")
    page.get_by_role("button", name="Undo").click()
    visitor.shows(package["title"])

    visitor.open("/sign-in?next=/saved")
    visitor.sign_in_by_form(email)
    page.wait_for_url(re.compile("/saved"))
    visitor.settled()
    visitor.shows(package["title"])
    visitor.shows("kept with your account")


def test_trips_are_compared_at_an_address_that_can_be_shared(
    live: Live, visit: Callable[..., Visitor], shelf: Shelf
) -> None:
    # Other tests rename trips: what they are called is asked for now.
    packages = [live.get(f"/api/packages/{shelf.take()['slug']}") for _ in range(2)]
    visitor = visit(width=360)
    page = visitor.page
    for package in packages:
        visitor.open(f"/packages/{package['slug']}")
        pick = page.get_by_role("main").get_by_role("button", name="Compare", exact=True)
        pick.click()
        expect(pick).to_have_attribute("aria-pressed", "true", timeout=WAIT)
    page.get_by_role("link", name="Trips to compare").click()
    slugs = ",".join(package["slug"] for package in packages)
    page.wait_for_url(re.compile(re.escape(f"/compare?ids={slugs}")))
    visitor.settled()
    for package in packages:
        expect(page.get_by_role("columnheader", name=package["title"])).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("rowheader", name="If plans change")).to_be_visible()
    visitor.look_over("compare")

    other = visit()
    other.open(f"/compare?ids={slugs}")
    expect(other.page.get_by_role("columnheader", name=packages[1]["title"])).to_be_visible(
        timeout=WAIT
    )
    other.page.get_by_role("button", name=re.compile(f"Take out.*{packages[0]['title']}")).click()
    other.page.wait_for_url(re.compile(f"/compare\\?ids={packages[1]['slug']}$"))
    other.settled()
    expect(other.page.get_by_role("columnheader", name=packages[0]["title"])).to_have_count(0)


def over(live: Live, sold: Sold) -> None:
    """Let the trip have ended yesterday."""
    settings = live.settings
    with psycopg.connect(
        host=settings["AWS_RDS_HOST"],
        port=settings["AWS_RDS_PORT"],
        dbname=settings["AWS_RDS_DATABASE"],
        user=settings["AWS_RDS_USER"],
        password=settings["AWS_RDS_PASSWORD"],
    ) as connection:
        connection.execute(
            "update bookings set status = 'completed', closed_at = now(),"
            " starts_on = current_date - 8, ends_on = current_date - 1 where reference = %s",
            (sold.reference,),
        )


def write_review(visitor: Visitor, stars: str, words: str) -> None:
    visitor.page.get_by_role("main").get_by_role("radio", name=stars).check(force=True)
    visitor.field("Your words").fill(words)
    visitor.press("Send review")


def test_both_sides_review_a_trip_and_are_revealed_together(
    live: Live, visit: Callable[..., Visitor], shelf: Shelf
) -> None:
    buyer = Buyer(live)
    sold = buyer.buy(shelf.take(), "Solveig Hagen", new_email("solveig.hagen"))
    buyer.close()
    over(live, sold)

    traveller = visit()
    traveller.open(f"/trips/{sold.reference}?key={sold.key}")
    traveller.shows("How was it?")
    traveller.press("Send review")
    traveller.shows("Choose from 1 to 5.")
    write_review(traveller, "5: Excellent", WORDS)
    traveller.shows("Your review is in")
    traveller.look_over("review-waiting")

    desk = visit()
    desk.sign_in(OPERATOR)
    desk.open("/provider/reviews?show=review")
    card = desk.page.get_by_role("listitem").filter(has_text="Solveig Hagen")
    expect(card).not_to_contain_text(WORDS)
    card.get_by_role("button", name="Review the traveller").click()
    write_review(desk, "4: Very good", "A pleasure to have with us.")
    expect(desk.page.get_by_text("Both reviews can be read now.")).to_be_visible(timeout=WAIT)

    desk.open("/provider/reviews?show=answer")
    card = desk.page.get_by_role("listitem").filter(has_text="Solveig Hagen")
    expect(card).to_contain_text(WORDS, timeout=WAIT)
    card.get_by_role("button", name="Answer").click()
    desk.field("Your answer").fill("Thank you, Solveig.")
    desk.press("Publish answer")
    expect(desk.page.get_by_text("Your answer stands")).to_be_visible(timeout=WAIT)
    desk.open("/provider/reviews")
    desk.look_over("provider-reviews")

    traveller.open(f"/trips/{sold.reference}?key={sold.key}")
    traveller.shows("A pleasure to have with us.")
    traveller.open(f"/packages/{sold.package['slug']}")
    traveller.shows(WORDS)
    traveller.shows("Solveig H.")
    traveller.shows("Thank you, Solveig.")
