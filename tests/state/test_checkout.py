"""The checkout: extras live, a price that changed, a hold kept longer, a second tab, coming back."""

from typing import Any

import pytest
from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.domain.actor import Actor
from ecosystem.domain.ids import uuid7
from ecosystem.state.checkout import CheckoutState
from ecosystem.state.held_seats import HeldSeatsState
from ecosystem.state.packages import PackageState
from tests.product import Product
from tests.state.test_storefront import MAJA, act, guest_page, reserved, target

pytestmark = pytest.mark.anyio


async def opened(product: Product, path: str) -> tuple[Any, Actor]:
    state, guest = guest_page(product, CheckoutState, path)
    await act(state, "open")
    assert state.phase == "open"
    return state, guest


async def test_extras_change_the_price_as_they_are_ticked(installed: Product) -> None:
    made = installed.offer()
    checkout, guest = await opened(installed, await reserved(installed, made))
    before = checkout.amounts
    (extra,) = before.extras
    assert (extra.name, extra.taken) == ("Uffizi with a guide", False)
    assert (before.total, before.deposit) == ("€2,704", "€676")
    await act(checkout, "toggle", extra.key)
    after = checkout.amounts
    assert (after.total, after.deposit, after.rest) == ("€2,800", "€700", "€2,100")
    assert after.lines[-1].label == "Uffizi with a guide × 2"
    assert after.extras[0].taken
    for junk in (str(made.required_addon), str(uuid7()), "x"):
        await act(checkout, "toggle", junk)
    assert checkout.amounts == after
    assert target(await act(checkout, "pay", MAJA)).startswith("http")
    (row,) = installed.services.bookings.rows(guest).items
    assert row.total.minor == 280000


async def test_another_tab_s_change_is_shown_before_it_is_paid(installed: Product) -> None:
    path = await reserved(installed, installed.offer())
    first, guest = await opened(installed, path)
    second, _ = await opened(installed, path)
    await act(second, "toggle", second.amounts.extras[0].key)
    assert await act(first, "pay", MAJA) == []
    assert "€2,704" in first.consent
    assert "€2,800" in first.consent
    assert first.amounts.total == "€2,800"
    assert not installed.services.bookings.rows(guest).items, "nothing is booked unseen"
    assert target(await act(first, "pay", MAJA)).startswith("http")
    assert first.consent == ""


async def test_a_look_around_takes_over_what_another_tab_did(installed: Product) -> None:
    path = await reserved(installed, installed.offer())
    first, _ = await opened(installed, path)
    second, _ = await opened(installed, path)
    await act(second, "toggle", second.amounts.extras[0].key)
    await act(second, "extend")
    assert await act(first, "look") == []
    assert (first.amounts.total, first.kept.more) == ("€2,800", False)
    assert target(await act(second, "pay", MAJA)).startswith("http")
    (row,) = installed.services.bookings.rows(guest_page(installed, CheckoutState, path)[1]).items
    booking = installed.services.bookings.get(
        guest_page(installed, CheckoutState, path)[1], row.reference
    )
    installed.pay(installed.session_of(booking))
    assert target(await act(first, "look")) == f"/trips/{row.reference}"


async def test_the_seats_are_kept_longer_once(installed: Product) -> None:
    path = await reserved(installed, installed.offer())
    checkout, _ = await opened(installed, path)
    before = checkout.kept
    assert before.more
    (said,) = await act(checkout, "extend")
    assert said is not None
    assert 590 <= checkout.kept.seconds - before.seconds <= 600
    assert not checkout.kept.more
    kept = checkout.kept.until
    await act(checkout, "extend")
    assert checkout.kept.until == kept


async def test_a_hold_that_ended_meanwhile_says_so(installed: Product, clock: Any) -> None:
    path = await reserved(installed, installed.offer())
    for name, arguments in (("extend", ()), ("toggle", ("extra",)), ("pay", (MAJA,))):
        checkout, _ = await opened(installed, path)
        if name == "toggle":
            arguments = (checkout.amounts.extras[0].key,)
        clock.move(minutes=36)
        await act(checkout, name, *arguments)
        assert checkout.phase == "ended", name
        assert "Nothing was charged" in checkout.problem
        clock.move(minutes=-36)


async def test_back_from_the_payment_page_everything_can_still_be_chosen(
    installed: Product,
) -> None:
    path = await reserved(installed, installed.offer())
    checkout, guest = await opened(installed, path)
    form = {**MAJA, "phone": "+46 8 555 01 42", "traveller_2": "Ada Okafor"}
    first = target(await act(checkout, "pay", form))
    back, _ = await opened(installed, path)
    assert "Nothing was charged" in back.said
    assert (back.view.phone, back.how) == ("+46 8 555 01 42", "deposit")
    assert back.travellers[0].value == "Ada Okafor"
    await act(back, "choose", "full")
    await act(back, "toggle", back.amounts.extras[0].key)
    second = target(await act(back, "pay", form))
    assert second != first
    (row,) = installed.services.bookings.rows(guest).items
    booking = installed.services.bookings.get(guest, row.reference)
    assert [(p.kind, p.amount.minor) for p in booking.payments] == [("full", 280000)]


async def test_dates_of_birth_are_asked_for_where_the_operator_does(installed: Product) -> None:
    made = installed.offer()
    with installed.database.unit(RDS) as session:
        session.execute(
            text("insert into operator_terms (operator_id, asks_birth_dates) values (:id, true)"),
            {"id": made.operator_id},
        )
    checkout, guest = await opened(installed, await reserved(installed, made))
    assert checkout.view.birth_dates
    assert [field.born for field in checkout.travellers] == ["born_2"]
    await act(checkout, "pay", {**MAJA, "phone": "nope"})
    assert checkout.wrong.phone
    assert checkout.travellers[0].error, "everybody has to be named"
    await act(checkout, "pay", {**MAJA, "traveller_2": "Ada Okafor", "born_2": "soon"})
    assert checkout.travellers[0].birth_error
    await act(checkout, "pay", {**MAJA, "traveller_2": "Ada Okafor"})
    assert checkout.wrong.birth_date == "Enter the date of birth."
    assert checkout.travellers[0].birth_error == "Enter the date of birth."
    form = {**MAJA, "birth_date": "1988-02-29", "traveller_2": "Ada Okafor", "born_2": "1990-11-03"}
    assert target(await act(checkout, "pay", form)).startswith("http")
    (row,) = installed.services.bookings.rows(guest).items
    booking = installed.services.bookings.get(guest, row.reference)
    assert [one["birth_date"] for one in booking.travellers] == ["1988-02-29", "1990-11-03"]


async def test_a_price_that_rises_while_one_looks_is_asked_about(installed: Product) -> None:
    made = installed.offer()
    state, _ = guest_page(installed, PackageState, f"/packages/{made.slug}?travellers=2")
    await act(state, "open")
    assert state.total == "€2,704"
    with installed.database.unit(RDS) as session:
        session.execute(
            text("update departures set price_minor = 150000 where id = :id"),
            {"id": made.departure_id},
        )
    assert await act(state, "reserve") == []
    assert (state.total, state.notice) == ("€3,024", "")
    assert "was €2,704 and is €3,024" in state.consent
    assert target(await act(state, "reserve")).startswith("/checkout/")


async def test_the_way_back_to_held_seats(installed: Product, clock: Any) -> None:
    banner, guest = guest_page(installed, HeldSeatsState, "/")
    await act(banner, "open")
    assert banner.href == ""
    path = await reserved(installed, installed.offer())
    await act(banner, "open")
    assert banner.href == path
    assert (banner.before, banner.after) == ("2 seats are held for you until ", ".")
    assert banner.trip.startswith("Rome, Florence & Venice by rail, ")
    clock.move(minutes=36)
    await act(banner, "open")
    assert (banner.href, banner.trip) == ("", "")
    assert guest.guest_key
