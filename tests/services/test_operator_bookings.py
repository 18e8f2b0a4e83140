"""An operator's bookings: listed, sorted, exported; nobody else's; and the day they add up to."""

import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from ecosystem.database.placement import PACKAGES, RDS
from ecosystem.database.queries.operator_bookings import Wanted
from ecosystem.domain.actor import Actor
from ecosystem.domain.changes import NewDate
from ecosystem.domain.errors import Forbidden, NotFound
from ecosystem.services.conversations import MessageForm
from ecosystem.services.departures.forms import DepartureChange, Selection
from tests.bookings.test_changes import another_date, bought
from tests.product import GUEST, Product
from tests.services.test_desks import agent, provider, sell


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def signed_in(product: Product, http: httpx.Client, actor: Actor) -> None:
    http.cookies.set("eco_session", product.services.sessions.create(actor))


def rename(product: Product, reference: str, **values: str) -> None:
    with product.database.unit(RDS) as session:
        for column, value in values.items():
            session.execute(
                text(f"update bookings set {column} = :value where reference = :reference"),
                {"value": value, "reference": reference},
            )


def test_a_list_is_filtered_sorted_and_turned(product: Product) -> None:
    made = product.offer(price="100.00")
    actor, desk = provider(made.operator_id), product.services.operator_bookings
    first, second = sell(product, made, GUEST), sell(product, made, agent(product))
    waiting = product.book(product.hold(made, adults=1)).reference
    rename(product, first, lead_name="Åsa Zorn")
    product.services.conversations.send(GUEST, first, MessageForm(body="Hello"))

    def listed(wanted: Wanted | None = None, **more: Any) -> list[str]:
        found, _ = desk.rows(actor, wanted or Wanted(), **{"limit": 25, **more})
        return [one.row.reference for one in found]

    assert listed() == [waiting, second, first]
    assert listed(sort="oldest") == [first, second, waiting]
    assert listed(sort="traveller")[-1] == first
    assert listed(sort="total")[-1] == waiting
    assert listed(limit=1, offset=1) == [second]
    assert listed(Wanted(status="pending_payment")) == [waiting]
    assert listed(Wanted(words="zorn")) == [first]
    assert listed(Wanted(departure_id=made.departure_id, package_id=made.package_id)) == listed()
    found, total = desk.rows(actor, Wanted(), limit=2)
    assert total == 3
    assert [one.unread for one in desk.rows(actor, Wanted(words=first), limit=2)[0]] == [1]
    assert [one.row.reference for one in desk.unread(actor, 5)] == [first]
    assert len(found) == 2


def test_another_operators_bookings_do_not_exist(product: Product) -> None:
    made, other = product.offer(), product.offer()
    reference = sell(product, made, GUEST)
    rival, desk = provider(other.operator_id), product.services.operator_bookings
    assert desk.rows(rival, Wanted(), limit=5) == ((), 0)
    assert desk.rows(rival, Wanted(departure_id=made.departure_id), limit=5) == ((), 0)
    assert rows_of(desk.csv(rival, Wanted(package_id=made.package_id))) == []
    for attempt in (
        lambda: desk.get(rival, reference),
        lambda: desk.travellers_csv(rival, made.departure_id),
    ):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(Forbidden):
        desk.get(GUEST, reference)
    assert desk.get(provider(made.operator_id), reference).lead_name == "Maja Lindqvist"


def test_an_operator_gets_no_link_that_makes_it_the_buyer(product: Product) -> None:
    """A payment page leads back to the trip with the buyer's key: who has it cancels as the
    buyer, and the operator would keep what its own cancellation has to give back."""
    made = product.offer(deposit_percent=20)
    other = another_date(product, made, days=14, minor=150000)
    bookings, changes = product.services.bookings, product.services.changes
    its = provider(made.operator_id)
    waiting = product.book(product.hold(made), pay="deposit")
    key = product.one("select view_key from bookings where id = :id", id=waiting.id).view_key
    assert waiting.checkout_url
    for seen in (
        bookings.get(its, waiting.reference),
        bookings.get(its, waiting.reference, key=key),
    ):
        assert (seen.masked, seen.checkout_url) == (False, None)
        assert [payment.pay_path for payment in seen.payments] == ["", ""]
    sold = bought(product, made)
    assert changes.carry_out(GUEST, sold.reference, NewDate(other)).pay_path
    asked = changes.possible(its, sold.reference).waiting
    assert asked is not None
    assert (asked.pay_path, asked.held_until is None) == ("", False)
    assert [one.pay_path for one in changes.history(its, sold.reference)] == [""]
    asked = changes.possible(GUEST, sold.reference).waiting
    assert asked is not None
    assert asked.pay_path


def test_csv_of_bookings_runs_nothing_and_keeps_every_word(
    product: Product, http: httpx.Client
) -> None:
    made = product.offer(price="1340.00")
    reference = sell(product, made, GUEST)
    party = (
        '[{"name": "=1+1", "kind": "adult", "birth_date": "1990-05-17"},'
        ' {"name": "Ola Lindqvist", "kind": "child"}]'
    )
    rename(product, reference, lead_name="=cmd|' /C calc'!A0", travellers=party)
    signed_in(product, http, provider(made.operator_id))

    answer = http.get("/api/operators/me/bookings.csv", params={"status": "confirmed"})

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    (row,) = rows_of(answer.content.decode("utf-8-sig"))
    assert (row["Reference"], row["Currency"], row["Sold by"]) == (reference, "EUR", "direct")
    assert (row["Status"], row["Booked by"]) == ("Confirmed", "'=cmd|' /C calc'!A0")
    assert row["Total"] == row["Paid"]
    assert "." in row["Total"]
    assert row["Travellers"] == "'=1+1 (adult, 1990-05-17); Ola Lindqvist (child)"
    noted = product.one("select count(*) from audit_log where action = 'bookings.exported'")
    assert noted[0] == 1
    http.cookies.clear()
    assert http.get("/api/operators/me/bookings.csv").status_code in (401, 403)


def test_a_traveller_list_names_everybody_who_paid(product: Product, http: httpx.Client) -> None:
    made = product.offer(seats=20)
    reference = sell(product, made, GUEST)
    product.book(product.hold(made, adults=3))
    rename(
        product,
        reference,
        travellers='[{"name": "Maja Lindqvist", "kind": "adult", "wishes": "+vegan"}]',
    )
    signed_in(product, http, provider(made.operator_id))
    path = f"/api/operators/me/departures/{made.departure_id}/travellers.csv"
    rows = rows_of(http.get(path).content.decode("utf-8-sig"))
    assert [(row["Reference"], row["Number"], row["Name"]) for row in rows] == [
        (reference, "1", "Maja Lindqvist"),
        (reference, "2", ""),
    ]
    assert rows[0]["Wishes"] == "'+vegan"
    assert {row["Adult or child"] for row in rows} == {"adult"}


def test_the_day_says_what_waits(product: Product, clock: Any) -> None:
    made = product.offer(seats=4)
    actor, services = provider(made.operator_id), product.services
    reference = sell(product, made, GUEST)
    services.conversations.send(GUEST, reference, MessageForm(body="Hello"))

    day = services.overview.of(actor)

    assert [(s.bookings, s.total.currency) for s in day.sold] == [(1, "EUR")]
    assert day.sold_before == ()
    assert [m.total.minor > 0 for m in day.months] == [False] * 11 + [True]
    assert [(one.reference, one.messages) for one in day.unread] == [(reference, 1)]
    assert [(d.id, d.sold) for d in day.nearly_full] == [(made.departure_id, 2)]
    assert (sum(m.capacity for m in day.seats), sum(m.sold for m in day.seats)) == (4, 2)
    assert (day.lacking, day.lacking_total) == ((), 0)

    only = Selection(departure_ids=frozenset({made.departure_id}))
    services.departures.change(actor, only, DepartureChange(status="closed"))
    closed = services.overview.of(actor)
    assert [(one.id, one.why) for one in closed.lacking] == [(made.package_id, "no_departure")]
    assert closed.nearly_full == ()
    with product.database.unit(PACKAGES) as session:
        session.execute(
            text("update multi_city_hotel_packages set status = 'draft' where id = :id"),
            {"id": made.package_id},
        )
    assert [one.why for one in services.overview.of(actor).lacking] == ["draft"]

    clock.move(days=32)
    assert services.overview.of(actor).sold == ()


def test_an_operator_without_anything_has_an_empty_day(product: Product) -> None:
    rival = provider(product.offer(payable=False, status="archived", starts_in=-30).operator_id)
    day = product.services.overview.of(rival)
    assert (day.sold, day.months, day.seats, day.departures, day.unread) == ((), (), (), (), ())
    assert not day.payouts_active


def test_departures_over_the_api(product: Product, http: httpx.Client) -> None:
    made, other = product.offer(), product.offer()
    signed_in(product, http, provider(made.operator_id))
    http.headers["Origin"] = "http://localhost:3999"
    base = f"/api/operators/me/packages/{made.package_id}/departures"
    start = product.services.clock.now().date() + timedelta(days=30)
    rule = {
        "weekdays": [start.isoweekday()],
        "first": str(start),
        "last": str(start + timedelta(days=21)),
        "capacity": 16,
    }

    seen = http.post(f"{base}/preview", json=rule).json()
    one = http.post(base, json={"starts_on": str(start), "capacity": 12, "price": 99900})
    again = http.post(base, json={"starts_on": str(start), "capacity": 3})
    many = http.post(base, json=rule)
    ids = [row["id"] for row in many.json()["items"]]

    assert (len(seen["new"]), seen["existing"], seen["nights"]) == (4, [], 8)
    assert (one.status_code, one.json()["price"]) == (201, {"amount": 99900, "currency": "EUR"})
    assert (again.status_code, again.json()["capacity"]) == (200, 12)
    assert (many.status_code, many.json()["existing"], len(ids)) == (201, [str(start)], 3)
    assert len(http.get(base).json()["items"]) == 5
    span = {"from": str(start), "to": str(start + timedelta(days=7))}
    assert len(http.get("/api/operators/me/departures", params=span).json()["items"]) == 2

    changed = http.patch(f"{base}/{ids[0]}", json={"capacity": 20, "price": 1000})
    assert (changed.json()["capacity"], changed.json()["own_price"]) == (20, True)
    back = http.patch(f"{base}/{ids[0]}", json={"price": None, "status": "closed"})
    assert (back.json()["own_price"], back.json()["status"]) == (False, "closed")
    bulk = {"select": {"departure_ids": ids}, "change": {"capacity": 5}}
    assert {
        r["capacity"] for r in http.patch("/api/operators/me/departures", json=bulk).json()["items"]
    } == {5}
    sell(product, made, GUEST)
    low = {
        "select": {"departure_ids": [*ids, str(made.departure_id)]},
        "change": {"capacity": 1},
    }
    refused = http.patch("/api/operators/me/departures", json=low)
    assert (refused.status_code, refused.json()["code"]) == (409, "departures_refused")
    assert [r["departure_id"] for r in refused.json()["refusals"]] == [str(made.departure_id)]

    assert http.delete(f"{base}/{ids[0]}").status_code == 204
    gone = http.post("/api/operators/me/departures/delete", json={"departure_ids": ids[1:]})
    assert gone.json() == {"deleted": 2}
    assert http.delete(f"{base}/{made.departure_id}").status_code == 409

    theirs = f"/api/operators/me/packages/{other.package_id}/departures"
    for answer in (
        http.get(theirs),
        http.post(theirs, json=rule),
        http.patch(f"{theirs}/{other.departure_id}", json={"capacity": 1}),
        http.delete(f"{base}/{other.departure_id}"),
        http.patch(f"{theirs}/{made.departure_id}", json={"capacity": 30}),
    ):
        assert answer.status_code == 404, answer.text
    for bad in (
        {},
        {"starts_on": "soon", "capacity": 1},
        {**rule, "capacity": "16"},
        {**rule, "x": 1},
    ):
        answer = http.post(base, json=bad)
        assert answer.status_code == 422
        assert answer.json()["errors"]
