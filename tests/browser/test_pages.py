"""Every page of the product, for who may open it: whole, narrow and wide, light and dark."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from ecosystem.local.demo_data.people import agencies
from tests.browser.filing import keep_document
from tests.browser.proposing import newest_booking, propose
from tests.browser.selling import DEMO_OPERATOR, Buyer, Shelf, Sold
from tests.browser.visitor import WAIT, Visitor
from tests.live import Live

ACCOUNTS = {
    "customer": "customer@demo.example",
    "agent": "agent@demo.example",
    "owner": "owner@demo.example",
    "provider": "operator@demo.example",
    "ops": "ops@demo.example",
}

PUBLIC = {
    "/": "/",
    "/search": "/search?country=IT&sort=price",
    "/packages/[slug]": "/packages/{slug}",
    "/operators/[slug]": f"/operators/{DEMO_OPERATOR}",
    "/checkout/[hold_id]": "/checkout/{hold}",
    "/pay/[token]": "/pay/no-such-token",
    "/quotes/[token]": "{proposal}",
    "/d/[token]": "{shared}",
    "/terms": "/terms",
    "/saved": "/saved",
    "/compare": "/compare?ids={slug}",
    "/trips": "/trips",
    "/trips/[reference]": "/trips/{reference}?key={key}",
    "/join/[token]": "/join/no-such-invitation",
    "/sign-in": "/sign-in",
    "/sign-up": "/sign-up",
    "/confirm": "/confirm",
    "/second-factor": "/second-factor",
    "/forgot-password": "/forgot-password",
}
"""Route → an address of it. Everyone may open these."""

SIGNED_IN = {
    "/account": ("customer", "/account"),
    "/agent": ("agent", "/agent"),
    "/agent/clients": ("agent", "/agent/clients"),
    "/agent/clients/import": ("agent", "/agent/clients/import"),
    "/agent/clients/[id]": ("agent", "/agent/clients/{client}"),
    "/agent/quotes": ("agent", "/agent/quotes"),
    "/agent/quotes/[id]": ("agent", "/agent/quotes/{quote}"),
    "/agent/documents": ("agent", "/agent/documents"),
    "/agent/documents/[id]": ("agent", "/agent/documents/{document}"),
    "/agent/bookings": ("agent", "/agent/bookings"),
    "/agent/bookings/[reference]": ("agent", "/agent/bookings/{agency_booking}"),
    "/agent/search": ("agent", "/agent/search"),
    "/agent/team": ("owner", "/agent/team"),
    "/agent/profile": ("owner", "/agent/profile"),
    "/agent/commissions": ("agent", "/agent/commissions"),
    "/agent/contracts": ("owner", "/agent/contracts"),
    "/agent/reports": ("agent", "/agent/reports"),
    "/provider": ("provider", "/provider"),
    "/provider/packages": ("provider", "/provider/packages"),
    "/provider/import": ("provider", "/provider/import"),
    "/provider/packages/[id]": ("provider", "/provider/packages/{package_id}"),
    "/provider/packages/[id]/preview": (
        "provider",
        "/provider/packages/{package_id}/preview",
    ),
    "/provider/departures": ("provider", "/provider/departures"),
    "/provider/bookings": ("provider", "/provider/bookings"),
    "/provider/bookings/[reference]": ("provider", "/provider/bookings/{reference}"),
    "/provider/agencies": ("provider", "/provider/agencies"),
    "/provider/agencies/[id]": ("provider", "/provider/agencies/{agency}"),
    "/provider/reviews": ("provider", "/provider/reviews"),
    "/provider/payouts": ("provider", "/provider/payouts"),
    "/provider/team": ("provider", "/provider/team"),
    "/provider/profile": ("provider", "/provider/profile"),
    "/ops": ("ops", "/ops"),
    "/ops/migration": ("ops", "/ops/migration"),
    "/ops/bookings": ("ops", "/ops/bookings"),
    "/ops/payments": ("ops", "/ops/payments"),
    "/ops/disputes/[id]": ("ops", "/ops/disputes/no-such-dispute"),
    "/ops/adjustments": ("ops", "/ops/adjustments"),
    "/ops/events": ("ops", "/ops/events"),
    "/ops/audit": ("ops", "/ops/audit"),
    "/ops/operators": ("ops", "/ops/operators"),
    "/ops/agencies": ("ops", "/ops/agencies"),
}
"""Route → whose it is, and an address of it."""


@dataclass(frozen=True)
class Things:
    """What stands in addresses, and the cookies of the guest whose hold it is."""

    names: dict[str, str]
    guest: dict[str, str]

    def address(self, pattern: str) -> str:
        return pattern.format(**self.names)


@pytest.fixture(scope="session")
def things(live: Live, shelf: Shelf, sold: Sold) -> Iterator[Things]:
    """A trip, a hold on it, a booking, and a proposal."""
    package, buyer = shelf.take(), Buyer(live)
    proposal = propose(live, [package], [package], title="Two ways south", client="Ines Sand")
    document, shared = keep_document(live)
    names = {
        "document": document,
        "shared": shared,
        "slug": package["slug"],
        "package_id": package["id"],
        "hold": buyer.hold(package),
        "reference": sold.reference,
        "key": sold.key,
        "proposal": proposal.path,
        "quote": proposal.id,
        "client": str(agencies()[0].clients[0].id),
        "agency": str(agencies()[0].id),
        "agency_booking": newest_booking(live),
    }
    yield Things(names, dict(buyer.client.cookies))
    buyer.close()


@pytest.fixture(scope="module")
def windows(browser: Browser, live: Live) -> Iterator[Callable[[str], Visitor]]:
    """One window for everybody with a role, for guests "": another costs more than a page."""
    opened: dict[str, Visitor] = {}

    def of(role: str) -> Visitor:
        if role not in opened:
            opened[role] = Visitor(browser, live)
            if role:
                opened[role].sign_in(ACCOUNTS[role])
        return opened[role]

    yield of
    for visitor in opened.values():
        visitor.close()


@pytest.fixture
def person(windows: Callable[[str], Visitor]) -> Iterator[Callable[[str], Visitor]]:
    """Whoever has this role, at a browser that has no reason to complain."""
    used: list[Visitor] = []

    def one(role: str = "") -> Visitor:
        visitor = windows(role)
        visitor.problems.clear()
        used.append(visitor)
        return visitor

    yield one
    problems = [problem for visitor in used for problem in visitor.problems]
    if problems:
        pytest.fail("the browser complained:\n" + "\n".join(problems))


@pytest.fixture
def holder(person: Callable[..., Visitor], things: Things) -> Visitor:
    """The guest of ``things``."""
    visitor = person()
    visitor.context.add_cookies(
        [
            {"name": name, "value": value, "url": visitor.live.url}
            for name, value in things.guest.items()
        ]
    )
    return visitor


def test_every_page_is_in_one_of_the_lists() -> None:
    from ecosystem.pages import PAGES

    routes = {page.route for page in PAGES} - {"/_gallery", "404"}
    assert routes == PUBLIC.keys() | SIGNED_IN.keys()


@pytest.mark.parametrize("route", PUBLIC)
def test_a_public_page_is_whole(holder: Visitor, things: Things, route: str) -> None:
    holder.open(things.address(PUBLIC[route]))
    holder.look_over(f"page{picture_name(route)}")


@pytest.mark.parametrize("route", SIGNED_IN)
def test_a_page_of_a_role_is_whole(
    person: Callable[..., Visitor], things: Things, route: str
) -> None:
    role, pattern = SIGNED_IN[route]
    visitor = person(role)
    visitor.open(things.address(pattern))
    assert visitor.page.url.startswith(visitor.live.url + things.address(pattern))
    visitor.look_over(f"page{picture_name(route)}")


def test_guests_are_asked_to_sign_in_and_come_back(visitor: Visitor, things: Things) -> None:
    for _, pattern in SIGNED_IN.values():
        address = things.address(pattern)
        visitor.page.goto(address, wait_until="domcontentloaded")
        visitor.page.wait_for_url(re.compile("/sign-in"))
        visitor.heading("Sign in")
        next_page = visitor.page.locator("input[name=next]")
        expect(next_page).to_have_value(address, timeout=WAIT)


def test_a_role_is_taken_from_the_pages_of_others_to_its_own(
    visit: Callable[..., Visitor],
) -> None:
    for role, foreign, home in (
        ("customer", "/agent", "/trips"),
        ("agent", "/provider/packages", "/agent"),
        ("provider", "/ops/bookings", "/provider"),
    ):
        visitor = visit()
        visitor.sign_in(ACCOUNTS[role])
        visitor.page.goto(foreign, wait_until="domcontentloaded")
        visitor.page.wait_for_url(re.compile(f"{home}/?$"))
        visitor.settled()


def test_an_address_that_does_not_exist_says_so(visitor: Visitor) -> None:
    with visitor.forgiving("404"):
        visitor.open("/nothing-is-here")
        visitor.look_over("page-not-found")


def test_a_newcomer_to_payouts_sees_the_desk_too(visitor: Visitor) -> None:
    visitor.sign_in("newoperator@demo.example")
    visitor.open("/provider/payouts")
    expect(visitor.page.get_by_role("button", name="Set up payouts")).to_be_visible(timeout=WAIT)
    visitor.look_over("page-provider-payouts-new")


def test_the_payment_page_is_whole(holder: Visitor, things: Things) -> None:
    holder.open(things.address("/checkout/{hold}"))
    holder.field("Full name").fill("Tomas Novak")
    holder.field("Email").fill("tomas.novak@guest.example")
    holder.press(re.compile("^Pay "))
    pay = holder.page.get_by_role("heading", level=1, name="Pay by card")
    expect(pay).to_be_visible(timeout=WAIT)
    holder.look_over("page-payment")


def picture_name(route: str) -> str:
    plain = re.sub(r"[\[\]]", "", route).rstrip("/").replace("/", "-")
    return plain or "-home"
