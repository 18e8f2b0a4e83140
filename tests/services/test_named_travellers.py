"""Who is named on a booking: adults and children as the seats were priced."""

from typing import Any

import pytest
from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.domain.errors import Invalid
from ecosystem.services.forms import BookingForm, parse
from tests.product import GUEST, Product


def book(product: Product, hold: Any, *kinds: str | None) -> Any:
    form = parse(
        BookingForm,
        {
            "hold_id": str(hold.id),
            "lead": {"name": "Maja Lindqvist", "email": "maja@example.com"},
            "travellers": [
                {"name": f"Traveller {letter}"} | ({"kind": kind} if kind else {})
                for letter, kind in zip("ABCDEFG", kinds, strict=False)
            ],
        },
    )
    return product.services.bookings.create(GUEST, form)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ((None, None, None), "adult adult child"),
        (("child", None, None), "child adult adult"),
        ((None, "adult", None), "adult adult child"),
        (("adult", "adult", "child"), "adult adult child"),
        (("child",), "child"),
        ((), ""),
    ],
)
def test_each_named_is_an_adult_or_a_child_of_the_party(
    product: Product, said: tuple[str | None, ...], kept: str
) -> None:
    hold = product.hold(product.offer(), adults=2, children=1)
    booking = book(product, hold, *said)
    assert " ".join(one["kind"] for one in booking.travellers) == kept
    again = book(product, hold, None)
    assert [one["kind"] for one in again.travellers] == ["adult"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (("adult", "adult"), "1 adult,"),
        (("child", "child", "child"), "2 children,"),
        ((None, None, None, None), "3 travellers,"),
    ],
)
def test_children_priced_as_children_cannot_be_named_as_adults(
    product: Product, said: tuple[str | None, ...], words: str
) -> None:
    hold = product.hold(product.offer(), adults=1, children=2)
    with pytest.raises(Invalid) as refused:
        book(product, hold, *said)
    (failure,) = refused.value.fields
    assert failure.field == "travellers"
    assert words in failure.message
    with product.database.unit(RDS) as session:
        assert session.execute(text("select count(*) from bookings")).scalar_one() == 0
