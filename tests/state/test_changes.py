"""Changing a booking from its page: what is asked is what is done, by whom it may be done."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.domain.actor import Actor
from ecosystem.state.changes import ChangesState
from ecosystem.state.provider.booking import ProviderBookingState
from ecosystem.state.trip import TripState
from tests.product import GUEST, Offer, Product
from tests.services.test_desks import OPS, agent, provider
from tests.state.test_desk_pages import page, run

pytestmark = pytest.mark.anyio

STRANGER = Actor(role="guest", source="guest", guest_key="s" * 64)


def paid(product: Product, made: Offer, actor: Actor = GUEST, pay: str = "full") -> Any:
    """A confirmed booking of two."""
    booking = product.book(product.hold(made, actor=actor), actor=actor, pay=pay)
    session = product.session_of(booking)
    product.pay(session)
    product.services.payments.settle(session)
    product.work()
    return product.services.bookings.get(actor, booking.reference)


def key_of(product: Product, booking: Any) -> str:
    return product.one("select view_key from bookings where id = :id", id=booking.id).view_key


def changing(product: Product, actor: Actor, booking: Any, key: str = "", desk: str = "") -> Any:
    """The part on the booking's page; ``GUEST`` has come by the link of her e-mail."""
    key = key_of(product, booking) if actor is GUEST else key
    path = f"{desk or '/trips'}/{booking.reference}"
    return page(product, actor, ChangesState, path + (f"?key={key}" if key else ""))


def trip_of(product: Product, booking: Any) -> Any:
    path = f"/trips/{booking.reference}?key={key_of(product, booking)}"
    return page(product, GUEST, TripState, path)


async def steps(state: Any, name: str, *arguments: Any) -> list[Any]:
    """Run a handler that yields to the end; what it sent to the browser."""
    handler = type(state).event_handlers[name].fn
    return [step async for step in handler(state, *arguments) if step]


def press(state: Any, name: str) -> None:
    """Run a handler that asks nobody."""
    type(state).event_handlers[name].fn(state)


async def test_a_guest_with_the_link_cancels_what_she_was_shown(installed: Product) -> None:
    booking = paid(installed, installed.offer())
    state = changing(installed, STRANGER, booking, key_of(installed, booking))
    await run(state, "open")
    assert (state.ready, state.may_cancel, state.gives_reason) == (True, True, False)

    await steps(state, "ask_cancel")
    assert (state.shown, state.step) == (True, "preview")
    assert state.view.confirm == "Confirm cancellation"
    assert state.view.label == "Comes back to your card"
    assert state.view.figure == "€2,704"
    assert state.view.policy[0].back == "everything back"
    sent = await steps(state, "confirm", {"reason": "not hers to give"})

    assert sent
    assert (state.shown, state.busy, state.may_cancel) == (False, False, False)
    assert [line.title for line in state.history] == ["Booking cancelled"]
    assert state.history[0].reason == ""
    after = installed.services.bookings.get(GUEST, booking.reference)
    assert (after.status, after.paid.minor) == ("cancelled", 0)
    assert [refund.amount for refund in after.refunds] == [booking.paid]


async def test_a_second_press_and_a_press_without_a_question_do_nothing(
    installed: Product,
) -> None:
    booking = paid(installed, installed.offer())
    state = changing(installed, GUEST, booking)
    await run(state, "open")
    assert await steps(state, "confirm", {}) == []
    await steps(state, "ask_cancel")
    assert state.step == "preview"
    press(state, "close")
    assert await steps(state, "confirm", {}) == []
    assert installed.services.bookings.get(GUEST, booking.reference).status == "confirmed"


async def test_what_changed_meanwhile_is_shown_anew_and_not_done(installed: Product) -> None:
    booking = paid(installed, installed.offer())
    state = changing(installed, GUEST, booking)
    await run(state, "open")
    await steps(state, "ask_cancel")
    with installed.database.unit(RDS) as session:
        session.execute(
            text("update bookings set starts_on = starts_on - 100, ends_on = ends_on - 100")
        )
    assert await steps(state, "confirm", {}) == []
    assert (state.shown, state.step, state.view.figure) == (True, "preview", "€1,352")
    assert state.notice
    await steps(state, "confirm", {})
    assert state.history[0].amounts == "€1,352 back · €1,352 kept"


async def test_nobody_else_sees_that_there_is_something_to_change(installed: Product) -> None:
    booking = paid(installed, installed.offer())
    rival = agent(installed, "Rival Tours")
    other = provider(installed.offer().operator_id)
    for actor, key in ((STRANGER, ""), (STRANGER, "wrong"), (rival, ""), (other, "")):
        state = changing(installed, actor, booking, key)
        await run(state, "open")
        assert (state.ready, state.history, state.people) == (False, [], [])
        await steps(state, "ask_cancel")
        assert state.step == "failed"
        assert await steps(state, "confirm", {}) == []
    assert installed.services.bookings.get(GUEST, booking.reference).status == "confirmed"


async def test_the_operator_gives_everything_back_and_says_why(installed: Product) -> None:
    made = installed.offer(starts_in=3)
    booking = paid(installed, made)
    state = changing(installed, provider(made.operator_id), booking, desk="/provider/bookings")
    await run(state, "open")
    assert state.gives_reason
    await steps(state, "ask_cancel")
    assert (state.view.figure, state.view.policy) == ("€2,704", [])
    assert state.view.label == "Goes back to the payer's card"
    assert "you" not in " ".join(line.label for line in state.view.lines).lower().split()
    await steps(state, "confirm", {"reason": "The bridge\x00 is closed." + "!" * 900})
    assert state.history[0].reason.startswith("The bridge is closed.")
    assert len(state.history[0].reason) == 500
    assert state.history[0].detail.endswith("by the operator")


async def test_by_its_terms_a_late_cancellation_keeps_everything(installed: Product) -> None:
    booking = paid(installed, installed.offer(starts_in=5))
    state = changing(installed, GUEST, booking)
    await run(state, "open")
    await steps(state, "ask_cancel")
    assert state.view.figure == "€0"
    assert "nothing comes back" in state.view.note
    await steps(state, "confirm", {})
    trip = trip_of(installed, booking)
    _ = [step async for step in type(trip).event_handlers["open"].fn(trip)]
    assert trip.view.sentence == "This booking was cancelled. By its terms €2,704 is kept."
    assert (trip.view.paid, trip.view.kept) == ("", "€2,704")
    assert trip.view.reach == "maja@example.com"


async def test_operations_cancel_with_everything_back(installed: Product) -> None:
    booking = paid(installed, installed.offer(starts_in=5))
    state = changing(installed, OPS, booking)
    await run(state, "open")
    await steps(state, "ask_cancel")
    assert state.view.figure == "€2,704"
    await steps(state, "confirm", {"reason": None})
    assert state.history[0].detail.endswith("by the marketplace")


async def test_an_agent_takes_a_traveller_off(installed: Product) -> None:
    ann = agent(installed)
    booking = paid(installed, installed.offer(), ann)
    state = changing(installed, ann, booking)
    await run(state, "open")
    assert [one.label for one in state.people] == ["Maja Lindqvist", "Traveller 2"]
    press(state, "ask_traveller")
    for junk in ("", "0", "3", "1; drop table bookings", None, 7, str(uuid4())):
        assert await steps(state, "choose", junk) == []
        assert state.step == "traveller"
    await steps(state, "choose", "2")
    assert state.view.title == "Take Traveller 2 off this booking?"
    assert state.view.confirm == "Take this traveller off"
    press(state, "back")
    assert (state.step, state._preview) == ("traveller", None)
    await steps(state, "choose", "2")
    await steps(state, "confirm", {})
    assert [one.label for one in state.people] in ([], ["Maja Lindqvist"])
    after = installed.services.bookings.get(ann, booking.reference)
    assert (after.adults, after.status) == (1, "confirmed")
    assert after.total < booking.total
    assert after.paid == after.total


async def test_an_extra_is_taken_off(installed: Product) -> None:
    made = installed.offer()
    hold = installed.hold(made, addon_ids={made.optional_addon})
    booking = installed.book(hold)
    session = installed.session_of(booking)
    installed.pay(session)
    installed.services.payments.settle(session)
    state = changing(installed, GUEST, booking)
    await run(state, "open")
    assert [one.key for one in state.extras] == [str(made.optional_addon)]
    press(state, "ask_addon")
    assert await steps(state, "choose", str(made.required_addon)) == []
    await steps(state, "choose", str(made.optional_addon))
    await steps(state, "confirm", {})
    assert state.extras == []
    assert state.history[0].amounts.startswith("Price €")


async def test_another_date_is_chosen_from_those_shown(installed: Product) -> None:
    made = installed.offer()
    booking = paid(installed, made)
    other = _departure(installed, made, days=14, more=5_000)
    cheaper = _departure(installed, made, days=21, more=-5_000)
    state = changing(installed, GUEST, booking)
    await run(state, "open")
    await steps(state, "ask_date")
    assert [one.key for one in state.dates] == [other, cheaper]
    assert [one.detail.partition(" · ")[0] for one in state.dates] == ["€100 more", "€100 less"]
    assert await steps(state, "choose", str(made.departure_id)) == []

    await steps(state, "choose", other)
    assert (state.view.label, state.view.figure) == ("To pay now", "€100")
    # The figure is not said twice, and nothing is said of what does not come back.
    assert [line.amount for line in state.view.lines] == ["€2,704", "€2,804", "€2,704"]
    sent = await steps(state, "confirm", {})
    assert len(sent) == 1  # straight to the payment page

    await run(state, "open")
    assert state.waiting.pay_label == "Pay €100"
    assert state.waiting.pay_href.startswith("/pay/")
    trip = trip_of(installed, booking)
    _ = [step async for step in type(trip).event_handlers["open"].fn(trip)]
    assert trip.view.sentence == "Everything is paid and the seats are yours."
    assert trip.view.pay_href == ""
    await run(state, "drop")
    assert state.waiting.key == ""
    assert state.may_move
    assert state.history[0].title.endswith("given up")


async def test_a_booking_that_is_not_paid_is_cancelled_without_money(installed: Product) -> None:
    booking = installed.book(installed.hold(installed.offer()))
    state = changing(installed, GUEST, booking)
    await run(state, "open")
    assert (state.may_cancel, state.may_move, state.people) == (True, False, [])
    await steps(state, "ask_cancel")
    assert (state.view.figure, state.view.policy) == ("", [])
    await steps(state, "confirm", {})
    after = installed.services.bookings.get(GUEST, booking.reference)
    assert (after.status, after.refunds, after.due.minor) == ("cancelled", (), 0)


async def test_the_page_around_follows_without_going_blank(installed: Product) -> None:
    made = installed.offer()
    booking = paid(installed, made)
    operator = provider(made.operator_id)
    trip = trip_of(installed, booking)
    own = page(installed, operator, ProviderBookingState, f"/provider/bookings/{booking.reference}")
    await run(trip, "again")
    assert trip.phase == "loading"  # nothing is shown before the page itself was opened
    _ = [step async for step in type(trip).event_handlers["open"].fn(trip)]
    await run(own, "open")
    installed.services.changes.carry_out(
        replace(operator), booking.reference, _whole(), reason="Strike"
    )
    await run(trip, "again")
    await run(own, "again")
    assert (trip.phase, own.phase) == ("shown", "shown")
    assert trip.view.sentence == "This booking was cancelled. €2,704 goes back to the card."
    assert [line.label for line in trip.view.payments] == ["Full payment", "Refund"]
    assert trip.view.payments[1].amount == "-€2,704"
    assert {line.href for line in own.view.payments} == {""}
    assert (own.view.paid, own.view.kept) == ("", "€0")
    assert own.view.lines[0].label == "2 adults × €1,340"


def _whole() -> Any:
    from ecosystem.domain.changes import WholeBooking

    return WholeBooking()


def _departure(product: Product, made: Offer, *, days: int, more: int) -> str:
    """Another departure, so many days later and so much dearer per adult, in minor units."""
    with product.database.unit(RDS) as session:
        return str(
            session.execute(
                text(
                    "insert into departures (id, package_id, operator_id, starts_on, ends_on,"
                    " timezone, capacity, currency, price_minor) select gen_random_uuid(),"
                    " package_id, operator_id, starts_on + :days, ends_on + :days, timezone,"
                    " capacity, currency, 134000 + :more from departures where id = :id returning id"
                ),
                {"days": days, "more": more, "id": made.departure_id},
            ).scalar_one()
        )
