"""Operators who have just signed up."""

import re

import httpx

from tests.browser.visitor import PASSWORD
from tests.live import Live


def sign_up(live: Live, email: str) -> None:
    """Make a confirmed operator, wherever operators begin now."""
    person = {
        "role": "provider",
        "name": "Oda Berg",
        "email": email,
        "password": PASSWORD,
        "organisation": "Berg Reiser",
        "country": "NO",
    }
    with httpx.Client(base_url=live.url, timeout=60) as client:
        made = client.post("/api/auth/sign-up", json=person)
        assert made.is_success, made.text
        mail = live.mail(email, "")
        found = re.search(r"\b[0-9]{6}\b", mail["text"])
        assert found, mail["text"]
        confirmed = client.post("/api/auth/confirm", json={"email": email, "code": found.group()})
        assert confirmed.is_success, confirmed.text


def source_of(live: Live, email: str) -> str:
    """Where an operator's person signs in."""
    with httpx.Client(base_url=live.url, headers={"Origin": live.url}, timeout=60) as client:
        entered = client.post("/api/auth/sign-in", json={"email": email, "password": PASSWORD})
        assert entered.is_success, entered.text
        me = client.get("/api/me").json()
    assert me["role"] == "provider"
    return me["source"]
