"""An operator's packages over the REST API."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.product import GUEST, Offer, Product
from tests.rest import Client
from tests.services.test_package_editor import editor_of

PATH = "/api/operators/me/packages"


@pytest.fixture
def made(product: Product) -> Offer:
    return product.offer()


def test_a_package_is_made_edited_and_deleted(client: Client, made: Offer) -> None:
    http = client(editor_of(made))
    new = {"title": "Seville by train", "currency": "EUR"}
    answer = http.post(PATH, json=new, headers={"Idempotency-Key": "k1"})
    assert answer.status_code == 201
    package = answer.json()
    assert (package["status"], package["slug"], package["version"]) == (
        "draft", "seville-by-train", 1
    )  # fmt: skip
    again = http.post(PATH, json=new, headers={"Idempotency-Key": "k1"}).json()
    assert again["id"] == package["id"]
    one = f"{PATH}/{package['id']}"
    changed = http.patch(one, json={"version": 1, **package["draft"], "price": 99900}).json()
    assert changed["price"] == {"amount": 99900, "currency": "EUR"}
    assert changed["version"] == 2
    assert {"field": "cities", "message": "It has no city yet."} in changed["lacks"]
    stale = http.patch(one, json={"version": 1, "title": "Too late"})
    assert (stale.status_code, stale.json()["code"]) == (409, "edited_elsewhere")
    assert (stale.json()["version"], stale.json()["changed"]) == (2, ["price"])
    refused = http.post(f"{one}/publish")
    assert (refused.status_code, refused.json()["code"]) == (422, "not_ready")
    lines = http.get(f"{one}/versions").json()["items"]
    assert [line["action"] for line in lines] == ["edited", "created"]
    back = http.post(f"{one}/versions/1/restore", json={"version": 2}).json()
    assert (back["version"], back["draft"]["price"]) == (3, 0)
    copy = http.post(f"{one}/duplicate").json()
    assert copy["title"] == "Copy of Seville by train"
    assert http.delete(one).status_code == 204
    assert http.get(one).status_code == 404


def test_what_is_sent_again_with_its_key_makes_nothing(client: Client, made: Offer) -> None:
    http, key = client(editor_of(made)), {"Idempotency-Key": "once"}
    one, first = f"{PATH}/{made.package_id}", datetime.now(UTC).date() + timedelta(days=200)
    but = [str(first + timedelta(days=days)) for days in range(2, 9)]
    rule = {
        "weekdays": [1, 2, 3, 4, 5, 6, 7],
        "first": str(first),
        "last": str(first + timedelta(days=9)),
        "exclude": but,
        "capacity": 9,
    }
    answer = http.post(f"{one}/departures", json=rule, headers=key)
    assert (answer.status_code, len(answer.json()["items"])) == (201, 3)
    # What is in a set comes in any order.
    again = http.post(f"{one}/departures", json=rule | {"exclude": but[::-1]}, headers=key)
    assert (again.status_code, again.json()) == (201, answer.json())
    other = http.post(f"{one}/departures", json=rule | {"capacity": 8}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    copies = [http.post(f"{one}/duplicate", headers=key).json()["id"] for _ in range(2)]
    assert len(set(copies)) == 1


def test_moving_on_and_off_the_market(client: Client, made: Offer) -> None:
    http = client(editor_of(made))
    one = f"{PATH}/{made.package_id}"
    assert http.delete(one).json()["code"] == "not_a_draft"
    assert http.post(f"{one}/archive").json()["status"] == "archived"
    assert http.post(f"{one}/unpublish").json()["status"] == "draft"
    version = http.get(one).json()["version"]
    assert http.post(f"{one}/publish", json={"version": version - 1}).status_code == 409
    assert http.post(f"{one}/publish", json={"version": version}).json()["status"] == "published"


def test_wrong_bodies_name_the_field(client: Client, made: Offer) -> None:
    http = client(editor_of(made))
    one = f"{PATH}/{made.package_id}"
    bodies: list[tuple[Any, str]] = [
        ({"title": "No version"}, "version"),
        ({"version": 1, "price": "12"}, "price"),
        ({"version": 1, "sold": 1}, "sold"),
        ({"version": 1, "stays": [{"city": "Rome"}]}, "stays.0.country"),
        ({"version": 2**70, "title": "Far too new"}, "version"),
    ]
    for body, field in bodies:
        answer = http.patch(one, json=body)
        assert answer.status_code == 422, body
        assert field in [item["field"] for item in answer.json()["errors"]]
    missing = http.post(PATH, json={"title": "No currency"}).json()
    assert [item["field"] for item in missing["errors"]] == ["currency"]


def test_what_is_anothers_does_not_exist(client: Client, product: Product, made: Offer) -> None:
    rival = client(editor_of(product.offer()))
    one = f"{PATH}/{made.package_id}"
    calls = [
        rival.get(one), rival.patch(one, json={"version": 1, "title": "Mine now"}), rival.delete(one),
        rival.post(f"{one}/publish"), rival.post(f"{one}/archive"), rival.post(f"{one}/unpublish"),
        rival.post(f"{one}/duplicate"), rival.get(f"{one}/versions"),
        rival.post(f"{one}/versions/1/restore", json={"version": 1}),
    ]  # fmt: skip
    assert {(answer.status_code, answer.json()["code"]) for answer in calls} == {
        (404, "package_not_found")
    }
    assert client(GUEST).get(one).status_code == 403
