"""Buying a trip over the API, for tests that begin after it; and paying on the hosted page."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.browser.visitor import WAIT
from tests.live import Live, eventually

DEMO_OPERATOR = "via-appia-journeys"
"""The operator of operator@demo.example."""

GOOD_CARD = "4242 4242 4242 4242"
DECLINED_CARD = "4000 0000 0000 0002"
EXPIRY, CVC = "12 / 34", "123"


class Shelf:
    """Hands out the demo operator's trips, each to one test, so that none sees another's work.

    ``taken`` is a folder that all processes of a run share: a trip whose file is there is gone.
    """

    def __init__(self, live: Live, taken: Path) -> None:
        self._live = live
        self._taken = taken
        found = live.get("/api/packages", operator=DEMO_OPERATOR, limit="100")["items"]
        self._left = [one for one in found if one["bookable"]]

    def take(self, seats: int = 4) -> dict[str, Any]:
        """A package with ``departures``: those on sale with so many seats left, at least two.

        Raises:
            AssertionError: all are taken.
        """
        while self._left:
            package = self._left.pop()
            if not self._mine(package["id"]):
                continue
            answer = self._live.get(f"/api/packages/{package['id']}/departures", limit="100")
            rows = [
                row
                for row in answer["items"]
                if row["status"] == "open" and row["seats_left"] >= seats
            ]
            if len(rows) >= 2:
                return {**package, "departures": rows}
        raise AssertionError("the demo operator has no trip left for this test")

    def _mine(self, package_id: str) -> bool:
        """Take it; False when another process was first."""
        try:
            (self._taken / package_id).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


@dataclass(frozen=True)
class Sold:
    """A paid booking of a guest. ``key`` opens it in any browser."""

    reference: str
    key: str
    name: str
    email: str
    title: str
    package: dict[str, Any]


class Buyer:
    """A guest who books with the API, from one browser's cookies."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self.client = httpx.Client(
            base_url=live.url, headers={"Origin": live.url}, timeout=60, follow_redirects=False
        )
        # The first page brings the guest's cookie, to which holds belong.
        self.client.get("/").raise_for_status()

    def close(self) -> None:
        self.client.close()

    def hold(self, package: dict[str, Any], adults: int = 2) -> str:
        """Hold seats on the package's last departure; returns the hold's id."""
        party = {
            "departure_id": package["departures"][-1]["id"],
            "adults": adults,
            "children": 0,
            "addon_ids": [],
        }
        return self._post("/api/holds", party)["id"]

    def book(self, hold_id: str, name: str, email: str, pay: str = "full") -> dict[str, Any]:
        """Make the hold a booking that waits for its payment."""
        form = {
            "hold_id": hold_id,
            "lead": {"name": name, "email": email},
            "travellers": [],
            "pay": pay,
        }
        return self._post("/api/bookings", form)

    def buy(self, package: dict[str, Any], name: str, email: str, pay: str = "full") -> Sold:
        """Hold, book, pay, and wait until the booking is confirmed and the e-mail is there."""
        booking = self.book(self.hold(package), name, email, pay)
        card = {"number": GOOD_CARD, "expiry": EXPIRY, "cvc": CVC}
        paid = self.client.post(booking["checkout_url"], data=card)
        assert paid.status_code == 303, paid.text
        reference = booking["reference"]
        mail = self._live.mail(email, reference)
        key = mail["text"].partition(f"/trips/{reference}?key=")[2].split()[0]
        eventually(
            lambda: self.client.get(f"/api/bookings/{reference}").json()["status"] == "confirmed",
            f"confirmation of {reference}",
        )
        return Sold(reference, key, name, email, package["title"], package)

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.client.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()


def pay_by_card(page: Page, number: str) -> None:
    """Fill in the hosted payment page and press Pay."""
    expect(page.get_by_role("heading", level=1, name="Pay by card")).to_be_visible(timeout=WAIT)
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry").fill(EXPIRY)
    page.get_by_label("CVC").fill(CVC)
    page.get_by_role("button", name="Pay", exact=True).click()
