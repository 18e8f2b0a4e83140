"""What is charged and the public price: whatever happens to them, each is exact at its own rates."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ecosystem.domain.agency_terms import AgencyTerms, sale
from ecosystem.domain.money import Money, step
from ecosystem.domain.price import Price, price, with_addons
from ecosystem.domain.public_price import Priced, Prices, changed, moved, priced
from ecosystem.domain.rates import AddonRate, AddonUnit, Rates
from ecosystem.domain.repricing import for_party, kept_of, with_kept

DAY = date(2027, 5, 14)
TAX, GUIDE, CAR = (UUID(int=number) for number in (1, 2, 3))
UNITS: list[AddonUnit] = ["booking", "traveller", "night", "traveller_night"]
currencies = st.sampled_from(["EUR", "JPY", "KWD", "ISK"])


@st.composite
def public_rates(draw: Any, currency: str) -> Rates:
    def amount(least: int = 0) -> Money:
        return Money(draw(st.integers(least, 400_000)) * step(currency), currency)

    return Rates(
        adult=amount(100),
        child_discount_percent=draw(st.decimals(0, 100, places=2)),
        single_supplement=amount(),
        nights=draw(st.integers(1, 9)),
        max_travellers=9,
        addons=tuple(
            AddonRate(key, "Extra", amount(), draw(st.sampled_from(UNITS)), key == TAX)
            for key in (TAX, GUIDE, CAR)
        ),
        deposit_percent=draw(st.none() | st.integers(1, 99)),
        balance_due_days=30,
        occupancy=draw(
            st.sampled_from(
                [{}, {2: amount(100), 3: amount(100)}, {1: amount(100), 2: amount(100)}]
            )
        ),
    )


@st.composite
def factors(draw: Any) -> Decimal:
    """Of an agency that collects, or that marks up its net price."""
    percent, markup = draw(st.decimals(0, 60, places=2)), draw(st.decimals(0, 100, places=2))
    if draw(st.booleans()):
        return sale(UUID(int=7), AgencyTerms("agency_collects", percent)).factor
    return sale(UUID(int=7), AgencyTerms("net", percent), markup).factor


def party(adults: int, children: int, addons: frozenset[UUID], starts_on: date = DAY) -> Any:
    return partial(
        price,
        adults=adults,
        children=children,
        addon_ids=addons,
        starts_on=starts_on,
        today=DAY - timedelta(days=90),
    )


def adds_up(prices: Prices) -> None:
    """Both prices are sums of their lines, and neither is lost when they are kept."""
    for one in (prices.charged.price, prices.public.price):
        zero = Money.zero(one.total.currency)
        assert sum((line.amount for line in one.lines), zero) == one.total
        assert one.total.minor >= 0
    assert Prices.from_json(prices.as_json(), prices.factor) == prices
    if prices.factor <= 1:
        assert prices.charged.price.total <= prices.public.price.total


def is_at(prices: Prices, cost: Any, public: Rates) -> None:
    """What is told and what is charged is what this party costs at the rates of each."""
    told, asked = prices.public.price, cost(public)
    # In which order add-ons were chosen is nobody's concern.
    assert (sorted(told.lines, key=str), told.total) == (
        sorted(asked.lines, key=str),
        asked.total,
    )
    own = public.times(prices.factor)
    assert prices.charged.price.total == cost(own).total
    assert (prices.public.rates, prices.charged.rates) == (public, own)
    adds_up(prices)


chosen = st.frozensets(st.sampled_from([GUIDE, CAR]))


@given(
    data=st.data(),
    currency=currencies,
    factor=factors() | st.just(Decimal(1)),
    adults=st.integers(2, 5),
    children=st.integers(0, 2),
    first=chosen,
    then=chosen,
)
def test_what_is_told_is_the_public_price_whatever_is_chosen_and_changed(
    data: Any,
    currency: str,
    factor: Decimal,
    adults: int,
    children: int,
    first: frozenset[UUID],
    then: frozenset[UUID],
) -> None:
    rates = data.draw(public_rates(currency))
    held = priced(rates, factor, party(adults, children, first))
    is_at(held, party(adults, children, first), rates)
    assert held.charged.price == party(adults, children, first)(rates.times(factor))

    def choose(was: Priced) -> Price:
        assert was.rates is not None
        return with_addons(
            was.price,
            was.rates,
            addon_ids=then,
            travellers=adults + children,
            starts_on=DAY,
            today=DAY - timedelta(days=90),
        )

    booked = changed(held, choose)
    is_at(booked, party(adults, children, then), rates)

    def fewer(was: Priced) -> Price:
        assert was.rates is not None
        lines = for_party(
            was.price,
            was.rates,
            adults=adults - 1,
            children=children,
            child_ages=(),
            starts_on=DAY,
        )
        total = sum((line.amount for line in lines), Money.zero(currency))
        return with_kept(lines, total, None)

    smaller = changed(booked, fewer)
    is_at(smaller, party(adults - 1, children, then), rates)
    dearer = replace(rates, adult=rates.adult * 2)
    there = priced(dearer, factor, party(adults - 1, children, then))
    on_it = moved(smaller, there, lambda _was, new: new.price)
    is_at(on_it, party(adults - 1, children, then), dearer)


@given(
    data=st.data(),
    currency=currencies,
    factor=factors(),
    adults=st.integers(2, 5),
    percent=st.integers(0, 100),
)
def test_what_a_policy_keeps_is_kept_of_both(
    data: Any, currency: str, factor: Decimal, adults: int, percent: int
) -> None:
    rates = data.draw(public_rates(currency))
    held = priced(rates, factor, party(adults, 0, frozenset([GUIDE])))

    def fewer(was: Priced) -> Price:
        assert was.rates is not None
        lines = for_party(
            was.price, was.rates, adults=adults - 1, children=0, child_ages=(), starts_on=DAY
        )
        wanted = sum((line.amount for line in lines), Money.zero(currency))
        return with_kept(lines, kept_of(was.price.total, wanted, percent), None)

    adds_up(changed(held, fewer))


@given(data=st.data(), currency=currencies, factor=factors())
def test_what_kept_no_public_price_is_worked_out_back(
    data: Any, currency: str, factor: Decimal
) -> None:
    rates = data.draw(public_rates(currency))
    cost = party(2, 1, frozenset([GUIDE]))
    held = priced(rates, factor, cost)
    kept = {k: v for k, v in held.as_json().items() if k not in ("public", "public_price")}
    back = Prices.from_json(kept, factor)
    assert back.charged == held.charged
    told = back.public.price
    assert sum((line.amount for line in told.lines), Money.zero(currency)) == told.total
    if factor <= 1:
        assert told.total.minor >= back.charged.price.total.minor
    # The rates alone were kept since a mark-up was chosen: they are exact.
    kept["public"] = held.as_json().get("public", rates.as_json())
    assert Prices.from_json(kept, factor).public.rates == rates
