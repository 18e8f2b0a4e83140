"""The handlers of operations' pages, called as a hostile client may: any argument, any order."""

from typing import Any
from uuid import uuid4

import pytest

from ecosystem.domain.errors import Unavailable
from ecosystem.state.ops.adjustments import OpsAdjustmentsState
from ecosystem.state.ops.audit import OpsAuditState
from ecosystem.state.ops.dispute import OpsDisputeState
from ecosystem.state.ops.events import OpsEventsState, address
from ecosystem.state.ops.health import OpsHealthState
from ecosystem.state.ops.payments import OpsPaymentsState, cut
from tests.operations.test_disputes import dispute, row_of, sold
from tests.operations.test_operations import ANNA, BEN, leave, wanted
from tests.product import GUEST, Product
from tests.services.test_desks import agent, provider
from tests.state.test_desk_pages import HOSTILE, page, run

pytestmark = pytest.mark.anyio

PAGES: tuple[tuple[type[Any], str], ...] = (
    (OpsEventsState, "/ops/events"),
    (OpsAuditState, "/ops/audit"),
    (OpsAdjustmentsState, "/ops/adjustments"),
    (OpsPaymentsState, "/ops/payments"),
)


async def test_others_see_nothing_even_past_the_guard(installed: Product) -> None:
    booking = sold(installed)
    stripe_id = dispute(installed, booking)
    installed.services.dispute_watch.look(stripe_id)
    made = row_of(installed, stripe_id)
    paths = (*PAGES, (OpsDisputeState, f"/ops/disputes/{made.id}"))
    for actor in (GUEST, agent(installed), provider(installed.offer().operator_id)):
        for kind, path in paths:
            state = page(installed, actor, kind, path)
            await run(state, "open")
            assert state.phase == "failed", path


async def test_messages_are_found_opened_and_tried_again(installed: Product) -> None:
    key = leave(installed, "email.a", "SES is silent")
    state = page(installed, ANNA, OpsEventsState, "/ops/events?queue=outbox&state=failing")
    await run(state, "open")
    assert [(row.kind, row.error, row.again) for row in state.rows] == [
        ("email.a", "SES is silent", "Try now")
    ]
    assert state.rows[0].payload == "", "only what is opened is sent to the browser"
    await run(state, "show", key)
    assert "50%_off" in state.opened.payload
    await run(state, "close")
    await run(state, "retry", key)
    assert state.phase == "shown"
    for asked in (
        "?queue=x&state=y&page=-3",
        "?q=%00",
        "?page=99999999999",
        "?queue=outbox&page=2",
    ):
        state = page(installed, ANNA, OpsEventsState, "/ops/events" + asked)
        await run(state, "open")
        assert state.phase == "shown", asked


@pytest.mark.parametrize("junk", HOSTILE, ids=lambda form: repr(form)[:30])
async def test_junk_changes_nothing(installed: Product, junk: Any) -> None:
    state = page(installed, ANNA, OpsEventsState, "/ops/events")
    await run(state, "open")
    await run(state, "find", junk)
    await run(state, "show", junk)
    await run(state, "retry", junk)
    state = page(installed, ANNA, OpsAuditState, "/ops/audit")
    await run(state, "open")
    await run(state, "find", junk)
    state = page(installed, ANNA, OpsAdjustmentsState, "/ops/adjustments")
    await run(state, "open")
    await run(state, "propose", junk)
    assert any(state.errors.values())
    for name in ("approve", "reject"):
        await run(state, name, junk)
    state = page(installed, ANNA, OpsPaymentsState, "/ops/payments")
    await run(state, "open")
    await run(state, "ask", junk)
    await run(state, "retry", junk, junk)
    await run(state, "ask_by_hand", junk)
    await run(state, "by_hand", junk)
    assert installed.one("select count(*) as n from adjustments").n == 0


def test_a_list_that_is_full_says_so() -> None:
    assert cut(("refunds", [1], 2)) == ""
    assert cut(("refunds", [1, 2], 2), ("disputes", [1, 2], 2)) == (
        "There may be more refunds and disputes than are listed and counted here."
    )


def test_addresses_of_the_list_stay_on_the_page() -> None:
    assert address("inbox") == "/ops/events"
    assert address("outbox", "failing", "a&b=c", 2).startswith("/ops/events?queue=outbox&")


async def test_an_adjustment_is_proposed_here_and_approved_there(installed: Product) -> None:
    booking = sold(installed)
    form = wanted(booking.reference).model_dump()
    mine = page(installed, ANNA, OpsAdjustmentsState, f"/ops/adjustments?reference={uuid4()}")
    await run(mine, "open")
    await run(mine, "propose", form | {"reason": "short"})
    assert mine.errors["reason"]
    await run(mine, "propose", form)
    assert [(row.mine, row.open) for row in mine.rows] == [(True, True)]
    theirs = page(installed, BEN, OpsAdjustmentsState, "/ops/adjustments")
    await run(theirs, "open")
    key = theirs.rows[0].id
    await run(mine, "approve", key)
    assert mine.rows[0].state == "proposed", "not by whoever proposed it"
    await run(theirs, "approve", key)
    assert theirs.rows[0].decided.startswith("Approved by Ben, ")


async def test_what_was_done_is_not_called_undone_when_it_cannot_be_shown(
    installed: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = sold(installed)
    state = page(installed, ANNA, OpsAdjustmentsState, "/ops/adjustments")
    await run(state, "open")

    def silent(*_: Any, **__: Any) -> Any:
        raise Unavailable("Nothing was changed; try again.")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(type(installed.services.adjusting), "rows", silent)
        said = await run(state, "propose", wanted(booking.reference).model_dump())
    assert (state.refused, state.phase) == ("", "failed")
    assert "Proposed" in str(said)
    await run(state, "open")
    assert (state.phase, len(state.rows)) == ("shown", 1)


async def test_health_goes_on_asking_after_the_database_was_away(
    installed: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def entered(state: Any) -> Any:
        return state

    async def left(*_: Any) -> None:
        return None

    monkeypatch.setattr(OpsHealthState, "__aenter__", entered, raising=False)
    monkeypatch.setattr(OpsHealthState, "__aexit__", left, raising=False)
    state = page(installed, ANNA, OpsHealthState, "/ops")
    await run(state, "refresh")
    state.live, state._watch = True, 1

    async def away(*_: Any) -> Any:
        raise Unavailable("Our database does not answer.")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("ecosystem.state.ops.health.current_actor", away)
        assert await state._beat(1)
    assert (state.live, state.problem) == (True, "Our database does not answer.")
    assert state.verdict == "Not known at this moment"
    assert await state._beat(1)
    assert (state.problem, state.verdict) == ("", "Everything answers")
    assert not await state._beat(2), "another watcher has taken over"


async def test_a_dispute_is_seen_and_answered(installed: Product) -> None:
    booking = sold(installed)
    stripe_id = dispute(installed, booking)
    installed.services.dispute_watch.look(stripe_id)
    money = page(installed, ANNA, OpsPaymentsState, "/ops/payments")
    await run(money, "open")
    await run(money, "check")
    assert (money.open_disputes, money.disputes[0].state) == ("1", "Needs an answer")
    assert {line.name for line in money.checks} >= {"bookings", "cash"}
    state = page(installed, ANNA, OpsDisputeState, money.disputes[0].href)
    await run(state, "open")
    assert (state.view.row.reference, state.view.answerable) == (booking.reference, True)
    _ = [step async for step in type(state).event_handlers["submit"].fn(state, {"statement": "x"})]
    assert (state.view.answerable, state.view.row.state) == (False, "The bank decides")
    state = page(installed, ANNA, OpsDisputeState, f"/ops/disputes/{uuid4()}")
    await run(state, "open")
    assert state.phase == "missing"
