"""The page of an agency's reports: its address says all, and any client may send anything."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from ecosystem.domain.money import Money
from ecosystem.domain.reports import Line
from ecosystem.state.agent.report_lines import _average
from ecosystem.state.agent.reports import AgentReportsState
from tests.product import Product
from tests.quotes.conftest import make_agent
from tests.services.test_desks import sell
from tests.state.test_desk_pages import HOSTILE, page, run

pytestmark = pytest.mark.anyio


async def test_filters_make_an_address_and_the_address_the_report(installed: Product) -> None:
    ann = make_agent(installed)
    reference = sell(installed, installed.offer(), ann.actor)
    state = page(installed, ann.actor, AgentReportsState, "/agent/reports?by=operator")
    await run(state, "open")
    [row] = state.view.rows
    down = page(installed, ann.actor, AgentReportsState, row.href)
    await run(down, "open")
    assert [one.label for one in down.view.rows] == [reference]
    assert down.view.rows[0].href == f"/agent/bookings/{reference}"
    assert down.fields.operator == str(installed.offers[0].operator_id)
    assert down.view.csv.partition("?")[2] == row.href.partition("?")[2]
    sent = await run(state, "choose", {"span": "year", "from": "2026-01-01", "to": "2026-02-01"})
    assert "/agent/reports?by=operator&span=year" in str(sent)


@pytest.mark.parametrize(
    ("sold", "average"),
    [
        (Money(100_150, "EUR"), Money(33_400, "EUR")),
        (Money(10_001, "JPY"), Money(3_334, "JPY")),
        (Money(1_000_500, "KWD"), Money(334_000, "KWD")),
    ],
    ids=str,
)
def test_an_average_is_in_whole_units_of_its_currency(sold: Money, average: Money) -> None:
    line = Line("", "", (3, 6, 0), currency=sold.currency, sold=sold)
    assert _average(line) == average


async def test_a_filter_is_kept_and_deleted_on_the_page(installed: Product) -> None:
    ann = make_agent(installed)
    state = page(installed, ann.actor, AgentReportsState, "/agent/reports?by=city")
    await run(state, "open")
    await run(state, "begin")
    await run(state, "keep", {"name": " "})
    assert state.name_error
    assert state.keeping
    await run(state, "keep", {"name": "Cities", "shared": "on"})
    assert [(one.name, one.href, one.on) for one in state.saved] == [
        ("Cities", "/agent/reports?by=city", True)
    ]
    rival = page(
        installed, make_agent(installed, "Rival").actor, AgentReportsState, "/agent/reports"
    )
    await run(rival, "open")
    await run(rival, "forget", state.saved[0].id)
    await run(state, "open")
    assert len(state.saved) == 1
    await run(state, "forget", state.saved[0].id)
    assert state.saved == []


async def test_junk_does_no_harm_and_an_assistant_gets_no_commission(installed: Product) -> None:
    ann = make_agent(installed)
    sell(installed, installed.offer(), ann.actor)
    helper = replace(ann.actor, agency_role="assistant")
    for query in ("?by=%00&from=x", "?show=proposals&by=agent", "?page=99", "?city=" + "x" * 999):
        state = page(installed, helper, AgentReportsState, "/agent/reports" + query)
        await run(state, "open")
        assert state.phase == "shown", query
        assert "ommission" not in str(state.dict())
    junk: tuple[Any, ...] = (*HOSTILE, str(uuid4()))
    for one in junk:
        for name in ("choose", "keep", "forget"):
            await run(state, name, one)
