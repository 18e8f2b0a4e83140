"""A rival at another agency's addresses, calling every handler with its ids: nothing is shown, and
nothing changes.

The control is the agency itself: the same visit shows its things.
"""

import inspect
import json
from itertools import product as every
from typing import Any

import pytest

from ecosystem.pages import PAGES
from ecosystem.state.guard import allowed_roles
from tests.api.rivals import MARK, World, make
from tests.product import Product
from tests.state.test_desk_pages import page

pytestmark = pytest.mark.anyio

PARTS = ("/agent", "/trips/", "/checkout/", "/quotes/")


@pytest.fixture
def world(installed: Product) -> World:
    return make(installed)


def addresses(world: World) -> list[tuple[Any, str]]:
    """Every page an agent may be led to with its handlers, at the victim's things."""
    ids = world.ids
    known = {
        "/agent/clients/[id]": ids["client_id"],
        "/agent/quotes/[id]": ids["quote_id"],
        "/checkout/[hold]": ids["hold_id"],
    }
    found: list[tuple[Any, str]] = []
    for one in (one for one in PAGES if one.route.startswith(PARTS)):
        loads = one.on_load if isinstance(one.on_load, list) else [one.on_load]
        key = known.get(one.route, ids["reference"] if "[reference]" in one.route else "none")
        path = one.route.partition("[")[0] + (key if "[" in one.route else "")
        found += [(handler, path) for handler in loads if handler is not None]
    return found


async def run(handler: Any, state: Any, *arguments: Any) -> None:
    done = handler(state, *arguments)
    if hasattr(done, "__anext__"):
        _ = [step async for step in done]
    elif inspect.isawaitable(done):
        await done


def seen(state: Any) -> str:
    return json.dumps(state.dict(), default=str, ensure_ascii=False).lower()


@pytest.mark.parametrize("whose", ["rival", "control"])
async def test_no_page_shows_it(installed: Product, world: World, whose: str) -> None:
    actor = world.rival if whose == "rival" else world.actor
    said = ""
    for handler, path in addresses(world):
        state = page(installed, actor, handler.state, path)
        await run(handler.fn, state)
        said += seen(state)
    assert (MARK in said) == (whose == "control")


async def test_no_handler_gives_or_changes_it(installed: Product, world: World) -> None:
    before = world.kept()
    called = 0
    for kind, path in {(handler.state, path) for handler, path in addresses(world)}:
        for name, handler in kind.event_handlers.items():
            if "setvar" in name or not allowed_roles(f"{kind.get_full_name()}.{name}"):
                continue
            wanted = list(inspect.signature(handler.fn).parameters.values())[1:]
            for given in _arguments(world, wanted):
                state = page(installed, world.rival, kind, path)
                await run(handler.fn, state, *given)
                assert MARK not in seen(state), (name, given)
                called += 1
    assert called > 100
    assert world.kept() == before


def _arguments(world: World, wanted: list[inspect.Parameter]) -> list[tuple[Any, ...]]:
    """Each id of the victim in turn, in every place that takes one."""
    if not wanted:
        return [()]
    keys = [world.ids[name] for name in ("client_id", "quote_id", "document_id", "reference")]
    form = world.ids | {"id": keys[0]}
    choices = [
        [True]
        if "bool" in str(one.annotation)
        else [1]
        if "int" in str(one.annotation)
        else [form]
        if "dict" in str(one.annotation)
        else [[form]]
        if "list" in str(one.annotation)
        else keys
        for one in wanted
    ]
    return list(every(*choices))[:16]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
