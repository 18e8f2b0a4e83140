"""The import page's handlers, called as a hostile client may."""

from typing import Any

import pytest

from ecosystem.state.provider.imports import ProviderImportState
from tests.product import Product
from tests.services.test_desks import provider
from tests.state.test_desk_pages import page
from tests.state.test_package_editor import HOSTILE, run

pytestmark = pytest.mark.anyio


async def test_nothing_that_a_client_sends_breaks_the_page(installed: Product) -> None:
    made = installed.offer()
    state: Any = page(
        installed, provider(made.operator_id), ProviderImportState, "/provider/import"
    )
    for value in HOSTILE:
        await run(state, "choose_kind", value)
        assert state.what == "packages"
        await run(state, "choose", value)
        await run(state, "progress", value, value)
        await run(state, "broke", value, value)
        await run(state, "arrived", value)
    huge = [{"key": "a", "name": "a.csv", "size": 10**400}]
    await run(state, "choose", huge)
    assert state.send_problem
    assert state.jobs == []
