"""The handlers of the work pages, called as a hostile client may: any argument, any order."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from reflex.state import State

from ecosystem import wiring
from ecosystem.api.payouts import refresh
from ecosystem.domain.actor import Actor
from ecosystem.state.agent.bookings import AgentBookingsState
from ecosystem.state.agent.today import AgentTodayState
from ecosystem.state.booking_list import address_of
from ecosystem.state.desk import DeskState
from ecosystem.state.ops.bookings import OpsBookingsState
from ecosystem.state.ops.health import OpsHealthState
from ecosystem.state.payouts import PayoutsState
from ecosystem.state.provider.bookings import ProviderBookingsState
from ecosystem.state.provider.overview import ProviderOverviewState
from ecosystem.state.provider.package import ProviderPackageState
from ecosystem.state.provider.packages import ProviderPackagesState, page_number
from tests.product import GUEST, Product
from tests.services.test_desks import OPS, agent, provider, sell

pytestmark = pytest.mark.anyio

HOSTILE: tuple[Any, ...] = (
    None,
    "",
    "text",
    7,
    [],
    {"q": {"a": 1}, "status": ["confirmed"]},
    {"q": "%' or 1=1 --", "status": "'; drop table bookings"},
    {"title": None, "price": None},
    {"title": {"x": 1}, "price": [1]},
    {"title": "\x00" * 50, "price": "1340"},
    {"title": "x" * 100_000, "price": "9" * 100_000},
    {"version": 99, "operator_id": str(uuid4()), "title": "Good title", "price": "1e9"},
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def installed(product: Product) -> Iterator[Product]:
    """The product as the services of this process; put back at the end."""
    before = list(wiring._installed)
    wiring.install(product.services)
    try:
        yield product
    finally:
        wiring._installed[:] = before


def page(product: Product, actor: Actor, kind: type[Any], path: str) -> Any:
    """The State of a page that ``actor`` has open at ``path``."""
    cookie = product.services.sessions.create(actor) if actor.signed_in else ""
    root: Any = State(_reflex_internal_init=True)  # type: ignore[call-arg]
    data = {
        "headers": {
            "cookie": f"eco_session={cookie}",
            "host": "localhost:3999",
            "origin": "http://localhost:3999",
        },
        "ip": "198.51.100.1",
        "pathname": path.partition("?")[0],
        "asPath": path,
    }
    root._update_router_vars(data, root.router_data)
    root.router_data = data
    return root.get_substate(kind.get_full_name().split("."))


async def run(state: Any, name: str, *arguments: Any) -> Any:
    return await type(state).event_handlers[name].fn(state, *arguments)


async def test_a_list_of_bookings_is_searched_by_its_address(installed: Product) -> None:
    ann = agent(installed)
    reference = sell(installed, installed.offer(), ann)
    sell(installed, installed.offer(), GUEST)
    for asked, found in (
        ("", [reference]),
        (f"?q={reference[4:8].lower()}", [reference]),
        ("?q=Maja", [reference]),
        ("?status=confirmed", [reference]),
        ("?status=cancelled", []),
        ("?q=%25", []),
        ("?q=%00", [reference]),
        ("?status=nonsense&q=", [reference]),
    ):
        state = page(installed, ann, AgentBookingsState, "/agent/bookings" + asked)
        await run(state, "open")
        assert (state.phase, [row.reference for row in state.rows]) == ("shown", found), asked
    state = page(installed, OPS, OpsBookingsState, "/ops/bookings")
    await run(state, "open")
    assert len(state.rows) == 2


async def test_pages_turn_and_stop_at_both_ends(
    installed: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecosystem.state.booking_list.PAGE_SIZE", 1)
    ann = agent(installed)
    references = [sell(installed, installed.offer(), ann) for _ in range(2)][::-1]
    state = page(installed, ann, AgentBookingsState, "/agent/bookings")
    await run(state, "previous")
    await run(state, "open")
    seen = []
    for step in ("following", "following", "previous", "previous"):
        seen.append((state.rows[0].reference, state.position))
        await run(state, step)
    assert seen == [
        (references[0], "1–1 of 2"),
        (references[1], "2–2 of 2"),
        (references[1], "2–2 of 2"),
        (references[0], "1–1 of 2"),
    ]


async def test_a_stranger_gets_nothing_even_past_the_guard(installed: Product) -> None:
    made = installed.offer()
    ann = agent(installed)
    sell(installed, made, ann)
    rival = agent(installed, "Rival Tours")
    state = page(installed, rival, AgentBookingsState, "/agent/bookings")
    await run(state, "open")
    assert state.rows == []
    other = provider(installed.offer().operator_id)
    state = page(installed, other, ProviderBookingsState, "/provider/bookings")
    await run(state, "open")
    assert state.rows == []
    state = page(installed, other, ProviderPackageState, f"/provider/packages/{made.package_id}")
    _ = [step async for step in type(state).event_handlers["open"].fn(state)]
    assert state.phase == "missing"
    for kind, path in (
        (AgentTodayState, "/agent"),
        (ProviderOverviewState, "/provider"),
        (ProviderPackagesState, "/provider/packages"),
        (PayoutsState, "/provider/payouts"),
    ):
        state = page(installed, GUEST, kind, path)
        await run(state, "open")
        assert state.phase == "failed", path
    state = page(installed, ann, OpsHealthState, "/ops")
    await run(state, "open")
    assert (state.phase, state.parts) == ("failed", [])


@pytest.mark.parametrize("form", HOSTILE, ids=lambda form: repr(form)[:30])
def test_a_search_form_gives_an_address_of_this_site(form: Any) -> None:
    assert address_of("/agent/bookings", form).partition("?")[0] == "/agent/bookings"
    assert len(address_of("/agent/bookings", form)) < 700


@pytest.mark.parametrize("text", ["", "0", "-1", "x", "1e3", "9" * 50, "²", "None"])
def test_a_page_number_is_never_wrong(text: str) -> None:
    assert page_number(text) == 1


async def test_payouts_in_words(installed: Product) -> None:
    operator = provider(installed.offer(payable=False).operator_id)
    state = page(installed, operator, PayoutsState, "/provider/payouts")
    await run(state, "open")
    assert (state.view.title, state.view.button) == ("Not set up", "Set up payouts")
    await run(state, "set_up")
    await run(state, "open")
    assert state.view.title == "Information missing"
    assert "A bank account" in state.needs


async def test_a_used_link_leads_to_a_fresh_one_for_its_operator_alone(
    installed: Product,
) -> None:
    operator = provider(installed.offer(payable=False).operator_id)
    first, second = (refresh(operator).headers["location"] for _ in range(2))
    assert first != second
    assert first.startswith(installed.stripe.base)
    assert refresh(GUEST).headers["location"] == "/sign-in?next=/api/payouts/refresh"
    assert refresh(OPS).headers["location"] == "/provider/payouts"


async def test_the_foot_names_the_place(installed: Product) -> None:
    for actor, place in (
        (provider(installed.offer().operator_id), "Via Appia Journeys"),
        (OPS, "Operations"),
    ):
        state = page(installed, actor, DeskState, "/")
        await run(state, "open")
        assert state.place == place


async def test_health_names_what_is_down(installed: Product) -> None:
    state = page(installed, OPS, OpsHealthState, "/ops")
    await run(state, "refresh")
    assert state.verdict == "Everything answers"
    assert {part.name for part in state.parts} >= {"Our database", "Payments"}
