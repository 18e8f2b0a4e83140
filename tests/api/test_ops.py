"""Operations' work over the REST API: for operations alone, and the same as on the pages."""

from uuid import uuid4

from tests.operations.test_disputes import dispute, row_of, sold
from tests.operations.test_operations import ANNA, BEN, leave
from tests.product import GUEST, Product
from tests.rest import Client
from tests.services.test_desks import agent, provider

READ = (
    "/api/ops/events",
    "/api/ops/payments",
    "/api/ops/ledger-checks",
    "/api/ops/disputes",
    "/api/ops/adjustments",
    "/api/ops/audit",
)


def test_it_is_for_operations_alone(client: Client, product: Product) -> None:
    people = ((GUEST, 401), (agent(product), 403), (provider(uuid4()), 403), (ANNA, 200))
    for actor, status in people:
        http = client(actor)
        for path in READ:
            assert http.get(path).status_code == status, (actor.role, path)
        if actor is not ANNA:
            some = uuid4()
            for path in (
                f"/api/ops/adjustments/{some}/approve",
                f"/api/ops/refunds/{some}/retry",
                f"/api/ops/transfers/{some}/retry",
                f"/api/ops/reversals/{some}/retry",
                f"/api/ops/payments/{some}/ask",
                f"/api/ops/events/inbox/{some}/retry",
            ):
                assert http.post(path).status_code == status, (actor.role, path)
            assert http.get(f"/api/ops/disputes/{some}/evidence.pdf").status_code == status


def test_a_dispute_is_answered(client: Client, product: Product) -> None:
    booking = sold(product)
    stripe_id = dispute(product, booking)
    product.services.dispute_watch.look(stripe_id)
    http, one = client(ANNA), row_of(product, stripe_id).id
    listed = http.get("/api/ops/disputes?only_open=true").json()["items"]
    assert [(d["reference"], d["status"]) for d in listed] == [
        (booking.reference, "needs_response")
    ]
    paper = http.get(f"/api/ops/disputes/{one}/evidence.pdf")
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.headers["cache-control"] == "private, no-store"
    assert paper.content.startswith(b"%PDF-")
    sent = http.post(f"/api/ops/disputes/{one}/evidence", json={"statement": "It was booked."})
    assert sent.json()["status"] == "under_review"
    again = http.post(f"/api/ops/disputes/{one}/evidence", json={})
    assert (again.status_code, again.json()["code"]) == (409, "evidence_sent")
    assert http.get(f"/api/ops/disputes/{uuid4()}").json()["code"] == "dispute_not_found"


def test_an_adjustment_takes_two_and_stands_in_the_log(client: Client, product: Product) -> None:
    reference = sold(product).reference
    mine, theirs = client(ANNA), client(BEN)
    body = {
        "reference": reference,
        "debit": "platform_revenue",
        "credit": "operator_payable",
        "amount": "3.00",
        "reason": "Agreed on the phone with both",
    }
    bad = mine.post("/api/ops/adjustments", json=body | {"amount": "x"})
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "amount")
    made = mine.post("/api/ops/adjustments", json=body).json()
    assert made["amount"] == {"amount": 300, "currency": "EUR"}
    path = f"/api/ops/adjustments/{made['id']}/approve"
    assert mine.post(path).json()["code"] == "four_eyes"
    assert theirs.post(path).json()["state"] == "approved"
    assert theirs.post(path).json()["code"] == "decided"
    log = mine.get(f"/api/ops/audit?q={reference}").json()["items"]
    assert [line["action"] for line in log[:2]] == ["adjustment.approved", "adjustment.proposed"]


def test_a_message_is_tried_again(client: Client, product: Product) -> None:
    key, http = leave(product, "email.a", "SES is silent"), client(ANNA)
    found = http.get("/api/ops/events?queue=outbox&state=failing").json()
    assert [(one["id"], one["error"]) for one in found["items"]] == [(key, "SES is silent")]
    assert http.post(f"/api/ops/events/outbox/{key}/retry").status_code == 204
    missing = http.post(f"/api/ops/events/outbox/{uuid4()}/retry")
    assert missing.json()["code"] == "message_not_found"
    assert http.get("/api/ops/events?queue=other").status_code == 422
