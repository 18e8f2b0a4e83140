"""Any price, split, fee, schedule and row of changes adds up, in currencies of 0, 2 and 3 places."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count, pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecosystem.domain import ledger
from ecosystem.domain.cancellation import capped, dated, refund_percent
from ecosystem.domain.ids import uuid7
from ecosystem.domain.money import Money, step
from ecosystem.domain.payouts import PARTIES, PaidPart, shares, taken_back
from ecosystem.domain.price import Price, price
from ecosystem.domain.rates import AddonRate, ChildBand, Rates
from ecosystem.domain.repricing import (
    Asked,
    for_party,
    in_dispute,
    kept_of,
    refundable,
    reprice,
    with_kept,
)
from ecosystem.domain.split import Split, split
from ecosystem.services.catalogue import local_day

DAY = date(2027, 5, 14)


@dataclass
class Life:
    """One booking's money by the rules alone: what it costs, its payments, what was sent."""

    total: Money
    percent: Decimal
    by_agency: bool
    payments: list[Asked]
    postings: list[ledger.Posting] = field(default_factory=list)
    sent: dict[UUID, dict[str, int]] = field(default_factory=dict)
    order: Any = field(default_factory=lambda: count(1))
    refunded: int = 0

    def parts(self, total: Money) -> Split:
        return split(total, self.percent, by_agency=self.by_agency)

    def confirm(self) -> None:
        self.postings.append(ledger.sold(uuid7(), self.total, self.parts(self.total)))
        self.pay()

    def pay(self) -> None:
        """The first open payment arrives."""
        for at, payment in enumerate(self.payments):
            if payment.standing == "open":
                self.payments[at] = replace(
                    payment, standing="paid", paid_order=f"{next(self.order):03}"
                )
                self.postings.append(ledger.paid(payment.id, payment.amount))
                kept = payment.amount.percent(Decimal("1.5"))
                self.postings.append(ledger.fee(payment.id, kept))
                return

    def send(self) -> None:
        """Every party gets what is due of what was paid."""
        paid = [
            PaidPart(p.id, p.net.minor, self.sent.get(p.id, {}))  # type: ignore[arg-type]
            for p in self.payments
            if p.standing == "paid"
        ]
        for share in shares(self.total, self.parts(self.total), paid):
            at = self.sent.setdefault(share.payment_id, {})
            at[share.party] = at.get(share.party, 0) + share.amount
            amount = Money(share.amount, self.total.currency)
            self.postings.append(ledger.transferred(uuid7(), share.party, amount))

    def change(self, after: Money) -> None:
        was, now = self.parts(self.total), self.parts(after)
        self.postings.append(ledger.repriced(uuid7(), self.total, after, was, now))
        made = reprice(self.payments, after)
        known = {payment.id: payment for payment in self.payments}
        for part in made.refunds:
            payment = known[part.payment_id]
            assert 0 < part.amount.minor <= payment.net.minor
            known[payment.id] = replace(payment, refunded=payment.refunded + part.amount)
            self.refunded += part.amount.minor
            refund_id = uuid7()
            self.postings.append(ledger.refund_owed(refund_id, part.amount))
            self.postings.append(ledger.refund_sent(refund_id, 0, part.amount))
        for part in made.asks:
            payment = known[part.payment_id]
            known[payment.id] = (
                replace(payment, amount=part.amount)
                if part.amount.minor
                else replace(payment, standing="closed")
            )
        if made.missing.minor:
            key = uuid7()
            known[key] = ask(key, "change", made.missing, DAY)
        assert made.refund + made.retained == made.paid
        assert not (made.refund.minor and (made.missing.minor or self.open(list(known.values()))))
        self.payments, self.total = list(known.values()), after
        self.take_back()

    def take_back(self) -> None:
        for party in PARTIES:
            owed = -self.balance(ledger.PAYABLE[party])
            left = [(key, given.get(party, 0)) for key, given in reversed(self.sent.items())]
            for key, amount in taken_back(-owed, left):
                self.sent[key][party] -= amount
                back = Money(amount, self.total.currency)
                self.postings.append(ledger.transfer_reversed(uuid7(), party, back))

    def balance(self, account: str) -> int:
        entries = (entry for posting in self.postings for entry in posting.entries)
        return sum(entry.amount.minor for entry in entries if entry.account == account)

    def open(self, payments: list[Asked]) -> int:
        return sum(p.amount.minor for p in payments if p.standing == "open")

    def check(self) -> None:
        entries = [entry for posting in self.postings for entry in posting.entries]
        assert sum(entry.amount.minor for entry in entries) == 0
        assert {entry.amount.currency for entry in entries} <= {self.total.currency}
        asked = self.open(self.payments)
        net = refundable(self.payments, self.total.currency).minor
        assert net + asked == self.total.minor
        assert self.balance(ledger.BUYER_RECEIVABLE) == asked
        assert self.balance(ledger.REFUNDS) == 0
        paid = sum(p.amount.minor for p in self.payments if p.standing == "paid")
        assert paid == self.refunded + net
        sent = sum(sum(given.values()) for given in self.sent.values())
        cash = paid - self.refunded - sent - self.balance(ledger.PROCESSING_FEES)
        assert self.balance(ledger.PLATFORM_CASH) == cash
        for party in PARTIES:
            # Nothing above what is owed ever stays with a party.
            assert self.balance(ledger.PAYABLE[party]) <= 0


def ask(key: UUID, kind: str, amount: Money, due_on: date) -> Asked:
    return Asked(key, kind, amount, Money.zero(amount.currency), "open", due_on)


currencies = st.sampled_from(["EUR", "JPY", "KWD"])
steps = st.one_of(
    st.just(("pay", 0, 0)),
    st.just(("send", 0, 0)),
    st.tuples(st.just("cancel"), st.integers(0, 100), st.just(0)),
    st.tuples(st.just("reduce"), st.integers(0, 100), st.integers(0, 100)),
    st.tuples(st.just("dearer"), st.integers(1, 5000), st.just(0)),
)


@given(
    currency=currencies,
    total=st.integers(1, 2_000_000),
    deposit=st.integers(0, 99),
    commission=st.decimals(0, 97, places=2),
    by_agency=st.booleans(),
    todo=st.lists(steps, max_size=8),
)
@settings(max_examples=400, deadline=None)
def test_any_life_adds_up(
    currency: str,
    total: int,
    deposit: int,
    commission: Decimal,
    by_agency: bool,
    todo: list[tuple[str, int, int]],
) -> None:
    # Prices have two decimal places at most: of three, the last digit is 0.
    price_ = Money(total * step(currency), currency)
    first = price_.percent(deposit)
    asked = [ask(uuid7(), "full", price_, DAY)]
    if 0 < first.minor < price_.minor:
        rest = ask(uuid7(), "balance", price_ - first, DAY + timedelta(days=60))
        asked = [ask(uuid7(), "deposit", first, DAY), rest]
    life = Life(price_, commission, by_agency, asked)
    life.confirm()
    life.check()
    for what, one, two in todo:
        if what == "pay":
            life.pay()
        elif what == "send":
            life.send()
        elif what == "cancel":
            paid = refundable(life.payments, currency)
            life.change(paid - paid.percent(one))
            assert life.open(life.payments) == 0
        elif what == "reduce":
            life.change(kept_of(life.total, life.total.percent(one), two))
        elif what == "dearer":
            life.change(life.total + Money(one * step(currency), currency))
        life.check()


@given(
    currency=currencies,
    amounts=st.lists(st.integers(1, 10_000), min_size=1, max_size=5),
    after=st.integers(0, 60_000),
)
def test_refunds_come_from_the_newest_payment_first(
    currency: str, amounts: list[int], after: int
) -> None:
    payments = [
        replace(ask(uuid7(), "full", Money(n, currency), DAY), standing="paid", paid_order=f"{at}")
        for at, n in enumerate(amounts)
    ]
    made = reprice(payments, Money(after, currency))
    assert made.refund.minor == max(0, sum(amounts) - after)
    back = {part.payment_id: part.amount.minor for part in made.refunds}
    for older, newer in pairwise(payments):
        assert not back.get(older.id) or back[newer.id] == newer.amount.minor


def test_what_is_in_dispute_is_never_refunded() -> None:
    def eur(n: int) -> Money:
        return Money(n, "EUR")

    held = replace(ask(uuid7(), "deposit", eur(500), DAY), standing="disputed")
    paid = replace(ask(uuid7(), "balance", eur(1500), DAY), standing="paid", paid_order="2")
    after = eur(500)  # everything back that can be given back
    made = reprice([held, paid], after)
    assert [(part.payment_id, part.amount.minor) for part in made.refunds] == [(paid.id, 1500)]
    assert (made.retained, in_dispute([held, paid], "EUR")) == (eur(500), eur(500))


@given(total=st.integers(0, 10**7), wanted=st.integers(0, 10**7), percent=st.integers(0, 100))
def test_a_reduction_never_makes_dearer_nor_gives_more_than_is_given_up(
    total: int, wanted: int, percent: int
) -> None:
    after = kept_of(Money(total, "JPY"), Money(wanted, "JPY"), percent).minor
    assert min(wanted, total) <= after <= total


# The party ---------------------------------------------------------------------

GUIDE, TAX = uuid7(), uuid7()


def rates(currency: str = "EUR", **more: Any) -> Rates:
    values: dict[str, Any] = {
        "adult": Money(134000, currency),
        "child_discount_percent": Decimal(25),
        "single_supplement": Money(30000, currency),
        "nights": 8,
        "max_travellers": 9,
        "addons": (
            AddonRate(TAX, "City tax", Money(1200, currency), "traveller", True),
            AddonRate(GUIDE, "Guide", Money(4800, currency), "booking", False),
        ),
        "deposit_percent": 25,
        "balance_due_days": 30,
    }
    return Rates(**(values | more))


def held(at: Rates, adults: int, children: int = 0, ages: tuple[int, ...] = ()) -> Price:
    return price(
        at,
        adults=adults,
        children=children,
        addon_ids=frozenset({GUIDE}),
        starts_on=DAY,
        today=DAY - timedelta(days=100),
        child_ages=ages,
    )


@pytest.mark.parametrize(
    "at",
    [
        rates(),
        rates(child_bands=(ChildBand(0, 11, Decimal("33.33")),)),
        rates(
            occupancy={1: Money(190000, "EUR"), 2: Money(134000, "EUR"), 3: Money(120000, "EUR")}
        ),
    ],
    ids=["plain", "bands", "rooms"],
)
def test_a_smaller_party_costs_what_it_would_have_cost(at: Rates) -> None:
    assert Rates.from_json(at.as_json()) == at
    whole = held(at, 3, 2, (5, 14))
    lines = for_party(whole, at, adults=2, children=1, child_ages=[14], starts_on=DAY)
    assert lines == list(held(at, 2, 1, (14,)).lines)


def test_who_stays_alone_is_priced_alone_and_never_asked_for_more() -> None:
    dear = rates(single_supplement=Money(300000, "EUR"))
    whole = held(dear, 2)
    lines = for_party(whole, dear, adults=1, children=0, child_ages=[], starts_on=DAY)
    wanted = sum((line.amount for line in lines), Money.zero("EUR"))
    assert wanted.minor > whole.total.minor
    after = kept_of(whole.total, wanted, 100)
    changed = with_kept(lines, after, None)
    assert (after, changed.total) == (whole.total, whole.total)
    assert changed.lines[-1].amount.minor == whole.total.minor - wanted.minor < 0


# The policy --------------------------------------------------------------------

policies = st.lists(
    st.fixed_dictionaries(
        {"days_before": st.integers(0, 200), "refund_percent": st.integers(0, 100)}
    ),
    max_size=5,
    unique_by=lambda tier: tier["days_before"],
)


@given(
    policy=policies,
    days=st.integers(-5, 250),
)
def test_the_dates_that_are_shown_are_those_that_count(
    policy: list[dict[str, int]], days: int
) -> None:
    today = DAY - timedelta(days=days)
    shown = next(
        tier.refund_percent
        for tier in dated(policy, DAY)
        if (tier.first is None or tier.first <= today) and (tier.last is None or today <= tier.last)
    )
    assert refund_percent(policy, DAY, today) == shown


@given(policy=policies, percent=st.integers(0, 100), days=st.integers(-5, 250))
def test_a_capped_policy_is_the_policy_with_less(
    policy: list[dict[str, int]], percent: int, days: int
) -> None:
    today = DAY - timedelta(days=days)
    before = refund_percent(policy, DAY, today)
    assert refund_percent(capped(policy, percent), DAY, today) == min(before, percent)


@pytest.mark.parametrize(
    ("moment", "percent"),
    [
        ("2027-04-14T21:59+00:00", 100),
        ("2027-04-14T22:00+00:00", 50),
        ("2027-04-30T21:59+00:00", 50),
        ("2027-04-30T22:00+00:00", 0),
    ],
)
def test_the_day_is_that_of_the_departures_own_zone(moment: str, percent: int) -> None:
    policy = [{"days_before": 30, "refund_percent": 100}, {"days_before": 14, "refund_percent": 50}]
    today = local_day(datetime.fromisoformat(moment), "Europe/Rome")
    assert refund_percent(policy, DAY, today) == percent


@pytest.mark.parametrize(
    ("currency", "paid", "percent", "back"),
    [("EUR", 67600, 50, 33800), ("JPY", 12345, 33, 4074), ("KWD", 123450, 50, 61730)],
)
def test_the_worked_amounts(currency: str, paid: int, percent: int, back: int) -> None:
    whole = replace(ask(uuid7(), "full", Money(paid, currency), DAY), standing="paid")
    made = reprice([whole], whole.amount - whole.amount.percent(percent))
    assert (made.refund.minor, made.retained.minor) == (back, paid - back)
