"""Cancellation and change of date over the REST API."""

from typing import Any
from uuid import uuid4

from ecosystem.domain.actor import Actor
from tests.bookings.test_changes import another_date, bought
from tests.bookings.test_holding import OTHER
from tests.product import GUEST, Product
from tests.rest import Client


def euros(minor: int) -> dict[str, Any]:
    return {"amount": minor, "currency": "EUR"}


def test_a_booking_is_cancelled_once_as_it_was_shown(product: Product, client: Client) -> None:
    booking = bought(product, product.offer(starts_in=20, deposit_percent=None))
    path = f"/api/bookings/{booking.reference}/cancellation"
    http = client(GUEST)
    shown = http.get(path).json()
    half = booking.paid.minor // 2
    assert (shown["refund"], shown["retained"]) == (euros(half), euros(half))
    assert [tier["refund_percent"] for tier in shown["policy"]] == [100, 50, 0]
    assert {"paid", "refund", "kept"} <= {line["code"] for line in shown["lines"]}
    wrong = http.post(path, json={"expected_refund": euros(half + 1)})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "refund_changed")
    key = {"Idempotency-Key": "once"}
    body = {"expected_refund": shown["refund"], "revision": shown["revision"]}
    done = http.post(path, json=body, headers=key)
    assert (done.status_code, done.json()["status"]) == (200, "cancelled")
    assert {name: done.json()[name] for name in ("refund", "retained", "lines", "policy")} == {
        name: shown[name] for name in ("refund", "retained", "lines", "policy")
    }
    assert http.post(path, json=body, headers=key).json() == done.json()
    assert http.post(path).json()["id"] == done.json()["id"]
    assert http.get(path).json()["code"] == "not_changeable"
    [change] = http.get(f"/api/bookings/{booking.reference}/changes").json()["items"]
    assert (change["kind"], [r["amount"] for r in change["refunds"]]) == (
        "cancelled",
        [euros(half)],
    )


def test_parts_and_dates_and_strangers(product: Product, client: Client) -> None:
    made = product.offer(deposit_percent=None)
    cheap = another_date(product, made, days=14, minor=120000)
    dear = another_date(product, made, days=21, minor=150000)
    extras = frozenset({made.optional_addon})
    booking = bought(product, made, adults=3, addon_ids=extras)
    base, http = f"/api/bookings/{booking.reference}", client(GUEST)
    addon = http.post(f"{base}/cancellation?addon={made.optional_addon}")
    assert (addon.status_code, addon.json()["refund"]) == (200, euros(3 * 4800))
    asked = f"{base}/cancellation?traveller=3"
    seen = {"revision": http.get(asked).json()["revision"]}
    traveller = http.post(asked, json=seen)
    assert (traveller.status_code, traveller.json()["kind"]) == (200, "traveller_cancelled")
    choices = http.get(f"{base}/date-change").json()["items"]
    assert [(one["departure_id"], one["difference"]) for one in choices] == [
        (str(cheap), euros(-28000)),
        (str(dear), euros(32000)),
    ]
    shown = http.get(f"{base}/date-change?departure_id={dear}").json()
    assert shown["to_pay"] == euros(32000)
    body = {"departure_id": str(dear), "expected_to_pay": shown["to_pay"]}
    moved = http.post(f"{base}/date-change", json=body).json()
    assert (moved["state"], moved["pay_url"].startswith("http")) == ("waiting", True)
    given_up = http.delete(f"{base}/date-change/{moved['id']}")
    assert given_up.status_code == 204
    back = http.post(f"{base}/date-change", json={"departure_id": str(cheap)}).json()
    assert (back["state"], back["refund"]) == ("done", euros(28000))
    stranger = client(OTHER)
    for answer in (
        stranger.get(f"{base}/cancellation"),
        stranger.post(f"{base}/cancellation?traveller=1", json=seen),
        stranger.get(f"{base}/date-change"),
        stranger.post(f"{base}/date-change", json={"departure_id": str(dear)}),
        stranger.delete(f"{base}/date-change/{moved['id']}"),
        stranger.get(f"{base}/changes"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "booking_not_found")
    view_key = product.one("select view_key from bookings where id = :id", id=booking.id).view_key
    assert stranger.get(f"{base}/cancellation?key={view_key}").status_code == 200


def test_a_travellers_number_counts_for_what_was_shown(product: Product, client: Client) -> None:
    """Sent again, by a program whose answer was lost: nobody else comes off."""
    booking = bought(product, product.offer(), adults=4)
    path, http = f"/api/bookings/{booking.reference}/cancellation?traveller=2", client(GUEST)
    blind = http.post(path)
    assert (blind.status_code, blind.json()["errors"][0]["field"]) == (422, "revision")
    seen = {"revision": http.get(path).json()["revision"]}
    assert http.post(path, json=seen).status_code == 200
    again = http.post(path, json=seen)
    assert (again.status_code, again.json()["code"]) == (409, "booking_changed")
    assert product.services.bookings.get(GUEST, booking.reference).adults == 3


def test_junk_is_refused(product: Product, client: Client) -> None:
    booking = bought(product, product.offer())
    base, http = f"/api/bookings/{booking.reference}", client(GUEST)
    assert http.get(f"{base}/cancellation?traveller=0").status_code == 422
    assert http.get(f"{base}/cancellation?traveller=99").json()["code"] == "traveller_not_found"
    assert http.get(f"{base}/cancellation?addon={uuid4()}").json()["code"] == "addon_not_found"
    assert http.get(f"{base}/cancellation?traveller=1&addon={uuid4()}").status_code == 422
    for body in ({"refund": 1}, {"expected_refund": 7}, {"revision": "1"}, {"reason": "x" * 501}):
        assert http.post(f"{base}/cancellation", json=body).status_code == 422
    for body in ({}, {"departure_id": "soon"}, {"departure_id": str(uuid4()), "more": 1}):
        assert http.post(f"{base}/date-change", json=body).status_code == 422
    assert http.delete(f"{base}/date-change/{uuid4()}").json()["code"] == "change_not_found"
    assert product.services.bookings.get(GUEST, booking.reference).status == "confirmed"


def test_an_answer_kept_for_a_key_is_for_whoever_has_the_link(
    product: Product,
    client: Client,
) -> None:
    """Two callers without a session behind one address, and one of them has the link."""
    booking = bought(product, product.offer(deposit_percent=None))
    path = f"/api/bookings/{booking.reference}/cancellation"
    view_key = product.one("select view_key as key from bookings where id = :id", id=booking.id).key
    http, once = client(NOBODY), {"Idempotency-Key": "once"}
    assert http.post(path, params={"key": view_key}, headers=once).status_code == 200
    for stranger in ({}, {"key": "x" * 22}):
        refused = http.post(path, params=stranger, headers=once)
        assert (refused.status_code, refused.json()["code"]) == (404, "booking_not_found")
    assert http.post(path, params={"key": view_key}, headers=once).status_code == 200


NOBODY = Actor(role="guest", source="guest")
