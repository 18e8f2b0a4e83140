"""Reading what the official client writes, and the small rules that need no server."""

import string
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stripe._encode import _api_encode

from ecosystem.local.stripe import forms, metadata, money, schemas
from ecosystem.local.stripe.cards import digits, looks_like_a_card
from ecosystem.local.stripe.errors import StripeRefusal

names = st.text(string.ascii_lowercase + "_", min_size=1, max_size=8)
trees = st.recursive(
    st.text(max_size=20),
    lambda inner: st.dictionaries(names, inner, min_size=1, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(names, trees, max_size=4))
def test_what_the_client_encodes_is_read_back(tree: dict[str, Any]) -> None:
    text = urlencode(list(_api_encode(tree)))
    assert forms.nest(forms.pairs(text)) == tree


@given(st.dictionaries(names, st.text(min_size=1, max_size=500), max_size=50))
def test_metadata_arrives_as_it_was_sent(given_metadata: dict[str, str]) -> None:
    params = {"amount": 5, "currency": "eur", "destination": "a", "metadata": given_metadata}
    read = schemas.read("POST", "/v1/transfers", urlencode(list(_api_encode(params))))
    assert read.get("metadata", {}) == given_metadata
    assert metadata.merge({}, read.get("metadata")) == given_metadata


@given(st.integers(1, money.MAXIMUM_AMOUNT))
def test_a_fee_is_never_more_than_what_was_paid(amount: int) -> None:
    assert 0 <= money.processing_fee(amount) <= amount


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (129900, "eur", "€1,299.00"),
        (5, "usd", "$0.05"),
        (15000, "jpy", "¥15,000"),
        (1500, "kwd", "KWD 1.500"),
        (-250, "gbp", "−£2.50"),
    ],
)
def test_amounts_in_words(amount: int, currency: str, words: str) -> None:
    assert money.words(amount, currency) == words


@given(st.text(string.digits, min_size=12, max_size=18))
def test_one_wrong_digit_is_noticed(number: str) -> None:
    whole = next(f"{number}{last}" for last in range(10) if looks_like_a_card(f"{number}{last}"))
    wrong = str((int(whole[-1]) + 1) % 10)
    assert not looks_like_a_card(whole[:-1] + wrong)
    assert digits(f" {whole[:4]} {whole[4:]} ") == whole


def test_no_more_fields_than_a_request_needs() -> None:
    text = "&".join(f"metadata[k{at}]=v" for at in range(3000))
    with pytest.raises(StripeRefusal):
        schemas.read("POST", "/v1/customers", text)
