"""The console of tables that move, called as a hostile client may: nothing moves by it."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from ecosystem import wiring
from ecosystem.domain.errors import Unavailable
from ecosystem.domain.moving import Difference, GroupState, Job, Overview, TableState, Verified
from ecosystem.state.ops.migration import PATH, OpsMigrationState
from tests.operations.test_operations import ANNA, BEN
from tests.product import GUEST, Product
from tests.services.test_desks import agent, provider
from tests.state.test_desk_pages import HOSTILE, page, run

pytestmark = pytest.mark.anyio

NAMES = ("package_extras", "packages", "accounts")
STEPS = (
    "prepare",
    "copy",
    "switch",
    "rollback",
    "retire",
    "verify",
    "backup",
    "run",
    "give_up",
    "pause",
)


async def opened(product: Product, actor: Any = ANNA) -> Any:
    state = page(product, actor, OpsMigrationState, PATH)
    await run(state, "open")
    return state


def jobs(product: Product) -> int:
    return product.one("select count(*) as n from migration_jobs").n


async def test_others_see_nothing_even_past_the_guard(installed: Product) -> None:
    for actor in (GUEST, agent(installed), provider(installed.offer().operator_id)):
        state = await opened(installed, actor)
        assert (state.phase, state.groups, state.events) == ("failed", [], [])
        for action in STEPS:
            await run(state, "choose", "accounts", action)
            assert not state.asked.open
            await run(state, "ask", {"typed": "accounts"})
        await run(state, "resume", "accounts")
        await run(state, "cancel", str(uuid4()))
    assert jobs(installed) == 0


async def test_every_group_says_where_it_is(installed: Product) -> None:
    state = await opened(installed)
    assert (state.phase, state.stale) == ("shown", False)
    assert tuple(line.name for line in state.groups)[:3] == NAMES
    assert all(line.now and line.next and line.back for line in state.groups)
    assert state.worker_trouble, "no worker runs here, and that is said"


@pytest.mark.parametrize("junk", HOSTILE, ids=lambda form: repr(form)[:30])
async def test_junk_asks_for_nothing(installed: Product, junk: Any) -> None:
    state = await opened(installed)
    await run(state, "ask", junk)
    await run(state, "choose", junk, junk)
    await run(state, "choose", "accounts", junk)
    assert not state.asked.open
    await run(state, "choose", "accounts", "switch")
    await run(state, "ask", junk)
    for name in ("resume", "cancel", "narrow"):
        await run(state, name, junk)
    await run(state, "differences", junk, junk)
    assert (state.found.open, state.timeline_group) == (False, "")
    for name in ("older", "close", "close_found"):
        await run(state, name)
    assert (state.phase, jobs(installed)) == ("shown", 0)


async def test_a_step_whose_conditions_are_not_met_is_refused_in_words(
    installed: Product,
) -> None:
    state = await opened(installed)
    await run(state, "choose", "accounts", "switch")
    assert (state.asked.typed, state.asked.allowed) == (True, False)
    assert not all(one.ok for one in state.asked.conditions)
    await run(state, "ask", {"typed": "accounts"})
    assert state.asked.action == "switch", "the question stays open"
    assert state.refused or state.typed_error
    await run(state, "close")
    assert (state.asked.open, state.refused, jobs(installed)) == (False, "", 0)


async def test_a_pause_is_seen_with_its_reason_and_ended_by_somebody_else(
    installed: Product,
) -> None:
    mine = await opened(installed)
    await run(mine, "choose", "accounts", "pause")
    assert mine.asked.reason
    await run(mine, "ask", {"why": "payday" + "\x00" * 3 + "y" * 5000})
    theirs = await opened(installed, BEN)
    line = next(one for one in theirs.groups if one.name == "accounts")
    assert "payday" in line.paused
    await run(theirs, "resume", "accounts")
    line = next(one for one in theirs.groups if one.name == "accounts")
    assert line.paused == ""
    assert {one.group for one in theirs.events} == {"accounts"}
    await run(theirs, "narrow", "packages")
    assert theirs.events == []


class Desk:
    """Stands in for the desk: what it is asked for, and groups as a test wants them."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.asked: list[tuple[Any, ...]] = []
        self.down = False
        self.change: Any = lambda one: one
        self.meanwhile: Any = lambda: None

    def overview(self, actor: Any) -> Overview:
        if self.down:
            raise Unavailable("Our database does not answer.")
        self.meanwhile()
        found = self.real.overview(actor)
        return replace(found, groups=tuple(self.change(one) for one in found.groups))

    def ask(self, *args: Any, **more: Any) -> None:
        self.asked.append((*args[1:], more))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@pytest.fixture
def desk(installed: Product, monkeypatch: pytest.MonkeyPatch) -> Desk:
    stand_in = Desk(installed.services.moving)
    changed = replace(installed.services, moving=stand_in)  # type: ignore[arg-type]
    monkeypatch.setattr(wiring, "_installed", [changed])
    return stand_in


async def test_what_was_typed_reaches_the_desk_as_it_is(installed: Product, desk: Desk) -> None:
    state = await opened(installed)
    await run(state, "choose", "accounts", "switch")
    await run(state, "ask", {"typed": "accounts "})
    await run(state, "choose", "packages", "verify")
    await run(state, "ask", {"deep": "on"})
    assert desk.asked == [
        ("accounts", "switch", {"typed_name": "accounts ", "deep": False}),
        ("packages", "verify", {"typed_name": "", "deep": True}),
    ]
    assert not state.asked.open


async def test_old_figures_stay_and_are_called_old(installed: Product, desk: Desk) -> None:
    state = await opened(installed)
    desk.down = True
    await run(state, "narrow", "")
    assert (state.phase, state.stale, len(state.groups) >= 3) == ("shown", True, True)
    assert state.problem == "Our database does not answer."
    desk.down = False
    await run(state, "narrow", "")
    assert (state.stale, state.problem) == (False, "")


async def test_rows_that_differ_are_named_one_by_one(installed: Product, desk: Desk) -> None:
    found = (Difference(str(uuid4()), "missing in RDS"),)

    verified = Verified(installed.clock.now(), False, rows=5, differing=1, differences=found)
    table = TableState("operators", 5, 4, 4, 80, 0, 0.0, verified=verified)

    def differ(one: GroupState) -> GroupState:
        return replace(one, tables=(table,))

    desk.change = differ
    state = await opened(installed)
    await run(state, "differences", "accounts", "operators")
    assert [(one.id, one.what) for one in state.found.rows] == [(found[0].id, "missing in RDS")]
    await run(state, "differences", "accounts", "no such table")
    assert not state.found.open


async def test_the_question_follows_what_becomes_so_while_it_is_read(
    installed: Product, desk: Desk
) -> None:
    state = await opened(installed)
    await run(state, "choose", "accounts", "backup")
    drawn, before = state.drawn, state.asked
    working = Job(
        uuid4(), "accounts", "copy", False, "running", "Ben", installed.clock.now(), step="copying"
    )
    desk.change = lambda one: replace(one, job=working)
    await run(state, "narrow", "")
    assert (state.asked.action, state.drawn) == ("backup", drawn), "what was typed stays"
    assert state.asked.title == before.title
    assert next(one for one in state.groups if one.name == "accounts").job_runs


async def _entered(state: Any) -> Any:
    return state


async def _left(*_: Any) -> None:
    return None


async def test_it_looks_again_by_itself_and_never_shows_what_is_older(
    installed: Product, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OpsMigrationState, "__aenter__", _entered, raising=False)
    monkeypatch.setattr(OpsMigrationState, "__aexit__", _left, raising=False)
    state = await opened(installed)
    desk.change = lambda one: replace(one, phase="copying")
    await run(state, "look")
    assert {one.phase for one in state.groups[:3]} == {"copying"}
    desk.down = True
    await run(state, "look")
    assert (state.stale, state.problem) == (True, "Our database does not answer.")
    desk.down = False
    await run(state, "look")
    assert state.stale is False

    def acted() -> None:
        state._loads += 1

    desk.meanwhile = acted
    desk.change = lambda one: replace(one, phase="in_sync")
    await run(state, "look")
    assert {one.phase for one in state.groups[:3]} == {"copying"}, "somebody did something since"
    desk.meanwhile = lambda: None
    await run(state, "look")
    assert {one.phase for one in state.groups[:3]} == {"in sync"}
