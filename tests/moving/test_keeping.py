"""Groups are kept in step: at rest, behind a busy database, beside commands and after a failure."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ecosystem.domain.errors import Conflict, Unavailable
from ecosystem.services.moving import Limits, keeping
from tests.migration.sides import ADDONS, GROUP
from tests.moving.conftest import CALM, OPS, World


def test_a_paused_group_rests_and_goes_on(world: World) -> None:
    world.in_sync()
    world.desk.pause(OPS, GROUP, "somebody looks at it")
    world.sides.rename(world.sides.key(), "later")
    assert world.worker.follow() == 0
    assert not world.sides.equal
    assert world.group.paused.why == "somebody looks at it"
    with pytest.raises(Conflict) as refused:
        world.ask("switch", typed_name=GROUP)
    assert "Not paused" in refused.value.detail
    world.desk.resume(OPS, GROUP)
    assert world.worker.follow() == 1
    assert world.sides.equal


def test_a_copy_rests_while_its_group_is_paused(world: World) -> None:
    world.sides.add(200)

    def on_step(name: str) -> None:
        if name == "chunk committed":
            world.engines.on_step = lambda _step: None
            world.desk.pause(OPS, GROUP)

    world.engines.on_step = on_step
    world.ask("run")
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(world.worker.jobs.step)
        until = time.monotonic() + 60
        while (world.group.job is None or world.group.job.step != f"{GROUP}: it is paused") and (
            time.monotonic() < until
        ):
            time.sleep(0.05)
        rests = not job.done()
        # Or it would rest for ever.
        world.desk.resume(OPS, GROUP)
        assert job.result(60) == 1
    assert rests
    assert world.group.last_job.state == "done"


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (Limits(load=-1, latency=60.0), "it waits: Supabase works on 0 statements"),
        (Limits(load=1_000, latency=0.0), "it waits: a commit takes"),
    ],
    ids=["load", "latency"],
)
def test_copying_waits_for_a_busy_database(world: World, limits: Limits, why: str) -> None:
    world.sides.add(200)
    world.ask("run")
    busy = world.another("worker two:2", limits)
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(busy.jobs.step)
        until = time.monotonic() + 60
        while not world.group.throttled and time.monotonic() < until:
            time.sleep(0.05)
        assert world.group.throttled.startswith(why)
        assert world.group.phase == "copying"
        busy.end()
        assert job.result(60) == 1
    # A worker whose limits are wider goes on with it.
    assert CALM.load > limits.load or CALM.latency > limits.latency
    assert world.worker.jobs.step() == 1
    assert world.sides.equal


def test_a_command_has_the_group_until_it_is_silent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.in_sync()
    assert world.worker.keeping.step() == 0
    with world.sides.moves(owner="command").following(GROUP) as command:
        world.sides.rename(world.sides.key(), "by the command")
        assert world.worker.keeping.step() == 0, "it was fenced off"
        assert command.step() == 1
        world.worker.keeping._not_before = 0.0
        assert world.worker.keeping.step() == 0, "and stays away while the command lives"
        world.sides.rename(world.sides.key(), "by the command again")
        assert command.step() == 1
    monkeypatch.setattr(keeping, "QUIET_SECONDS", 0.0)
    world.worker.keeping._not_before = 0.0
    world.sides.rename(world.sides.key(), "by the worker")
    assert world.worker.follow() == 1
    assert world.sides.equal


def test_a_database_that_was_away_is_asked_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.in_sync()
    assert world.worker.keeping.step() == 0

    def away(*_: object) -> None:
        raise Unavailable("Our database does not answer.")

    with monkeypatch.context() as outage:
        outage.setattr(world.database, "at", away)
        assert world.worker.keeping.step() == 0
    world.sides.rename(world.sides.key(), "later")
    assert world.worker.follow() == 1


def test_why_a_group_is_not_followed_is_shown(world: World) -> None:
    world.in_sync()
    world.sides.source.execute(f"alter table {ADDONS} disable trigger migration_update")  # type: ignore[arg-type]
    assert world.worker.keeping.step() == 0
    assert "does not log the changes" in world.group.throttled
