"""The calendar, its dialogs and the conversation, called as a hostile client may."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from ecosystem.domain.actor import Actor
from ecosystem.services.departures.forms import RuleForm
from ecosystem.state.conversation import ConversationState
from ecosystem.state.provider.booking import ProviderBookingState
from ecosystem.state.provider.bookings import PATH, ProviderBookingsState, asked_for
from ecosystem.state.provider.calendar_feed import CalendarFeedState
from ecosystem.state.provider.departure_lines import (
    address_of,
    calendar_days,
    earlier_words,
    month_of,
    next_month,
    weeks_around,
)
from ecosystem.state.provider.departure_rule import DepartureRuleState
from ecosystem.state.provider.departures import ProviderDeparturesState
from tests.product import GUEST, Offer, Product
from tests.services.test_desks import provider, sell
from tests.state.test_desk_pages import HOSTILE, page, run

pytestmark = pytest.mark.anyio

ODD: tuple[Any, ...] = (
    *HOSTILE[:-1],
    "01890000-0000-7000-8000-000000000000",
    ["x"],
    -1,
    10**30,
    True,
    {"shift_key": "yes"},
)


def month(product: Product, made: Offer) -> tuple[str, Any]:
    """The calendar's address of the offer's departure, and its day."""
    day = product.one("select starts_on from departures where id = :id", id=made.departure_id)[0]
    return address_of("", day), day


async def opened(product: Product, actor: Actor, path: str) -> Any:
    state = page(product, actor, ProviderDeparturesState, path)
    await run(state, "open")
    assert state.phase == "shown", state.problem
    return state


async def test_a_range_is_selected_with_shift_and_changed_together(installed: Product) -> None:
    made = installed.offer(seats=10)
    actor = provider(made.operator_id)
    path, day = month(installed, made)
    first, last = day.replace(day=1), next_month(day) - timedelta(days=1)
    form = RuleForm(weekdays=frozenset(range(1, 8)), first=first, last=last, capacity=4)
    installed.services.departures.create(actor, made.package_id, form)
    state = await opened(installed, actor, path)
    slots = [one for square in state.days for one in square.slots]

    await run(state, "pick", slots[2].id, {"shift_key": False})
    await run(state, "pick", slots[5].id, {"shift_key": True})
    assert state.selected == [one.id for one in slots[2:6]]
    await run(state, "pick", slots[3].id, {"shift_key": False})
    assert state.selected_text == "3 departures selected"
    await run(state, "start_change")
    await run(state, "change", {"capacity": "9", "price_kind": "own", "price": "1,250.00"})

    assert not state.changing
    changed = {one.id: (one.seats, one.price) for square in state.days for one in square.slots}
    assert [changed[one] for one in state.selected] == [("0/9", "€1,250")] * 3
    await run(state, "set_open", False)
    assert {one.status for one in state._chosen()} == {"closed"}
    # What was open is open again, and a second press finds nothing to take back.
    await run(state, "undo")
    await run(state, "undo")
    assert "closed" not in {one.status for one in state._chosen()}
    assert {(one.seats, one.price) for one in state._chosen()} == {("0/9", "€1,250")}
    await run(state, "change", {"capacity": "5", "price_kind": "package"})
    assert {one.seats for one in state._chosen()} == {"0/5"}
    await run(state, "undo")
    assert {(one.seats, one.price) for one in state._chosen()} == {("0/9", "€1,250")}
    await run(state, "pick_weekday", 1)
    await run(state, "pick_all")
    assert len(state.selected) == len(slots)
    await run(state, "pick_none")
    assert state.selected == []


async def test_a_list_of_days_begins_today_and_offers_those_before(installed: Product) -> None:
    made = installed.offer()
    actor = provider(made.operator_id)
    path, day = month(installed, made)
    first = day.replace(day=1)
    rows = installed.services.departures.between(actor, *weeks_around(first))
    begin, end = weeks_around(first)
    for today, over in ((begin, 0), (day, 0), (end, int(day < end)), (end + timedelta(days=1), 0)):
        days = calendar_days(first, rows, today)
        assert bool(earlier_words(days)) == bool(over)
        assert sum(one.earlier for one in days) == (
            max((today - begin).days, 0) if today <= end else 0
        )
    state = await opened(installed, actor, path)
    assert (state.earlier, state.earlier_shown) == ("", False)
    await run(state, "show_earlier")
    assert state.earlier_shown


async def test_what_refuses_is_told_and_nothing_is_changed(installed: Product) -> None:
    made = installed.offer(seats=10)
    sell(installed, made, GUEST)
    state = await opened(installed, provider(made.operator_id), month(installed, made)[0])
    await run(state, "pick_all")
    assert state.travellers_href == f"{PATH}?departure={made.departure_id}"
    await run(state, "start_change")
    await run(state, "change", {"capacity": "1"})
    assert state.changing
    assert len(state.refusals) == 1
    assert state.refusals[0].endswith("2 sold: 2 seats are the fewest it can have.")
    await run(state, "stop_change")
    await run(state, "remove")
    assert "somebody has booked it: close it instead" in state.refusals[0]
    await run(state, "change", {"capacity": "many"})
    assert state.errors == {"capacity": "Enter a whole number."}
    await run(state, "change", {"price_kind": "own", "price": "a lot"})
    assert "price" in state.errors
    assert (await opened(installed, provider(made.operator_id), month(installed, made)[0])).days


async def test_the_calendar_is_the_operators_own(installed: Product) -> None:
    made, other = installed.offer(), installed.offer()
    rival = provider(other.operator_id)
    path, day = month(installed, made)
    state = await opened(installed, rival, path)
    assert [s.title for d in state.days for s in d.slots] == ["Rome, Florence & Venice by rail"]
    assert str(made.departure_id) not in [s.id for d in state.days for s in d.slots]
    await run(state, "pick", str(made.departure_id), {})
    assert state.selected == []
    state.selected = [str(made.departure_id)]  # what no handler allows
    await run(state, "set_open", False)
    await run(state, "remove")
    status = installed.one("select status from departures where id = :id", id=made.departure_id)
    assert status[0] == "open"
    for package in (str(made.package_id), "nonsense", str(uuid4())):
        missing = page(installed, rival, ProviderDeparturesState, address_of(package, day))
        await run(missing, "open")
        assert missing.phase == "missing"
    guest = page(installed, GUEST, ProviderDeparturesState, path)
    await run(guest, "open")
    assert guest.phase == "failed"


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:30])
async def test_nothing_a_client_sends_breaks_the_pages(installed: Product, value: Any) -> None:
    made = installed.offer()
    actor = provider(made.operator_id)
    calendar = await opened(installed, actor, month(installed, made)[0])
    for name in ("pick_weekday", "look_up", "show_package", "set_open", "change"):
        await run(calendar, name, value)
    await run(calendar, "pick", value, value)
    rule = page(installed, actor, DepartureRuleState, "/provider/departures")
    await run(rule, "start")
    for name in ("look_up", "take_package", "toggle_weekday", "toggle_day"):
        await run(rule, name, value)
    await run(rule, "fill", value, value)
    for field in ("first", "last", "every_weeks", "capacity", "price"):
        await run(rule, "fill", field, value)
    await run(rule, "take_package", str(made.package_id))
    await run(rule, "create")
    list_ = page(installed, actor, ProviderBookingsState, PATH)
    await run(list_, "open")
    assert (await run(list_, "find", value)) is not None
    count = installed.one("select count(*), min(capacity) from departures")
    assert tuple(count) == (1, 10)


async def test_a_rule_is_said_in_words_and_made(installed: Product) -> None:
    made = installed.offer(price="1340.00")
    actor = provider(made.operator_id)
    state = page(installed, actor, DepartureRuleState, address_of(str(made.package_id), None))
    today = installed.services.clock.now().date()
    start = today + timedelta(days=14 - today.weekday())
    await run(state, "start")
    assert state.package_title == "Rome, Florence & Venice by rail"
    await run(state, "create")
    assert state.errors == {"weekdays": "Choose at least one weekday."}
    await run(state, "toggle_weekday", 5)
    await run(state, "fill", "first", str(start))
    await run(state, "fill", "last", str(start + timedelta(days=27)))
    assert state.words.startswith("Every Friday from ")
    assert state.words.endswith("8 nights, 16 seats at €1,340 per adult, the package's price.")
    await run(state, "toggle_day", state.days[1].iso)
    assert state.button == "Add 3 departures"
    await run(state, "fill", "price", "1,250")
    assert "€1,250 per adult." in state.words
    answer = await run(state, "create")
    assert len(answer) == 2
    assert not state.shown
    await run(state, "start")
    await run(state, "toggle_weekday", 5)
    await run(state, "fill", "first", str(start))
    await run(state, "fill", "last", str(start + timedelta(days=27)))
    assert state.existing_words.startswith("3 of these days have a departure already")
    assert state.button == "Add 1 departure"


@pytest.mark.parametrize(
    "text", ["", "2027", "2027-13", "2027-00", "27-05", "2027-5", "x-y", "9999-01", "²027-01"]
)
def test_an_odd_month_is_this_month(text: str) -> None:
    assert month_of(text, date(2026, 11, 22)) == date(2026, 11, 1)
    assert month_of("2027-05", date(2026, 11, 22)) == date(2027, 5, 1)


async def test_an_address_is_made_and_replaced(installed: Product) -> None:
    made = installed.offer()
    state = page(installed, provider(made.operator_id), CalendarFeedState, "/provider/departures")
    await run(state, "open")
    assert (state.ready, state.address) == (True, "")
    await run(state, "renew")
    first = state.address
    await run(state, "renew")
    assert state.address != first
    stranger = page(installed, GUEST, CalendarFeedState, "/provider/departures")
    await run(stranger, "open")
    await run(stranger, "renew")
    assert (stranger.ready, stranger.address) == (False, "")


async def test_both_pages_show_the_same_conversation(installed: Product) -> None:
    made, other = installed.offer(), installed.offer()
    reference = sell(installed, made, GUEST)
    key = installed.one("select view_key from bookings where reference = :r", r=reference)[0]
    stranger = Actor(role="guest", source="guest")
    buyer = page(installed, stranger, ConversationState, f"/trips/{reference}?key={key}")
    await run(buyer, "open")
    assert buyer.ready
    for form in HOSTILE:
        await run(buyer, "send", form)
    assert buyer.messages == []
    assert buyer.error
    await run(buyer, "send", {"body": "Is there a lift?"})
    assert [(m.author, m.body) for m in buyer.messages] == [("You", "Is there a lift?")]

    operator = page(installed, provider(made.operator_id), ConversationState, f"{PATH}/{reference}")
    await run(operator, "open")
    await run(operator, "send", {"body": "Yes."})
    await run(buyer, "refresh")
    assert buyer.messages[0].author == "You"
    assert buyer.messages[0].note.endswith("· read")
    assert buyer.messages[1].body == "Yes."

    for actor, path in (
        (stranger, f"/trips/{reference}"),
        (provider(other.operator_id), f"{PATH}/{reference}"),
    ):
        masked = page(installed, actor, ConversationState, path)
        await run(masked, "open")
        await run(masked, "refresh")
        await run(masked, "send", {"body": "Let me in"})
        assert (masked.ready, masked.messages) == (False, [])


async def test_a_booking_is_shown_to_its_operator_alone(installed: Product) -> None:
    made, other = installed.offer(), installed.offer()
    reference = sell(installed, made, GUEST)
    state = page(
        installed, provider(made.operator_id), ProviderBookingState, f"{PATH}/{reference.lower()}"
    )
    await run(state, "open")
    assert (state.phase, state.view.lead, state.view.sold_by) == (
        "shown",
        "Maja Lindqvist",
        "Direct",
    )
    for actor, reference_ in ((provider(other.operator_id), reference), (GUEST, reference)):
        state = page(installed, actor, ProviderBookingState, f"{PATH}/{reference_}")
        await run(state, "open")
        assert state.phase in ("missing", "failed")
        assert state.view.lead == ""


def test_an_address_asks_only_for_what_there_is() -> None:
    asked = asked_for(
        {
            "q": "a\x00b",
            "status": "x",
            "package": "1",
            "departure": "2",
            "sort": "id;",
            "page": "-1",
        }
    )
    assert asked.address() == f"{PATH}?q=ab"
    package = str(uuid4())
    asked = asked_for({"package": package, "sort": "total", "page": "3", "status": "confirmed"})
    assert asked.address() == f"{PATH}?status=confirmed&package={package}&sort=total&page=3"
