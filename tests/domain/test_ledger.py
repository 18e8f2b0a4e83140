"""Every posting sums to zero in every currency, whatever the amounts and however they are split."""

import inspect
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecosystem.domain import ledger
from ecosystem.domain.ledger import Entry, Posting
from ecosystem.domain.money import Money
from ecosystem.domain.split import split

CURRENCIES = ("EUR", "JPY", "KWD")
MINOR = st.integers(0, 10**11)
PERCENT = st.decimals(0, 97, places=2)


def made(
    currency: str, first: int, second: int, percent: Decimal, by_agency: bool
) -> dict[str, list[Posting]]:
    """What each function of the ledger posts of these amounts."""
    key, amount, other = uuid4(), Money(first, currency), Money(second, currency)
    was = split(amount, percent, by_agency=by_agency)
    now = split(other, percent, by_agency=by_agency)
    return {
        "sold": [ledger.sold(key, amount, was)],
        "paid": [ledger.paid(key, amount)],
        "fee": [ledger.fee(key, amount)],
        "repriced": [ledger.repriced(key, amount, other, was, now)],
        "refund_owed": [ledger.refund_owed(key, amount)],
        "refund_sent": [ledger.refund_sent(key, 1, amount)],
        "refund_failed": [ledger.refund_failed(key, 1, amount)],
        "refund_by_hand": [ledger.refund_by_hand(key, amount)],
        "refund_by_bank": [ledger.refund_by_bank(key, amount)],
        "transferred": [ledger.transferred(key, party, amount) for party in ledger.PAYABLE],
        "transfer_reversed": [
            ledger.transfer_reversed(key, party, amount) for party in ledger.PAYABLE
        ],
        "disputed": list(ledger.disputed(key, amount, other)),
        "dispute_won": [ledger.dispute_won(key, amount)],
        "dispute_lost": [ledger.dispute_lost(key, amount, was)],
        "adjusted": [
            ledger.adjusted(key, ledger.DISPUTES, ledger.PLATFORM_REVENUE, amount, "Agreed")
        ],
    }


@given(st.sampled_from(CURRENCIES), MINOR, MINOR, PERCENT, st.booleans())
def test_every_posting_sums_to_zero(
    currency: str, first: int, second: int, percent: Decimal, by_agency: bool
) -> None:
    balance: dict[str, int] = {}
    for postings in made(currency, first, second, percent, by_agency).values():
        for posting in postings:
            assert sum(entry.amount.minor for entry in posting.entries) == 0
            assert all(entry.amount.minor for entry in posting.entries)
            assert {entry.amount.currency for entry in posting.entries} <= {currency}
            accounts = [entry.account for entry in posting.entries]
            assert len(accounts) == len(set(accounts)), "an account twice under one cause"
            for entry in posting.entries:
                balance[entry.account] = balance.get(entry.account, 0) + entry.amount.minor
    assert sum(balance.values()) == 0


def test_every_function_of_the_ledger_is_tried() -> None:
    public = {
        name
        for name, what in inspect.getmembers(ledger, inspect.isfunction)
        if what.__module__ == ledger.__name__ and not name.startswith("_")
    }
    assert set(made("EUR", 5, 3, Decimal(10), True)) == public


@given(MINOR, MINOR, PERCENT, st.booleans())
def test_what_is_undone_leaves_nothing(
    first: int, second: int, percent: Decimal, by_agency: bool
) -> None:
    """A refund that came back, a transfer reversed, a dispute won: every account as before."""
    posted: dict[str, Any] = made("KWD", first, second, percent, by_agency)
    for names in (
        ("refund_sent", "refund_failed"),
        ("transferred", "transfer_reversed"),
    ):
        rest: dict[str, int] = {}
        for name in names:
            for posting in posted[name]:
                for entry in posting.entries:
                    rest[entry.account] = rest.get(entry.account, 0) + entry.amount.minor
        assert not any(rest.values())
    opened, won = posted["disputed"][0], posted["dispute_won"][0]
    assert [(e.account, -e.amount.minor) for e in opened.entries] == [
        (e.account, e.amount.minor) for e in reversed(won.entries)
    ]


@pytest.mark.parametrize(
    ("debit", "credit"), [(("EUR", 5), ("EUR", -4)), (("EUR", 5), ("JPY", -5))]
)
def test_what_does_not_sum_to_zero_is_no_posting(
    debit: tuple[str, int], credit: tuple[str, int]
) -> None:
    entries = tuple(Entry(ledger.DISPUTES, Money(n, c), "") for c, n in (debit, credit))
    with pytest.raises(ValueError, match="out of balance"):
        Posting("test", entries)
