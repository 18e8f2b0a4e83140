"""Terms of an operator: who may change what, junk, and two who save at once."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Forbidden, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.services.forms import parse
from ecosystem.services.operator_terms import PayAfterForm, TermsForm
from tests.product import GUEST, Product
from tests.services.test_desks import OPS, agent, provider

pytestmark = pytest.mark.either_side


@pytest.fixture
def operator(product: Product) -> Actor:
    return provider(product.offer().operator_id)


def form(product: Product, actor: Actor, **values: Any) -> TermsForm:
    seen = product.services.operator_terms.show(actor).updated_at
    return parse(TermsForm, {"updated_at": seen and seen.isoformat(), **values})


def test_an_operator_begins_with_the_defaults_and_changes_them(
    product: Product, operator: Actor
) -> None:
    terms = product.services.operator_terms
    shown = terms.show(operator)
    assert (shown.pay_after, shown.pay_after_days, shown.overdue) == ("departure", 1, "keep")
    assert shown.updated_at is None
    saved = terms.edit(
        operator,
        form(
            product,
            operator,
            invoice_name="  Via   Appia S.r.l. ",
            invoice_address="Via Appia 1\n\n 00179 Roma ",
            tax_percent="22",
            overdue="cancel",
            overdue_days=3,
            asks_birth_dates=True,
        ),
    )
    assert saved.invoice_name == "Via Appia S.r.l."
    assert saved.invoice_address == "Via Appia 1\n00179 Roma"
    assert (saved.tax_percent, saved.overdue, saved.overdue_days) == (Decimal(22), "cancel", 3)
    again = terms.edit(operator, form(product, operator, tax_number="IT123"))
    assert (again.tax_number, again.invoice_name) == ("IT123", "Via Appia S.r.l.")
    assert terms.show(operator) == again
    assert product.one("select count(*) as n from audit_log where action = 'terms.edited'").n == 2


def test_two_who_save_at_once(product: Product, operator: Actor) -> None:
    terms = product.services.operator_terms
    first, second = (form(product, operator, tax_number=number) for number in ("1", "2"))
    terms.edit(operator, first)
    with pytest.raises(Conflict) as refused:
        terms.edit(operator, second)
    assert refused.value.code == "edited_elsewhere"
    third, fourth = (form(product, operator, tax_number=number) for number in ("3", "4"))
    terms.edit(operator, third)
    with pytest.raises(Conflict):
        terms.edit(operator, fourth)
    assert terms.show(operator).tax_number == "3"


def test_who_may_do_what(product: Product, operator: Actor) -> None:
    terms = product.services.operator_terms
    change = form(product, operator, tax_number="1")
    when = parse(PayAfterForm, {"pay_after": "confirmation", "pay_after_days": 0})
    for stranger in (GUEST, agent(product), OPS):
        with pytest.raises(Forbidden):
            terms.show(stranger)
    for stranger in (GUEST, OPS, replace(operator, operator_role="editor")):
        with pytest.raises(Forbidden):
            terms.edit(stranger, change)
    assert operator.operator_id is not None
    for stranger in (GUEST, operator, agent(product, "Other Travel")):
        with pytest.raises(Forbidden):
            terms.set_pay_after(stranger, operator.operator_id, when)
        with pytest.raises(Forbidden):
            terms.operators(stranger)
    with pytest.raises(NotFound):
        terms.set_pay_after(OPS, uuid7(), when)
    assert terms.set_pay_after(OPS, operator.operator_id, when).pay_after == "confirmation"
    other = provider(product.offer().operator_id)
    assert terms.show(other).pay_after == "departure"


def test_operations_find_operators_by_name(product: Product, operator: Actor) -> None:
    terms = product.services.operator_terms
    [found] = terms.operators(OPS, " via APPIA ")
    assert (found.id, found.terms.pay_after) == (operator.operator_id, "departure")
    assert terms.operators(OPS, "%") == []
    assert len(terms.operators(OPS)) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"overdue": "forgive"},
        {"overdue_days": -1},
        {"overdue_days": 61},
        {"overdue_days": "soon"},
        {"tax_percent": "NaN"},
        {"tax_percent": "-1"},
        {"tax_percent": "50.01"},
        {"tax_percent": "7.125"},
        {"tax_percent": "Infinity"},
        {"invoice_name": "<b>"},
        {"invoice_name": "x" * 121},
        {"invoice_address": "\n".join("abcdefg")},
        {"invoice_address": "a\x00b"},
        {"tax_number": "x" * 41},
        {"pay_after": "confirmation"},
        {"operator_id": str(uuid7())[:0]},
    ],
)
def test_junk_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        parse(TermsForm, values)
    assert [one.field.partition(".")[0] for one in refused.value.fields] == list(values)
