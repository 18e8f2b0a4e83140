"""A booking is changed after it was made: the preview is what is carried out, to the cent."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.database.tables import Departure
from ecosystem.domain.actor import GUEST as NOBODY
from ecosystem.domain.actor import Actor
from ecosystem.domain.changes import (
    ChangeDone,
    NewDate,
    OneAddon,
    OneTraveller,
    What,
    WholeBooking,
)
from ecosystem.domain.errors import Conflict, EcosystemError, Forbidden, NotFound, Unavailable
from ecosystem.domain.ids import uuid7
from ecosystem.domain.money import Money
from tests.money_facts import true_at_rest
from tests.product import GUEST, Offer, Product

OPS = Actor(role="ops", source="cognito", user_id=uuid7())


def bought(
    product: Product, made: Offer, *, pay: str = "full", adults: int = 2, **more: Any
) -> Any:
    """A confirmed booking of ``GUEST``."""
    booking = product.book(product.hold(made, adults=adults, **more), pay=pay)
    session_id = product.session_of(booking)
    product.pay(session_id)
    product.services.payments.settle(session_id)
    return product.services.bookings.get(GUEST, booking.reference)


def operator(made: Offer, role: Any = "editor") -> Actor:
    return Actor(
        role="provider",
        source="supabase",
        user_id=uuid7(),
        operator_id=made.operator_id,
        operator_role=role,
    )


def another_date(
    product: Product, made: Offer, *, days: int, minor: int | None = None, seats: int = 10
) -> UUID:
    """One more departure of the package, ``days`` after the first."""
    key = uuid7()
    with product.database.unit(RDS) as session:
        first = session.get(Departure, made.departure_id)
        assert first is not None
        session.add(
            Departure(
                id=key,
                package_id=made.package_id,
                operator_id=made.operator_id,
                starts_on=first.starts_on + timedelta(days=days),
                ends_on=first.ends_on + timedelta(days=days),
                timezone=first.timezone,
                capacity=seats,
                currency=first.currency,
                price_minor=minor,
            )
        )
    return key


def rows(product: Product, sql: str, **values: Any) -> list[Any]:
    with product.database.unit(RDS) as session:
        return list(session.execute(text(sql), values))


def accounts(product: Product, booking: Any) -> dict[str, int]:
    found = rows(
        product,
        "select account, sum(amount_minor)::bigint as minor from ledger_entries"
        " where booking_id = :id group by account",
        id=booking.id,
    )
    assert sum(row.minor for row in found) == 0
    return {row.account: row.minor for row in found}


def sold_seats(product: Product, departure_id: UUID) -> int:
    return product.one(
        "select coalesce(sum(seats), 0)::int as n from seat_claims"
        " where departure_id = :id and (state = 'sold' or (state = 'held' and expires_at > now()))",
        id=departure_id,
    ).n


def make(
    product: Product, booking: Any, what: What, *, actor: Actor = GUEST, **more: Any
) -> ChangeDone:
    """Look at a change, carry it out, and compare."""
    changes = product.services.changes
    shown = changes.preview(actor, booking.reference, what)
    done = changes.carry_out(
        actor,
        booking.reference,
        what,
        expected_refund=shown.refund,
        expected_to_pay=shown.to_pay,
        revision=shown.revision,
        **more,
    )
    assert done.preview == shown
    return done


def settled(product: Product, booking: Any) -> None:
    """Books of a confirmed or cancelled booking that asks for nothing: nobody owes anybody."""
    found = accounts(product, booking)
    owed = product.one(
        "select coalesce(sum(amount_minor), 0)::bigint as minor from payments"
        " where booking_id = :id and status in ('due', 'failed') and closed_at is null"
        " and kind <> 'change'",
        id=booking.id,
    ).minor
    assert found.get("buyer_receivable", 0) == owed


# The whole booking -------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts_in", "percent"), [(120, 100), (31, 100), (20, 50), (14, 50), (13, 0), (1, 0)]
)
def test_a_cancellation_gives_back_what_the_policy_says(
    product: Product, starts_in: int, percent: int
) -> None:
    made = product.offer(starts_in=starts_in, deposit_percent=None)
    booking = bought(product, made)
    paid = booking.paid.minor
    done = make(product, booking, WholeBooking())
    assert done.status == "cancelled"
    assert done.preview.refund.minor == paid * percent // 100
    assert done.preview.retained.minor == paid - paid * percent // 100
    assert sold_seats(product, made.departure_id) == 0
    after = product.services.bookings.get(GUEST, booking.reference)
    assert (after.status, after.due.minor) == ("cancelled", 0)
    assert after.paid == done.preview.retained
    settled(product, booking)
    promised = -accounts(product, booking).get("refunds", 0)
    assert promised == done.preview.refund.minor
    [change] = product.services.changes.history(GUEST, booking.reference)
    assert (change.kind, change.by, change.state) == ("cancelled", "buyer", "done")
    assert sum(one.amount.minor for one in change.refunds) == done.preview.refund.minor


def test_a_deposit_comes_back_and_the_balance_is_not_asked_for(product: Product) -> None:
    made = product.offer(starts_in=120)
    booking = bought(product, made, pay="deposit")
    done = make(product, booking, WholeBooking())
    assert done.preview.refund == booking.paid
    assert [line.code for line in done.preview.lines] == ["paid", "refund", "kept", "dropped"]
    kept = rows(
        product,
        "select kind, status, closed_at is not null as closed from payments"
        " where booking_id = :id order by kind",
        id=booking.id,
    )
    assert [tuple(row) for row in kept] == [
        ("balance", "due", True),
        ("deposit", "refunded", False),
    ]
    settled(product, booking)


def test_an_operator_who_cancels_gives_everything_back(product: Product) -> None:
    made = product.offer(starts_in=3, deposit_percent=None)
    booking = bought(product, made)
    assert (
        product.services.changes.preview(GUEST, booking.reference, WholeBooking()).refund.minor == 0
    )
    done = make(product, booking, WholeBooking(), actor=operator(made), reason="Landslide")
    assert done.preview.refund == booking.paid
    found = accounts(product, booking)
    assert {name: minor for name, minor in found.items() if minor} == {
        "platform_cash": found["platform_cash"],
        "processing_fees": found["processing_fees"],
        "refunds": -booking.paid.minor,
    }


def test_cancelling_twice_is_one_cancellation(product: Product) -> None:
    booking = bought(product, product.offer())
    first = make(product, booking, WholeBooking())
    again = product.services.changes.carry_out(
        GUEST, booking.reference, WholeBooking(), expected_refund=first.preview.refund
    )
    assert (again.id, again.preview.refund) == (first.id, first.preview.refund)
    assert len(rows(product, "select from refunds where booking_id = :id", id=booking.id)) == 1
    with pytest.raises(Conflict, match="cancelled already"):
        product.services.changes.preview(GUEST, booking.reference, WholeBooking())


def test_a_refund_that_is_another_by_now_is_not_carried_out(product: Product, clock: Any) -> None:
    booking = bought(product, product.offer(starts_in=40))
    shown = product.services.changes.preview(GUEST, booking.reference, WholeBooking())
    clock.move(days=15)
    with pytest.raises(Conflict) as caught:
        product.services.changes.carry_out(
            GUEST, booking.reference, WholeBooking(), expected_refund=shown.refund
        )
    assert caught.value.code == "refund_changed"
    assert caught.value.data["refund"] == (shown.refund.minor + 1) // 2
    assert product.services.bookings.get(GUEST, booking.reference).status == "confirmed"


def test_an_unpaid_booking_is_given_up_and_its_page_ends(product: Product) -> None:
    made = product.offer(seats=2)
    booking = product.book(product.hold(made))
    page = product.session_of(booking)
    done = make(product, booking, WholeBooking())
    assert (done.status, done.preview.refund.minor) == ("cancelled", 0)
    assert product.services.payments._stripe.checkout(page).status == "expired"
    assert sold_seats(product, made.departure_id) == 0
    assert accounts(product, booking) == {}
    with pytest.raises(EcosystemError):
        product.services.payments.pay_link(booking.payments[0].pay_path.removeprefix("/pay/"))


def test_a_page_that_was_paid_while_it_is_cancelled_is_refunded_by_the_policy(
    product: Product,
) -> None:
    booking = product.book(product.hold(product.offer()))
    shown = product.services.changes.preview(GUEST, booking.reference, WholeBooking())
    product.pay(product.session_of(booking))
    with pytest.raises(Conflict) as caught:
        product.services.changes.carry_out(
            GUEST, booking.reference, WholeBooking(), expected_refund=shown.refund
        )
    assert caught.value.code == "refund_changed"
    assert product.services.bookings.get(GUEST, booking.reference).status == "confirmed"


def test_stripe_silent_leaves_an_unpaid_booking_as_it_is(product: Product) -> None:
    booking = product.book(product.hold(product.offer()))
    page = product.session_of(booking)
    cut = {"method": "POST", "path": f"/v1/checkout/sessions/{page}/expire", "kind": "500"}
    product.stripe.control("faults", {"api": [{**cut, "times": 9}]})
    with pytest.raises(Unavailable):
        product.services.changes.carry_out(GUEST, booking.reference, WholeBooking())
    assert product.services.bookings.get(GUEST, booking.reference).status == "pending_payment"
    product.stripe.control("faults", {"mode": "none", "api": []})
    make(product, booking, WholeBooking())


# Who may -----------------------------------------------------------------------


def test_only_those_it_concerns_may_change_a_booking(product: Product) -> None:
    made, other = product.offer(), product.offer()
    booking = bought(product, made)
    view_key = product.one("select view_key from bookings where id = :id", id=booking.id).view_key
    changes = product.services.changes
    strangers = [
        NOBODY,
        replace(GUEST, guest_key="x" * 64),
        Actor(role="customer", source="cognito", user_id=uuid7()),
        Actor(role="agent", source="cognito", user_id=uuid7(), agency_id=uuid7()),
        operator(other, "owner"),
    ]
    for stranger in strangers:
        for what in (WholeBooking(), OneTraveller(1), OneAddon(made.optional_addon)):
            with pytest.raises(NotFound):
                changes.preview(stranger, booking.reference, what, key="wrong")
            with pytest.raises(NotFound):
                changes.carry_out(stranger, booking.reference, what)
        with pytest.raises(NotFound):
            changes.history(stranger, booking.reference)
        with pytest.raises(NotFound):
            changes.dates(stranger, booking.reference)
    with pytest.raises(Forbidden):
        changes.carry_out(operator(made, "viewer"), booking.reference, WholeBooking())
    assert not changes.possible(operator(made, "viewer"), booking.reference).cancel
    for actor, key, by in (
        (NOBODY, view_key, "buyer"),
        (GUEST, "", "buyer"),
        (operator(made), "", "operator"),
        (OPS, "", "ops"),
    ):
        assert changes.possible(actor, booking.reference, key=key).by == by


# Parts -------------------------------------------------------------------------


def test_one_traveller_of_three_comes_off_at_the_price_that_was_held(
    product: Product, clock: Any
) -> None:
    made = product.offer(starts_in=40, deposit_percent=None)
    booking = bought(product, made, adults=3, addon_ids=frozenset({made.optional_addon}))
    each = 134000 + 1200 + 4800
    assert booking.total.minor == 3 * each
    clock.move(days=20)  # half comes back
    done = make(product, booking, OneTraveller(2))
    assert done.preview.refund.minor == each // 2
    after = product.services.bookings.get(GUEST, booking.reference)
    assert (after.adults, after.total.minor) == (2, 3 * each - each // 2)
    assert after.paid == after.total
    assert after.price.lines[-1].code == "kept:1"
    assert sum(line.amount.minor for line in after.price.lines) == after.total.minor
    assert sold_seats(product, made.departure_id) == 2
    settled(product, booking)
    second = make(product, booking, OneTraveller(2))
    assert second.preview.refund.minor == each // 2
    assert product.services.bookings.get(GUEST, booking.reference).adults == 1
    with pytest.raises(Conflict) as caught:
        make(product, booking, OneTraveller(1))
    assert caught.value.code == "last_adult"
    settled(product, booking)


def test_the_same_click_twice_takes_one_traveller_off(product: Product) -> None:
    booking = bought(product, product.offer(), adults=3)
    changes = product.services.changes
    shown = changes.preview(GUEST, booking.reference, OneTraveller(2))
    changes.carry_out(GUEST, booking.reference, OneTraveller(2), revision=shown.revision)
    with pytest.raises(Conflict) as caught:
        changes.carry_out(GUEST, booking.reference, OneTraveller(2), revision=shown.revision)
    assert caught.value.code == "booking_changed"


def test_an_addon_comes_off_and_the_balance_is_smaller(product: Product) -> None:
    made = product.offer()
    booking = bought(product, made, pay="deposit", addon_ids=frozenset({made.optional_addon}))
    possible = product.services.changes.possible(GUEST, booking.reference)
    assert possible.addons == ((made.optional_addon, "Uffizi with a guide"),)
    done = make(product, booking, OneAddon(made.optional_addon))
    assert (done.preview.refund.minor, done.preview.after.minor) == (0, booking.total.minor - 9600)
    after = product.services.bookings.get(GUEST, booking.reference)
    assert after.due.minor == booking.due.minor - 9600
    balance = next(payment for payment in after.payments if payment.kind == "balance")
    assert balance.amount == after.due
    settled(product, booking)
    with pytest.raises(Conflict) as caught:
        make(product, booking, OneAddon(made.required_addon))
    assert caught.value.code == "addon_required"
    with pytest.raises(NotFound):
        make(product, booking, OneAddon(made.optional_addon))


def test_a_balance_page_with_the_old_amount_ends_before_the_balance_changes(
    product: Product,
) -> None:
    made = product.offer()
    booking = bought(product, made, pay="deposit", addon_ids=frozenset({made.optional_addon}))
    balance = next(payment for payment in booking.payments if payment.kind == "balance")
    token = balance.pay_path.removeprefix("/pay/")
    product.services.payments.pay_link(token)
    old = product.one(
        "select stripe_session_id as id from payments where pay_token = :token", token=token
    ).id
    make(product, booking, OneAddon(made.optional_addon))
    assert product.services.payments._stripe.checkout(old).status == "expired"
    product.services.payments.pay_link(token)
    new = product.one(
        "select stripe_session_id as id from payments where pay_token = :token", token=token
    ).id
    page = product.services.payments._stripe.checkout(new)
    assert page.amount == balance.amount - Money(9600, "EUR")
    product.pay(new)
    product.services.payments.settle(new)
    after = product.services.bookings.get(GUEST, booking.reference)
    assert (after.due.minor, after.paid) == (0, after.total)
    settled(product, booking)


# Another date ------------------------------------------------------------------


def test_a_cheaper_date_gives_the_difference_back_at_once(product: Product) -> None:
    made = product.offer(deposit_percent=None)
    cheap = another_date(product, made, days=14, minor=120000)
    booking = bought(product, made)
    [choice] = product.services.changes.dates(GUEST, booking.reference)
    assert (choice.departure_id, choice.difference.minor) == (cheap, -28000)
    done = make(product, booking, NewDate(cheap))
    assert (done.state, done.preview.refund.minor, done.preview.to_pay.minor) == ("done", 28000, 0)
    after = product.services.bookings.get(GUEST, booking.reference)
    assert (after.starts_on, after.total.minor) == (choice.starts_on, booking.total.minor - 28000)
    assert sold_seats(product, made.departure_id) == 0
    assert sold_seats(product, cheap) == 2
    settled(product, booking)


def test_a_dearer_date_is_ours_once_its_difference_is_paid(product: Product) -> None:
    made = product.offer(deposit_percent=None)
    dear = another_date(product, made, days=14, minor=150000)
    booking = bought(product, made)
    done = make(product, booking, NewDate(dear))
    assert (done.state, done.preview.to_pay.minor) == ("waiting", 32000)
    assert product.services.bookings.get(GUEST, booking.reference).starts_on == booking.starts_on
    assert sold_seats(product, dear) == 2
    for what in (OneTraveller(2), NewDate(dear)):
        with pytest.raises(Conflict) as caught:
            product.services.changes.preview(GUEST, booking.reference, what)
        assert caught.value.code == "change_waiting"
    token = done.pay_path.removeprefix("/pay/")
    product.services.payments.pay_link(token)
    page = product.one(
        "select stripe_session_id as id from payments where pay_token = :token", token=token
    ).id
    product.pay(page)
    for _time in range(3):
        product.services.payments.settle(page)
    after = product.services.bookings.get(GUEST, booking.reference)
    assert (after.starts_on, after.status) == (done.preview.starts_on, "confirmed")
    assert (after.total, after.paid) == (done.preview.after, done.preview.after)
    assert sold_seats(product, made.departure_id) == 0
    assert sold_seats(product, dear) == 2
    settled(product, booking)


def test_a_dearer_date_nobody_pays_for_is_dropped(product: Product, clock: Any) -> None:
    made = product.offer(deposit_percent=None)
    dear = another_date(product, made, days=14, minor=150000, seats=2)
    booking = bought(product, made)
    done = make(product, booking, NewDate(dear))
    clock.move(minutes=36)
    assert product.services.changes.step() == 1
    assert product.services.changes.step() == 0
    assert sold_seats(product, dear) == 0
    [change] = product.services.changes.history(GUEST, booking.reference)
    assert change.state == "dropped"
    with pytest.raises(EcosystemError):
        product.services.payments.pay_link(done.pay_path.removeprefix("/pay/"))
    assert make(product, booking, NewDate(dear)).state == "waiting"


def test_a_difference_paid_too_late_goes_back_and_the_date_stays(
    product: Product, clock: Any
) -> None:
    made = product.offer(deposit_percent=None)
    dear = another_date(product, made, days=14, minor=150000, seats=2)
    booking = bought(product, made)
    done = make(product, booking, NewDate(dear))
    token = done.pay_path.removeprefix("/pay/")
    product.services.payments.pay_link(token)
    page = product.one(
        "select stripe_session_id as id from payments where pay_token = :token", token=token
    ).id
    product.pay(page)
    clock.move(minutes=36)
    product.services.holds.place(replace(GUEST, guest_key="o" * 64), dear, adults=2)
    product.services.payments.settle(page)
    after = product.services.bookings.get(GUEST, booking.reference)
    assert (after.starts_on, after.total) == (booking.starts_on, booking.total)
    assert sold_seats(product, made.departure_id) == 2
    found = accounts(product, booking)
    assert -found["refunds"] == 32000


def test_with_a_balance_open_a_dearer_date_is_added_to_it(product: Product) -> None:
    made = product.offer()
    dear = another_date(product, made, days=14, minor=150000)
    booking = bought(product, made, pay="deposit")
    done = make(product, booking, NewDate(dear))
    assert (done.state, done.preview.added_to_balance.minor) == ("done", 32000)
    after = product.services.bookings.get(GUEST, booking.reference)
    assert after.due.minor == booking.due.minor + 32000
    settled(product, booking)


def test_a_new_date_brings_no_better_refund(product: Product) -> None:
    made = product.offer(starts_in=20, deposit_percent=None)
    late = another_date(product, made, days=200)
    booking = bought(product, made)
    shown = make(product, booking, NewDate(late)).preview
    assert [tier.refund_percent for tier in shown.policy] == [50, 0]
    done = make(product, booking, WholeBooking())
    assert done.preview.refund.minor == booking.paid.minor // 2
    settled(product, booking)


def test_dates_that_can_not_be_had(product: Product) -> None:
    made, other = product.offer(starts_in=40), product.offer()
    full = another_date(product, made, days=7, seats=1)
    booking = bought(product, made)
    for departure, code in (
        (full, "sold_out"),
        (made.departure_id, "same_date"),
        (other.departure_id, "departure_not_found"),
        (uuid7(), "departure_not_found"),
    ):
        with pytest.raises(EcosystemError) as caught:
            product.services.changes.preview(GUEST, booking.reference, NewDate(departure))
        assert caught.value.code == code
    assert product.services.changes.dates(GUEST, booking.reference) == ()


# Carried out -------------------------------------------------------------------


def test_what_was_promised_is_carried_out(product: Product) -> None:
    booking = bought(product, product.offer(starts_in=20, deposit_percent=None), adults=3)
    done = make(product, booking, OneTraveller(2))
    product.work()
    found = accounts(product, booking)
    assert (found["refunds"], found["buyer_receivable"]) == (0, 0)
    assert product.services.bookings.get(GUEST, booking.reference).total == done.preview.after
    [change] = product.services.changes.history(GUEST, booking.reference)
    assert [refund.state for refund in change.refunds] == ["succeeded"]
    true_at_rest(product, [booking.id])
