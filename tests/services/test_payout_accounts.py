"""Connected accounts through their life: set up, stopped, on again, given up, set up anew."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ecosystem.database.placement import RDS
from ecosystem.database.tables import TravelAgent
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Forbidden
from ecosystem.domain.ids import uuid7
from ecosystem.domain.requirements import in_words
from ecosystem.services.payouts import Payouts
from ecosystem.services.ports import ConnectedAccount, StripeEvent
from tests.product import GUEST, Product
from tests.services.test_desks import agent, provider


@pytest.fixture
def operator(product: Product) -> Actor:
    return provider(product.offer(payable=False).operator_id)


@pytest.fixture
def owner(product: Product) -> Actor:
    """The owner of an agency."""
    ann = agent(product)
    assert ann.agency_id is not None
    with product.database.unit(RDS) as session:
        session.add(
            TravelAgent(
                id=uuid7(),
                subject=str(uuid7()),
                email="ann@example.com",
                full_name="Ann Murphy",
                agency_id=ann.agency_id,
                role="owner",
            )
        )
    return replace(ann, agency_role="owner")


def account(product: Product) -> Any:
    return product.one("select * from payout_accounts")


def act(product: Product, action: str) -> None:
    product.stripe.control(f"accounts/{account(product).stripe_account_id}", {"action": action})


def told(product: Product, event_id: str, kind: str, account_id: str) -> None:
    """Stripe's word arrives and is dealt with."""
    thing = {"id": account_id, "object": "account"}
    if kind == "capability.updated":
        thing = {"id": "transfers", "object": "capability", "account": account_id}
    if kind == "account.application.deauthorized":
        thing = {"id": "ca_local", "object": "application"}
    product.services.inbox.keep(
        StripeEvent(event_id, kind, account_id, product.services.clock.now(), thing)
    )
    product.work()


def subjects(product: Product) -> list[str]:
    return [email.subject for email in product.postbox.sent]


def test_an_account_through_its_life(product: Product, operator: Actor) -> None:
    payouts = product.services.payouts
    assert payouts.status(operator).state == "none"
    payouts.set_up(operator)
    first = account(product).stripe_account_id
    assert payouts.status(operator).state == "incomplete"
    with pytest.raises(Conflict) as early:
        payouts.dashboard(operator)
    assert early.value.code == "not_onboarded"

    act(product, "activate")
    for number, kind in enumerate(("capability.updated", "account.updated", "account.updated")):
        told(product, f"evt_on_{number}", kind, first)
    view = payouts.status(operator)
    assert (view.state, view.dashboard) == ("active", True)
    assert payouts.dashboard(operator).startswith("http")
    assert account(product).transfers_active

    act(product, "restrict")
    told(product, "evt_off", "account.updated", first)
    view = payouts.status(operator)
    assert (view.state, account(product).transfers_active) == ("restricted", False)
    assert in_words(view.requirements) == ["A document that proves who the person in charge is"]

    act(product, "activate")
    told(product, "evt_on_again", "capability.updated", first)
    assert account(product).transfers_active

    act(product, "deauthorize")
    told(product, "evt_gone", "account.application.deauthorized", first)
    assert payouts.status(operator).state == "gone"
    assert not account(product).transfers_active
    with pytest.raises(Conflict):
        payouts.dashboard(operator)

    payouts.set_up(operator)
    second = account(product).stripe_account_id
    assert second != first
    assert payouts.status(operator).state == "incomplete"
    told(product, "evt_late", "account.updated", first)  # of the account that is gone
    act(product, "activate")
    told(product, "evt_new", "account.updated", second)
    assert payouts.status(operator).state == "active"
    assert subjects(product) == [
        "You can be paid now",
        "Your payouts have stopped",
        "You can be paid now",
        "Your payout account is disconnected",
        "You can be paid now",
    ]


def test_a_package_is_bookable_only_while_its_operator_can_be_paid(product: Product) -> None:
    made = product.offer(payable=False)
    operator = provider(made.operator_id)
    product.services.payouts.set_up(operator)
    for action, possible in (("activate", True), ("restrict", False), ("activate", True)):
        act(product, action)
        product.services.payouts.status(operator)
        assert product.services.catalogue.package(made.package_id).bookable is possible
        if possible:
            product.hold(made)
        else:
            with pytest.raises(Conflict) as refused:
                product.hold(made)
            assert refused.value.code == "not_bookable"


def test_an_agency_is_paid_like_an_operator(product: Product, owner: Actor) -> None:
    payouts = product.services.payouts
    payouts.set_up(owner)
    act(product, "activate")
    told(product, "evt_agency", "account.updated", account(product).stripe_account_id)
    assert payouts.status(owner).state == "active"
    colleague = replace(owner, agency_role="agent", user_id=uuid7())
    assert payouts.status(colleague).state == "active"
    for refused in (payouts.set_up, payouts.dashboard):
        with pytest.raises(Forbidden):
            refused(colleague)
    assert account(product).party == "agency"
    [mail] = product.postbox.sent
    assert (mail.to, mail.subject) == ("ann@example.com", "You can be paid now")
    assert "/agent/commissions" in mail.text


def test_nobody_sees_or_changes_anothers(product: Product, operator: Actor, owner: Actor) -> None:
    payouts = product.services.payouts
    payouts.set_up(operator)
    act(product, "activate")
    assert payouts.status(operator).state == "active"
    assert payouts.status(owner).state == "none"
    assert payouts.status(provider(product.offer(payable=False).operator_id)).state == "none"
    viewer = replace(operator, operator_role="viewer")
    assert payouts.status(viewer).state == "active"
    for refused in (payouts.set_up, payouts.dashboard):
        for stranger in (GUEST, viewer):
            with pytest.raises(Forbidden):
                refused(stranger)


def test_an_event_that_never_came_is_made_up_for(
    product: Product, operator: Actor, clock: Any
) -> None:
    payouts = product.services.payouts
    payouts.set_up(operator)
    act(product, "activate")
    assert payouts.look_again() == 0  # asked about just now
    clock.move(minutes=31)
    assert payouts.look_again() == 1
    assert account(product).transfers_active
    act(product, "deauthorize")
    clock.move(hours=1)
    assert payouts.look_again() == 0  # active ones are asked about once a day
    clock.move(hours=24)
    assert payouts.look_again() == 1
    assert (account(product).state, account(product).transfers_active) == ("gone", False)
    clock.move(days=30)
    assert payouts.look_again() == 0


class Slow:
    """Stripe, with something that happens between its answer and our hearing of it."""

    def __init__(self, stripe: Any, between: Callable[[], object]) -> None:
        self._stripe = stripe
        self._between: Callable[[], object] | None = between

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stripe, name)

    def account(self, account_id: str) -> ConnectedAccount:
        answer = self._stripe.account(account_id)
        between, self._between = self._between, None
        if between is not None:
            between()
        return answer


def test_an_old_answer_does_not_overwrite_a_newer_one(product: Product, operator: Actor) -> None:
    services = product.services
    services.payouts.set_up(operator)
    services.payouts.status(operator)
    account_id = account(product).stripe_account_id
    stripe: Any = services.payouts._stripe

    def meanwhile() -> None:
        act(product, "activate")
        services.payouts.look(account_id)

    slow: Any = Slow(stripe, meanwhile)
    Payouts(product.database, slow, services.clock, "http://localhost").look(account_id)
    assert account(product).transfers_active
    # The control: what the slow one had heard first was the old state.
    heard: list[bool] = []
    again: Any = Slow(stripe, lambda: act(product, "restrict"))
    heard.append(again.account(account_id).transfers_active)
    assert heard == [True]
    assert not stripe.account(account_id).transfers_active


def test_an_account_of_others_changes_nothing(product: Product, operator: Actor) -> None:
    product.services.payouts.set_up(operator)
    before = account(product)
    told(product, "evt_foreign", "account.updated", "acct_of_somebody_else")
    assert account(product) == before
    assert product.one("select processed_at from inbox where id = 'evt_foreign'").processed_at


def test_disconnected_and_nobody_has_told_us(product: Product, operator: Actor) -> None:
    """The button still leads to a form: for another account."""
    product.services.payouts.set_up(operator)
    first = account(product).stripe_account_id
    act(product, "deauthorize")
    assert product.services.payouts.set_up(operator).startswith("http")
    assert account(product).stripe_account_id not in (None, first)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("external_account", "A bank account"),
        ("individual.dob.day", "The birth date of the person in charge"),
        (
            "person_1NxyzAbc.verification.document",
            "A document that proves who the person in charge is",
        ),
        (
            "representative.verification.additional_document",
            "A document that proves the home address",
        ),
        ("company.tax_id", "The tax number of your company"),
        ("interv_1abc.person.form", "Answers to Stripe's questions about your account"),
        ("something.new", "More about you"),
    ],
)
def test_what_stripe_asks_for_in_words(name: str, words: str) -> None:
    assert in_words([name, name]) == [words]


def test_a_payout_that_a_bank_sent_back_is_told_once(product: Product, operator: Actor) -> None:
    product.services.payouts.set_up(operator)
    account_id = account(product).stripe_account_id
    payout = {
        "id": "po_1",
        "object": "payout",
        "amount": 123450,
        "currency": "eur",
        "failure_message": "The bank account has been closed.",
    }
    for number, owner in enumerate((account_id, account_id, "acct_of_somebody_else")):
        event = StripeEvent(
            f"evt_payout_{number}", "payout.failed", owner, product.services.clock.now(), payout
        )
        product.services.inbox.keep(event)
        product.work()
    [mail] = product.postbox.sent
    assert mail.subject == "A payout of €1,234.50 did not arrive"
    assert "The bank account has been closed." in mail.text
    assert "/provider/payouts" in mail.text


def test_one_account_that_cannot_be_looked_at_keeps_no_other_waiting(
    product: Product, operator: Actor, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    payouts = product.services.payouts
    payouts.set_up(operator)
    act(product, "activate")
    first = account(product).stripe_account_id
    product.offer()  # has an account that is not at Stripe
    product.change("update payout_accounts set checked_at = now() - interval '2 days'")
    real = payouts._look
    asked = []

    def look(account_id: str, *more: Any) -> Any:
        asked.append(account_id)
        if account_id != first:
            raise RuntimeError("a bug")
        return real(account_id, *more)

    monkeypatch.setattr(payouts, "_look", look)
    clock.move(days=1)
    assert payouts.look_again() == 2
    assert len(asked) == 2
    assert product.one(
        "select transfers_active as yes from payout_accounts where stripe_account_id = :id",
        id=first,
    ).yes
