"""A worker is killed, ends or sleeps in the middle of a job: the next one takes over, nothing is done twice."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ecosystem.services.moving import jobs
from tests.migration.sides import ADDONS, GROUP, Killed
from tests.moving.conftest import World
from tests.moving.ends import dies_at, silent


def test_a_copy_whose_worker_is_killed_is_finished_by_the_next(world: World) -> None:
    world.sides.add(200)
    dies_at(world, "chunk committed")
    world.ask("run")
    with pytest.raises(Killed):
        world.worker.jobs.step()
    world.engines.on_step = lambda _step: None
    two = world.another("worker two:2")
    assert two.jobs.step() == 0, "the lease of the first is not over"
    silent(world.sides)
    assert two.jobs.step() == 1
    assert world.sides.equal
    job = world.group.last_job
    assert (job.state, job.worker) == ("done", "worker two:2")
    # Its tables were claimed by the second: it follows at once, the first does not.
    assert two.keeping.step() == 0
    assert world.worker.keeping.step() == 0
    world.sides.rename(world.sides.key(), "later")
    assert world.worker.keeping.step() == 0
    assert two.keeping.step() == 1


@pytest.mark.parametrize("step", ["verified", "drained"])
def test_a_switch_that_died_before_its_decision_is_not_begun_again(world: World, step: str) -> None:
    world.in_sync()
    dies_at(world, step)
    world.ask("switch", typed_name=GROUP)
    with pytest.raises(Killed):
        world.worker.jobs.step()
    world.engines.on_step = lambda _step: pytest.fail("it was begun again")
    silent(world.sides)
    assert world.another("worker two:2").jobs.step() == 1
    job = world.group.last_job
    assert job.state == "failed"
    assert "nothing was changed" in job.error
    assert world.group.authority == "supabase"


def test_a_switch_that_died_after_its_decision_is_done(world: World) -> None:
    world.in_sync()
    dies_at(world, "final")
    world.ask("switch", typed_name=GROUP)
    with pytest.raises(Killed):
        world.worker.jobs.step()
    world.engines.on_step = lambda _step: None
    silent(world.sides)
    assert world.another("worker two:2").jobs.step() == 1
    assert world.group.last_job.state == "done"
    assert world.group.authority == "rds"


def test_what_a_killed_command_decided_is_finished_within_a_second(world: World) -> None:
    world.in_sync()

    def on_step(name: str) -> None:
        if name == "final":
            raise Killed

    with pytest.raises(Killed):
        world.sides.moves(on_step=on_step).switch(GROUP)
    assert world.group.authority == "supabase"
    world.worker.keeping.step()
    assert world.group.authority == "rds"


def test_a_worker_that_slept_over_its_job_changes_nothing_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BEAT_SECONDS", 3600.0)
    world.sides.add(200)
    two = world.another("worker two:2")
    asleep, awake = threading.Event(), threading.Event()

    def on_step(name: str) -> None:
        if name == "chunk committed" and not asleep.is_set():
            asleep.set()
            assert awake.wait(60)

    world.engines.on_step = on_step
    world.ask("run")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(world.worker.jobs.step)
        assert asleep.wait(60)
        silent(world.sides)
        assert two.jobs.step() == 1
        awake.set()
        assert first.result(60) == 1
    job = world.group.last_job
    assert (job.state, job.worker) == ("done", "worker two:2")
    assert world.sides.equal


def test_a_worker_that_ends_leaves_its_copy_to_the_next(world: World) -> None:
    world.sides.add(200)

    def on_step(name: str) -> None:
        if name == "chunk committed":
            world.worker.end()

    world.engines.on_step = on_step
    world.ask("run")
    world.worker.jobs.step()
    assert world.group.job.state == "waiting"
    assert world.another("worker two:2").jobs.step() == 1
    assert world.group.last_job.state == "done"


@pytest.mark.parametrize("step", ["switch begun", "verified"])
def test_a_switch_whose_worker_slept_is_not_done_behind_our_back(world: World, step: str) -> None:
    world.in_sync()
    two = world.another("worker two:2")

    def on_step(name: str) -> None:
        if name == step:
            # While it sleeps its job is given up by the other one, which says so.
            world.engines.on_step = lambda _step: None
            silent(world.sides)
            assert two.jobs.step() == 1
            assert world.group.last_job.state == "failed"

    world.engines.on_step = on_step
    world.ask("switch", typed_name=GROUP)
    world.worker.jobs.step()
    assert world.group.last_job.state == "failed"
    assert world.group.authority == "supabase"


def test_a_retirement_that_died_in_the_middle_is_finished(world: World) -> None:
    world.in_sync()
    for action in ("switch", "verify"):
        assert world.do(action, typed_name=GROUP).state == "done"

    def on_step(name: str) -> None:
        if name == "retiring":
            world.sides.target.execute(f"update {ADDONS} set name = 'last'")  # type: ignore[arg-type]
        if name == "retired":
            raise Killed

    world.engines.on_step = on_step
    world.days_pass()
    world.ask("retire", typed_name=GROUP)
    with pytest.raises(Killed):
        world.worker.jobs.step()
    world.engines.on_step = lambda _step: None
    assert not world.sides.equal
    silent(world.sides)
    assert world.another("worker two:2").jobs.step() == 1
    assert world.group.last_job.state == "done"
    assert world.group.phase == "retired"
    assert world.sides.equal


def test_a_retirement_whose_worker_slept_is_not_done_behind_our_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.in_sync()
    for action in ("switch", "verify"):
        assert world.do(action, typed_name=GROUP).state == "done"
    monkeypatch.setattr(jobs, "BEAT_SECONDS", 3600.0)
    two = world.another("worker two:2")

    def on_step(name: str) -> None:
        if name == "retiring":
            silent(world.sides)
            assert two.jobs.step() == 1

    world.engines.on_step = on_step
    world.days_pass()
    world.ask("retire", typed_name=GROUP)
    assert world.worker.jobs.step() == 1
    assert "nothing was changed" in world.group.last_job.error
    assert world.group.phase == "switched"
