"""Departures at work: planned by rule, found by the public, changed together, subscribed to."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import httpx
from icalendar import Calendar
from playwright.sync_api import Locator, expect

from tests.browser.selling import Buyer, Shelf, Sold
from tests.browser.visitor import WAIT, Visitor
from tests.live import Live, eventually

PUBLIC_WITHIN_SECONDS = 15.0
"""Two, on a machine that does nothing else."""
OPERATOR = "operator@demo.example"


def far_monday(weeks: int) -> date:
    """A Monday in months in which the demo data departs rarely."""
    today = datetime.now(UTC).date()
    return today + timedelta(weeks=weeks, days=-today.weekday())


def dialog(visitor: Visitor, name: str) -> Locator:
    found = visitor.page.get_by_role("dialog", name=name)
    expect(found).to_be_visible(timeout=WAIT)
    return found


def slots(visitor: Visitor) -> Locator:
    """The departures in the calendar."""
    return visitor.page.get_by_role("list", name="Departures by day").get_by_role("button")


def test_departures_by_rule_are_public_at_once(
    live: Live, visit: Callable[..., Visitor], shelf: Shelf
) -> None:
    package, start = shelf.take(), far_monday(60)
    operator = visit()
    operator.sign_in(OPERATOR)
    operator.open(f"/provider/departures?package={package['id']}&month={start:%Y-%m}")
    operator.heading(package["title"])
    operator.press("Add departures")
    form = dialog(operator, "Add departures")
    form.get_by_role("button", name="Tuesday").click()
    form.get_by_role("button", name="Thursday").click()
    form.get_by_label("From", exact=True).fill(str(start))
    form.get_by_label("To", exact=True).fill(str(start + timedelta(days=20)))
    form.get_by_label("Seats", exact=True).fill("9")
    form.get_by_label(re.compile("^Price per adult")).fill("1,234.00")
    preview = form.get_by_role("region", name="What will be added")
    expect(preview).to_contain_text("Every Tuesday and Thursday from", timeout=WAIT)
    expect(preview).to_contain_text("9 seats at €1,234 per adult", timeout=WAIT)
    form.get_by_role("group", name="Days", exact=True).get_by_role("button").nth(1).click()
    operator.look_over("provider-departures-rule")
    form.get_by_role("button", name=re.compile("^Add [1-6] departures$")).click()
    expect(form).to_be_hidden(timeout=WAIT)
    expect(slots(operator).first).to_be_visible(timeout=WAIT)

    def public() -> list[dict[str, object]]:
        span = {"from": str(start), "to": str(start + timedelta(days=20)), "limit": "100"}
        rows = live.get(f"/api/packages/{package['id']}/departures", **span)["items"]
        return [row for row in rows if row["price"]["amount"] == 123400]

    eventually(lambda: len(public()) >= 4, "departures in public", PUBLIC_WITHIN_SECONDS)
    assert {row["capacity"] for row in public()} == {9}

    # The same rule once more finds all but the one that was left out.
    operator.press("Add departures")
    form = dialog(operator, "Add departures")
    for weekday in ("Tuesday", "Thursday"):
        form.get_by_role("button", name=weekday).click()
    form.get_by_label("From", exact=True).fill(str(start))
    form.get_by_label("To", exact=True).fill(str(start + timedelta(days=20)))
    expect(form).to_contain_text("They stay as they are", timeout=WAIT)
    expect(form.get_by_role("button", name="Add 1 departure", exact=True)).to_be_visible()
    form.get_by_role("button", name="Not now").click()


def test_seats_are_never_taken_below_what_is_sold(
    live: Live, visit: Callable[..., Visitor], sold: Sold
) -> None:
    departure = sold.package["departures"][-1]
    operator = visit()
    operator.sign_in(OPERATOR)
    month = departure["starts_on"][:7]
    operator.open(f"/provider/departures?package={sold.package['id']}&month={month}")
    day = date.fromisoformat(departure["starts_on"])
    slot = (
        slots(operator)
        .filter(has_text="/")
        .and_(operator.page.get_by_label(re.compile(f"^{day.day} {day:%B} {day.year}, ")))
    )
    slot.press("Enter")
    expect(slot).to_have_attribute("aria-pressed", "true", timeout=WAIT)
    bar = operator.page.get_by_role("region", name="Selected departures")
    bar.get_by_role("button", name="Seats and price").click()
    form = dialog(operator, "Seats and price")
    form.get_by_label("Seats", exact=True).fill("1")
    form.get_by_role("button", name="Change departures").click()
    expect(form.get_by_role("alert")).to_contain_text("the fewest it can have", timeout=WAIT)
    operator.look_over("provider-departures-refused")
    form.get_by_role("button", name="Keep as they are").click()
    bar.get_by_role("button", name="Delete").click()
    asked = dialog(operator, "Delete these departures")
    asked.get_by_role("button", name="Delete departures").click()
    operator.shows("somebody has booked it: close it instead")

    bar.get_by_role("button", name="Close").click()
    expect(slot).to_have_attribute("aria-label", re.compile("closed"), timeout=WAIT)
    buyer = Buyer(live)
    party = {"departure_id": departure["id"], "adults": 1, "children": 0, "addon_ids": []}
    refused = buyer.client.post("/api/holds", json=party)
    assert (refused.status_code, refused.json()["code"]) == (409, "departure_closed")
    bar.get_by_role("button", name="Reopen").click()
    expect(slot).to_have_attribute("aria-label", re.compile(" left, "), timeout=WAIT)
    held = buyer.client.post("/api/holds", json=party)
    assert held.status_code == 201
    buyer.close()
    # The numbers follow by themselves.
    expect(slot).to_have_attribute("aria-label", re.compile("1 held"), timeout=WAIT * 2)


def test_the_calendar_of_another_operator_is_not_there(
    visit: Callable[..., Visitor], shelf: Shelf
) -> None:
    package = shelf.take()
    stranger = visit()
    stranger.sign_in("newoperator@demo.example")
    stranger.open(f"/provider/departures?package={package['id']}")
    stranger.heading("This package does not exist")
    assert package["title"] not in stranger.page.content()


def test_a_calendar_program_subscribes(live: Live, visitor: Visitor) -> None:
    visitor.sign_in(OPERATOR)
    visitor.open("/provider/departures")
    make = visitor.page.get_by_role("button", name="Make an address")
    address = visitor.page.get_by_label("Calendar address")
    expect(make.or_(address)).to_be_visible(timeout=WAIT)
    if make.is_visible():
        make.click()
    expect(address).to_have_value(re.compile(r"/api/calendars/.+\.ics$"), timeout=WAIT)
    old = address.input_value()
    answer = httpx.get(old, timeout=30)
    assert answer.headers["content-type"].startswith("text/calendar")
    assert len(Calendar.from_ical(answer.text).walk("VEVENT")) > 10
    visitor.look_over("provider-departures-calendar")

    visitor.press("New address")
    asked = dialog(visitor, "Make a new address")
    asked.get_by_role("button", name="Make new address").click()
    expect(address).not_to_have_value(old, timeout=WAIT)
    assert httpx.get(old, timeout=30).status_code == 404
    assert httpx.get(address.input_value(), timeout=30).status_code == 200
