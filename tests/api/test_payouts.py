"""Payouts over the REST API, and what keeps them from being called without end."""

import pytest

from ecosystem.api import limits
from ecosystem.services.rate_limits import RULES, RateLimits
from tests.product import Product
from tests.rest import Client
from tests.services.test_desks import provider


def test_each_call_asks_stripe_so_there_is_a_limit(
    product: Product,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "PROCESS", RateLimits(lambda: 0.0))
    http = client(provider(product.offer(payable=False).operator_id))
    most = RULES["payouts"].browser.burst
    assert {http.get("/api/payouts").status_code for _ in range(most)} == {200}
    for method, path in (("GET", ""), ("POST", "/setup"), ("POST", "/dashboard")):
        refused = http.request(method, f"/api/payouts{path}")
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
