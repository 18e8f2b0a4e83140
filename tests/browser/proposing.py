"""A proposal sent over the API, for tests that begin after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.browser.visitor import PASSWORD
from tests.live import Live

AGENT = "agent@demo.example"


@dataclass(frozen=True)
class Sent:
    """A proposal and where its client finds it."""

    id: str
    number: str
    title: str
    path: str


@contextmanager
def agent_program(live: Live, email: str = AGENT) -> Iterator[httpx.Client]:
    """A program with the session of somebody at an agency."""
    with httpx.Client(base_url=live.url, headers={"Origin": live.url}, timeout=60) as client:
        answer = client.post("/api/auth/sign-in", json={"email": email, "password": PASSWORD})
        assert answer.is_success, answer.text
        yield client


def newest_booking(live: Live) -> str:
    """The reference of the demo agency's newest booking."""
    with agent_program(live) as program:
        return str(
            program.get("/api/bookings", params={"limit": 1}).json()["items"][0]["reference"]
        )


def propose(live: Live, *options: list[dict[str, Any]], title: str, client: str) -> Sent:
    """Send a proposal to a new client of the demo agency; each option is a list of packages."""
    with agent_program(live) as program:
        made = program.post(
            "/api/agents/me/clients",
            json={"name": client, "email": f"{client.lower().replace(' ', '.')}@client.example"},
        )
        assert made.status_code == 201, made.text
        form = {
            "title": title,
            "client_id": made.json()["id"],
            "cover": "Two ways through the south.\n\nTell me which one you like.",
            "options": [
                {
                    "title": f"Option {letter}",
                    "items": [
                        {
                            "kind": "trip",
                            "departure_id": package["departures"][-1]["id"],
                            "adults": 2,
                        }
                        for package in packages
                    ],
                }
                for letter, packages in zip("AB", options, strict=False)
            ],
        }
        quote = program.post("/api/agents/me/quotes", json=form)
        assert quote.status_code == 201, quote.text
        sent = program.post(f"/api/agents/me/quotes/{quote.json()['id']}/send")
        assert sent.status_code == 200, sent.text
    body = sent.json()
    return Sent(body["id"], body["number"], title, "/quotes/" + body["url"].rpartition("/")[2])
