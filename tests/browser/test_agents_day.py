"""An agent's day: a proposal to a client on a phone, down to the commission that settles itself."""

import re
import secrets
from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import expect

from tests.browser.proposing import AGENT, agent_program, propose
from tests.browser.selling import DEMO_OPERATOR, GOOD_CARD, pay_by_card
from tests.browser.visitor import PHONE, WAIT, Visitor
from tests.live import Live, eventually


def two_trips(live: Live) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two trips of one operator that other tests leave alone, who is paid at once from now on."""
    found = live.get("/api/packages", limit="100")["items"]
    by: dict[str, list[dict[str, Any]]] = {}
    for package in found:
        if package["bookable"] and package["operator"]["slug"] != DEMO_OPERATOR:
            answer = live.get(f"/api/packages/{package['id']}/departures", limit="100")
            rows = [r for r in answer["items"] if r["status"] == "open" and r["seats_left"] >= 4]
            whole = live.get(f"/api/packages/{package['id']}")
            if rows and whole["deposit_percent"]:
                by.setdefault(package["operator"]["slug"], []).append(
                    {**package, "departures": rows}
                )
        if any(len(trips) == 2 for trips in by.values()):
            break
    slug, [first, second] = next((s, trips) for s, trips in by.items() if len(trips) == 2)
    with agent_program(live, "ops@demo.example") as program:
        known = program.get("/api/ops/operators", params={"q": first["operator"]["name"]}).json()[
            "items"
        ]
        operator = next(one for one in known if one["slug"] == slug)
        answer = program.patch(
            f"/api/ops/operators/{operator['id']}/pay-after",
            json={"pay_after": "confirmation", "pay_after_days": 1},
        )
        assert answer.is_success, answer.text
    return first, second


def commission(program: httpx.Client, reference: str) -> dict[str, Any]:
    """The booking's line in the agency's commissions."""
    items = program.get("/api/agents/me/commissions").json()["items"]
    return next(one for one in items if one["reference"] == reference)


def payable(program: httpx.Client, reference: str) -> int:
    """What the ledger says that the agency is still owed for a booking."""
    entries = program.get(f"/api/bookings/{reference}/money").json()["entries"]
    own = (one["amount"]["amount"] for one in entries if one["account"] == "agency_payable")
    return -sum(own)


def settled(program: httpx.Client, reference: str, earned: int) -> bool:
    """Whether so much was earned and sent, and nothing is owed, by list and ledger."""
    row = commission(program, reference)
    amounts = (row["earned"]["amount"], row["sent"]["amount"], row["owed"]["amount"])
    return amounts == (earned, earned, 0) and payable(program, reference) == 0


def test_from_a_proposal_to_the_commission_of_what_is_left(
    visit: Callable[..., Visitor], live: Live
) -> None:
    first, second = two_trips(live)
    name = f"Noor {secrets.token_hex(3).title()}"
    sent = propose(live, [first, second], [first], title="A slow autumn", client=name)
    agent, client = visit(), visit(width=PHONE)
    agent.sign_in(AGENT)
    agent.open(f"/agent/quotes/{sent.id}")
    agent.heading("A slow autumn")

    # The client opens it on a phone and accepts one option: her seats are held at once.
    client.open(sent.path)
    client.heading("A slow autumn")
    expect(agent.page.get_by_text(re.compile("Opened once"))).to_be_visible(timeout=WAIT)
    client.page.get_by_role("button", name="Accept this option").last.click()
    dialog = client.page.get_by_role("dialog", name="Option B")
    dialog.get_by_label("Your name").fill(name)
    dialog.get_by_role("button", name="Accept and hold the seats").click()
    client.shows("Your seats are held for a short while")
    expect(agent.page.get_by_text(re.compile(f"Accepted by {name}"))).to_be_visible(timeout=WAIT)

    # She pays the deposit, and the desk sees it without a reload.
    client.page.get_by_role("link", name=re.compile("^Pay ")).first.click()
    pay_by_card(client.page, GOOD_CARD)
    client.page.wait_for_url(re.compile("/trips/TRV-"))
    client.settled()
    client.shows("Confirmed")
    expect(agent.page.get_by_text("Confirmed", exact=True)).to_be_visible(timeout=WAIT)
    found = re.search("TRV-[0-9A-Z]+", client.page.url)
    assert found is not None
    reference = found.group()

    # The balance, and with it the voucher.
    client.page.get_by_role("link", name=re.compile("^Pay ")).first.click()
    pay_by_card(client.page, GOOD_CARD)
    client.page.wait_for_url(re.compile("/trips/TRV-"))
    client.settled()
    client.shows("Everything is paid and the seats are yours.")
    with client.page.expect_download() as download:
        client.page.get_by_role("link", name="Voucher (PDF)").click()
    assert download.value.path().read_bytes()[:4] == b"%PDF"

    with agent_program(live) as program:
        row = commission(program, reference)
        whole, total = row["earned"]["amount"], row["total"]["amount"]
        assert whole == share_of(total, row["percent"])
        eventually(lambda: settled(program, reference, whole), "commission sent", 60)

        # One of two does not travel: her part goes back, and the commission with it.
        agent.open(f"/agent/bookings/{reference}")
        agent.heading(name)
        agent.page.get_by_role("button", name="Take a traveller off").click()
        listed = agent.page.locator("dialog[open]")
        listed.get_by_role("button", name="Take off").first.click(timeout=WAIT)
        asked = agent.page.locator("dialog[open]")
        expect(asked).to_contain_text("Price after the change", timeout=WAIT)
        asked.get_by_role("button", name="Take this traveller off").click()
        agent.shows("What was changed")
        after = commission(program, reference)
        left = after["earned"]["amount"]
        assert left == share_of(after["total"]["amount"], after["percent"])
        assert left < whole
        eventually(lambda: settled(program, reference, left), "commission taken back", 60)


def share_of(total: int, percent: float) -> int:
    """A share in minor units, rounded half up."""
    return int(total * percent / 100 + 0.5)
