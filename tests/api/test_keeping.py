"""Saved packages and reviews over the REST API."""

from typing import Any
from uuid import uuid4

from tests.product import GUEST, Product
from tests.rest import Client
from tests.services.test_reviews import FAIR, GOOD, STRANGER, operator, travelled

REVIEW = GOOD.model_dump()


def test_packages_are_saved_and_forgotten(product: Product, client: Client) -> None:
    made = product.offer()
    while product.services.search_index.step():
        continue
    http = client(GUEST)
    one = f"/api/me/saved/{made.package_id}"
    for _ in range(2):
        assert http.put(one).status_code == 204
    found = http.get("/api/me/saved").json()
    assert [item["slug"] for item in found["items"]] == [made.slug]
    assert client(STRANGER).get("/api/me/saved").json()["items"] == []
    for _ in range(2):
        assert http.delete(one).status_code == 204
    assert http.get("/api/me/saved").json()["items"] == []
    assert http.put(f"/api/me/saved/{uuid4()}").status_code == 404
    assert http.put("/api/me/saved/7").status_code == 422


def test_both_sides_review_and_everybody_reads(
    product: Product,
    client: Client,
    clock: Any,
) -> None:
    made, booking = travelled(product, clock)
    path = f"/api/bookings/{booking.reference}/review"
    buyer, owner = client(GUEST), client(operator(made))
    assert buyer.get(path).json()["stage"] == "open"
    assert client(STRANGER).get(path).status_code == 404
    assert client(STRANGER).post(path, json=REVIEW).status_code == 404
    for wrong in ({}, {"rating": 9}, {**REVIEW, "more": 1}, {**REVIEW, "rating": "5"}, []):
        assert buyer.post(path, json=wrong).status_code == 422
    assert buyer.post(path, json=REVIEW).json()["stage"] == "waiting"
    again = buyer.post(path, json=REVIEW)
    assert (again.status_code, again.json()["code"]) == (409, "already_reviewed")
    assert owner.post(path, json=FAIR.model_dump()).json()["theirs"]["body"] == GOOD.body
    public = client(STRANGER)
    found = public.get(f"/api/packages/{made.slug}/reviews").json()
    assert (found["rating"], found["count"], found["stars"]["5"]) == (5.0, 1, 1)
    (item,) = found["items"]
    answer = f"/api/operators/me/reviews/{item['id']}/reply"
    assert public.post(answer, json={"reply": "x"}).status_code == 403
    assert owner.post(answer, json={"reply": "Thank you."}).status_code == 204
    assert owner.post(answer, json={"reply": "Again."}).status_code == 409
    (item,) = public.get(f"/api/packages/{made.slug}/reviews").json()["items"]
    assert item["reply"] == "Thank you."
    assert public.get("/api/packages/no-such/reviews").status_code == 404
    assert public.get(f"/api/packages/{made.slug}/reviews?cursor=x").status_code == 422
