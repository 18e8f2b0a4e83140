"""Contracts over the API: offered, answered and ended, by sessions; keys of programs only read."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agencies
from ecosystem.domain.actor import Actor
from ecosystem.services.api_keys import ApiKeyForm
from tests.agencies.agreed import agency, today
from tests.product import Product
from tests.services.test_desks import provider

ORIGIN = "http://localhost:3999"


@pytest.fixture
def ask(product: Product, http: httpx.Client) -> Any:
    """What an endpoint answers to somebody who is signed in."""

    def one(actor: Actor, method: str, path: str, body: Any = None) -> httpx.Response:
        cookie = product.services.sessions.create(actor)
        return http.request(
            method, path, json=body, headers={"cookie": f"eco_session={cookie}", "origin": ORIGIN}
        )

    return one


def test_a_contract_over_the_api(product: Product, http: httpx.Client, ask: Any) -> None:
    operator = provider(product.offer().operator_id)
    ann, rival = agency(product), agency(product, "Rival")
    offer = {
        "agency_id": str(ann.agency_id),
        "model": "agency_collects",
        "percent": 12.5,
        "days": 14,
        "credit": {"amount": 500000, "currency": "EUR"},
        "starts_on": str(today(product)),
    }
    refused = ask(operator, "POST", "/api/operators/me/contracts", {**offer, "days": None})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    made = ask(operator, "POST", "/api/operators/me/contracts", offer)
    assert made.status_code == 201
    assert made.json() | {"percent": 12.5, "standing": "offered", "ends_on": None} == made.json()
    key = made.json()["id"]
    [listed] = ask(operator, "GET", "/api/operators/me/agencies").json()["items"]
    assert (listed["name"], listed["offer"]["id"], listed["contract"]) == (
        "Maple Travel",
        key,
        None,
    )

    mine = "/api/agents/me/contracts"
    assert ask(rival, "POST", f"{mine}/{key}/accept").json()["code"] == "contract_not_found"
    accepted = ask(ann, "POST", f"{mine}/{key}/accept")
    assert (accepted.status_code, accepted.json()["standing"]) == (200, "holds")
    again = ask(ann, "POST", f"{mine}/{key}/decline")
    assert (again.status_code, again.json()["code"]) == (409, "contract_answered")
    end = {"last_day": str(today(product))}
    assert ask(rival, "POST", f"{mine}/{key}/end", end).status_code == 404
    ended = ask(operator, "POST", f"/api/operators/me/contracts/{key}/end", end)
    assert ended.json()["state"] == "ended"

    assert ann.user_id
    assert ann.agency_id
    with product.database.unit(RDS) as session:
        agencies.put_person(
            session, ann.user_id, ann.agency_id, "ann@maple.example", "Ann", "owner"
        )
    form = ApiKeyForm(name="Books", role="agent")
    program = {"Authorization": f"Bearer {product.services.api_keys.make(ann, form)[1]}"}
    assert len(http.get(mine, headers=program).json()["items"]) == 1
    changed = http.post(f"{mine}/{key}/end", json=end, headers=program)
    assert (changed.status_code, changed.json()["code"]) == (403, "not_an_owner")
    assistant = replace(ann, agency_role="assistant")
    for path in (mine, "/api/agents/me/commissions.csv", "/api/agents/me/owed"):
        assert ask(assistant, "GET", path).json()["code"] == "assistant"
        assert ask(operator, "GET", path).status_code == 403
