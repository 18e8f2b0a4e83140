"""Why these amounts: from the ledger alone, for each reader only what is theirs."""

from collections import Counter
from decimal import Decimal
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecosystem.domain import ledger
from ecosystem.domain.ids import uuid7
from ecosystem.domain.ledger import AGENCY_PAYABLE, OPERATOR_PAYABLE, Posting
from ecosystem.domain.money import Money
from ecosystem.domain.money_words import OTHERS, Fact, MoneyExplained, Reader, explain
from ecosystem.domain.split import split
from tests.documents.papers import booking_row, cancelled
from tests.product import GUEST, Product
from tests.services.test_desks import OPS, agent, provider, sell

READERS: tuple[Reader, ...] = ("buyer", "operator", "agency", "ops")


def facts(*made: Posting) -> list[Fact]:
    from datetime import UTC, datetime

    at = datetime(2026, 11, 22, tzinfo=UTC)
    return [
        Fact(posting_id, at, entry.account, entry.amount, posting.cause, entry.memo)
        for posting_id, posting in ((uuid4(), one) for one in made)
        for entry in posting.entries
    ]


def balance(told: MoneyExplained) -> Counter[str]:
    sums: Counter[str] = Counter()
    for entry in told.entries:
        sums[entry.amount.currency] += entry.amount.minor
    return sums


def life(currency: str = "EUR") -> list[Posting]:
    """Sold, paid, paid out, half cancelled, reversed, refunded, disputed, lost, adjusted."""
    b, p, c, r, t, d = (uuid7() for _ in range(6))
    whole, half = Money(100_000, currency), Money(50_000, currency)
    was, now = (split(each, Decimal(12), by_agency=True) for each in (whole, half))
    return [
        ledger.sold(b, whole, was),
        ledger.paid(p, whole),
        ledger.fee(p, Money(1_500, currency)),
        ledger.transferred(t, "operator", was.operator),
        ledger.transferred(uuid7(), "agency", was.agency),
        ledger.repriced(c, whole, half, was, now),
        ledger.transfer_reversed(uuid7(), "operator", was.operator - now.operator),
        ledger.refund_owed(r, half),
        ledger.refund_sent(r, 0, half),
        ledger.refund_failed(r, 0, half),
        ledger.refund_sent(r, 1, half - Money(5, currency)),
        ledger.refund_by_hand(r, Money(5, currency)),
        *ledger.disputed(d, half, Money(2_000, currency)),
        ledger.dispute_lost(d, half, now),
        ledger.adjusted(uuid7(), "operator_payable", "platform_revenue", Money(7, currency), "Fee"),
    ]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_what_is_shown_sums_to_zero_and_is_told(reader: Reader, currency: str) -> None:
    told = explain("TRV-1", facts(*life(currency)), reader)
    assert not any(balance(told).values())
    assert told.lines
    assert all(line.text for line in told.lines)
    sums = {one.label: one.amount.minor for one in told.sums}
    assert sums["Price"] == 50_000
    assert sums["Paid"] == 100_000
    assert sums["Sent back"] == 50_000
    assert sums["Still to be paid"] == 0
    assert "On its way back" not in sums


def test_nobody_sees_what_the_others_get() -> None:
    made = facts(*life())
    hidden_from: tuple[tuple[Reader, set[str]], ...] = (
        ("buyer", {OPERATOR_PAYABLE, AGENCY_PAYABLE}),
        ("operator", {AGENCY_PAYABLE}),
        ("agency", {OPERATOR_PAYABLE}),
    )
    for reader, hidden in hidden_from:
        accounts = {entry.account for entry in explain("TRV-1", made, reader).entries}
        assert not accounts & {*hidden, "platform_revenue", "processing_fees", "disputes"}
        assert OTHERS in accounts
    assert OTHERS not in {entry.account for entry in explain("TRV-1", made, "ops").entries}


def test_a_party_reads_what_it_earned_was_paid_and_is_owed() -> None:
    sums = {one.label: one.amount.minor for one in explain("T", facts(*life()), "agency").sums}
    # 12 % of half, less its part of the lost dispute; all of the first 12 % was paid out.
    assert sums["Earned by you"] == 0
    assert sums["Paid out to you"] == 12_000
    assert sums["Still owed to you"] == -12_000


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted({OPERATOR_PAYABLE, AGENCY_PAYABLE, "refunds", "disputes"})),
            st.integers(-(10**9), 10**9),
        ),
        max_size=20,
    ),
    st.sampled_from(READERS),
)
def test_any_ledger_is_folded_without_a_rest(moves: list[tuple[str, int]], reader: Reader) -> None:
    made = [
        Posting(
            f"adjustment:{uuid7()}",
            (
                ledger.Entry(account, Money(minor, "EUR"), "x"),
                ledger.Entry("buyer_receivable", Money(-minor, "EUR"), "x"),
            ),
        )
        for account, minor in moves
    ]
    assert not any(balance(explain("T", facts(*made), reader)).values())


def test_the_api_tells_each_reader_its_own(product: Product, http: httpx.Client) -> None:
    made = product.offer(price="1000.00")
    ann = agent(product)
    reference = sell(product, made, ann)
    total = booking_row(product, reference).total_minor
    cancelled(product, reference, retained=total // 4)
    money = product.services.documents.money
    for actor in (ann, provider(made.operator_id), OPS):
        assert not any(balance(money(actor, reference)).values())
    kept = product.one(
        "select -sum(amount_minor) as kept from ledger_entries where booking_id ="
        " (select id from bookings where reference = :r) and account = 'operator_payable'",
        r=reference,
    ).kept
    sums = {
        one.label: one.amount.minor for one in money(provider(made.operator_id), reference).sums
    }
    assert sums["Still owed to you"] == kept
    key = booking_row(product, reference).view_key
    answer = http.get(f"/api/bookings/{reference}/money", params={"key": key}).json()
    assert sum(entry["amount"]["amount"] for entry in answer["entries"]) == 0
    assert {"at", "account", "amount", "cause"} <= set(answer["entries"][0])
    assert answer["lines"][0]["text"] == "The price of the trip as it was booked"
    assert http.get(f"/api/bookings/{reference}/money").status_code == 404
    with pytest.raises(Exception, match="no booking"):
        money(GUEST, reference)
