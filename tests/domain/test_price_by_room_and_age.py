"""Prices by adults in a room and by a child's age: the worked table, and what always holds."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import combinations_with_replacement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecosystem.domain.errors import Conflict, Invalid
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price, price
from ecosystem.domain.price_words import unit_amount, what, who
from ecosystem.domain.rates import ChildBand, Rates
from ecosystem.domain.rooms import cheapest_rooms

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "SEK"])
BANDS = (
    ChildBand(0, 1, Decimal(100)),
    ChildBand(2, 11, Decimal(50)),
    ChildBand(12, 15, Decimal(20)),
)


def euros(amount: int) -> Money:
    return Money(amount * 100, "EUR")


RATES = Rates(
    adult=euros(1000),
    child_discount_percent=Decimal(25),
    single_supplement=euros(180),
    nights=8,
    max_travellers=12,
    addons=(),
    deposit_percent=None,
    balance_due_days=30,
    child_bands=BANDS,
    occupancy={1: euros(1400), 2: euros(1000), 3: euros(900)},
)


def of(adults: int, ages: tuple[int, ...] = (), rates: Rates = RATES, **more: int) -> Price:
    return price(
        rates,
        adults=adults,
        children=more.get("children", len(ages)),
        addon_ids=frozenset(),
        starts_on=date(2027, 5, 14),
        today=date(2026, 11, 22),
        child_ages=ages,
    )


def lines(made: Price) -> list[tuple[str, int, int]]:
    return [(line.code, line.quantity, line.amount.minor // 100) for line in made.lines]


@pytest.mark.parametrize(
    ("adults", "ages", "expected"),
    [
        (1, (), [("adult:1", 1, 1400)]),
        (2, (), [("adult:2", 2, 2000)]),
        (3, (), [("adult:3", 3, 2700)]),
        (4, (), [("adult:2", 4, 4000)]),
        (5, (), [("adult:3", 3, 2700), ("adult:2", 2, 2000)]),
        (2, (1, 7), [("adult:2", 2, 2000), ("child:0-1", 1, 0), ("child:2-11", 1, 500)]),
        (1, (16,), [("adult:1", 1, 1400), ("child:full", 1, 1000)]),
    ],
)
def test_the_worked_table_of_the_documentation(
    adults: int, ages: tuple[int, ...], expected: list[tuple[str, int, int]]
) -> None:
    assert lines(of(adults, ages)) == expected


def test_without_ages_only_a_discount_for_every_age_counts_and_the_line_says_so() -> None:
    made = of(2, children=2)
    assert lines(made)[1] == ("child:unknown", 2, 2000), "one of 16 would pay as much"
    assert "age not given" in made.lines[1].label
    whole = replace(RATES, child_bands=(*BANDS, ChildBand(16, 17, Decimal(10))))
    assert lines(of(2, rates=whole, children=2))[1] == ("child:unknown", 2, 1800)


@given(
    st.lists(st.integers(0, 17), min_size=1, max_size=4),
    st.lists(st.integers(0, 18), max_size=5, unique=True),
    st.lists(st.decimals(0, 100, places=2), min_size=5, max_size=5),
    st.integers(1, 10**6),
    st.integers(1, 3),
    st.booleans(),
)
def test_nobody_pays_less_for_leaving_the_ages_out(
    ages: list[int], cuts: list[int], discounts: list[Decimal], adult: int, adults: int, whole: bool
) -> None:
    edges = sorted({*cuts, *((0, 18) if whole else ())})
    bands = tuple(
        ChildBand(first, after - 1, off)
        for first, after, off in zip(edges, edges[1:], discounts, strict=False)
    )
    rates = replace(RATES, adult=Money(adult, "EUR"), occupancy={}, child_bands=bands)
    kept_quiet = of(adults, rates=rates, children=len(ages))
    assert kept_quiet.total >= of(adults, tuple(ages), rates).total


def test_a_room_without_a_price_costs_what_it_did_before() -> None:
    triples = replace(RATES, occupancy={3: euros(900)})
    assert lines(of(1, rates=triples)) == [("adult:1", 1, 1000), ("single_supplement", 1, 180)]
    assert lines(of(4, rates=triples)) == [
        ("adult:3", 3, 2700),
        ("adult:1", 1, 1000),
        ("single_supplement", 1, 180),
    ]
    # Who shares with a child is not alone.
    assert [code for code, *_ in lines(of(1, (7,), triples))] == ["adult:1", "child:2-11"]


def test_who_travels_with_a_baby_that_is_free_pays_the_room_alone() -> None:
    plain = replace(RATES, occupancy={})
    assert lines(of(1, (1,), plain)) == [
        ("adult", 1, 1000), ("single_supplement", 1, 180), ("child:0-1", 1, 0)
    ]  # fmt: skip
    assert [code for code, *_ in lines(of(1, (1, 7), plain))] == [
        "adult", "child:0-1", "child:2-11"
    ]  # fmt: skip
    assert "single_supplement" in [code for code, *_ in lines(of(1, rates=plain, children=1))]
    free = replace(plain, child_bands=(), child_discount_percent=Decimal(100))
    assert lines(of(1, rates=free, children=1))[1] == ("single_supplement", 1, 180)
    assert len(lines(of(2, (1,), plain))) == 2


def test_a_departure_with_its_own_price_moves_every_room_by_the_difference() -> None:
    dearer = RATES.on(euros(1150))
    assert [each.minor for each in dearer.occupancy.values()] == [155_000, 115_000, 105_000]
    assert dearer.sharing == euros(1150)
    assert RATES.on(None) is RATES


@pytest.mark.parametrize(("own", "sold"), [(101, True), (100, False), (50, False), (0, False)])
def test_a_departure_with_a_room_for_nothing_is_not_sold_to_anybody(own: int, sold: bool) -> None:
    rates = RATES.on(euros(own))
    assert rates.sellable is sold
    for adults in (1, 2, 3):
        if sold:
            assert of(adults, (1,), rates).total.minor > 0
        else:
            with pytest.raises(Conflict) as refused:
                of(adults, (1,), rates)
            assert refused.value.code == "no_price"


@pytest.mark.parametrize("ages", [(3,), (3, 4, 5), (-1, 3), (18, 3)])
def test_ages_that_are_not_those_of_the_children_are_refused(ages: tuple[int, ...]) -> None:
    with pytest.raises(Invalid) as refused:
        of(2, ages, children=2)
    assert [item.field for item in refused.value.fields] == ["child_ages"]


amounts = st.integers(0, 10**7)


@given(
    st.integers(1, 8),
    st.lists(st.integers(0, 17), max_size=4),
    st.booleans(),
    amounts,
    st.dictionaries(st.integers(1, 4), amounts),
    st.lists(st.tuples(st.integers(0, 17), st.decimals(0, 100, places=2)), max_size=4),
    CURRENCIES,
    st.none() | amounts,
)
def test_lines_are_whole_multiples_sum_to_the_total_and_are_never_negative(
    adults: int,
    ages: list[int],
    told: bool,
    adult: int,
    occupancy: dict[int, int],
    bands: list[tuple[int, Decimal]],
    currency: str,
    own: int | None,
) -> None:
    rates = replace(
        RATES,
        adult=Money(adult, currency),
        single_supplement=Money(777, currency),
        occupancy={size: Money(each, currency) for size, each in occupancy.items()},
        child_bands=tuple(ChildBand(age, age, off) for age, off in dict(bands).items()),
    ).on(None if own is None else Money(own, currency))
    if not rates.sellable:
        with pytest.raises(Conflict):
            of(adults, rates=rates)
        return
    made = of(adults, tuple(ages) if told else (), rates, children=len(ages))
    assert sum(line.amount.minor for line in made.lines) == made.total.minor
    for line in made.lines:
        assert line.amount.minor >= 0
        assert unit_amount(line) * line.quantity == line.amount.minor
        assert what(line)
    people = [line for line in made.lines if who(line.code, 1)]
    assert sum(line.quantity for line in people) == adults + len(ages)
    assert Price.from_json(made.as_json()) == made


@given(st.integers(1, 8), st.integers(1, 10**6), st.lists(st.integers(0, 10**5), max_size=3))
def test_another_adult_never_makes_it_cheaper_while_a_larger_room_is_not(
    adults: int, single: int, steps: list[int]
) -> None:
    """A room for n + 1 costs no less than one for n, as any sensible list has it."""
    room, occupancy = single, {1: Money(single, "JPY")}
    for size, step in enumerate(steps, start=2):
        each = -(-(room + step) // size)
        room = each * size
        occupancy[size] = Money(each, "JPY")
    rates = replace(
        RATES, adult=Money(single, "JPY"), single_supplement=Money(0, "JPY"), child_bands=()
    )
    rates = replace(rates, occupancy=occupancy | {2: occupancy.get(2, Money(single, "JPY"))})
    assert of(adults, rates=rates).total <= of(adults + 1, rates=rates).total


@given(st.integers(1, 7), st.dictionaries(st.integers(2, 4), amounts), amounts, amounts)
def test_no_other_split_is_cheaper(
    adults: int, per_adult: dict[int, int], alone: int, more: int
) -> None:
    each = per_adult | {1: alone}
    rooms = cheapest_rooms(adults, each)
    assert sum(size * count for size, count in rooms.items()) == adults
    cost = sum(size * count * each[size] for size, count in rooms.items())
    others = (
        sum(size * each[size] for size in split)
        for number in range(1, adults + 1)
        for split in combinations_with_replacement(each, number)
        if sum(split) == adults
    )
    assert cost == min(others)
    dearer = {size: amount + more for size, amount in each.items()}
    assert cost <= sum(s * n * dearer[s] for s, n in cheapest_rooms(adults, dearer).items())


@given(st.integers(0, 17), st.decimals(0, 100, places=2), st.decimals(0, 100, places=2))
def test_a_larger_discount_never_costs_more(age: int, one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    paid = [
        of(2, (age,), replace(RATES, child_bands=(ChildBand(0, 17, off),))).total
        for off in (low, high)
    ]
    assert paid[1] <= paid[0]


def test_of_equal_splits_the_one_with_fewer_and_larger_rooms_is_taken() -> None:
    assert cheapest_rooms(4, {1: 10, 2: 10, 3: 10, 4: 10}) == {4: 1}
    assert cheapest_rooms(5, {1: 10, 2: 10, 3: 10, 4: 10}) == {4: 1, 1: 1}
    assert cheapest_rooms(99, {1: 10, 2: 9}) == {2: 49, 1: 1}
