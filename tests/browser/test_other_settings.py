"""People at a web process with settings that are off by default: it reads operators and lists of
bookings from DynamoDB, and operators' sign-in moves to Cognito."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.operators import sign_up, source_of
from tests.browser.selling import DEMO_OPERATOR, GOOD_CARD, Shelf, pay_by_card
from tests.browser.test_second_factor import code
from tests.browser.visitor import PASSWORD, WAIT, Visitor, new_email
from tests.live import Live, eventually
from tests.second_web import served

MARK = "as DynamoDB has it"


@pytest.fixture(scope="module")
def other(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A second web process of the product with these settings."""
    folder = tmp_path_factory.mktemp("other-settings")
    with served(live, folder, MARKETPLACE_READS="dynamodb", SIGN_IN_MOVES="on") as web:
        yield web


class Table:
    """The read model itself, past the product."""

    def __init__(self, live: Live) -> None:
        settings = live.settings
        aws: Any = boto3.resource(
            "dynamodb",
            region_name=settings["AWS_REGION"],
            endpoint_url=settings["AWS_ENDPOINT_URL"],
            aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
        )
        self._table = aws.Table(settings["DYNAMODB_TABLE_NAME"])

    def built(self) -> bool:
        return "Item" in self._table.get_item(Key={"pk": "MARKETPLACE", "sk": "METADATA"})

    def of_customer(self, customer_id: str) -> list[dict[str, Any]]:
        answer = self._table.query(
            IndexName="gsi1",
            KeyConditionExpression="gsi1pk = :who",
            ExpressionAttributeValues={":who": f"CUSTOMER#{customer_id}"},
        )
        return answer["Items"]

    def put(self, item: dict[str, Any]) -> None:
        self._table.put_item(Item=item)


def test_people_see_what_they_bought_and_whom_they_bought_it_from(
    other: Live,
    browser: Browser,
    shelf: Shelf,
    new_customer: Callable[[str, str], None],
) -> None:
    table, email = Table(other), new_email("noor.haddad")
    eventually(table.built, "read model that is built", 60)
    package = shelf.take()
    new_customer(email, PASSWORD)
    customer, operator = Visitor(browser, other), Visitor(browser, other)
    page = customer.page
    customer.sign_in(email, PASSWORD)
    customer.open("/trips")
    customer.shows("Nothing booked yet")
    customer.open(f"/operators/{DEMO_OPERATOR}")
    expect(page.get_by_role("main").get_by_role("link").first).to_be_visible(timeout=WAIT)
    customer.sensible()

    customer.open(f"/packages/{package['slug']}")
    customer.press("Reserve")
    page.wait_for_url(re.compile("/checkout/"))
    customer.heading("Who is travelling?")
    customer.field("Full name").fill("Noor Haddad")
    customer.press(re.compile("^Pay "))
    pay_by_card(page, GOOD_CARD)
    page.wait_for_url(re.compile("/trips/TRV-"))
    customer.settled()
    customer.shows("Confirmed")
    reference = page.url.partition("/trips/")[2].partition("?")[0]

    me = customer.context.request.get("/api/me").json()
    item = eventually(lambda: _confirmed(table.of_customer(me["user_id"])), "booking in DynamoDB")
    customer.open("/trips")
    customer.shows(reference)
    customer.shows(package["title"])
    customer.look_over("trips-from-dynamodb")

    operator.sign_in("operator@demo.example")
    assert reference in set(_sold(operator))

    # That all of this comes from DynamoDB: what only stands there is what she sees.
    table.put({**item, "doc": {**item["doc"], "title": MARK}})
    try:
        customer.open("/trips")
        customer.shows(MARK)
    finally:
        table.put(item)
    # One booking by its reference is the databases' business.
    customer.open(f"/trips/{reference}")
    customer.heading(package["title"])
    assert not customer.problems + operator.problems
    for visitor in (customer, operator):
        visitor.close()


def _sold(operator: Visitor) -> Iterator[str]:
    """References of all bookings of an operator's packages, page by page."""
    address: dict[str, str | float | bool] = {"limit": 100}
    while True:
        page = operator.context.request.get("/api/operators/me/bookings", params=address).json()
        yield from (row["reference"] for row in page["items"])
        if not page["next"]:
            return
        address["cursor"] = page["next"]


def _confirmed(items: list[dict[str, Any]]) -> dict[str, Any] | None:
    return next((one for one in items if one["doc"]["status"] == "confirmed"), None)


def test_an_operator_moves_by_signing_in_and_with_her_app_by_setting_it_up_anew(
    live: Live, other: Live, browser: Browser, visit: Callable[..., Visitor]
) -> None:
    plain, email = new_email("oda.berg"), new_email("oda.berg")
    for one in (plain, email):
        sign_up(live, one)
    assert source_of(live, plain) == "supabase"
    assert source_of(other, plain) == "cognito"
    assert source_of(live, plain) == "cognito", "wherever she signs in from then on"

    before = visit()
    before.sign_in(email)
    before.open("/account")
    before.press("Set up an app")
    old = _shown_secret(before)
    before.field("Code").fill(code(old))
    before.press("Turn on")
    before.shows("At sign-in we ask for a code of your app")

    operator = Visitor(browser, other)
    page = operator.page
    _sign_in_with_app(operator, email, old)
    operator.open("/account")
    operator.shows("Operators' sign-in is moving to a new system")
    operator.look_over("account-app-moves")
    operator.press("Set up the app anew")
    new = _shown_secret(operator)
    assert new != old
    operator.field("Code").fill(code(new))
    operator.field("Password").fill("not her password")
    operator.press("Turn on")
    wrong = operator.field("Password")
    expect(wrong).to_have_attribute("aria-invalid", "true", timeout=WAIT)
    operator.look_over("account-app-moves-wrong-password")
    operator.field("Code").fill(code(new))
    wrong.fill(PASSWORD)
    operator.press("Turn on")
    operator.shows("At sign-in we ask for a code of your app")
    expect(page.get_by_role("main")).not_to_contain_text("moving to a new system")
    operator.press("Sign out")
    page.wait_for_url(other.url + "/")
    _sign_in_with_app(operator, email, new)
    assert operator.context.request.get("/api/me").json()["source"] == "cognito"
    assert not operator.problems
    operator.close()


def _shown_secret(visitor: Visitor) -> str:
    visitor.shows("Enter this key")
    return visitor.page.locator("main .font-mono").inner_text().replace(" ", "")


def _sign_in_with_app(visitor: Visitor, email: str, secret: str) -> None:
    visitor.open("/sign-in")
    visitor.sign_in_by_form(email)
    visitor.page.wait_for_url(re.compile("/second-factor"))
    visitor.settled()
    visitor.field("Code").fill(code(secret))
    visitor.press("Continue")
    visitor.page.wait_for_url(re.compile("/provider"))
