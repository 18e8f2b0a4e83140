"""Connected accounts: opening, onboarding by link, what they can do, what is told about them."""

from typing import Any

import pytest
import stripe

from tests.local.stripe.under_test import Received, StandIn

GOOD_FORM = {"business_name": "Ferro Viaggi", "iban": "DE89 3704 0044 0532 0130 00", "terms": "yes"}
REFRESH, RETURN = "http://shop.example/refresh", "http://shop.example/return"


def link(stand_in: StandIn, account: Any) -> Any:
    return stand_in.stripe.v1.account_links.create(
        {
            "account": account.id,
            "type": "account_onboarding",
            "refresh_url": REFRESH,
            "return_url": RETURN,
        }
    )


def told(stand_in: StandIn, account: Any, type: str) -> list[Received]:
    return stand_in.endpoint.wait(
        lambda item: item.type == type and item.event.get("account") == account.id
    )


def test_a_new_account_can_do_nothing(stand_in: StandIn) -> None:
    account = stand_in.account(active=False)
    assert account.capabilities.transfers == "inactive"
    assert (account.charges_enabled, account.payouts_enabled, account.details_submitted) == (
        False,
        False,
        False,
    )
    assert account.requirements.currently_due
    controller = account.controller
    assert controller.losses.payments == controller.fees.payer == "application"
    assert controller.stripe_dashboard.type == "express"


def test_onboarding_by_link(stand_in: StandIn) -> None:
    account = stand_in.account(active=False)
    made = link(stand_in, account)
    assert made.expires_at - made.created == 300
    opened = stand_in.http.get(made.url)
    assert opened.status_code == 303
    form = opened.headers["location"]
    page = stand_in.http.get(form)
    assert page.text.count("<h1>") == 1
    assert "Business name" in page.text
    wrong = stand_in.http.post(form, data={**GOOD_FORM, "iban": "DE00 1234"})
    assert wrong.status_code == 422
    assert 'id="iban-error"' in wrong.text
    assert stand_in.stripe.v1.accounts.retrieve(account.id).details_submitted is False
    done = stand_in.http.post(form, data=GOOD_FORM)
    assert (done.status_code, done.headers["location"]) == (303, RETURN)
    after = stand_in.stripe.v1.accounts.retrieve(account.id)
    assert after.capabilities.transfers == "active"  # type: ignore[union-attr]
    assert (after.payouts_enabled, after.details_submitted) == (True, True)
    assert after.business_profile.name == "Ferro Viaggi"  # type: ignore[union-attr]
    capability = told(stand_in, account, "capability.updated")[0]
    assert (capability.path, capability.verified) == ("/connect", True)
    assert capability.event["data"]["object"]["status"] == "active"
    states = [
        item.event["data"]["object"]["capabilities"]["transfers"]
        for item in stand_in.endpoint.wait(
            lambda item: item.type == "account.updated" and item.subject == account.id, 2
        )
    ]
    assert "active" in states


def test_a_link_is_good_for_one_visit(stand_in: StandIn) -> None:
    made = link(stand_in, stand_in.account(active=False))
    assert stand_in.http.get(made.url).headers["location"].startswith("/setup/s/")
    assert stand_in.http.get(made.url).headers["location"] == REFRESH


def test_a_link_is_short_lived(stand_in: StandIn) -> None:
    account = stand_in.account(active=False)
    late = link(stand_in, account)
    form = stand_in.http.get(link(stand_in, account).url).headers["location"]
    stand_in.control("clock", {"advance": 301})
    assert stand_in.http.get(late.url).headers["location"] == REFRESH
    stand_in.control("clock", {"advance": 3601})
    assert stand_in.http.post(form, data=GOOD_FORM).headers["location"] == REFRESH
    assert stand_in.stripe.v1.accounts.retrieve(account.id).details_submitted is False


def test_guessed_links_lead_nowhere(stand_in: StandIn) -> None:
    account = stand_in.account(active=False)
    made = link(stand_in, account)
    token = made.url.rsplit("/", 1)[1]
    other = stand_in.account(active=False)
    for path in (
        f"/setup/e/{other.id}/{token}",
        f"/setup/s/{token}",
        f"/express/{account.id}/{token}",
        f"/setup/e/{account.id}/guess",
    ):
        assert stand_in.http.get(path).status_code == 404


def test_login_links_are_for_onboarded_accounts(stand_in: StandIn) -> None:
    account = stand_in.account(active=False)
    with pytest.raises(stripe.InvalidRequestError, match="not completed onboarding"):
        stand_in.stripe.v1.accounts.login_links.create(account.id)
    stand_in.control(f"accounts/{account.id}", {"action": "activate"})
    made = stand_in.stripe.v1.accounts.login_links.create(account.id)
    assert "Balance" in stand_in.http.get(made.url).text


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"type": "express", "controller": {"fees": {"payer": "application"}}}, "simultaneously"),
        ({"controller": {"stripe_dashboard": {"type": "express"}}}, "losses"),
        ({"capabilities": {"card_payments": {"requested": True}}}, "without the `transfers`"),
        ({"country": "Germany"}, "unknown"),
        ({"controller": {"colour": "red"}}, "unknown parameter"),
    ],
)
def test_refused_accounts(stand_in: StandIn, params: Any, words: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=words):
        stand_in.stripe.v1.accounts.create(params)


def test_accounts_change_and_tell(stand_in: StandIn) -> None:
    account = stand_in.account()
    accounts = stand_in.stripe.v1.accounts
    accounts.update(account.id, {"metadata": {"operator": "7"}, "email": "new@shop.example"})
    after = accounts.retrieve(account.id)
    assert (after.email, after.metadata["operator"]) == ("new@shop.example", "7")  # type: ignore[index]
    stand_in.control(f"accounts/{account.id}", {"action": "restrict"})
    assert accounts.retrieve(account.id).capabilities.transfers == "inactive"  # type: ignore[union-attr]
    assert accounts.capabilities.retrieve(account.id, "transfers").status == "inactive"
    stand_in.endpoint.wait(
        lambda item: (
            item.type == "capability.updated"
            and item.event.get("account") == account.id
            and item.event["data"]["object"]["status"] == "inactive"
        )
    )


def test_an_account_that_takes_its_leave(stand_in: StandIn) -> None:
    account = stand_in.account()
    stand_in.control(f"accounts/{account.id}", {"action": "deauthorize"})
    assert told(stand_in, account, "account.application.deauthorized")[0].path == "/connect"
    with pytest.raises(stripe.PermissionError):
        stand_in.stripe.v1.accounts.retrieve(account.id)


def test_a_payout_that_comes_back(stand_in: StandIn) -> None:
    account, charge = stand_in.account(), stand_in.paid(10000)
    stand_in.stripe.v1.transfers.create(
        {
            "amount": 5000,
            "currency": "eur",
            "destination": account.id,
            "source_transaction": charge.id,
        }
    )
    stand_in.control(f"accounts/{account.id}", {"action": "fail_payout"})
    failed = told(stand_in, account, "payout.failed")[0]
    assert failed.event["data"]["object"]["failure_code"] == "account_closed"
    payouts = stand_in.stripe.v1.payouts.list(options={"stripe_account": account.id})
    assert [item.status for item in payouts.data] == ["failed"]
    assert stand_in.stripe.v1.payouts.list({"limit": 100}).data == []
