"""The palette of the desks: what is typed is found, and junk is not."""

from typing import Any

import pytest

from ecosystem.pages.layout import AREAS
from ecosystem.state.palette import PaletteState
from tests.product import Product
from tests.services.test_clients import add, agent_of
from tests.services.test_desks import sell
from tests.state.test_desk_pages import page, run

pytestmark = pytest.mark.anyio


async def test_what_is_typed_is_found_and_junk_is_not(installed: Product) -> None:
    ann = agent_of(installed, "Ann Delaney")
    client = add(installed, ann, name="Zofia Nowak")
    reference = sell(installed, installed.offer(), ann)
    desk = page(installed, ann, PaletteState, "/agent")
    await run(desk, "typed", " zofia ")
    assert [line.href for line in desk.lines] == [f"/agent/clients/{client.id}"]
    assert (desk.words, desk.problem) == ("zofia", "")
    await run(desk, "typed", reference.lower())
    assert [line.href for line in desk.lines] == [f"/agent/bookings/{reference}"]
    junk: tuple[Any, ...] = (None, "", "z", 7, [], {"a": 1}, "\x00", "%", "_%", "x" * 100_000)
    for text in junk:
        await run(desk, "typed", text)
        assert desk.lines == []


def test_no_two_pages_of_a_desk_share_a_key() -> None:
    for area, places in AREAS.items():
        keys = [place.key for place in places]
        assert all(len(key) == 1 and key in "abcdefghijklmnopqrstuvwxyz" for key in keys), area
        assert len(set(keys)) == len(keys), area
