"""A party's price by room and age, from the operators' table to the hold that freezes it."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from ecosystem.database.placement import PACKAGES, RDS
from ecosystem.domain.errors import Conflict, Invalid
from ecosystem.services.forms import PartyForm, parse
from ecosystem.services.rates import child_bands, occupancy
from tests.product import GUEST, Product

BANDS = [
    {"from_age": 2, "to_age": 11, "discount_percent": 50},
    {"from_age": 0, "to_age": 1, "discount_percent": "100"},
]
ROOMS = {"1": "1600.00", "2": "1340.00", "3": "1200.00"}


def priced(product: Product, made: Any, adults: int, *ages: int, children: int = 0) -> Any:
    return product.services.catalogue.price(
        made.slug, made.departure_id, adults, children or len(ages), frozenset(), ages
    )


def test_rooms_and_ages_decide_and_the_hold_keeps_both(product: Product) -> None:
    made = product.offer(child_bands=BANDS, occupancy_prices=ROOMS)
    price = priced(product, made, 3, 1, 8)
    # Three in a triple, a baby for nothing, a child at half, and city tax for five.
    assert [(line.code, line.amount.minor) for line in price.lines[:3]] == [
        ("adult:3", 360_000),
        ("child:0-1", 0),
        ("child:2-11", 67_000),
    ]
    hold = product.services.holds.place(
        GUEST, made.departure_id, adults=3, children=2, child_ages=(1, 8)
    )
    assert hold.price == price
    row = product.one("select child_ages, price from seat_claims where id = :id", id=hold.id)
    assert row.child_ages == [1, 8]
    assert row.price["total"] == price.total.minor
    assert product.services.holds.get(GUEST, hold.id).price == price


def test_the_price_shown_for_a_date_is_that_of_two_who_share(product: Product) -> None:
    made = product.offer(occupancy_prices=ROOMS | {"2": "1290.00"})
    (shown,) = product.services.catalogue.departures(made.package_id)
    assert shown.price.minor == 129_000
    assert priced(product, made, 2).lines[0].amount.minor == 2 * shown.price.minor
    product.services.catalogue.package(made.slug)
    with product.database.unit("rds") as session:
        session.execute(
            text("update departures set price_minor = 139000 where id = :id"),
            {"id": made.departure_id},
        )
    (shown,) = product.services.catalogue.departures(made.package_id)
    assert shown.price.minor == 134_000, "the departure costs 50 more, in every room"
    assert priced(product, made, 1).lines[0].amount.minor == 165_000


@pytest.mark.parametrize(
    ("bands", "rooms"),
    [
        ([{"from_age": "x"}, 7, None, {"from_age": 3}], {"2": "a lot", "9": "1", "x": 1}),
        (
            [{"from_age": 2, "to_age": 11, "discount_percent": "NaN"}],
            {"2": "NaN", "1": "-5", "3": "1e30", "4": "0"},
        ),
        ({"from_age": 1}, []),
        ([{"from_age": 2, "to_age": 11, "discount_percent": 900}], {"2": None}),
        ([{"from_age": 11, "to_age": 2, "discount_percent": 5}], "text"),
    ],
)
def test_what_another_program_wrote_into_the_columns_breaks_nothing(
    product: Product, bands: Any, rooms: Any
) -> None:
    made = product.offer(child_bands=bands, occupancy_prices=rooms)
    plain = product.offer()
    assert priced(product, made, 2, 8).total == priced(product, plain, 2, 8).total
    assert product.services.catalogue.package(made.slug).child_bands == ()


def test_of_bands_that_overlap_only_the_youngest_counts() -> None:
    kept = child_bands([*BANDS, {"from_age": 10, "to_age": 17, "discount_percent": 90}])
    assert [(band.from_age, band.to_age) for band in kept] == [(0, 1), (2, 11)]
    assert occupancy({"1": 5, "2": "0.005"}, "JPY")[1].minor == 5


@pytest.mark.parametrize(
    "ages", [[True], ["8"], [8.5], [-1], [18], [10**30], None, "8", [[8]], [8] * 100]
)
def test_ages_that_are_none_are_refused_by_name(ages: Any) -> None:
    with pytest.raises(Invalid) as refused:
        parse(
            PartyForm,
            {"departure_id": UUID(int=1), "adults": 2, "children": 1, "child_ages": ages},
        )
    assert refused.value.fields[0].field.startswith("child_ages")


def test_ages_for_other_children_than_travel_are_refused(product: Product) -> None:
    made = product.offer(child_bands=BANDS)
    for adults, children, ages in ((2, 0, (8,)), (2, 2, (8,)), (2, 1, (8, 9))):
        with pytest.raises(Invalid):
            product.services.holds.place(
                GUEST, made.departure_id, adults=adults, children=children, child_ages=ages
            )
    assert product.one("select count(*) as n from seat_claims").n == 0


def test_a_hold_without_ages_costs_no_less_than_one_with_them(product: Product) -> None:
    made = product.offer(child_bands=BANDS)
    place = product.services.holds.place
    quiet = place(GUEST, made.departure_id, adults=2, children=1)
    assert quiet.price.total == priced(product, made, 2, 17).total
    assert quiet.price.lines[1].amount.minor == 134_000


@pytest.mark.parametrize("wrong", ["currency = 'JPY'", "price_minor = 13999"])
def test_a_departure_that_cannot_be_priced_is_closed_and_not_held(
    product: Product, wrong: str
) -> None:
    """Others write these tables too; 139.99 is below what a triple is cheaper: 140."""
    made = product.offer(occupancy_prices=ROOMS)
    place = product.services.holds.place
    product.services.holds.release(GUEST, place(GUEST, made.departure_id, adults=1).id)
    with product.database.unit(RDS) as session:
        session.execute(
            text(f"update departures set {wrong} where id = :id"), {"id": made.departure_id}
        )
    (shown,) = product.services.catalogue.departures(made.package_id)
    assert (shown.status, shown.price.minor) == ("closed", 134_000)
    refusals = [
        lambda: priced(product, made, 2),
        # What was remembered of the departure from the first hold is found to be over.
        lambda: place(GUEST, made.departure_id, adults=2),
        lambda: place(GUEST, made.departure_id, adults=1),
    ]
    for refused in refusals:
        with pytest.raises(Conflict) as told:
            refused()
        assert told.value.code == "no_price"
    with product.database.unit(RDS) as session:
        session.execute(text("update departures set currency = 'EUR', price_minor = null"))
    assert place(GUEST, made.departure_id, adults=2).price.total.currency == "EUR"


def test_a_package_without_rooms_and_bands_costs_what_it_did(product: Product) -> None:
    made = product.offer(child_discount_percent=25, single_supplement=180)
    assert [line.code for line in priced(product, made, 1).lines][:2] == [
        "adult",
        "single_supplement",
    ]
    assert priced(product, made, 2, 3).lines[1].amount.minor == 100_500
    assert priced(product, made, 2, 3).total == priced(product, made, 2, children=1).total
    with product.database.unit(PACKAGES) as session:
        kept = session.execute(
            text("select child_bands, occupancy_prices from multi_city_hotel_packages")
        ).one()
    assert tuple(kept) == ([], {})


def test_a_departure_whose_day_has_come_is_shown_closed(product: Product) -> None:
    """It was shown as open, and nobody could reserve it."""
    for starts_in, status in ((0, "closed"), (3, "open")):
        made = product.offer(starts_in=starts_in)
        (shown,) = product.services.catalogue.departures(made.package_id)
        assert (shown.status, shown.seats_left > 0) == (status, True)
        if status == "closed":
            with pytest.raises(Conflict) as caught:
                product.hold(made)
            assert caught.value.code == "departure_closed"
