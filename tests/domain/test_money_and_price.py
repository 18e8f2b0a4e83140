"""Parts always sum to the whole, in every currency."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecosystem.domain import ledger
from ecosystem.domain.cancellation import dated
from ecosystem.domain.errors import Invalid
from ecosystem.domain.ids import booking_reference, uuid7
from ecosystem.domain.money import Money, decimals, exponent, step
from ecosystem.domain.price import Price, price
from ecosystem.domain.rates import AddonRate, Rates
from ecosystem.domain.search import fold, words_of
from ecosystem.domain.split import split

CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "SEK"])
PERCENT = st.decimals(0, 100, places=2)


@given(st.integers(0, 10**12), CURRENCIES, PERCENT, st.booleans())
def test_a_split_sums_to_the_total(
    minor: int, currency: str, commission: Decimal, by_agency: bool
) -> None:
    total = Money(minor, currency)
    parts = split(total, commission, by_agency=by_agency)
    assert parts.operator + parts.agency + parts.platform == total
    assert all(part.minor >= 0 for part in (parts.operator, parts.agency, parts.platform))
    assert by_agency or parts.agency.minor == 0


@given(st.integers(0, 10**9), CURRENCIES)
def test_major_units_and_back(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    assert Money.from_decimal(amount.decimal, currency) == amount


def test_rounding_is_half_up() -> None:
    assert Money(1, "EUR").percent(50) == Money(1, "EUR")
    assert Money.from_decimal(Decimal("0.125"), "EUR") == Money(13, "EUR")
    assert Money.from_decimal(Decimal("1.5"), "JPY") == Money(2, "JPY")
    assert (exponent("KWD"), exponent("JPY"), exponent("EUR")) == (3, 0, 2)
    # Stripe counts these in hundredths and charges whole units only.
    for code in ("ISK", "UGX"):
        assert Money.from_decimal(Decimal("1299.50"), code) == Money(130000, code)
        assert Money(130000, code).percent(33) == Money(42900, code)
        assert (exponent(code), decimals(code), step(code)) == (2, 0, 100)


def test_two_currencies_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="EUR and USD"):
        _ = Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(TypeError):
        Money(1.0, "EUR")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        _ = Money(1, "EUR") * 1.5  # type: ignore[operator]


RATES = Rates(
    adult=Money(134_000, "EUR"),
    child_discount_percent=Decimal(25),
    single_supplement=Money(18_000, "EUR"),
    nights=8,
    max_travellers=8,
    addons=(
        AddonRate(UUID(int=1), "City tax", Money(1_200, "EUR"), "traveller", required=True),
        AddonRate(UUID(int=2), "Guide", Money(4_800, "EUR"), "booking", required=False),
        AddonRate(UUID(int=3), "Garage", Money(900, "EUR"), "night", required=False),
        AddonRate(UUID(int=4), "Wine", Money(700, "EUR"), "traveller_night", required=False),
    ),
    deposit_percent=25,
    balance_due_days=30,
)
START = date(2027, 5, 14)
TODAY = date(2026, 11, 22)


def of(
    adults: int, children: int = 0, *addons: int, rates: Rates = RATES, today: date = TODAY
) -> Price:
    return price(
        rates,
        adults=adults,
        children=children,
        addon_ids=frozenset(UUID(int=a) for a in addons),
        starts_on=START,
        today=today,
    )


def test_the_worked_table_of_the_documentation() -> None:
    made = of(2, 1, 2)
    assert [(line.label, line.quantity, line.amount.minor) for line in made.lines] == [
        ("Adult", 2, 268_000),
        ("Child", 1, 100_500),
        ("City tax", 3, 3_600),
        ("Guide", 1, 4_800),
    ]
    assert made.total.minor == 376_900
    assert made.deposit == Money(94_225, "EUR")
    assert made.balance_due_on == date(2027, 4, 14)
    parts = split(made.total, Decimal(10), by_agency=True)
    assert (parts.platform.minor, parts.agency.minor, parts.operator.minor) == (
        11_307,
        37_690,
        327_903,
    )


def test_every_unit_of_an_addon() -> None:
    amounts = {line.label: line.amount.minor for line in of(2, 1, 2, 3, 4).lines}
    assert (amounts["Guide"], amounts["Garage"], amounts["Wine"]) == (4_800, 7_200, 16_800)


def test_a_single_traveller_pays_the_single_room() -> None:
    assert "single_supplement" in {line.code for line in of(1).lines}
    assert "single_supplement" not in {line.code for line in of(1, 1).lines}


@given(
    st.integers(1, 6),
    st.integers(0, 2),
    st.frozensets(st.integers(1, 4)),
    st.integers(1, 10**7),
    PERCENT,
    CURRENCIES,
    st.one_of(st.none(), st.integers(1, 99)),
)
def test_lines_sum_to_the_total_and_survive_being_kept(
    adults: int,
    children: int,
    addons: frozenset[int],
    adult: int,
    discount: Decimal,
    currency: str,
    deposit: int | None,
) -> None:
    rates = replace(
        RATES,
        adult=Money(adult, currency),
        child_discount_percent=discount,
        single_supplement=Money(7, currency),
        addons=tuple(replace(a, price=Money(a.price.minor, currency)) for a in RATES.addons),
        deposit_percent=deposit,
    )
    made = of(adults, children, *addons, rates=rates)
    assert sum(line.amount.minor for line in made.lines) == made.total.minor
    assert Price.from_json(made.as_json()) == made
    if made.deposit is not None:
        assert 0 < made.deposit.minor < made.total.minor


def test_a_deposit_is_not_offered_once_the_balance_is_due() -> None:
    assert of(2, today=START - timedelta(days=31)).deposit is not None
    assert of(2, today=START - timedelta(days=30)).deposit is None


@pytest.mark.parametrize(
    ("adults", "children", "addons", "field"),
    [
        (0, 2, (), "adults"),
        (1, -1, (), "children"),
        (9, 0, (), "adults"),
        (1, 0, (9,), "addon_ids"),
    ],
)
def test_what_does_not_fit_names_its_field(
    adults: int, children: int, addons: tuple[int, ...], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        of(adults, children, *addons)
    assert [item.field for item in refused.value.fields] == [field]


@given(st.integers(1, 10**9), st.integers(0, 10**6), PERCENT, st.booleans())
def test_postings_sum_to_zero(minor: int, fee: int, commission: Decimal, by_agency: bool) -> None:
    total = Money(minor, "EUR")
    booking, payment = uuid7(), uuid7()
    posted = [
        ledger.sold(booking, total, split(total, commission, by_agency=by_agency)),
        ledger.paid(payment, total),
        ledger.fee(payment, Money(fee, "EUR")),
        ledger.refund_owed(payment, total),
        ledger.refund_sent(payment, 0, total),
    ]
    for posting in posted:
        assert sum(entry.amount.minor for entry in posting.entries) == 0
        assert all(entry.amount.minor for entry in posting.entries)


def test_a_posting_out_of_balance_can_not_be_made() -> None:
    with pytest.raises(ValueError, match=r"out of balance by \{'EUR': 1\}"):
        ledger.Posting("x", (ledger.Entry("a", Money(1, "EUR"), ""),))


def test_policy_tiers_leave_no_day_out() -> None:
    policy = [
        {"days_before": 14, "refund_percent": 50},
        {"days_before": 30, "refund_percent": 100},
    ]
    tiers = dated(policy, START)
    assert [(t.first, t.last, t.refund_percent) for t in tiers] == [
        (None, date(2027, 4, 14), 100),
        (date(2027, 4, 15), date(2027, 4, 30), 50),
        (date(2027, 5, 1), None, 0),
    ]
    assert [t.refund_percent for t in dated([], START)] == [0]


def test_references_are_short_and_can_be_read_aloud() -> None:
    made = {booking_reference() for _ in range(2_000)}
    assert len(made) == 2_000
    assert all(len(r) == 12 and not set(r[4:]) & set("0O1ILU") for r in made)


def test_our_ids_are_ordered_by_time() -> None:
    ids = [uuid7() for _ in range(100)]
    assert {i.version for i in ids} == {7}
    assert {i.variant for i in ids} == {"specified in RFC 4122"}
    assert ids[0].int >> 80 <= ids[-1].int >> 80


@pytest.mark.parametrize(
    ("written", "folded"),
    [("Tōkaidō", "tokaido"), ("Łódź", "lodz"), ("Tromsø", "tromso"), ("Straße", "strasse")],
)
def test_words_are_folded(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_no_operator_of_the_query_language_survives() -> None:
    assert words_of("a:* & !b | (c) <-> 'd'") == ["a", "b", "c", "d"]
