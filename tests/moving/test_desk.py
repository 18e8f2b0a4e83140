"""Who may look at moving tables and ask for something, and what is told."""

from collections.abc import Callable
from typing import Any

import pytest

from ecosystem.domain.actor import GUEST, Actor
from ecosystem.domain.errors import Conflict, Forbidden, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.moving import SINK, Action
from ecosystem.services.moving import MovingDesk
from ecosystem.services.moving.words import told
from tests.migration.sides import GROUP
from tests.moving.conftest import OPS, World

DOES_IT = f"; `ecosystem migrate verify {GROUP}` does it"
TYPED_ONES = ("switch", "rollback", "retire", "give_up", "rebuild")
OTHERS = [
    GUEST,
    *(
        Actor(role=role, source="cognito", user_id=uuid7())  # type: ignore[arg-type]
        for role in ("customer", "agent", "provider")
    ),
]
CALLS: dict[str, Callable[[MovingDesk, Actor], Any]] = {
    "overview": lambda desk, actor: desk.overview(actor),
    "options": lambda desk, actor: desk.options(actor, "packages"),
    "ask": lambda desk, actor: desk.ask(actor, "packages", "prepare"),
    "cancel": lambda desk, actor: desk.cancel(actor, uuid7()),
    "pause": lambda desk, actor: desk.pause(actor, "packages"),
    "resume": lambda desk, actor: desk.resume(actor, "packages"),
    "timeline": lambda desk, actor: desk.timeline(actor),
}


def test_it_is_for_operations_only(world: World) -> None:
    every = {name for name in vars(MovingDesk) if not name.startswith("_")}
    assert every == CALLS.keys()
    for call in CALLS.values():
        for other in OTHERS:
            with pytest.raises(Forbidden):
                call(world.desk, other)


def test_what_was_asked_has_a_name_and_a_time(world: World) -> None:
    world.worker.look()
    job = world.desk.ask(OPS, "packages", "prepare")
    world.desk.pause(OPS, "packages", "  not  today ")
    world.desk.pause(OPS, "packages", "again")
    world.desk.resume(OPS, "packages")
    world.desk.resume(OPS, "packages")
    world.desk.cancel(OPS, job.id)
    lines = world.desk.timeline(OPS, "packages").items
    assert [line.what for line in lines] == [
        "Asked to stop preparing",
        "Goes on",
        "Paused: not today",
        "Asked for preparing",
    ]
    assert {line.who for line in lines} == {OPS.email}
    page = world.desk.timeline(OPS, limit=3)
    assert len(page.items) == 3
    assert page.next
    assert [line.what for line in world.desk.timeline(OPS, cursor=page.next).items] == [
        "Asked for preparing"
    ]


def test_junk_is_refused(world: World) -> None:
    for cursor in ("x", "-1", "²", "9" * 30):
        with pytest.raises(Invalid):
            world.desk.timeline(OPS, cursor=cursor)
    with pytest.raises(NotFound):
        world.desk.timeline(OPS, "bookings")
    with pytest.raises(NotFound):
        world.desk.pause(OPS, SINK)
    with pytest.raises(Invalid):
        world.desk.pause(OPS, "packages", "x" * 201)
    with pytest.raises(NotFound):
        world.desk.cancel(OPS, uuid7())
    with pytest.raises(NotFound):
        world.desk.options(OPS, "users")


def test_every_option_says_what_it_does(world: World) -> None:
    world.worker.look()
    for group in ("package_extras", "packages", "accounts", SINK):
        for option in world.desk.options(OPS, group):
            assert option.does
            assert option.conditions
            assert option.typed == (option.action in TYPED_ONES)


def missing(world: World, action: Action) -> list[str]:
    """What the desk misses for it."""
    options = {one.action: one for one in world.desk.options(OPS, GROUP)}
    return [f"{one.words}: {one.now}" for one in options[action].conditions if not one.met]


def test_what_a_comparison_found_is_known_with_its_end(world: World) -> None:
    world.in_sync()
    forget = "update migration_state set last_verify = null"
    world.sides.target.execute(forget)
    world.worker.look()
    world.desk.ask(OPS, GROUP, "verify")
    # Nobody looks in between: the figures are those of before.
    world.worker.jobs.step()
    assert world.group.last_job.state == "done"
    assert world.group.verified.equal
    assert missing(world, "switch") == []
    world.sides.target.execute(forget)
    compared = "Compared within the last 24 hours, every row equal"
    assert missing(world, "switch") == [f"{compared}: it has not been compared yet{DOES_IT}"]
    assert missing(world, "rollback")[0].startswith("Switched to RDS")


def test_a_comparison_of_another_day_allows_no_switch_but_a_rollback(world: World) -> None:
    world.in_sync()
    old = (
        "update migration_state set last_verify = jsonb_set(last_verify, '{at}',"
        " to_jsonb(now() - interval '25 hours 3 minutes'))"
    )
    world.sides.target.execute(old)
    compared = (
        "Compared within the last 24 hours, every row equal: it was last compared 25 hours ago"
    )
    assert missing(world, "switch") == [f"{compared}{DOES_IT}"]
    assert world.do("verify").state == "done"
    assert world.do("switch", typed_name=GROUP).state == "done"
    world.sides.target.execute(old)
    assert missing(world, "rollback") == []
    used, compared = missing(world, "retire")
    assert used == "Read and written in RDS for at least 3 days: it was switched a moment ago"
    assert compared.startswith("Compared since the switch and within the last 24 hours, every row")
    assert ": the last comparison is of before the switch; `ecosystem" in compared


def test_everything_that_is_missing_is_said_with_how_it_is_instead(world: World) -> None:
    world.worker.look()
    world.desk.pause(OPS, GROUP)
    world.desk.ask(OPS, "packages", "prepare")
    told = missing(world, "switch")
    assert told == [
        "Copied to the end, with both sides in step: it is not prepared",
        f"Compared within the last 24 hours, every row equal: it has not been compared yet{DOES_IT}",
        f"Not paused: {OPS.email} has paused it; `ecosystem migrate resume {GROUP}` lets it go on",
    ]
    with pytest.raises(Conflict) as refused:
        world.desk.ask(OPS, GROUP, "switch", GROUP)
    assert all(one.split(":", maxsplit=1)[0] in refused.value.detail for one in told)
    with pytest.raises(Conflict, match="preparing waits"):
        world.desk.ask(OPS, "packages", "prepare")


def test_an_entry_that_nobody_has_words_for_is_shown_as_it_is() -> None:
    assert told("migration.something_new", {}) == "Something new"
    assert told("migration.switched", {"authority": "rds", "pause_ms": 1200}) == (
        "Read and written in RDS from now on; nobody could write for 1,200 ms"
    )
