"""Whatever is sent, the answer is a problem document that names the field; never a 5xx."""

import string
import uuid
from typing import Any

import pytest
from httpx import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.product import Product

HOSTILE = [
    "\x00", "%00", "'", '"', "';--", "<script>", "../../etc", "\U0001f600", "ٱلسَّلَام", "ß" * 500,
    "-1", "1e400", "NaN", "null", "{}", "[]", "2026-02-31", "9999-12-31", "0001-01-01",
    "99999999999999999999", "true", " ", "*", "a:*&!|()", "\\", "​", "A" * 5000,
]  # fmt: skip

SEARCH = [
    "q",
    "city",
    "country",
    "from",
    "to",
    "travellers",
    "min_price",
    "max_price",
    "min_nights",
    "max_nights",
    "stars",
    "board",
    "tag",
    "operator",
    "sort",
    "cursor",
    "limit",
]


def problem(answer: Any) -> dict[str, Any]:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        body = answer.json()
        assert {"type", "title", "status", "detail", "code"} <= body.keys()
        assert "Traceback" not in answer.text
        return body
    return {}


@pytest.fixture
def wide_open(monkeypatch: pytest.MonkeyPatch, product: Product) -> None:
    """Rate limits off, or the hostile callers would only ever meet those."""
    object.__setattr__(product.services.settings, "rate_limits", "off")


@pytest.mark.usefixtures("wide_open")
def test_hostile_queries(http: Client, product: Product) -> None:
    product.offer()
    product.services.search_index.step()
    for name in SEARCH:
        for value in HOSTILE:
            body = problem(http.get("/api/packages", params={name: value}))
            if body.get("code") == "invalid":
                assert [item["field"] for item in body["errors"]] == [name], (name, value)
    for path in (
        "/api/packages/{}", "/api/packages/{}/departures", "/api/operators/{}",
        "/api/bookings/{}", "/api/operators/me/packages/{}", "/covers/{}/IT/41.svg",
        "/covers/00000000-0000-7000-8000-000000000000/{}/41.svg",
    ):  # fmt: skip
        for value in HOSTILE:
            problem(http.get(path.format(value.replace("/", "%2F").replace("\x00", "%00"))))
    problem(http.get("/api/operators", params={"cursor": "\x00"}))
    problem(http.get("/api/bookings", params={"cursor": "AAAA"}))


BODIES: list[Any] = [
    None, [], "x", 1, {}, {"departure_id": "x"}, {"departure_id": None, "adults": "2"},
    {"departure_id": str(uuid.uuid4()), "adults": True},
    {"departure_id": str(uuid.uuid4()), "adults": 1.5},
    {"departure_id": str(uuid.uuid4()), "adults": 10**30},
    {"departure_id": str(uuid.uuid4()), "adults": 1, "addon_ids": "x"},
    {"departure_id": str(uuid.uuid4()), "adults": 1, "addon_ids": [[]]},
    {"departure_id": str(uuid.uuid4()), "adults": 1, "price": 1},
    {"hold_id": str(uuid.uuid4()), "lead": "x"},
    {"hold_id": str(uuid.uuid4()), "lead": {"name": "\x00\x00\x00", "email": "a@b.c"}},
    {"hold_id": str(uuid.uuid4()), "lead": {"name": "Maja L", "email": "a@b.c\r\nBcc: x@y.z"}},
]  # fmt: skip


@pytest.mark.usefixtures("wide_open")
@pytest.mark.parametrize("path", ["/api/holds", "/api/bookings", "/api/packages/x/price"])
def test_hostile_bodies(http: Client, path: str) -> None:
    for body in BODIES:
        assert problem(http.post(path, json=body)), body
    for raw in (b"", b"{", b"\xff\xfe", b'{"a":' * 2000, b"NaN"):
        answer = http.post(path, content=raw, headers={"content-type": "application/json"})
        assert problem(answer), raw


def test_unknown_fields_are_refused_by_name(http: Client, product: Product) -> None:
    made = product.offer()
    body = {"departure_id": str(made.departure_id), "adults": 1, "price": 1, "discount": 100}
    answer = problem(http.post("/api/holds", json=body))
    assert [item["field"] for item in answer["errors"]] == ["price", "discount"]


def test_idempotency(http: Client, product: Product) -> None:
    made = product.offer(seats=4)
    body = {"departure_id": str(made.departure_id), "adults": 2, "children": 0, "addon_ids": []}
    key = {"Idempotency-Key": "one"}
    first = http.post("/api/holds", json=body, headers=key)
    assert first.status_code == 201
    assert http.post("/api/holds", json=body, headers=key).json() == first.json()
    other = http.post("/api/holds", json=body | {"adults": 1}, headers=key)
    assert problem(other)["code"] == "idempotency_key_reused"
    assert http.post("/api/holds", json=body).status_code == 201
    sold_out = http.post("/api/holds", json=body, headers={"Idempotency-Key": "two"})
    assert (sold_out.status_code, sold_out.json()["seats_left"]) == (409, 0)
    assert http.delete(f"/api/holds/{first.json()['id']}").status_code == 204
    again = http.post("/api/holds", json=body, headers={"Idempotency-Key": "two"})
    assert again.status_code == 201, "a failure is not kept under its key"


def test_a_booking_through_http(http: Client, product: Product) -> None:
    made = product.offer()
    held = http.post("/api/holds", json={"departure_id": str(made.departure_id), "adults": 2})
    booked = http.post(
        "/api/bookings",
        json={
            "hold_id": held.json()["id"],
            "lead": {"name": "Maja Lindqvist", "email": "maja@example.com"},
            "travellers": [{"name": "Maja Lindqvist"}, {"name": "Olof Lindqvist"}],
        },
    )
    assert booked.status_code == 201
    body = booked.json()
    assert body["status"] == "pending_payment"
    assert body["total"] == held.json()["price"]["total"]
    seen = http.get(f"/api/bookings/{body['reference']}").json()
    assert (seen["lead"], seen["travellers"]) == (None, []), "the reference alone names nobody"
    assert http.get("/api/bookings").json()["items"] == []
    too_many = http.post(
        "/api/bookings",
        json={
            "hold_id": held.json()["id"],
            "lead": {"name": "Maja Lindqvist", "email": "maja@example.com"},
            "travellers": [{"name": "Somebody Else"}] * 3,
        },
    )
    assert problem(too_many)["errors"][0]["field"] == "travellers"


@given(
    st.text(alphabet=string.printable + "éøłĀ中\x00\U0001f600", max_size=40),
    st.sampled_from(["q", "city", "tag", "operator", "board", "country"]),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_can_be_searched_for(http: Client, text: str, name: str) -> None:
    problem(http.get("/api/packages", params={name: text}))


def test_unsigned_and_stale_webhooks_are_400(http: Client) -> None:
    import hashlib
    import hmac
    import time

    body = b'{"id":"evt_x","object":"event","type":"x","created":1,"data":{"object":{}}}'
    old = int(time.time()) - 400
    signature = hmac.new(b"whsec_platform", f"{old}.".encode() + body, hashlib.sha256).hexdigest()
    for header in (
        {},
        {"stripe-signature": "t=1,v1=0"},
        {"stripe-signature": f"t={old},v1={signature}"},
    ):
        for path in ("/api/stripe/webhook", "/api/stripe/connect-webhook"):
            answer = http.post(path, content=body, headers=header)
            assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature")


def test_a_body_that_is_too_large_is_not_read(http: Client) -> None:
    large = b'{"departure_id":"' + b"x" * 1_100_000 + b'"}'
    for content in (large, iter([large[:600_000], large[600_000:]])):
        answer = http.post(
            "/api/holds", content=content, headers={"content-type": "application/json"}
        )
        assert (answer.status_code, problem(answer)["code"]) == (413, "too_large")
