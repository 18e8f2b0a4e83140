"""Handlers of the pages about being paid, called as a hostile client may."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from ecosystem.domain.desks import PayoutView
from ecosystem.domain.money import Money
from ecosystem.domain.statements import Month, Moved, Statement, sections
from ecosystem.state.ops.operators import OpsOperatorsState
from ecosystem.state.payouts import PayoutsState, payout_card
from ecosystem.state.provider.terms import ProviderTermsState
from ecosystem.state.statements import StatementsState, currency_parts
from tests.product import GUEST, Product
from tests.services.test_desks import OPS, agent, provider
from tests.state.test_desk_pages import HOSTILE, anyio_backend, installed, page, run

__all__ = ["anyio_backend", "installed"]

pytestmark = pytest.mark.anyio


async def test_terms_are_saved_from_the_form_as_a_browser_sends_it(installed: Product) -> None:
    operator = provider(installed.offer().operator_id)
    state = page(installed, operator, ProviderTermsState, "/provider/payouts")
    await run(state, "open")
    assert (state.phase, state.may_change, state.view.tax_percent) == ("shown", True, "0")
    form = {
        "invoice_name": "Via Appia S.r.l.",
        "invoice_address": "Via Appia 1\n00179 Roma",
        "tax_number": "IT123",
        "tax_percent": "7,5 %",
        "overdue": "cancel",
        "overdue_days": "3",
        "asks_birth_dates": "on",
    }
    await run(state, "save", form)
    terms = installed.services.operator_terms.show(operator)
    assert (terms.tax_percent, terms.overdue_days, terms.asks_birth_dates) == (
        Decimal("7.5"),
        3,
        True,
    )
    await run(state, "save", {**form, "overdue_days": "soon", "tax_percent": "99"})
    assert state.errors["overdue_days"]
    assert state.errors["tax_percent"]
    assert state.refused
    del form["asks_birth_dates"]
    await run(state, "save", form)
    assert not installed.services.operator_terms.show(operator).asks_birth_dates
    other = page(installed, operator, ProviderTermsState, "/provider/payouts")
    await run(other, "open")
    await run(state, "save", {**form, "tax_number": "1"})
    await run(other, "save", {**form, "tax_number": "2"})
    assert other.conflict
    assert installed.services.operator_terms.show(operator).tax_number == "1"


def test_a_long_month_is_turned_page_by_page() -> None:
    at = datetime(2026, 11, 3, tzinfo=UTC)
    moves = [
        Moved(at, f"TRV-{n}", "Rome", at.date(), Money(-100, "EUR"), f"sold:{n}", "")
        for n in range(45)
    ]
    month = Statement("operator", "Via Appia", Month(2026, 11), sections((), moves))
    for start, position, before, after in (
        (0, "1–20 of 45", False, True),
        (40, "41–45 of 45", True, False),
        (400, "41–45 of 45", True, False),
    ):
        (part,) = currency_parts(month, {"EUR": start})
        assert (part.position, part.has_previous, part.has_following) == (position, before, after)
    assert part.lines[-1].balance == "€45"
    (short,) = currency_parts(replace(month, sections=sections((), moves[:20])), {})
    assert (short.position, len(short.lines)) == ("", 20)


async def test_junk_changes_nothing(installed: Product) -> None:
    operator = provider(installed.offer().operator_id)
    state = page(installed, operator, ProviderTermsState, "/provider/payouts")
    await run(state, "save", {"invoice_name": "Too early"})
    await run(state, "open")
    for junk in HOSTILE:
        await run(state, "save", junk)
    assert installed.services.operator_terms.show(operator).updated_at is None
    months = page(installed, operator, StatementsState, "/provider/payouts")
    await run(months, "open")
    for junk in HOSTILE:
        await run(months, "choose", junk)
        await run(months, "turn", junk, junk)
    ops = page(installed, OPS, OpsOperatorsState, "/ops/operators?q=%00")
    await run(ops, "save", {"pay_after": "confirmation", "pay_after_days": "0"})
    await run(ops, "open")
    for junk in HOSTILE:
        await run(ops, "find", junk)
        await run(ops, "edit", junk)
        await run(ops, "save", junk)
    assert installed.services.operator_terms.show(operator).updated_at is None


async def test_operations_set_when_an_operator_is_paid(installed: Product) -> None:
    operator = provider(installed.offer().operator_id)
    state = page(installed, OPS, OpsOperatorsState, "/ops/operators?q=appia")
    await run(state, "open")
    [row] = state.rows
    assert (row.state, row.paid) == ("Active", "1 day after departure")
    await run(state, "edit", row.id)
    await run(state, "save", {"pay_after": "departure", "pay_after_days": "91"})
    assert state.days_error
    await run(state, "save", {"pay_after": "departure", "pay_after_days": "14"})
    assert (state.editing.id, state.rows[0].paid) == ("", "14 days after departure")
    assert installed.services.operator_terms.show(operator).pay_after_days == 14
    for stranger in (GUEST, operator, agent(installed)):
        other = page(installed, stranger, OpsOperatorsState, "/ops/operators")
        await run(other, "open")
        assert (other.rows, other.phase) == ([], "failed")


async def test_the_account_of_the_agency_of_whoever_asks(installed: Product) -> None:
    ann = agent(installed)
    state = page(installed, ann, PayoutsState, "/agent/commissions")
    await run(state, "open")
    assert (state.view.title, state.owner) == ("Not set up", False)
    assert "commissions wait" in state.view.text


def test_every_state_has_its_words() -> None:
    for party in ("operator", "agency"):
        for state in (
            "none", "incomplete", "review", "active", "restricted", "rejected", "gone",
        ):  # fmt: skip
            card: Any = payout_card(PayoutView(state), party)
            assert card.title
            assert card.text
    asked = payout_card(PayoutView("active", ("external_account",), bank_waits=True), "operator")
    assert (asked.button, asked.tone) == ("Continue at Stripe", "warn")
    assert "asks for more" in asked.note
