"""What reaches Stripe is what Stripe describes; what it does not describe the stand-in refuses.

Every test that uses ``product`` fails if one of its requests does not conform (tests/product.py);
here each method of the port asks once, so that no operation goes unseen.
"""

import inspect
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from ecosystem.domain.errors import Invalid
from ecosystem.domain.money import Money
from ecosystem.services.ports import CheckoutRequest, Payments
from tests.local.stripe.under_test import KEY
from tests.product import Product
from tests.stripe_requests import Recording, described, examine

ASKS_NOBODY = {"verify_event"}


class Asked:
    """The port, noting which of its methods were called."""

    def __init__(self, real: Payments) -> None:
        self._real = real
        self.called: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.called.add(name)
        return getattr(self._real, name)


def request(**changed: Any) -> CheckoutRequest:
    booking = str(uuid.uuid4())
    values: dict[str, Any] = {
        "idempotency_key": f"{booking}:checkout:1",
        "booking_id": booking,
        "payment_id": str(uuid.uuid4()),
        "reference": "TRV-7K3Q9XHM",
        "title": "Rome, Florence & Venice by rail " * 20,
        "description": "14 May to 22 May, 2 travellers " * 40,
        "amount": Money(129900, "EUR"),
        "email": "maja@example.com",
        "success_url": "http://localhost:3999/trips",
        "cancel_url": "http://localhost:3999/checkout",
        "expires_at": datetime.now(UTC) + timedelta(minutes=31),
    }
    return CheckoutRequest(**(values | changed))


def ask_everything(product: Product) -> set[str]:
    """Every call that the product can make of Stripe, once; the names of the methods."""
    asked = Asked(product.vendor())
    port: Any = asked
    account = port.create_account(f"{uuid.uuid4()}:account", "giulia@example.com", "IT").id
    port.account(account)
    port.onboarding_link(account, "http://localhost:3999/again", "http://localhost:3999/back")
    product.stripe.control(f"accounts/{account}", {"action": "activate"})
    port.dashboard_link(account)
    unpaid = port.open_checkout(request(language="de", amount=Money(129900, "JPY")))
    port.expire_checkout(unpaid.id)
    wanted = request()
    page = port.open_checkout(wanted)
    product.pay(page.id)
    paid = port.checkout(page.id)
    group, ours = wanted.booking_id, {"transfer_id": str(uuid.uuid4())}
    transfer = port.transfer(
        f"transfer:{group}:1", Money(5000, "EUR"), account, paid.charge, group, ours
    )
    port.transfers_of(group)
    port.reverse_transfer(f"reversal:{group}:1", transfer, Money(1000, "EUR"), ours)
    port.reversals_of(transfer)
    refund = port.refund(
        f"refund:{group}:1", paid.payment_intent, Money(900, "EUR"), metadata={"refund_id": group}
    )
    port.refund_status(refund.id)
    port.refunds_of(paid.payment_intent)
    dispute = product.stripe.control(f"charges/{paid.charge}/dispute", {})["id"]
    port.dispute(dispute)
    file = port.upload_evidence("evidence.pdf", b"%PDF-1.7 nothing")
    port.submit_evidence(dispute, {"service_documentation": file}, {"uncategorized_text": "Seen."})
    port.balance()
    port.events_since(datetime.now(UTC) - timedelta(minutes=1))
    port.ping()
    return asked.called


def test_every_call_conforms_to_stripes_description(product: Product) -> None:
    Recording.seen.clear()
    called = ask_everything(product)
    methods = {name for name, _ in inspect.getmembers(Payments, inspect.isfunction)}
    assert called == {name for name in methods if not name.startswith("_")} - ASKS_NOBODY
    assert set(Recording.seen) == set(described()), "described but never asked, or the reverse"
    assert Recording.wrong == []


def _sound(product: Product) -> dict[str, tuple[str, dict[str, str]]]:
    """Requests that Stripe would take: path and form of each."""
    charge = product.stripe.paid()
    account = product.stripe.account().id
    return {
        "POST /v1/checkout/sessions": (
            "/v1/checkout/sessions",
            {
                "mode": "payment",
                "success_url": "http://localhost:3999/",
                "line_items[0][quantity]": "1",
                "line_items[0][price_data][currency]": "eur",
                "line_items[0][price_data][unit_amount]": "500",
                "line_items[0][price_data][product_data][name]": "Rome",
            },
        ),
        "POST /v1/refunds": (
            "/v1/refunds",
            {"payment_intent": charge.payment_intent, "amount": "100"},
        ),
        "POST /v1/transfers": (
            "/v1/transfers",
            {
                "currency": "eur",
                "destination": account,
                "amount": "100",
                "source_transaction": charge.id,
            },
        ),
        "POST /v1/account_links": (
            "/v1/account_links",
            {
                "account": account,
                "type": "account_onboarding",
                "refresh_url": "http://localhost:3999/",
                "return_url": "http://localhost:3999/",
            },
        ),
    }


def _broken(operation: str, sound: dict[str, str]) -> dict[str, dict[str, str]]:
    known = described()[operation]
    broken = {"an unknown parameter": sound | {"amuont": "1"}}
    for name in known["required"]:
        raw = name.replace("[].", "[0].").replace(".", "][").replace("[0]][", "[0][")
        raw = raw + "]" if "[" in raw else raw
        assert raw in sound
        broken[f"without {name}"] = {key: value for key, value in sound.items() if key != raw}
    for name, kind in known["params"].items():
        if name not in sound:
            continue
        if kind == "integer":
            broken[f"{name} in words"] = sound | {name: "many"}
        if kind == "currency":
            broken[f"{name} of nowhere"] = sound | {name: "zzz"}
        if isinstance(kind, list):
            broken[f"{name} not offered"] = sound | {name: "something"}
        if isinstance(kind, str) and kind.startswith("string "):
            broken[f"{name} too long"] = sound | {name: "x" * (int(kind.split()[1]) + 1)}
    return broken


def test_what_stripe_refuses_the_stand_in_refuses(product: Product) -> None:
    headers = {
        "Authorization": f"Bearer {KEY}",
        "Content-Type": "application/x-www-form-urlencoded",
    }

    def answered(path: str, form: dict[str, str]) -> int:
        return product.stripe.http.post(path, content=urlencode(form), headers=headers).status_code

    for operation, (path, form) in _sound(product).items():
        assert answered(path, form) == 200, operation
        for what, bad in _broken(operation, form).items():
            assert answered(path, bad) == 400, f"{operation} {what}"
    charge = product.stripe.paid(2000)
    intent = charge.payment_intent
    assert answered("/v1/refunds", {"payment_intent": intent, "amount": "2001"}) == 400
    assert answered("/v1/refunds", {"payment_intent": intent, "amount": "2000"}) == 200
    assert answered("/v1/refunds", {"payment_intent": intent, "amount": "1"}) == 400
    account = product.stripe.account().id
    more = {"currency": "eur", "destination": account, "source_transaction": charge.id}
    assert answered("/v1/transfers", more | {"amount": "2001"}) == 400
    sent = product.stripe.stripe.v1.transfers.create(
        {
            "amount": 500,
            "currency": "eur",
            "destination": account,
            "source_transaction": product.stripe.paid().id,
        }
    )
    assert answered(f"/v1/transfers/{sent.id}/reversals", {"amount": "501"}) == 400


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ("payment_intent=pi_1&amount=5", []),
        ("payment_intent=pi_1&amount=5.00", ["amount"]),
        ("payment_intent=pi_1&sum=5", ["sum"]),
        ("payment_intent=&amount=5", ["payment_intent"]),
        ("payment_intent=pi_1&metadata[refund_id]=" + "x" * 501, ["metadata[refund_id]"]),
    ],
)
def test_control_what_does_not_conform_is_noticed(body: str, wrong: list[str]) -> None:
    headers = {"Idempotency-Key": "refund:1:1"}
    _, problems = examine("POST", "https://api.stripe.com/v1/refunds", body, headers)
    assert [problem.partition("=")[0].partition(" ")[0] for problem in problems] == wrong
    _, problems = examine("POST", "https://api.stripe.com/v1/refunds", body, {})
    assert len(problems) == len(wrong) + 1


def test_an_account_that_may_not_receive_gets_nothing(product: Product) -> None:
    account = product.stripe.account(active=False).id
    with pytest.raises(Invalid) as refused:
        product.vendor().transfer(
            f"{account}:1", Money(1, "EUR"), account, product.stripe.paid().id, "group", {}
        )
    assert refused.value.code == "insufficient_capabilities_for_transfer"
