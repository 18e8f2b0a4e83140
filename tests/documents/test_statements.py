"""Statements by month: they equal the ledger to the cent, in each of their forms."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecosystem.database.placement import RDS
from ecosystem.database.queries import ledger
from ecosystem.domain import ledger as postings
from ecosystem.domain.errors import Forbidden, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.money import Money
from ecosystem.domain.statements import Month, Moved, sections
from tests.documents.papers import booking_row, cancelled, pages, run
from tests.product import GUEST, Product
from tests.services.test_desks import OPS, agent, provider, sell


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def account(product: Product, name: str, **where: Any) -> int:
    """What the ledger says is owed on an account, over all bookings of somebody."""
    column, value = next(iter(where.items()))
    return -product.one(
        "select coalesce(sum(amount_minor), 0) as minor from ledger_entries e join bookings b"
        f" on b.id = e.booking_id where e.account = :name and b.{column} = :value",
        name=name,
        value=value,
    ).minor


def pay_out(product: Product, reference: str, party: postings.Party, minor: int) -> None:
    booking = booking_row(product, reference)
    sent = postings.transferred(uuid7(), party, Money(minor, booking.currency))
    with product.database.unit(RDS) as session:
        ledger.post(session, booking.id, [sent], product.clock.now())


def test_a_month_equals_the_ledger_in_every_form(product: Product, http: httpx.Client) -> None:
    made = product.offer(price="1000.01", title="=Rome; by rail")
    ann = agent(product)
    references = [sell(product, made, actor) for actor in (ann, GUEST, ann)]
    cancelled(product, references[0], retained=12_345)
    pay_out(product, references[1], "operator", 70_001)
    month = str(Month.of(product.clock.now()))
    statements = product.services.statements
    for actor, name, where in (
        (provider(made.operator_id), "operator_payable", {"operator_id": made.operator_id}),
        (ann, "agency_payable", {"agency_id": ann.agency_id}),
    ):
        owed = account(product, name, **where)
        (section,) = statements.of(actor, month).sections
        assert section.closing.minor == owed
        assert section.opening + section.earned - section.paid_out == section.closing
        assert sum(line.amount.minor for line in section.lines) == owed
        rows = read(statements.csv(actor, month))
        assert sum(Decimal(row["amount"]) for row in rows if row["amount"]) * 100 == owed
        assert Decimal(rows[-1]["balance"]) * 100 == owed
        assert {row["trip"] for row in rows} == {"", "'=Rome; by rail"}
        text = "".join(pages(statements.pdf(actor, month)))
        assert f"{owed / 100:,.2f}" in text
        assert all(reference in text for reference in {line.reference for line in section.lines})


def test_what_was_owed_before_is_the_opening_of_the_next_month(product: Product) -> None:
    made = product.offer(price="1000.00")
    reference = sell(product, made, GUEST)
    run(
        product,
        "alter table ledger_entries disable trigger user",
    )
    run(
        product,
        "update ledger_entries set at = at - interval '40 days' where booking_id ="
        " (select id from bookings where reference = :r)",
        r=reference,
    )
    operator = provider(made.operator_id)
    statements = product.services.statements
    months = statements.months(operator)
    assert months[0] == Month.of(product.clock.now())
    assert months == sorted(months, key=str, reverse=True)
    first, last = (statements.of(operator, str(one)) for one in (months[-1], months[0]))
    owed = account(product, "operator_payable", operator_id=made.operator_id)
    assert first.sections[0].opening.minor == 0
    assert first.sections[0].closing.minor == owed
    assert last.sections[0].opening.minor == owed
    assert last.sections[0].lines == ()


def test_a_statement_is_of_ones_own(product: Product, http: httpx.Client) -> None:
    made, other = product.offer(), product.offer()
    sell(product, made, GUEST)
    month = str(Month.of(product.clock.now()))
    statements = product.services.statements
    assert statements.of(provider(other.operator_id), month).sections == ()
    assert statements.months(provider(other.operator_id)) == []
    for actor in (GUEST, OPS):
        for ask in (statements.of, statements.csv, statements.pdf):
            with pytest.raises(Forbidden):
                ask(actor, month)
    assert http.get(f"/api/statements/{month}").status_code in (401, 403)
    for junk in ("2026-13", "2026-1", "x", "9999-12", "0000-00", "2026-W46", "٢٠٢٦-١١"):
        with pytest.raises(NotFound):
            statements.of(provider(made.operator_id), junk)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["EUR", "JPY", "KWD"]),
            st.integers(-(10**9), 10**9),
            st.sampled_from(
                ["booking:1:sold", "transfer:1", "reversal:1", "change:1", "adjustment:1", "new:1"]
            ),
        ),
        max_size=30,
    ),
    st.lists(st.integers(-(10**9), 10**9), min_size=3, max_size=3),
)
def test_any_account_adds_up(moved: list[tuple[str, int, str]], before: list[int]) -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    moves = [
        Moved(at + timedelta(hours=n), "TRV-1", "Rome", at.date(), Money(minor, code), cause, "x")
        for n, (code, minor, cause) in enumerate(moved)
    ]
    opening = [Money(m, code) for m, code in zip(before, ("EUR", "JPY", "KWD"), strict=True)]
    for section in sections(opening, moves):
        here = [move.amount.minor for move in moves if move.amount.currency == section.currency]
        assert section.closing.minor == section.opening.minor - sum(here)
        assert section.opening + section.earned - section.paid_out == section.closing
        if section.lines:
            assert section.lines[-1].balance == section.closing


@given(st.integers(1, 9998), st.integers(1, 12))
def test_a_month_is_read_back_and_ends_where_the_next_begins(year: int, number: int) -> None:
    month = Month(year, number)
    assert Month.read(str(month)) == month
    assert month.end == month.following.first
    assert Month.of(month.end - timedelta(microseconds=1)) == month
