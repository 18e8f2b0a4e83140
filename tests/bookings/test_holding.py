"""Seats that are held: kept longer once, extras changed, a price that rose, another's hold."""

import threading
from typing import Any

import pytest
from sqlalchemy import text

from ecosystem.database.placement import PACKAGE_EXTRAS, PACKAGES, RDS
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Gone, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.money import Money
from ecosystem.services.forms import BookingForm, HoldForm, parse
from tests.bookings.test_paying import ledger_rest
from tests.product import GUEST, Product

OTHER = Actor(role="guest", source="guest", guest_key="o" * 64)


def form(hold: Any, **more: Any) -> BookingForm:
    lead = {"name": "Maja Lindqvist", "email": "maja@example.com"}
    return parse(BookingForm, {"hold_id": str(hold.id), "lead": lead} | more)


def rds(product: Product, sql: str, **values: Any) -> None:
    with product.database.unit(RDS) as session:
        session.execute(text(sql), values)


# ---- kept longer -------------------------------------------------------------------------


def test_seats_are_kept_ten_minutes_longer_once(product: Product) -> None:
    hold = product.hold(product.offer())
    longer = product.services.holds.extend(GUEST, hold.id)
    assert (longer.expires_at - hold.expires_at).total_seconds() == 600
    assert longer.extended
    with pytest.raises(Conflict) as refused:
        product.services.holds.extend(GUEST, hold.id)
    assert refused.value.code == "already_extended"
    assert product.services.holds.get(GUEST, hold.id).expires_at == longer.expires_at


def test_two_tabs_that_ask_at_once_get_ten_minutes_between_them(product: Product) -> None:
    hold = product.hold(product.offer())
    answers: list[str] = []

    def ask() -> None:
        try:
            product.services.holds.extend(GUEST, hold.id)
            answers.append("longer")
        except Conflict as error:
            answers.append(error.code)

    tabs = [threading.Thread(target=ask) for _ in range(4)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert sorted(answers) == ["already_extended"] * 3 + ["longer"]
    longer = product.services.holds.get(GUEST, hold.id)
    assert (longer.expires_at - hold.expires_at).total_seconds() == 600


def test_a_hold_that_has_ended_is_not_brought_back(product: Product, clock: Any) -> None:
    made = product.offer(seats=2)
    hold = product.hold(made)
    clock.move(minutes=36)
    product.hold(made, actor=OTHER)
    with pytest.raises(Gone) as ended:
        product.services.holds.extend(GUEST, hold.id)
    assert ended.value.code == "hold_expired"


def test_who_waits_for_the_departure_while_the_hold_ends_does_not_get_it_back(
    product: Product, clock: Any
) -> None:
    """The clock is read after the wait: before it the hold was still alive."""
    made = product.offer(seats=2)
    hold = product.hold(made)
    refused: list[str] = []

    def wait() -> None:
        for act in (
            lambda: product.services.holds.extend(GUEST, hold.id),
            lambda: product.services.bookings.create(GUEST, form(hold)),
        ):
            try:
                act()
            except Gone as error:
                refused.append(error.code)

    with product.database.unit(RDS) as session:
        session.execute(
            text("select from departures where id = :id for update"), {"id": made.departure_id}
        )
        waiting = threading.Thread(target=wait)
        waiting.start()
        waiting.join(timeout=0.3)
        assert waiting.is_alive()
        clock.move(minutes=36)
    waiting.join()
    assert refused == ["hold_expired", "hold_expired"]


def test_going_on_to_pay_never_shortens_what_was_lengthened(product: Product) -> None:
    hold = product.hold(product.offer())
    longer = product.services.holds.extend(GUEST, hold.id)
    booking = product.services.bookings.create(GUEST, form(hold))
    assert booking.held_until is not None
    assert booking.held_until >= longer.expires_at


# ---- extras ------------------------------------------------------------------------------


def test_extras_are_taken_along_and_left_out_again(product: Product) -> None:
    made = product.offer()
    hold = product.hold(made)
    before = hold.price
    taken = product.services.holds.set_addons(GUEST, hold.id, frozenset({made.optional_addon}))
    assert taken.price.total == before.total + Money(9600, "EUR")
    assert taken.addon_ids == {made.required_addon, made.optional_addon}
    assert [(one.name, one.price.minor) for one in taken.addons] == [("Uffizi with a guide", 4800)]
    assert taken.price.deposit == taken.price.total.percent(25)
    assert taken.expires_at == hold.expires_at
    left = product.services.holds.set_addons(GUEST, hold.id, frozenset())
    assert left.price == before


def test_a_dearer_package_does_not_make_held_seats_dearer(product: Product) -> None:
    made = product.offer()
    hold = product.hold(made)
    with product.database.unit(PACKAGES) as session:
        session.execute(text("update multi_city_hotel_packages set base_price = 9000"))
    with product.database.unit(PACKAGE_EXTRAS) as session:
        session.execute(text("update multi_city_hotel_package_addons set price = 900"))
    product.services.catalogue._rates._kept.clear()
    taken = product.services.holds.set_addons(GUEST, hold.id, frozenset({made.optional_addon}))
    assert taken.price.total == hold.price.total + Money(9600, "EUR")
    assert [one.price.minor for one in taken.addons] == [4800]


def test_an_extra_that_is_not_offered_any_more_stays_only_where_it_is(product: Product) -> None:
    made = product.offer()
    with_it = product.hold(made, addon_ids=frozenset({made.optional_addon}))
    without = product.hold(made, actor=OTHER)
    with product.database.unit(PACKAGE_EXTRAS) as session:
        session.execute(
            text("delete from multi_city_hotel_package_addons where id = :id"),
            {"id": made.optional_addon},
        )
    product.services.catalogue._rates._kept.clear()
    wanted = frozenset({made.optional_addon})
    assert product.services.holds.set_addons(GUEST, with_it.id, wanted).price == with_it.price
    for key in (made.optional_addon, uuid7()):
        with pytest.raises(Invalid) as refused:
            product.services.holds.set_addons(OTHER, without.id, frozenset({key}))
        assert [error.field for error in refused.value.fields] == ["addon_ids"]


def test_extras_of_an_ended_or_paid_hold_stay(product: Product, clock: Any) -> None:
    made = product.offer()
    hold = product.hold(made)
    booking = product.book(hold)
    product.pay(product.session_of(booking))
    product.services.payments.settle(product.session_of(booking))
    with pytest.raises(Conflict) as refused:
        product.services.holds.set_addons(GUEST, hold.id, frozenset({made.optional_addon}))
    assert refused.value.code == "already_booked"
    with pytest.raises(Conflict):
        product.services.holds.extend(GUEST, hold.id)
    late = product.hold(made)
    clock.move(minutes=36)
    with pytest.raises(Gone):
        product.services.holds.set_addons(GUEST, late.id, frozenset())


def test_extras_chosen_after_coming_back_unpaid_are_what_is_charged(product: Product) -> None:
    made = product.offer()
    hold = product.hold(made)
    booking = product.book(hold)
    old = product.session_of(booking)
    taken = product.services.holds.set_addons(GUEST, hold.id, frozenset({made.optional_addon}))
    # Until she goes on to pay, the page that is open charges what it says.
    assert product.services.bookings.get(GUEST, booking.reference).total == hold.price.total
    again = product.book(hold)
    assert (again.reference, again.total) == (booking.reference, taken.price.total)
    assert [line.code for line in again.price.lines] == [line.code for line in taken.price.lines]
    stripe = product.services.payments._stripe
    assert stripe.checkout(old).status == "expired", "the page with the old amount is over"
    assert stripe.checkout(product.session_of(again)).amount == taken.price.total
    product.pay(product.session_of(again))
    product.services.payments.settle(product.session_of(again))
    paid = product.services.bookings.get(GUEST, booking.reference)
    assert (paid.status, paid.paid, paid.due.minor) == ("confirmed", taken.price.total, 0)
    assert ledger_rest(product, booking) == 0


def test_the_old_page_paid_meanwhile_is_the_booking(product: Product) -> None:
    made = product.offer()
    hold = product.hold(made)
    booking = product.book(hold)
    product.services.holds.set_addons(GUEST, hold.id, frozenset({made.optional_addon}))
    product.pay(product.session_of(booking))
    after = product.book(hold)
    assert (after.status, after.total, after.paid) == (
        "confirmed",
        hold.price.total,
        hold.price.total,
    )
    assert made.optional_addon not in after.price.addon_ids
    assert ledger_rest(product, booking) == 0


# ---- the price that was agreed to ----------------------------------------------------------


def test_a_rise_before_the_seats_are_held_is_asked_about(product: Product) -> None:
    made = product.offer()
    shown = product.services.catalogue.price(
        made.package_id, made.departure_id, 2, 0, frozenset()
    ).total
    rds(product, "update departures set price_minor = 150000 where id = :id", id=made.departure_id)
    with pytest.raises(Conflict) as refused:
        product.hold(made, expected=shown)
    assert refused.value.code == "price_changed"
    now = refused.value.data["price"].total
    assert now == Money(302400, "EUR")
    assert "€2,704" in refused.value.detail
    assert "€3,024" in refused.value.detail
    assert product.one("select count(*) as n from seat_claims").n == 0
    assert product.hold(made, expected=now).price.total == now


def test_a_lower_price_is_simply_taken(product: Product) -> None:
    made = product.offer()
    product.services.holds.release(GUEST, product.hold(made).id)
    # What is remembered of the departure is of before.
    rds(product, "update departures set price_minor = 100000 where id = :id", id=made.departure_id)
    assert product.hold(made, expected=Money(270400, "EUR")).price.total == Money(202400, "EUR")


def test_a_departure_that_is_remembered_dearer_than_it_is_refuses_nobody(product: Product) -> None:
    made = product.offer()
    rds(product, "update departures set price_minor = 150000 where id = :id", id=made.departure_id)
    product.services.holds.release(GUEST, product.hold(made).id)
    rds(product, "update departures set price_minor = null where id = :id", id=made.departure_id)
    assert product.hold(made, expected=Money(270400, "EUR")).price.total.minor == 270400


def test_what_another_tab_changed_is_not_booked_unseen(product: Product) -> None:
    made = product.offer()
    hold = product.hold(made)
    shown = {"amount": hold.price.total.minor, "currency": "EUR"}
    taken = product.services.holds.set_addons(GUEST, hold.id, frozenset({made.optional_addon}))
    with pytest.raises(Conflict) as refused:
        product.services.bookings.create(GUEST, form(hold, expected_total=shown))
    assert refused.value.code == "price_changed"
    assert refused.value.data["price"] == taken.price
    assert product.one("select count(*) as n from bookings").n == 0
    agreed = {"amount": taken.price.total.minor, "currency": "EUR"}
    booking = product.services.bookings.create(GUEST, form(hold, expected_total=agreed))
    assert booking.total == taken.price.total


@pytest.mark.parametrize(
    "wrong",
    [7, "1", {"amount": 1}, {"amount": -1, "currency": "EUR"}, {"amount": 1.5, "currency": "EUR"},
     {"amount": True, "currency": "EUR"}, {"amount": 1, "currency": "eur"}],
)  # fmt: skip
def test_junk_for_a_price_is_refused(wrong: Any) -> None:
    with pytest.raises(Invalid):
        parse(HoldForm, {"departure_id": str(uuid7()), "adults": 1, "expected_total": wrong})


# ---- coming back ---------------------------------------------------------------------------


def test_held_seats_are_found_again_until_they_are_paid_or_over(
    product: Product, clock: Any
) -> None:
    made = product.offer()
    holds = product.services.holds
    assert holds.latest(GUEST) is None
    hold = product.hold(made)
    kept = holds.latest(GUEST)
    assert kept is not None
    assert (kept.hold_id, kept.seats, kept.title) == (
        hold.id,
        2,
        "Rome, Florence & Venice by rail",
    )
    booking = product.book(hold)
    assert holds.latest(GUEST) is not None, "not paid yet"
    assert holds.latest(OTHER) is None
    assert holds.latest(Actor(role="guest", source="guest")) is None
    # Who signs in afterwards keeps the browser's hold.
    customer = Actor(role="customer", source="cognito", user_id=uuid7(), guest_key=GUEST.guest_key)
    found = holds.latest(customer)
    assert found is not None
    assert found.hold_id == hold.id
    product.pay(product.session_of(booking))
    product.services.payments.settle(product.session_of(booking))
    assert holds.latest(GUEST) is None
    product.hold(made)
    clock.move(minutes=36)
    assert holds.latest(GUEST) is None


def test_somebody_elses_hold_can_not_be_touched(product: Product) -> None:
    hold = product.hold(product.offer())
    for act in (
        lambda: product.services.holds.extend(OTHER, hold.id),
        lambda: product.services.holds.set_addons(OTHER, hold.id, frozenset()),
    ):
        with pytest.raises(NotFound):
            act()
