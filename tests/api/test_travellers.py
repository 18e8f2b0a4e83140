"""Travellers, rooming lists, payment links and papers over the API: whose they are, and no one else's."""

from typing import Any

import httpx
import pytest

from ecosystem.domain.actor import Actor
from tests.product import GUEST, Product
from tests.quotes.conftest import make_agent, token_of, trip
from tests.services.test_desks import agent, provider
from tests.services.test_travellers import ADA, BEA, booked


def signed_in(product: Product, http: httpx.Client, actor: Actor) -> None:
    http.cookies.clear()
    if actor.signed_in:
        http.cookies.set("eco_session", product.services.sessions.create(actor))


def test_travellers_are_read_and_named(product: Product, http: httpx.Client) -> None:
    ann = agent(product)
    reference = booked(product, ann).reference
    path = f"/api/bookings/{reference}/travellers"
    signed_in(product, http, ann)
    read = http.get(path).json()
    assert (read["missing"], read["can_name"], len(read["rooms"])) == (2, True, 1)
    body = {"travellers": [ADA, BEA], "stamp": read["stamp"]}
    named = http.put(path, json=body)
    assert (named.status_code, named.json()["missing"]) == (200, 0)
    assert http.put(path, json=body).json()["code"] == "edited_elsewhere"
    assert http.put(path, json={"travellers": [ADA | {"age": 3}]}).status_code == 422


@pytest.mark.parametrize("who", ["rival", "guest", "operator"])
def test_what_is_anothers_is_not_there(product: Product, http: httpx.Client, who: str) -> None:
    mine = make_agent(product)
    made = product.offer()
    booking = booked(product, mine.actor, offer=made)
    quote = mine.send([trip(made)])
    stranger: dict[str, Any] = {
        "rival": make_agent(product, "Rival").actor,
        "guest": GUEST,
        "operator": provider(product.offer().operator_id),
    }
    signed_in(product, http, stranger[who])
    reference = f"/api/bookings/{booking.reference}"
    lists = f"/api/operators/me/departures/{made.departure_id}"
    answers = [
        http.get(f"{reference}/travellers"),
        http.get(f"{reference}/travellers", params={"key": "x" * 43}),
        http.put(f"{reference}/travellers", json={"travellers": [ADA]}),
        http.post(f"{reference}/payment-link"),
        http.get(f"{lists}/rooming.csv"),
        http.get(f"{lists}/rooming.pdf"),
        http.get(f"/api/agents/me/quotes/{quote.id}/proposal.pdf"),
        http.get(f"/api/quotes/{token_of(quote)[:-1]}x/proposal.pdf"),
    ]
    assert {answer.status_code for answer in answers} <= {401, 403, 404}
    assert all("Sand" not in answer.text for answer in answers)


def test_papers_come_as_files(product: Product, http: httpx.Client) -> None:
    mine = make_agent(product)
    made = product.offer()
    booked(product, mine.actor, offer=made)
    quote = mine.send([trip(made)])
    paper = http.get(f"/api/quotes/{token_of(quote)}/proposal.pdf")
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.headers["cache-control"] == "private, no-store"
    assert paper.content.startswith(b"%PDF")
    signed_in(product, http, provider(made.operator_id))
    lists = f"/api/operators/me/departures/{made.departure_id}"
    assert http.get(f"{lists}/rooming.pdf").content.startswith(b"%PDF")
    assert "Room,Type,Name" in http.get(f"{lists}/rooming.csv").text
