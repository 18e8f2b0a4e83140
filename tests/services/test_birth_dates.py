"""Dates of birth, where the operator asks for them; phones; the terms that were agreed to."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.domain.errors import Invalid
from ecosystem.services.forms import BookingForm, parse
from ecosystem.services.named_travellers import age_on, ages_left
from tests.product import GUEST, Offer, Product


def asking(product: Product, made: Offer) -> Offer:
    with product.database.unit(RDS) as session:
        session.execute(
            text("insert into operator_terms (operator_id, asks_birth_dates) values (:id, true)"),
            {"id": made.operator_id},
        )
    return made


def book(product: Product, hold: Any, *travellers: dict[str, Any], **more: Any) -> Any:
    lead = {"name": "Maja Lindqvist", "email": "maja@example.com", **more.pop("lead", {})}
    form = {"hold_id": str(hold.id), "lead": lead, "travellers": list(travellers), **more}
    return product.services.bookings.create(GUEST, parse(BookingForm, form))


def wrong(product: Product, hold: Any, *travellers: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        book(product, hold, *travellers)
    return {error.field: error.message for error in refused.value.fields}


MAJA = {"name": "Maja Lindqvist", "birth_date": "1988-02-29"}
ADA = {"name": "Ada Okafor", "birth_date": "1990-11-03"}


def test_where_they_are_asked_for_nobody_is_booked_without(product: Product) -> None:
    hold = product.hold(asking(product, product.offer()))
    assert product.services.holds.get(GUEST, hold.id).asks_birth_dates
    assert wrong(product, hold).keys() == {"travellers"}
    assert wrong(product, hold, MAJA).keys() == {"travellers"}
    assert wrong(product, hold, MAJA, {"name": "Ada Okafor"}) == {
        "travellers.1.birth_date": "Enter the date of birth."
    }
    assert product.one("select count(*) as n from bookings").n == 0
    booking = book(product, hold, MAJA, ADA)
    assert booking.travellers == (
        {"name": "Maja Lindqvist", "kind": "adult", "birth_date": "1988-02-29"},
        {"name": "Ada Okafor", "kind": "adult", "birth_date": "1990-11-03"},
    )


def test_elsewhere_they_may_be_given(product: Product) -> None:
    hold = product.hold(product.offer())
    assert not product.services.holds.get(GUEST, hold.id).asks_birth_dates
    booking = book(product, hold, MAJA)
    assert booking.travellers[0]["birth_date"] == "1988-02-29"


@pytest.mark.parametrize("day", ["2999-01-01", "1850-01-01"])
def test_a_day_on_which_nobody_here_was_born_is_refused(product: Product, day: str) -> None:
    hold = product.hold(product.offer())
    assert wrong(product, hold, {"name": "Ada Okafor", "birth_date": day}).keys() == {
        "travellers.0.birth_date"
    }


@pytest.mark.parametrize("junk", ["soon", 7, 19880229, True, "1988-13-01", [], {"a": 1}])
def test_what_is_no_day_is_refused(junk: Any) -> None:
    with pytest.raises(Invalid) as refused:
        parse(
            BookingForm,
            {
                "hold_id": "0197c0de-0000-7000-8000-000000000000",
                "lead": {"name": "Maja Lindqvist", "email": "maja@example.com"},
                "travellers": [{"name": "Ada Okafor", "birth_date": junk}],
            },
        )
    (error,) = refused.value.fields
    assert error.field == "travellers.0.birth_date"
    assert error.message == "Enter a day like 1990-04-23."


def test_a_child_is_as_old_as_it_was_priced(product: Product) -> None:
    made = product.offer(
        child_bands=[
            {"from_age": 0, "to_age": 6, "discount_percent": 50},
            {"from_age": 7, "to_age": 17, "discount_percent": 10},
        ]
    )
    start = product.services.catalogue.departures(made.package_id)[0].starts_on
    hold = product.hold(made, adults=1, children=2, child_ages=(5, 12))

    def child(age: int) -> dict[str, Any]:
        return {"name": "Noa Lind", "kind": "child", "birth_date": f"{start.year - age}-01-01"}

    assert wrong(product, hold, MAJA, child(5), child(6)).keys() == {"travellers.2.birth_date"}
    # One child of five was priced, not two.
    assert wrong(product, hold, MAJA, child(5), child(5)).keys() == {"travellers.2.birth_date"}
    assert "adult" in wrong(product, hold, MAJA, child(5), child(18))["travellers.2.birth_date"]
    assert len(book(product, hold, MAJA, child(12), child(5)).travellers) == 3


@pytest.mark.parametrize(
    ("day", "born", "age"),
    [
        (date(2027, 2, 28), date(2020, 2, 29), 6),
        (date(2027, 3, 1), date(2020, 2, 29), 7),
        (date(2028, 2, 29), date(2020, 2, 29), 8),
        (date(2027, 5, 14), date(2009, 5, 14), 18),
        (date(2027, 5, 13), date(2009, 5, 14), 17),
    ],
)
def test_a_birthday_counts_from_its_own_day(day: date, born: date, age: int) -> None:
    assert age_on(day, born) == age


@pytest.mark.parametrize("number", ["+39 06 555 0142", "030/12345-67", "(0)30 123456", ""])
def test_a_phone_is_kept_as_it_is_written(product: Product, number: str) -> None:
    hold = product.hold(product.offer())
    assert book(product, hold, lead={"phone": number}).lead_phone == number


@pytest.mark.parametrize("number", ["12345", "call me", "+1" * 20, "<script>", "1234567890123456"])
def test_what_is_no_phone_is_told_at_its_field(product: Product, number: str) -> None:
    hold = product.hold(product.offer())
    with pytest.raises(Invalid) as refused:
        book(product, hold, lead={"phone": number})
    assert [error.field for error in refused.value.fields] == ["lead.phone"]


def test_the_terms_that_were_agreed_to_stay_with_the_booking(product: Product) -> None:
    booking = book(product, product.hold(product.offer()), accept_terms=True)
    kept = product.one("select snapshot from bookings where id = :id", id=booking.id).snapshot
    assert kept["terms"]["version"]
    assert kept["terms"]["at"].startswith(str(booking.created_at.year))
    silent = book(product, product.hold(product.offer()))
    kept = product.one("select snapshot from bookings where id = :id", id=silent.id).snapshot
    assert "terms" not in kept


@pytest.mark.parametrize(
    ("born", "gone", "left"),
    [
        (["2020-06-01", "2015-06-01"], 0, [12]),
        (["2020-06-01", "2015-06-01"], 1, [7]),
        ([None, "2020-06-01"], 0, [7]),
        ([None, "2020-06-01"], 1, [12]),
        ([None, None], 0, [7]),
        ([None, None], 1, [12]),
        (["1999-01-01", None], 0, [7]),
    ],
    ids=lambda value: str(value)[:30],
)
def test_the_child_that_stays_at_home_takes_its_own_age_along(
    born: list[str | None], gone: int, left: list[int]
) -> None:
    """The ages were entered in another order than the names."""
    dates = [date.fromisoformat(one) if one else None for one in born]
    assert ages_left([12, 7], dates, gone, date(2028, 1, 1)) == left
