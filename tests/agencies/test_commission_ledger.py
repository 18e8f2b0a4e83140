"""What an agency earns from expected to sent or taken back, and what it owes: as the ledger says."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ecosystem.database.queries.commissions import Wanted
from ecosystem.domain.actor import Actor
from ecosystem.domain.changes import WholeBooking
from ecosystem.domain.errors import Forbidden
from ecosystem.domain.money import Money
from ecosystem.domain.statements import Month
from ecosystem.services.commissions import asked_for
from tests.agencies.agreed import agency, contract, today
from tests.agencies.test_selling import pay_account
from tests.bookings.sold import pay_after
from tests.documents.papers import pages
from tests.documents.test_statements import account, pay_out, read
from tests.product import GUEST, Offer, Product
from tests.services.test_desks import provider, sell


@pytest.fixture
def ann(product: Product) -> Actor:
    return agency(product)


def by_model(product: Product, ann: Actor, model: str, **more: Any) -> Offer:
    """A trip of an operator with whom the agency has this contract."""
    made = product.offer(price="1000.01", seats=20)
    assert ann.agency_id
    contract(product, made.operator_id, ann.agency_id, model, "12.50", **more)
    return made


def ledger_says(product: Product, ann: Actor) -> int:
    return account(product, "agency_payable", agency_id=ann.agency_id)


def states(product: Product, ann: Actor, **wanted: str) -> dict[str, str]:
    found = product.services.commissions.rows(ann, asked_for(wanted), limit=100)
    return {one.reference: one.state for one in found.items}


def test_every_state_and_its_sums_are_the_ledgers(product: Product, ann: Actor) -> None:
    plain, net, later = (
        by_model(product, ann, model, days=days)
        for model, days in (("commission", 0), ("net", 0), ("operator_pays_later", 30))
    )
    at_once = by_model(product, ann, "commission")
    pay_after(product, at_once, "confirmation")
    expected, sent, part, back = (sell(product, plain, ann) for _ in range(4))
    bought, waits, due = (sell(product, one, ann) for one in (net, later, at_once))
    commissions = product.services.commissions
    earned = {one.reference: one.earned.minor for one in commissions.rows(ann, limit=100).items}
    pay_out(product, sent, "agency", earned[sent])
    pay_out(product, part, "agency", 100)
    pay_out(product, back, "agency", earned[back])
    product.services.changes.carry_out(ann, back, WholeBooking())

    assert states(product, ann) == {
        expected: "expected",
        sent: "sent",
        part: "expected",
        back: "reversed",
        bought: "expected",
        waits: "expected",
        due: "due",
    }
    page = commissions.rows(ann, limit=2, with_sums=True)
    assert sum(one.owed.minor for one in page.sums) == ledger_says(product, ann)
    assert sum(one.bookings for one in page.sums) == 7
    rows = {one.reference: one for one in commissions.rows(ann, limit=100).items}
    assert rows[waits].expected_on == rows[waits].ends_on + timedelta(days=30)
    assert rows[expected].expected_on == rows[expected].starts_on + timedelta(days=1)
    assert {rows[one].model for one in (bought, waits)} == {"net", "operator_pays_later"}
    assert (rows[back].back, rows[back].owed.minor) == (Money(0, "EUR"), -earned[back])
    for state in ("expected", "due", "sent", "reversed"):
        listed = commissions.rows(ann, Wanted(state=state), limit=100, with_sums=True)
        [total] = [one for one in listed.sums if one.state == state]
        assert {one.state for one in listed.items} == {state}
        assert total.bookings == len(listed.items)
        assert total.owed.minor == sum(one.owed.minor for one in listed.items)
        assert listed.sums == page.sums

    content = commissions.csv(ann, Wanted())
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [line["booking"] for line in lines] == list(rows)
    assert sum(round(float(line["owed"]) * 100) for line in lines) == ledger_says(product, ann)


def test_filters_by_month_operator_and_junk(product: Product, ann: Actor) -> None:
    first, second = (by_model(product, ann, "commission") for _ in range(2))
    one, two = sell(product, first, ann), sell(product, second, ann)
    month = str(Month.of(product.clock.now()))
    assert set(states(product, ann, month=month)) == {one, two}
    assert states(product, ann, month="2020-01") == {}
    assert set(states(product, ann, operator=str(second.operator_id))) == {two}
    assert set(states(product, ann, operator="x", month="x", state="x")) == {one, two}
    operators = product.services.commissions.operators(ann)
    assert set(operators) == {first.operator_id, second.operator_id}
    assert set(operators.values()) == {"Via Appia Journeys"}


def test_what_is_collected_is_owed_until_it_is_paid(product: Product, ann: Actor) -> None:
    made = by_model(product, ann, "agency_collects", days=14)
    booking = product.book(product.hold(made, actor=ann), actor=ann)
    product.work()
    commissions = product.services.commissions
    [one] = commissions.rows(ann).items
    assert (one.state, one.earned.minor) == ("outside", 0)
    assert one.outside
    public = one.total + one.outside
    assert one.outside.minor == pytest.approx(public.minor * 0.125, abs=5)
    [owed] = commissions.owed(ann)
    assert (owed.amount, owed.overdue) == (one.total, False)
    assert owed.due_on == today(product) + timedelta(days=14)
    month = str(Month.of(product.clock.now()))
    statement = product.services.statements.of(ann, month)
    [section] = statement.owed
    assert (section.opening.minor, section.earned, section.closing) == (0, one.total, one.total)
    assert "What you owe" in "".join(pages(product.services.statements.pdf(ann, month)))
    # Not by the clock: the stand-in for Stripe has its own.
    product.change("update payments set due_on = due_on - 15 where kind = 'account'")
    [owed] = commissions.owed(ann)
    assert owed.overdue
    rival = agency(product, "Rival")
    assert commissions.owed(rival) == []
    assert product.services.statements.of(rival, month).owed == ()
    for stranger in (GUEST, provider(made.operator_id), replace(ann, agency_role="assistant")):
        for ask in (commissions.owed, commissions.operators):
            with pytest.raises(Forbidden):
                ask(stranger)
        with pytest.raises(Forbidden):
            commissions.csv(stranger, Wanted())
    pay_account(product, booking)
    assert commissions.owed(ann) == []
    this = str(Month.of(product.clock.now()))
    assert product.services.statements.of(ann, this).owed[0].closing == Money(0, "EUR")
    rows = read(product.services.statements.csv(ann, this))
    assert {row["account"] for row in rows} == {"owed by you"}
    assert rows[-1]["balance"] == "0.00"


def test_nothing_is_kept_of_a_trip_that_was_cancelled(product: Product, ann: Actor) -> None:
    made = by_model(product, ann, "agency_collects", days=14)
    stays, gone = (product.book(product.hold(made, actor=ann), actor=ann) for _ in range(2))
    product.services.changes.carry_out(ann, gone.reference, WholeBooking())
    page = product.services.commissions.rows(ann, with_sums=True)
    kept = {one.reference: one.outside for one in page.items}
    assert kept[gone.reference] == Money(0, "EUR")
    [total] = page.sums
    assert (total.bookings, total.outside) == (2, kept[stays.reference])
