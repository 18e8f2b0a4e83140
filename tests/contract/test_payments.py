"""The contract of the ``Payments`` port, over the official SDK.

Runs against the stand-in. With ``STRIPE_TEST_SECRET_KEY`` (a test-mode key, ``sk_test_…``) the parts
that need no hosted page run against Stripe itself as well.
"""

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from pydantic_settings import BaseSettings

from ecosystem.adapters.stripe_connect import StripeConnect
from ecosystem.domain.errors import EcosystemError, Invalid, NotFound, Unavailable
from ecosystem.domain.money import Money
from ecosystem.services.ports import CheckoutRequest
from tests.local.stripe.under_test import KEY, SECRETS, StandIn


class RealStripe(BaseSettings):
    """A key of a Stripe test account, if there is one."""

    stripe_test_secret_key: str = ""


@dataclass
class Vendor:
    port: StripeConnect
    stand_in: StandIn | None

    def pay(self, session_id: str) -> None:
        if self.stand_in is None:
            pytest.skip("a hosted page of Stripe itself can't be paid by a program")
        self.stand_in.control(f"sessions/{session_id}/pay", {"card": "4242 4242 4242 4242"})


@pytest.fixture(params=["stand-in", "stripe"])
def vendor(request: pytest.FixtureRequest, stripe_server: StandIn) -> Iterator[Vendor]:
    secrets: dict[str, Any] = {
        "webhook_secret": SECRETS["/hook"],
        "connect_webhook_secret": SECRETS["/connect"],
    }
    if request.param == "stand-in":
        stripe_server.control("faults", {"mode": "none", "api": []})
        yield Vendor(StripeConnect(KEY, api_base=stripe_server.base, **secrets), stripe_server)
        stripe_server.control("faults", {"mode": "none", "api": []})
        return
    key = RealStripe().stripe_test_secret_key
    if not key:
        pytest.skip("STRIPE_TEST_SECRET_KEY is not set")
    yield Vendor(StripeConnect(key, **secrets), None)


def wanted(**changed: Any) -> CheckoutRequest:
    values: dict[str, Any] = {
        "idempotency_key": str(uuid.uuid4()),
        "booking_id": str(uuid.uuid4()),
        "payment_id": str(uuid.uuid4()),
        "reference": "TRV-7K3Q9XHM",
        "title": "Rome, Florence & Venice by rail",
        "description": "14 May to 22 May 2027, 2 travellers",
        "amount": Money(69400, "EUR"),
        "email": "maja@example.com",
        "success_url": "https://trips.example.com/trips/TRV-7K3Q9XHM",
        "cancel_url": "https://trips.example.com/checkout/1",
        "expires_at": datetime.now(UTC) + timedelta(minutes=31),
    }
    return CheckoutRequest(**(values | changed))


def test_a_page_is_opened_with_our_ids(vendor: Vendor) -> None:
    request = wanted()
    page = vendor.port.open_checkout(request)
    assert (page.status, page.paid, page.amount) == ("open", False, request.amount)
    assert page.url
    assert (page.payment_id, page.booking_id) == (request.payment_id, request.booking_id)
    assert vendor.port.checkout(page.id) == page


def test_the_same_key_gives_the_same_page(vendor: Vendor) -> None:
    request = wanted()
    assert vendor.port.open_checkout(request).id == vendor.port.open_checkout(request).id
    with pytest.raises(EcosystemError):
        vendor.port.open_checkout(wanted(idempotency_key=request.idempotency_key))


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_amounts_are_minor_units_of_any_exponent(vendor: Vendor, currency: str) -> None:
    amount = Money(129_900, currency)
    assert vendor.port.open_checkout(wanted(amount=amount)).amount == amount


def test_a_page_that_would_end_too_soon_is_invalid(vendor: Vendor) -> None:
    with pytest.raises(Invalid):
        vendor.port.open_checkout(wanted(expires_at=datetime.now(UTC) + timedelta(minutes=20)))


def test_an_open_page_can_be_ended_once(vendor: Vendor) -> None:
    page = vendor.port.open_checkout(wanted())
    assert vendor.port.expire_checkout(page.id)
    assert not vendor.port.expire_checkout(page.id)
    assert vendor.port.checkout(page.id).status == "expired"


def test_a_paid_page_has_its_charge_and_fee(vendor: Vendor) -> None:
    page = vendor.port.open_checkout(wanted())
    vendor.pay(page.id)
    paid = vendor.port.checkout(page.id)
    assert (paid.status, paid.paid) == ("complete", True)
    assert paid.payment_intent
    assert paid.charge
    assert paid.fee is not None
    assert paid.fee.minor > 0
    assert not vendor.port.expire_checkout(page.id)


def test_a_refund_is_made_once_per_key(vendor: Vendor) -> None:
    page = vendor.port.open_checkout(wanted())
    vendor.pay(page.id)
    intent = vendor.port.checkout(page.id).payment_intent
    assert intent is not None
    ours = {"refund_id": "1"}
    first = vendor.port.refund("refund-" + page.id, intent, page.amount, metadata=ours)
    assert (first.status, first.failure, first.amount) == ("succeeded", None, page.amount)
    assert vendor.port.refund("refund-" + page.id, intent, page.amount, metadata=ours) == first
    with pytest.raises(Invalid) as refused:
        vendor.port.refund("another-" + page.id, intent, page.amount, metadata=ours)
    assert refused.value.code == "charge_already_refunded"
    assert vendor.port.refund_status(first.id) == first
    assert vendor.port.refunds_of(intent) == [first]
    assert first.metadata == ours


@dataclass(frozen=True)
class Charged:
    """A payment that succeeded, and an account that may get a part of it."""

    group: str
    charge: str
    intent: str
    account: str


@pytest.fixture
def charged(vendor: Vendor) -> Charged:
    request = wanted()
    page = vendor.port.open_checkout(request)
    vendor.pay(page.id)
    paid = vendor.port.checkout(page.id)
    assert paid.charge
    assert paid.payment_intent
    assert vendor.stand_in is not None
    account = vendor.port.create_account(str(uuid.uuid4()), "giulia@example.com", "IT")
    vendor.stand_in.control(f"accounts/{account.id}", {"action": "activate"})
    return Charged(request.booking_id, paid.charge, paid.payment_intent, account.id)


def test_a_transfer_and_its_reversal_are_made_once_per_key(
    vendor: Vendor, charged: Charged
) -> None:
    amount, ours = Money(60000, "EUR"), {"transfer_id": "t1"}

    def send() -> str:
        return vendor.port.transfer(
            "transfer-" + charged.group,
            amount,
            charged.account,
            charged.charge,
            charged.group,
            ours,
        )

    made = send()
    assert send() == made
    (seen,) = vendor.port.transfers_of(charged.group)
    assert (seen.id, seen.account, seen.amount, seen.reversed) == (
        made,
        charged.account,
        amount,
        Money(0, "EUR"),
    )
    assert (seen.source_charge, seen.metadata) == (charged.charge, ours)
    part = Money(20000, "EUR")

    def reverse() -> str:
        return vendor.port.reverse_transfer("back-" + made, made, part, {"reversal_id": "r1"})

    back = reverse()
    assert reverse() == back
    (known,) = vendor.port.reversals_of(made)
    assert (known.id, known.amount, known.metadata) == (back, part, {"reversal_id": "r1"})
    assert vendor.port.transfers_of(charged.group)[0].reversed == part
    with pytest.raises(Invalid):
        vendor.port.reverse_transfer("more-" + made, made, Money(40001, "EUR"), {})


def test_an_account_that_may_not_receive_is_refused_by_its_code(
    vendor: Vendor, charged: Charged
) -> None:
    account = vendor.port.create_account(str(uuid.uuid4()), "new@example.com", "IT")
    with pytest.raises(Invalid) as refused:
        vendor.port.transfer(
            str(uuid.uuid4()), Money(1, "EUR"), account.id, charged.charge, charged.group, {}
        )
    assert refused.value.code == "insufficient_capabilities_for_transfer"


def test_the_balance_is_all_that_came_less_all_that_left(vendor: Vendor, charged: Charged) -> None:
    before = vendor.port.balance()["EUR"]
    vendor.port.refund(str(uuid.uuid4()), charged.intent, Money(400, "EUR"), metadata={})
    vendor.port.transfer(
        str(uuid.uuid4()), Money(100, "EUR"), charged.account, charged.charge, charged.group, {}
    )
    assert vendor.port.balance()["EUR"] == before - Money(500, "EUR")


def test_a_refund_that_the_bank_sends_back_has_failed(vendor: Vendor, charged: Charged) -> None:
    made = vendor.port.refund(str(uuid.uuid4()), charged.intent, Money(400, "EUR"), metadata={})
    assert vendor.stand_in is not None
    vendor.stand_in.control(f"refunds/{made.id}/fail", {"reason": "lost_or_stolen_card"})
    after = vendor.port.refund_status(made.id)
    assert (after.status, after.failure) == ("failed", "lost_or_stolen_card")


def test_a_dispute_takes_the_money_until_it_is_won(vendor: Vendor, charged: Charged) -> None:
    assert vendor.stand_in is not None
    opened = vendor.stand_in.control(f"charges/{charged.charge}/dispute", {})
    seen = vendor.port.dispute(opened["id"])
    assert (seen.charge, seen.status, seen.submissions) == (charged.charge, "needs_response", 0)
    assert seen.taken == seen.amount == Money(69400, "EUR")
    assert seen.fee.minor > 0
    assert seen.evidence_due_by is not None
    with pytest.raises(Invalid) as refused:
        vendor.port.refund(str(uuid.uuid4()), charged.intent, Money(1, "EUR"), metadata={})
    assert refused.value.code == "charge_disputed"
    with pytest.raises(Invalid):
        vendor.port.submit_evidence(seen.id, {"receipt": "file_none"}, {})
    file = vendor.port.upload_evidence("booking.pdf", b"%PDF-1.7\n" + b"x" * 2000)
    after = vendor.port.submit_evidence(
        seen.id, {"service_documentation": file}, {"uncategorized_text": "winning_evidence"}
    )
    assert (after.status, after.submissions, after.taken) == ("won", 1, Money(0, "EUR"))
    assert after.fee == seen.fee


def test_evidence_is_a_document_or_a_picture(vendor: Vendor) -> None:
    with pytest.raises(Invalid):
        vendor.port.upload_evidence("notes.txt", b"just text")


def test_the_dashboard_opens_after_onboarding(vendor: Vendor, charged: Charged) -> None:
    assert vendor.port.dashboard_link(charged.account).startswith("http")
    ready = vendor.port.account(charged.account)
    assert ready.transfers_active
    assert ready.details_submitted
    assert ready.payouts_active
    new = vendor.port.create_account(str(uuid.uuid4()), "giulia@example.com", "IT")
    assert not new.details_submitted
    assert new.eventually_due
    with pytest.raises(Invalid):
        vendor.port.dashboard_link(new.id)


def test_what_stripe_does_not_know_is_not_found(vendor: Vendor) -> None:
    with pytest.raises(NotFound):
        vendor.port.checkout("cs_test_none")


def test_an_account_waits_for_its_onboarding(vendor: Vendor) -> None:
    key = str(uuid.uuid4())
    account = vendor.port.create_account(key, "giulia@example.com", "IT")
    assert vendor.port.create_account(key, "giulia@example.com", "IT").id == account.id
    assert not vendor.port.account(account.id).transfers_active
    assert vendor.port.account(account.id).requirements
    link = vendor.port.onboarding_link(
        account.id, "https://trips.example.com/again", "https://trips.example.com/provider/payouts"
    )
    assert link.startswith("http")


def _signed(body: bytes, secret: str, at: float) -> str:
    signature = stripe.WebhookSignature._compute_signature(f"{int(at)}.{body.decode()}", secret)
    return f"t={int(at)},v1={signature}"


def test_events_are_believed_by_their_signature_alone(vendor: Vendor) -> None:
    body = (
        b'{"id":"evt_1","object":"event","type":"checkout.session.completed","created":1790000000,'
        b'"api_version":"2026-08-26.dahlia","livemode":false,"pending_webhooks":1,"request":null,'
        b'"data":{"object":{"id":"cs_1","object":"checkout.session"}}}'
    )
    good = _signed(body, SECRETS["/hook"], time.time())
    event = vendor.port.verify_event(body, good, connect=False)
    assert (event.id, event.type, event.object["id"]) == (
        "evt_1",
        "checkout.session.completed",
        "cs_1",
    )
    for bad, connect in (
        ("", False),
        ("t=1,v1=00", False),
        (good, True),
        (_signed(body, SECRETS["/hook"], time.time() - 301), False),
        (_signed(body + b" ", SECRETS["/hook"], time.time()), False),
    ):
        with pytest.raises(Invalid):
            vendor.port.verify_event(body, bad, connect=connect)


def test_without_a_secret_the_endpoint_is_off() -> None:
    port = StripeConnect("sk_test_x", webhook_secret="", connect_webhook_secret="")
    with pytest.raises(NotFound):
        port.verify_event(b"{}", "t=1,v1=0", connect=False)


def test_missed_events_can_be_listed(vendor: Vendor) -> None:
    since = datetime.now(UTC) - timedelta(seconds=5)
    page = vendor.port.open_checkout(wanted())
    vendor.pay(page.id)
    events = vendor.port.events_since(since)
    assert "checkout.session.completed" in {e.type for e in events if e.object["id"] == page.id}
    assert events == sorted(events, key=lambda event: event.created)


def test_a_stripe_that_does_not_answer_is_unavailable(stripe_server: StandIn) -> None:
    port = StripeConnect(
        KEY, api_base="http://127.0.0.1:9", webhook_secret="", connect_webhook_secret=""
    )
    with pytest.raises(Unavailable):
        port.ping()


@pytest.mark.parametrize("kind", ["500", "429", "cut_after"])
def test_a_fault_is_survived_by_the_same_key(stripe_server: StandIn, kind: str) -> None:
    port = StripeConnect(
        KEY, api_base=stripe_server.base, webhook_secret="", connect_webhook_secret=""
    )
    request = wanted()
    fault = {"method": "POST", "path": "/v1/checkout/sessions", "kind": kind, "times": 5}
    stripe_server.control("faults", {"api": fault})
    with pytest.raises(Unavailable):
        port.open_checkout(request)
    stripe_server.control("faults", {"mode": "none", "api": []})
    assert port.open_checkout(request).id == port.open_checkout(request).id
