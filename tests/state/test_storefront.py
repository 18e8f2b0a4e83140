"""The handlers of the public pages, in order and out of it, with what a hostile client sends."""

import inspect
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from ecosystem.domain.actor import Actor
from ecosystem.domain.booking import TERMS_VERSION
from ecosystem.domain.cookies import guest_key
from ecosystem.state.checkout import CheckoutState
from ecosystem.state.home import HomeState
from ecosystem.state.leaving import leave_for
from ecosystem.state.operators import OperatorState
from ecosystem.state.packages import PackageState
from ecosystem.state.pay import PayState
from ecosystem.state.search import SearchState
from ecosystem.state.travellers import TravellersState
from ecosystem.state.trip import TripState
from ecosystem.state.trips import TripsState
from tests.product import GUEST, Offer, Product
from tests.state.test_desk_pages import page

pytestmark = pytest.mark.anyio

HOSTILE: tuple[Any, ...] = (
    None,
    "",
    7,
    -1.5,
    [],
    {},
    {"a": {"b": []}},
    "x" * 100_000,
    "\x00",
    str(uuid4()),
    {"name": ["x"], "email": {}, "traveller_2": 7, "reference": None, "q": []},
)


MAJA = {"name": "Maja Lindqvist", "email": "maja@example.com"}


async def act(state: Any, name: str, *arguments: Any) -> list[Any]:
    """Run a handler as Reflex does, and give the events it answered with."""
    answer = type(state).event_handlers[name].fn(state, *arguments)
    if inspect.isasyncgen(answer):
        return [event async for event in answer if event is not None]
    if inspect.isawaitable(answer):
        answer = await answer
    return [] if answer is None else [answer]


def target(events: list[Any]) -> str:
    """Where the last event leads; what may come before it is that a draft is let go."""
    *before, event = events
    assert all(one.handler.fn.__qualname__ == "_forget_draft" for one in before), before
    found = {name._js_expr: value for name, value in event.args}
    return found["path"]._var_value


def guest_page(product: Product, kind: type[Any], path: str) -> tuple[Any, Actor]:
    """A page in a browser that has a guest's cookie, and the actor that cookie makes."""
    state = page(product, GUEST, kind, path)
    data = {**state.router_data, "headers": {**state.router_data["headers"]}}
    data["headers"]["cookie"] = "eco_guest=a-browser"
    root = state.parent_state
    root._update_router_vars(data, root.router_data)
    root.router_data = data
    return state, replace(GUEST, guest_key=guest_key("a-browser"))


async def reserved(product: Product, made: Offer) -> str:
    """Reserve through the package page; the address of the checkout."""
    state, _ = guest_page(product, PackageState, f"/packages/{made.slug}?travellers=2")
    await act(state, "open")
    assert (state.phase, state.adults, state.chosen) == ("shown", 2, str(made.departure_id))
    return target(await act(state, "reserve"))


async def test_a_guest_reserves_pays_and_finds_the_trip_again(installed: Product) -> None:
    made = installed.offer(seats=3)
    path = await reserved(installed, made)
    checkout, guest = guest_page(installed, CheckoutState, path)
    await act(checkout, "open")
    assert (checkout.phase, checkout.view.party) == ("open", "2 adults")
    assert 2000 < checkout.kept.seconds <= 2100

    await act(checkout, "pay", {"name": " ", "email": "maja@example", "traveller_2": "<b>"})
    assert checkout.wrong.name
    assert "domain ending" in checkout.wrong.email
    assert [other.error for other in checkout.travellers] != [""]
    assert not checkout.busy

    form = {**MAJA, "traveller_2": "Ada Okafor"}
    assert target(await act(checkout, "pay", form)).startswith("http")
    (row,) = installed.services.bookings.rows(guest).items
    booking = installed.services.bookings.get(guest, row.reference)
    assert [person["name"] for person in booking.travellers] == ["Maja Lindqvist", "Ada Okafor"]
    kept = installed.one("select snapshot from bookings where id = :id", id=booking.id).snapshot
    assert kept["terms"]["version"] == TERMS_VERSION

    # The webhook is lost: coming back from the payment page is enough.
    installed.pay(installed.session_of(booking))
    trip, _ = guest_page(installed, TripState, f"/trips/{row.reference}?from=payment")
    assert await act(trip, "open") == []
    assert (trip.phase, trip.view.status) == ("shown", "Confirmed")
    # The deposit was the first offer; the rest can be paid from here.
    assert trip.view.pay_label == f"Pay {trip.view.due}"
    assert trip.view.pay_href.startswith("/pay/")
    assert (trip.at_desk, trip.list_href) == (False, "/trips")
    # The page that leads on to Stripe is not one to come back to.
    onward, _ = guest_page(installed, PayState, trip.view.pay_href)
    (leaving,) = await act(onward, "open")
    assert leaving.handler.fn.__qualname__ == "_take_place"

    trips, _ = guest_page(installed, TripsState, "/trips")
    await act(trips, "open")
    assert [line.href for line in trips.rows] == [f"/trips/{row.reference}"]
    again, _ = guest_page(installed, CheckoutState, path)
    assert target(await act(again, "open")) == f"/trips/{row.reference}"


async def test_a_declined_card_is_told_and_the_same_booking_goes_on(installed: Product) -> None:
    path = await reserved(installed, installed.offer())
    checkout, guest = guest_page(installed, CheckoutState, path)
    await act(checkout, "open")
    first = await act(checkout, "pay", MAJA)
    back, _ = guest_page(installed, CheckoutState, path)
    await act(back, "open")
    assert back.phase == "open"
    assert "Nothing was charged" in back.said
    assert (back.view.name, back.view.email) == ("Maja Lindqvist", "maja@example.com")
    second = await act(back, "pay", MAJA)
    assert target(second) == target(first)
    (row,) = installed.services.bookings.rows(guest).items
    trip, _ = guest_page(installed, TripState, f"/trips/{row.reference}")
    await act(trip, "open")
    assert trip.view.party == "2 adults"
    address = installed.services.bookings.rows(guest, words="Maja@Example.com")
    assert [found.reference for found in address.items] == [row.reference]
    assert not installed.services.bookings.rows(guest, words="aja@example.com").items
    assert len(installed.services.bookings.rows(guest).items) == 1


async def test_a_trip_by_its_reference_alone_shows_nobody(installed: Product) -> None:
    booking = installed.book(installed.hold(installed.offer()))
    trip, _ = guest_page(installed, TripState, f"/trips/{booking.reference.lower()}/")
    await act(trip, "open")
    assert (trip.phase, trip.view.masked) == ("shown", True)
    assert (trip.view.lead, trip.view.reach, trip.view.pay_href) == ("", "", "")
    people, _ = guest_page(installed, TravellersState, f"/trips/{booking.reference.lower()}/")
    await act(people, "open")
    assert (people.ready, people.rooms) == (False, [])


@pytest.mark.parametrize("control", [False, True], ids=["as it is", "control"])
async def test_a_client_starts_one_watch_a_visit(
    installed: Product, monkeypatch: pytest.MonkeyPatch, control: bool
) -> None:
    """Anybody may send the event, as often as she likes; each watch asks for a minute."""
    asked: list[str] = []
    real = installed.services.bookings.get

    def counted(*arguments: Any, **more: Any) -> Any:
        asked.append("")
        return real(*arguments, **more)

    monkeypatch.setattr("ecosystem.state.trip.EVERY", 0.0)
    monkeypatch.setattr("ecosystem.state.trip.LOOKS", 5)
    path = await reserved(installed, installed.offer())
    checkout, guest = guest_page(installed, CheckoutState, path)
    await act(checkout, "open")
    await act(checkout, "pay", MAJA)
    (row,) = installed.services.bookings.rows(guest).items
    trip, _ = guest_page(installed, TripState, f"/trips/{row.reference}")
    monkeypatch.setattr(type(trip), "__aenter__", _entered, raising=False)
    monkeypatch.setattr(type(trip), "__aexit__", _left, raising=False)
    await act(trip, "open")
    object.__setattr__(installed.services.bookings, "get", counted)
    await act(trip, "watch")
    assert not asked, "nothing was paid here"
    trip.watching = True
    for _ in range(10):
        if control:
            trip._watched = ""
            trip.watching = True
        await act(trip, "watch")
    assert len(asked) == (50 if control else 5)


async def test_a_watch_ends_with_the_person_who_began_it(
    installed: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else signs in in this tab and comes from her own payment, within the minute."""
    hers, mine = (installed.book(installed.hold(installed.offer())) for _ in range(2))
    trip, _ = guest_page(installed, TripState, f"/trips/{hers.reference}")
    monkeypatch.setattr(type(trip), "__aenter__", _entered, raising=False)
    monkeypatch.setattr(type(trip), "__aexit__", _left, raising=False)

    async def meanwhile(_seconds: float) -> None:
        trip.reset()  # as the guard does
        data = {**trip.router_data, "pathname": (path := f"/trips/{mine.reference}")}
        trip.parent_state._update_router_vars({**data, "asPath": path}, trip.router_data)
        await act(trip, "open")
        trip.watching = True

    await act(trip, "open")
    trip.watching = True
    monkeypatch.setattr("ecosystem.state.trip.asyncio.sleep", meanwhile)
    await act(trip, "watch")
    assert trip.view.reference == mine.reference


async def _entered(state: Any) -> Any:
    return state


async def _left(*_: Any) -> None:
    return None


async def test_sold_out_between_looking_and_reserving_is_said(installed: Product) -> None:
    made = installed.offer(seats=2)
    state, _ = guest_page(installed, PackageState, f"/packages/{made.slug}")
    await act(state, "open")
    installed.hold(made, adults=2)
    assert await act(state, "reserve") == []
    assert "just gone" in state.notice
    assert "left" not in state.dates  # what stood there before is not true any more
    assert [day.note for day in state.month.days if day.departure] == ["sold out"]


async def test_the_price_follows_the_party_and_what_it_takes_along(installed: Product) -> None:
    made = installed.offer()
    state, _ = guest_page(installed, PackageState, f"/packages/{made.slug}?travellers=1")
    await act(state, "open")
    alone = state.total
    await act(state, "set_adults", "2")
    await act(state, "toggle", str(made.optional_addon))
    assert state.extras == [str(made.optional_addon)]
    assert state.total != alone
    assert state.lines[0].label.startswith("2 adults × €1,340")
    await act(state, "set_adults", "98")
    assert "up to 8 travellers" in state.party_problem
    assert (state.total, state.lines, state.deposit) == ("", [], ""), "no price of another party"
    assert await act(state, "reserve") == []


async def test_the_links_of_a_list_drop_what_finds_nothing(installed: Product) -> None:
    made = installed.offer()
    installed.services.search_index.refresh([made.package_id])
    state, _ = guest_page(installed, SearchState, "/search?travellers=2&max_price=3&page=x")
    await act(state, "open")
    assert state.trips == []
    assert [(drop.label, drop.href) for drop in state.drops] == [
        ("Without Price up to 3", "/search?travellers=2")
    ]
    assert "page" in state.note
    assert target(await act(state, "apply", {"q": "Rome", "max_price": ""})) == (
        "/search?q=Rome&travellers=2"
    )
    assert target(await act(state, "order", "price")) == (
        "/search?travellers=2&max_price=3&sort=price"
    )


@pytest.mark.parametrize(
    ("kind", "path", "phase"),
    [
        (PackageState, "/packages/nothing-here", "missing"),
        (PackageState, "/packages/%00", "missing"),
        (OperatorState, "/operators/nobody?page=-5", "missing"),
        (CheckoutState, "/checkout/0197c0de-0000-7000-8000-000000000000", "missing"),
        (CheckoutState, "/checkout/not-an-id", "missing"),
        (PayState, "/pay/none", "missing"),
        (TripState, "/trips/TRV-NOTHING1?key=x&from=payment", "missing"),
    ],
)
async def test_addresses_that_lead_nowhere_say_so(
    installed: Product, kind: type[Any], path: str, phase: str
) -> None:
    state, _ = guest_page(installed, kind, path)
    await act(state, "open")
    assert state.phase == phase


async def test_no_argument_breaks_a_handler(installed: Product) -> None:
    made = installed.offer()
    path = await reserved(installed, made)
    package, _ = guest_page(installed, PackageState, f"/packages/{made.slug}")
    checkout, _ = guest_page(installed, CheckoutState, path)
    trips, _ = guest_page(installed, TripsState, "/trips?after=%00")
    search, _ = guest_page(installed, SearchState, "/search")
    home, _ = guest_page(installed, HomeState, "/")
    for state in (package, checkout, trips, search, home):
        await act(state, "open")
    total = package.total
    for bad in HOSTILE:
        for state, name, arguments in (
            (package, "choose", (bad,)),
            (package, "turn", (bad,)),
            (package, "set_children", (bad,)),
            (package, "set_age", (bad, "3")),
            (package, "set_age", (0, bad)),
            (package, "toggle", (bad,)),
            (checkout, "choose", (bad,)),
            (checkout, "pay", (bad,)),
            (checkout, "toggle", (bad,)),
            (trips, "find", (bad,)),
            (search, "apply", (bad,)),
            (search, "order", (bad,)),
        ):
            await act(state, name, *arguments)
        await act(package, "set_adults", bad)
        await act(package, "set_adults", "2")
        await act(package, "set_children", "0")
    assert package.total == total
    assert checkout.phase == "open"
    assert checkout.how in ("full", "deposit")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//evil.example", "data:text/html,x", "https://a@evil.example"]
)
def test_people_are_only_sent_to_addresses_of_the_web(url: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        leave_for(url)
