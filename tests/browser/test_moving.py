"""People keep booking and editing while the operators' tables move to RDS, back, and again.

Three of them sit at browsers, programs write all the time, and the operators' old application
goes on editing in Supabase. None of ours sees an error; the old application is told
where a table went.
"""

import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import expect

from ecosystem.database.placement import MOVING
from ecosystem.local.legacy import LegacyApplication
from tests.browser.operators import sign_up, source_of
from tests.browser.selling import DEMO_OPERATOR, GOOD_CARD, Buyer, Shelf, pay_by_card
from tests.browser.visitor import PASSWORD, WAIT, Visitor, new_email
from tests.live import Live
from tests.live_moves import ByHand, InProcess, Journey, engine, moving_alone

MOVES_OF_A_ROUND = 12
"""Each of three groups: there, back, and there again; home in the end."""
ROUNDS_OF_SOAK = 9
"""108 changes of authority: enough for one in a hundred to tell."""
SOLD_OF_A_TRIP = 10
"""Then they take another: the last seats of a trip are the business of other tests."""
REST_OF_SOAK = 3.0
"""Seconds between what people do: who works without a rest sells the demo operator out half way."""
LONGEST_PAUSE_MS = 5000
"""What a lease allows; what it takes on a machine that does nothing else is in the benchmarks."""


class Program:
    """Something that works all the time, and remembers each answer that is not a success."""

    def __init__(self, name: str, once: Callable[[], None]) -> None:
        self._once = once
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.name = name
        self.done = 0
        self.slowest = 0.0
        self.problem = ""

    def __enter__(self) -> "Program":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(60)

    def _run(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._once()
            except Exception as error:  # noqa: BLE001 - the test shows it
                self.problem = f"{self.name}: {error!r}"
                return
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.done += 1
            # The browsers need the machine as well.
            self._stop.wait(0.05)


class OperatorProgram:
    """A new operator's own program: her profile, and a package with its extras."""

    def __init__(self, live: Live) -> None:
        self._http = httpx.Client(base_url=live.url, headers={"Origin": live.url}, timeout=60)
        self.late = 0
        self.email = new_email("operator")
        sign_up(live, self.email)
        self._post("/api/auth/sign-in", {"email": self.email, "password": PASSWORD})
        self._package = self._post("/api/operators/me/packages", DRAFT)

    def close(self) -> None:
        self._http.close()

    def edit_profile(self) -> None:
        me = "/api/operators/me"
        city = f"City {secrets.token_hex(4)}"
        self._save(me, lambda seen: {"updated_at": seen["updated_at"], "city": city})
        assert self._answer(self._http.get(me))["city"] == city, "what was saved is there"

    def edit_package(self) -> None:
        one = f"/api/operators/me/packages/{self._package['id']}"
        own = {
            "price": 10_000 + secrets.randbelow(90_000),
            "exclusions": [{"text": secrets.token_hex(4)}],
        }
        self._save(one, lambda seen: {"version": seen["version"], **seen["draft"], **own})
        now = self._answer(self._http.get(one))
        assert abs(now["price"]["amount"] - own["price"]) in (0, ONE_UP_OR_DOWN)
        assert now["draft"]["exclusions"][0]["text"] == own["exclusions"][0]["text"]

    def _save(self, path: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Save over what is there. The old application edits everybody's rows: who is told that
        it was first looks again, as any program has to."""
        for left in reversed(range(TRIES)):
            seen = self._answer(self._http.get(path))
            answer = self._http.patch(path, json=change(seen))
            late = answer.status_code == 409 and answer.json()["code"] == "edited_elsewhere"
            if not (late and left):
                self._answer(answer)
                return
            self.late += 1

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._answer(self._http.post(path, json=body))

    def _answer(self, answer: httpx.Response) -> Any:
        assert answer.is_success, f"{answer.status_code} {answer.text[:300]}"
        return answer.json()


TRIES = 5
ONE_UP_OR_DOWN = 100
"""What the old application does to a price now and then, in minor units."""
DRAFT = {"title": "Two towns by train", "currency": "EUR"}


class People:
    """The demo's three at their browsers, each on a page of her own."""

    def __init__(self, visit: Callable[..., Visitor], shelf: Shelf, customer: str) -> None:
        self._shelf = shelf
        self._edited, self._booked = shelf.take(), shelf.take(seats=SOLD_OF_A_TRIP)
        self.customer, self.agent, self.operator = visit(), visit(), visit()
        self.customer.sign_in(customer)
        self.agent.sign_in("agent@demo.example")
        self.operator.sign_in("operator@demo.example")
        self.operator.open(f"/provider/packages/{self._edited['id']}")
        self.title = ""
        self.edits, self.bookings = 0, 0

    def operator_edits(self) -> None:
        title = f"Hill towns {secrets.token_hex(3)}"
        desk = self.operator
        desk.field("Title").fill(title)
        desk.press("Save")
        expect(desk.page.get_by_role("heading", level=1, name=title)).to_be_visible(timeout=WAIT)
        desk.shows("Saved")
        seen = desk.live.get(f"/api/packages/{self._edited['slug']}")["title"]
        assert seen == title, f"{title} was saved, {seen} is there"
        self.title, self.edits = title, self.edits + 1

    def customer_books(self) -> None:
        self._book(self.customer, "Maren Holt")

    def agent_books(self) -> None:
        self._book(self.agent, "Client Of Maple")

    def _book(self, buyer: Visitor, name: str) -> None:
        page = buyer.page
        buyer.open(f"/packages/{self._booked['slug']}?travellers=1")
        buyer.press("Reserve")
        page.wait_for_url(re.compile("/checkout/"))
        buyer.heading("Who is travelling?")
        buyer.field("Full name").fill(name)
        if not buyer.field("Email").input_value():
            buyer.field("Email").fill("client@maple.example")
        buyer.press(re.compile("^Pay "))
        pay_by_card(page, GOOD_CARD)
        page.wait_for_url(re.compile("/trips/TRV-"))
        buyer.settled()
        buyer.shows("Confirmed")
        self.bookings += 1
        if not self.bookings % SOLD_OF_A_TRIP:
            self._booked = self._shelf.take(seats=SOLD_OF_A_TRIP)

    def look_again(self) -> None:
        """Nothing that they did is lost, and everybody is still signed in."""
        self.customer.open("/trips")
        self.customer.shows("Confirmed")
        self.agent.open("/agent/bookings")
        self.agent.shows("Client Of Maple")
        self.operator.open("/provider/packages")
        self.operator.shows(self.title)


@contextmanager
def old_application(live: Live) -> Iterator[tuple[LegacyApplication, list[str]]]:
    """Somebody who goes on editing in Supabase, and what she was told."""
    told: list[str] = []
    stop = threading.Event()
    application = LegacyApplication(live.settings["SUPABASE_DB_URL"], say=told.append)
    working = threading.Thread(
        target=application.work, args=(stop.is_set, 0.05), name="legacy", daemon=True
    )
    working.start()
    try:
        yield application, told
    finally:
        stop.set()
        working.join(30)


def test_people_notice_nothing_of_tables_that_move(
    live: Live,
    visit: Callable[..., Visitor],
    shelf: Shelf,
    new_customer: Callable[[str, str], None],
    run_folder: Path,
    soak: bool,
) -> None:
    customer = new_email("maren.holt")
    new_customer(customer, PASSWORD)
    people = People(visit, shelf, customer)
    with ExitStack() as open_now:
        open_now.enter_context(moving_alone(run_folder))
        program = open_now.enter_context(closing(OperatorProgram(live)))
        buyer = open_now.enter_context(closing(Buyer(live)))
        trip = shelf.take()
        old, told = open_now.enter_context(old_application(live))

        def reserve() -> None:
            hold = buyer.hold(trip, adults=1)
            assert buyer.client.delete(f"/api/holds/{hold}").is_success

        def look() -> None:
            for path in (f"/api/operators/{DEMO_OPERATOR}", f"/api/packages/{trip['slug']}"):
                buyer.client.get(path).raise_for_status()

        programs = [
            open_now.enter_context(Program(work.__name__, work))
            for work in (program.edit_profile, program.edit_package, reserve, look)
        ]
        hands = ByHand(live) if soak else InProcess(live)
        rounds = ROUNDS_OF_SOAK if soak else 1
        journey = Journey(live, hands, rounds=rounds, stay=2 if soak else 0.5)
        open_now.callback(lambda: print(journey.said()))
        journey.start()
        turns = cycle((people.operator_edits, people.customer_books, people.agent_books))
        rest = REST_OF_SOAK if soak else 0.0
        while not journey.all_moved.is_set():
            next(turns)()
            time.sleep(rest)
        born = new_email("operator")
        if not journey.problem:
            sign_up(live, born)
            assert source_of(live, born) == "cognito", (
                "new operators sign up where their tables are"
            )
        journey.seen.set()
        while journey.is_alive():
            next(turns)()
            time.sleep(rest)
        journey.join()
        assert not journey.problem
        people.look_again()
    print({one.name: (one.done, round(one.slowest, 2)) for one in programs}, program.late)
    assert [one.problem for one in programs if one.problem] == []
    assert all(one.done for one in programs)
    assert people.edits
    assert people.bookings > 1
    assert len(journey.pauses) == rounds * MOVES_OF_A_ROUND
    assert max(ms for _, ms in journey.pauses) < LONGEST_PAUSE_MS
    assert source_of(live, born) == "cognito", "and go on signing in there"
    assert old.saved
    assert any("refused" in line and "RDS" in line for line in told), told[-5:]
    assert all(table.equal for group in MOVING for table in engine(live).verify(group))
