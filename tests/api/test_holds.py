"""Holds over the REST API: a price that is agreed to, extras, ten minutes more."""

from typing import Any
from uuid import uuid4

from tests.bookings.test_holding import OTHER
from tests.product import GUEST, Offer, Product
from tests.rest import Client


def party(made: Offer, **more: Any) -> dict[str, Any]:
    return {
        "departure_id": str(made.departure_id),
        "adults": 2,
        "children": 0,
        "addon_ids": [],
        **more,
    }


def euros(minor: int) -> dict[str, Any]:
    return {"amount": minor, "currency": "EUR"}


def test_a_dearer_price_is_told_and_can_be_agreed_to(product: Product, client: Client) -> None:
    http, made = client(GUEST), product.offer()
    refused = http.post("/api/holds", json=party(made, expected_total=euros(270_000)))
    assert (refused.status_code, refused.json()["code"]) == (409, "price_changed")
    now = refused.json()["price"]
    assert now["total"] == euros(270_400)
    assert sum(line["amount"]["amount"] for line in now["lines"]) == 270_400
    held = http.post("/api/holds", json=party(made, expected_total=now["total"]))
    assert (held.status_code, held.json()["price"]) == (201, now)
    for junk in (7, {"amount": "1", "currency": "EUR"}, {"amount": 1, "currency": "Euro"}):
        assert http.post("/api/holds", json=party(made, expected_total=junk)).status_code == 422


def test_extras_and_ten_minutes_more(product: Product, client: Client) -> None:
    http, made = client(GUEST), product.offer()
    hold = http.post("/api/holds", json=party(made)).json()
    path = f"/api/holds/{hold['id']}"
    assert (hold["addon_ids"], hold["extended"]) == ([str(made.required_addon)], False)
    taken = http.post(f"{path}/addons", json={"addon_ids": [str(made.optional_addon)]}).json()
    assert taken["price"]["total"] == euros(280_000)
    assert taken["addon_ids"] == sorted(map(str, (made.required_addon, made.optional_addon)))
    assert http.post(f"{path}/addons", json={"addon_ids": [str(uuid4())]}).status_code == 422
    assert http.post(f"{path}/addons", json={}).status_code == 422
    longer = http.post(f"{path}/extension")
    assert (longer.status_code, longer.json()["extended"]) == (200, True)
    assert longer.json()["expires_at"] > hold["expires_at"]
    again = http.post(f"{path}/extension")
    assert (again.status_code, again.json()["code"]) == (409, "already_extended")
    assert http.get(path).json() == longer.json()
    other = client(OTHER)
    for answer in (
        other.get(path),
        other.post(f"{path}/extension"),
        other.post(f"{path}/addons", json={"addon_ids": []}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "hold_not_found")
    lead = {"name": "Maja Lindqvist", "email": "maja@example.com", "phone": "+46 8 555 01 42"}
    form = {"hold_id": hold["id"], "lead": lead, "travellers": [], "pay": "full"}
    refused = http.post("/api/bookings", json=form | {"expected_total": euros(270_400)})
    assert (refused.status_code, refused.json()["code"]) == (409, "price_changed")
    booked = http.post("/api/bookings", json=form | {"expected_total": euros(280_000)})
    assert booked.status_code == 201
    assert (booked.json()["lead"], booked.json()["total"]) == (lead, euros(280_000))
