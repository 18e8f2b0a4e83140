"""Agents' pages of a booking and of a proposal's items; who travels, named on any page."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from ecosystem.services.quotes.forms import CommentForm
from ecosystem.state.agent.booking import AgentBookingState
from ecosystem.state.agent.logo import AgencyLogoState
from ecosystem.state.agent.quote import AgentQuoteState
from ecosystem.state.agent.quote_item import QuoteItemState
from ecosystem.state.travellers import TravellersState
from tests.product import Product
from tests.quotes.conftest import free, make_agent, token_of, trip
from tests.services.test_desks import agent, provider, sell
from tests.services.test_travellers import booked
from tests.state.test_desk_pages import page, run

pytestmark = pytest.mark.anyio

JUNK: tuple[Any, ...] = (
    None, "", 7, [], {"a": 1}, "\x00", "x" * 100_000, str(uuid4()),
    {"name_1": {"x": 1}, "born_1": 7, "room_1": [], "departure_id": "x", "adults": None},
)  # fmt: skip


def _beside(state: Any, kind: type[Any]) -> Any:
    """Another State of the same page."""
    return state._get_root_state().get_substate(kind.get_full_name().split("."))


async def test_an_agent_sees_her_booking_and_sends_the_link(installed: Product) -> None:
    ann, rival = agent(installed), agent(installed, "Rival")
    booking = installed.book(installed.hold(installed.offer(), actor=ann), actor=ann)
    path = f"/agent/bookings/{booking.reference}"
    desk = page(installed, ann, AgentBookingState, path)
    await run(desk, "open")
    assert (desk.phase, desk.view.lead) == ("shown", "Maja Lindqvist")
    assert desk.commission
    assert desk.pay_link.endswith(desk.view.pay_href)
    await run(desk, "send_pay_link")
    installed.work()
    assert "asks you to pay" in installed.postbox.sent[-1].subject
    assistant = page(installed, replace(ann, agency_role="assistant"), AgentBookingState, path)
    await run(assistant, "open")
    assert (assistant.phase, assistant.commission) == ("shown", "")
    other = page(installed, rival, AgentBookingState, path)
    await run(other, "open")
    assert (other.phase, other.view.lead) == ("missing", "")
    guests = booked(installed).reference
    masked = page(installed, ann, AgentBookingState, f"/agent/bookings/{guests}")
    await run(masked, "open")
    assert masked.phase == "missing"


async def test_travellers_are_named_on_a_page(installed: Product) -> None:
    ann = agent(installed)
    made = installed.offer()
    reference = booked(installed, ann, offer=made, adults=3).reference
    state = page(installed, ann, TravellersState, f"/agent/bookings/{reference}")
    await run(state, "open")
    assert (state.ready, state.missing, len(state.rooms)) == (True, "3 travellers missing", 2)
    await run(state, "edit")
    assert state.places[0].value == "Maja Lindqvist"  # who booked is proposed
    await run(state, "save", {"name_1": "Maja Lindqvist", "name_2": "X"})
    assert state.places[1].error
    assert (state.editing, state.places[0].value) == (True, "Maja Lindqvist")
    await run(state, "save", {"name_1": "Maja Lindqvist", "name_2": "Bo Ek", "room_2": "2"})
    assert (state.editing, state.missing) == (False, "1 traveller missing")
    assert [line.name for line in state.rooms[1].people] == ["Bo Ek"]
    operator = page(
        installed, provider(made.operator_id), TravellersState, f"/provider/bookings/{reference}"
    )
    await run(operator, "open")
    assert operator.missing == "1 traveller missing"
    stranger = page(installed, agent(installed, "R"), TravellersState, f"/trips/{reference}")
    await run(stranger, "open")
    assert (stranger.ready, stranger.rooms) == (False, [])


async def test_a_proposals_items_are_put_in_order_and_changed(installed: Product) -> None:
    mine = make_agent(installed)
    made = installed.offer()
    quote = mine.write([trip(made), free("Transfer")])
    desk = page(installed, mine.actor, AgentQuoteState, f"/agent/quotes/{quote.id}")
    await run(desk, "open")
    option = desk.view.options[0]
    first, second = (item.key for item in option.items)
    await run(desk, "arrange_item", option.key, second, 0)
    assert desk.view.options[0].items[0].title == "Transfer"

    dialog = _beside(desk, QuoteItemState)
    await run(dialog, "change", option.key, first)
    assert (dialog.kind, dialog.draft["adults"]) == ("trip", "2")
    (addon,) = dialog.addons
    assert " per " in addon["label"]  # what a client pays depends on it
    before = desk.view.options[0].total
    form = {
        "departure_id": dialog.draft["departure"],
        "adults": "2",
        "children": "1",
        "ages": "7",
        "note": "By the river",
        f"addon_{addon['id']}": True,
    }
    await run(dialog, "keep_trip", {**form, "ages": "7, 9"})
    assert dialog.kind == "trip"  # refused: an age too many
    assert dialog.errors["ages"] or dialog.refused
    await run(dialog, "keep_trip", form)
    assert dialog.kind == ""
    item = desk.view.options[0].items[1]
    assert (item.key, item.note) == (first, "By the river")
    assert desk.view.options[0].total != before
    await run(dialog, "change", option.key, first)
    assert dialog.addons[0]["taken"]
    assert (dialog.draft["ages"], dialog.draft["note"]) == ("7", "By the river")

    await run(dialog, "change", option.key, second)
    assert (dialog.draft["title"], dialog.draft["each"]) == ("Transfer", "45")
    again = {"free_title": "Limousine", "each": "90", "quantity": "1", "currency": "EUR"}
    await run(dialog, "keep_free", again)
    assert desk.view.options[0].items[0].title == "Limousine"
    await run(dialog, "begin", "free", option.key)
    await run(dialog, "keep_free", again | {"free_title": "Guide"})
    assert len(desk.view.options[0].items) == 3


async def test_what_an_agent_types_to_her_client_stays_when_the_client_writes(
    installed: Product,
) -> None:
    mine = make_agent(installed)
    sent = mine.send([trip(installed.offer())])
    desk = page(installed, mine.actor, AgentQuoteState, f"/agent/quotes/{sent.id}")
    await run(desk, "open")
    field = desk.answered
    installed.services.quotes.ask(token_of(sent), CommentForm(body="Is there a lift?", name="Ines"))
    await run(desk, "again")
    assert (len(desk.view.comments), desk.answered) == (1, field)
    await run(desk, "answer", {"body": "There is."})
    assert (len(desk.view.comments), desk.answered) == (2, field + 1)


async def test_an_options_title_that_is_refused_is_not_called_saved(installed: Product) -> None:
    mine = make_agent(installed)
    quote = mine.write([trip(installed.offer())])
    desk = page(installed, mine.actor, AgentQuoteState, f"/agent/quotes/{quote.id}")
    await run(desk, "open")
    key = desk.view.options[0].key
    (said,) = said_by(await run(desk, "name_option", key, {"title": " ", "note": "By train"}))
    assert said == "Enter a title."
    assert not any(desk.errors.values())  # the proposal's own title is right
    (said,) = said_by(await run(desk, "name_option", key, {"title": "Slowly", "note": "By train"}))
    assert said == "Saved."
    assert (desk.view.options[0].title, desk.view.options[0].note) == ("Slowly", "By train")


def said_by(event: Any) -> list[str]:
    """What a toast says."""
    return [value._var_value for name, value in event.args if name._js_expr == "message"]


@pytest.mark.parametrize("number", range(len(JUNK)))
async def test_junk_changes_nothing(installed: Product, number: int) -> None:
    junk = JUNK[number]
    mine = make_agent(installed)
    quote = mine.write([trip(installed.offer()), free()])
    reference = sell(installed, installed.offer(), mine.actor)
    desk = page(installed, mine.actor, AgentQuoteState, f"/agent/quotes/{quote.id}")
    await run(desk, "open")
    for name, arguments in (
        ("arrange_item", (junk, junk, junk)),
        ("name_option", (junk, junk)),
        ("remove_item", (junk, junk)),
    ):
        await run(desk, name, *arguments)
    dialog = _beside(desk, QuoteItemState)
    for name, arguments in (
        ("begin", (junk, junk)),
        ("change", (junk, junk)),
        ("take_trip", (junk,)),
        ("look_up", (junk,)),
        ("keep_trip", (junk,)),
        ("keep_free", (junk,)),
    ):
        await run(dialog, name, *arguments)
    assert len(installed.services.quotes.get(mine.actor, quote.id).content.options[0].items) == 2
    people = page(installed, mine.actor, TravellersState, f"/trips/{reference}")
    await run(people, "open")
    await run(people, "edit")
    await run(people, "save", junk)
    logo = page(installed, mine.actor, AgencyLogoState, "/agent/profile")
    for name, arguments in (
        ("choose", (junk,)),
        ("progress", (junk, junk)),
        ("broke", (junk, junk)),
        ("arrived", (junk,)),
    ):
        await run(logo, name, *arguments)
    assert logo.src == ""
