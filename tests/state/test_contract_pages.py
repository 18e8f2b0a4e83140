"""Contracts and commissions at the desks: by whom, with what, in any order."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ecosystem.domain.actor import Actor
from ecosystem.state.agent.commissions import AgentCommissionsState
from ecosystem.state.agent.contracts import AgentContractsState
from ecosystem.state.provider.agencies import ProviderAgenciesState
from ecosystem.state.provider.agency import ProviderAgencyState
from tests.agencies.agreed import agency, contract, today
from tests.product import GUEST, Product
from tests.services.test_desks import OPS, provider, sell
from tests.state.test_desk_pages import HOSTILE, page, run

pytestmark = pytest.mark.anyio


@pytest.fixture
def operator(product: Product) -> Actor:
    return provider(product.offer(price="1000.00", seats=20).operator_id)


@pytest.fixture
def ann(product: Product) -> Actor:
    return agency(product)


def at_agency(product: Product, operator: Actor, ann: Actor) -> Any:
    return page(product, operator, ProviderAgencyState, f"/provider/agencies/{ann.agency_id}")


async def test_an_operator_offers_and_the_agency_accepts(
    installed: Product, operator: Actor, ann: Actor
) -> None:
    desk = at_agency(installed, operator, ann)
    await run(desk, "open")
    assert (desk.phase, desk.agency.name, desk.contracts) == ("shown", "Maple Travel", [])
    assert desk.example_of == "On one place of “Rome, Florence & Venice by rail”, €1,000"
    assert [line.amount for line in desk.example] == ["€1,000", "€100", "€30", "€870"]
    await run(desk, "try_out", "model", "net")
    await run(desk, "try_out", "percent", "20 %")
    assert [line.amount for line in desk.example] == ["€960", "€161.20", "€28.80", "€770"]
    await run(desk, "try_out", "model", "agency_collects")
    assert (desk.with_days, desk.days) == (True, "14")
    assert [line.amount for line in desk.example] == [
        "€1,000", "€800", "€200", "€24", "€776"
    ]  # fmt: skip
    first = str(today(installed))
    typed = {"model": "agency_collects", "percent": "12,5 %", "starts_on": first}
    await run(desk, "offer", {**typed, "days": "", "credit": "x"})
    assert desk.refused
    assert [name for name, error in desk.errors.items() if error] == ["credit"]
    await run(desk, "offer", {**typed, "days": "10", "credit": "5000"})
    [offer] = desk.contracts
    assert (offer.open, offer.facts[0]) == (
        True, "12.5 % of the public price"
    )  # fmt: skip
    assert "At most €5,000 may be owed at a time" in offer.facts

    agent = page(installed, ann, AgentContractsState, "/agent/contracts")
    await run(agent, "open")
    assert [one.other for one in agent.offers] == ["Via Appia Journeys"]
    assert agent.offers[0].example[2].amount == "€125"
    await run(agent, "ask", agent.offers[0].id, "accept")
    await run(agent, "confirm")
    assert (agent.offers, [one.standing for one in agent.held]) == ([], ["In force"])

    listed = page(installed, operator, ProviderAgenciesState, "/provider/agencies")
    await run(listed, "open")
    [row] = listed.rows
    assert (row.name, row.terms, row.offer) == ("Maple Travel", "Agency collects, 12.5 %", "")

    await run(agent, "ask_to_end", agent.held[0].id)
    await run(agent, "end", {"last_day": "never"})
    assert agent.end_error
    await run(agent, "end", {"last_day": str(today(installed) + timedelta(days=3))})
    assert (agent.ending.id, agent.held[0].period.count(" to ")) == ("", 1)


async def test_an_agency_reads_its_commissions(
    installed: Product, operator: Actor, ann: Actor
) -> None:
    made = installed.offers[-1]
    assert ann.agency_id
    contract(installed, made.operator_id, ann.agency_id, "net", "25")
    reference = sell(installed, made, ann)
    desk = page(installed, ann, AgentCommissionsState, "/agent/commissions")
    await run(desk, "open")
    [row] = desk.rows
    assert (row.reference, row.state, row.model) == (reference, "Expected", "Net price, 25 %")
    assert [one.label for one in desk.sums] == ["Expected", "Due", "Sent", "Taken back"]
    assert desk.sums[0].amounts == [row.earned]
    assert desk.sums[0].href == "/agent/commissions?state=expected"
    for asked, found in (("state=sent", 0), ("state=expected", 1), ("operator=x&month=9", 1)):
        desk = page(installed, ann, AgentCommissionsState, f"/agent/commissions?{asked}")
        await run(desk, "open")
        assert (desk.phase, len(desk.rows)) == ("shown", found)
    await run(desk, "following")
    await run(desk, "previous")
    assert len(desk.rows) == 1


async def test_others_see_nothing_even_past_the_guard(
    installed: Product, operator: Actor, ann: Actor
) -> None:
    for actor in (GUEST, OPS, ann):
        for kind, path in (
            (ProviderAgenciesState, "/provider/agencies"),
            (ProviderAgencyState, f"/provider/agencies/{ann.agency_id}"),
        ):
            state = page(installed, actor, kind, path)
            await run(state, "open")
            assert state.phase == "failed"
    for actor in (GUEST, OPS, operator, replace(ann, agency_role="assistant")):
        for kind, path in (
            (AgentContractsState, "/agent/contracts"),
            (AgentCommissionsState, "/agent/commissions"),
        ):
            state = page(installed, actor, kind, path)
            await run(state, "open")
            assert state.phase == "forbidden"  # nothing to try again
            assert getattr(state, "rows", []) == []


async def test_junk_in_any_handler(installed: Product, operator: Actor, ann: Actor) -> None:
    assert ann.agency_id
    contract(installed, installed.offers[-1].operator_id, ann.agency_id, "net", "25")
    for junk in HOSTILE:
        desk = at_agency(installed, operator, ann)
        await run(desk, "open")
        await run(desk, "try_out", junk, junk)
        await run(desk, "try_out", "percent", junk)
        await run(desk, "try_out", "model", junk)
        await run(desk, "offer", junk)
        await run(desk, "offer", dict.fromkeys(("model", "percent", "days", "credit"), junk))
        for name in ("withdraw", "ask_to_end", "end"):
            await run(desk, name, junk)
        await run(desk, "ask_to_end", desk.contracts[0].id)
        await run(desk, "end", {"last_day": junk})
        assert (desk.phase, len(desk.contracts)) == ("shown", 1)
        agent = page(installed, ann, AgentContractsState, "/agent/contracts")
        await run(agent, "open")
        await run(agent, "ask", junk, junk)
        await run(agent, "confirm")
        await run(agent, "ask_to_end", junk)
        await run(agent, "end", junk)
        assert [one.standing for one in agent.held] == ["In force"]
        money = page(installed, ann, AgentCommissionsState, "/agent/commissions")
        await run(money, "find", junk)
        await run(money, "find", {"state": junk, "month": junk})
        listed = page(installed, operator, ProviderAgenciesState, "/provider/agencies")
        await run(listed, "find", junk)
        await run(listed, "find", {"q": junk})
    for path in ("/provider/agencies/x", f"/provider/agencies/{operator.operator_id}"):
        lost = page(installed, operator, ProviderAgencyState, path)
        await run(lost, "open")
        assert lost.phase == "missing"
        await run(lost, "offer", {})
