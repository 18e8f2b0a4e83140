"""What operations asks for is done once, by whichever worker lives; nothing is begun twice."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ecosystem.domain.errors import Conflict, Invalid, NotFound, Unavailable
from ecosystem.migration.ends import APPLIER
from ecosystem.services.moving import Limits, jobs, keeping
from tests.migration.sides import ADDONS, GROUP, Killed, Sides
from tests.moving.conftest import CALM, OPS, World


def test_a_group_is_brought_in_step_and_kept_there(world: World) -> None:
    world.in_sync(40)
    world.sides.rename(world.sides.key(), "later")
    world.worker.look()
    assert world.group.pending == 1
    assert world.worker.follow() == 1
    assert world.sides.equal
    world.worker.look()
    group = world.group
    assert (group.phase, group.authority, group.pending) == ("in_sync", "supabase", 0)
    assert group.keeper == world.worker.name
    assert group.tables[0].rows_source == group.tables[0].rows_target == 40
    assert group.tables[0].percent == 100
    assert group.verified.equal


def test_authority_is_asked_for_by_typing_the_name_and_comes_back(world: World) -> None:
    world.in_sync()
    with pytest.raises(Invalid):
        world.ask("switch", typed_name="packages")
    assert world.do("switch", typed_name=GROUP).state == "done"
    group = world.group
    assert (group.phase, group.authority) == ("switched", "rds")
    assert (group.last_switch.target, group.last_switch.by) == ("rds", OPS.email)
    assert group.last_switch.pause_ms < 5_000
    assert world.engines.backups == [GROUP]
    # What is written in RDS is carried back, so that it can be taken back at any time.
    world.sides.target.execute(f"update {ADDONS} set name = 'written in RDS'")  # type: ignore[arg-type]
    assert world.worker.follow() == 40
    assert world.sides.equal
    assert world.do("rollback", typed_name=GROUP).state == "done"
    assert (world.group.phase, world.group.authority) == ("in_sync", "supabase")
    assert world.sides.equal
    said = [line.what for line in world.desk.timeline(OPS, GROUP).items]
    assert any(line.startswith("Read and written in RDS from now on; nobody") for line in said)
    assert "Asked for rolling back to Supabase" in said


def test_retiring_needs_a_comparison_since_the_switch(world: World) -> None:
    world.in_sync()
    assert world.do("switch", typed_name=GROUP).state == "done"
    world.sides.target.execute(
        "update migration_state set last_verify = jsonb_set(last_verify, '{at}',"
        " to_jsonb('2026-01-01T00:00:00+00:00'::text))"
    )
    with pytest.raises(Conflict) as refused:
        world.ask("retire", typed_name=GROUP)
    assert "the last comparison is of before the switch" in refused.value.detail
    assert world.do("verify").state == "done"
    assert world.do("retire", typed_name=GROUP).state == "done"
    assert world.group.phase == "retired"
    with pytest.raises(Conflict):
        world.ask("rollback", typed_name=GROUP)


def test_many_who_ask_at_once_get_one_job(world: World) -> None:
    world.worker.look()

    def ask() -> bool:
        try:
            world.desk.ask(OPS, GROUP, "prepare")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as people:
        answers = list(people.map(lambda _n: ask(), range(6)))
    assert answers.count(True) == 1
    # Without the rule in the database two who have both seen "nothing is being done" get two.
    world.sides.target.execute("drop index migration_jobs_open_idx")
    insert = (
        "insert into migration_jobs (id, move_group, action) values (gen_random_uuid(), %s, 'copy')"
    )
    world.sides.target.execute(insert, (GROUP,))


def test_what_is_not_possible_is_said_and_not_asked(world: World) -> None:
    world.worker.look()
    for action in ("copy", "verify", "switch", "rollback", "retire"):
        with pytest.raises(Conflict):
            world.desk.ask(OPS, GROUP, action, GROUP)
    with pytest.raises(Invalid):
        world.desk.ask(OPS, GROUP, "rebuild", GROUP)
    with pytest.raises(NotFound):
        world.desk.ask(OPS, "bookings", "prepare")
    assert world.worker.jobs.step() == 0


def test_without_a_worker_nothing_is_promised(world: World) -> None:
    with pytest.raises(Conflict) as refused:
        world.desk.ask(OPS, GROUP, "prepare")
    assert "A worker at work (none has been seen)" in refused.value.detail


def test_what_a_job_has_changed_is_seen_at_once(world: World) -> None:
    world.worker.look()
    world.worker.looks._every = 3600.0
    assert world.worker.looks.step() == 0, "it was looked at just now"
    world.desk.ask(OPS, GROUP, "prepare")
    assert world.worker.looks.step() > 0
    world.worker.looks._every = 3600.0
    assert world.worker.looks.step() == 0
    world.worker.jobs.step()
    assert world.worker.looks.step() > 0


def test_a_comparison_that_finds_something_shows_the_rows(world: World) -> None:
    world.in_sync()
    missing = world.sides.key(7)
    with world.sides.target.transaction():
        world.sides.target.execute(APPLIER)
        world.sides.target.execute(f"delete from {ADDONS} where id = %s", (missing,))  # type: ignore[arg-type]
    job = world.do("verify")
    assert (job.state, job.error) == ("refused", "1 row is not the same on both sides")
    found = world.group.tables[0].verified
    assert [(one.id, one.what) for one in found.differences] == [(str(missing), "missing in RDS")]
    with pytest.raises(Conflict) as refused:
        world.ask("switch", typed_name=GROUP)
    assert "every row equal (1 row differs)" in refused.value.detail


def _dies_at(world: World, step: str) -> None:
    def on_step(name: str) -> None:
        if name == step:
            raise Killed

    world.engines.on_step = on_step


def _silent(sides: Sides) -> None:
    """As long as it takes until the others believe that a worker is gone."""
    sides.target.execute("update migration_jobs set beat_at = now() - interval '11 seconds'")


def test_a_copy_whose_worker_is_killed_is_finished_by_the_next(world: World) -> None:
    world.sides.add(200)
    _dies_at(world, "chunk committed")
    world.ask("run")
    with pytest.raises(Killed):
        world.worker.jobs.step()
    world.engines.on_step = lambda _step: None
    two = world.another("worker two:2")
    assert two.jobs.step() == 0, "the lease of the first is not over"
    _silent(world.sides)
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
    _dies_at(world, step)
    world.ask("switch", typed_name=GROUP)
    with pytest.raises(Killed):
        world.worker.jobs.step()
    world.engines.on_step = lambda _step: pytest.fail("it was begun again")
    _silent(world.sides)
    assert world.another("worker two:2").jobs.step() == 1
    job = world.group.last_job
    assert job.state == "failed"
    assert "nothing was changed" in job.error
    assert world.group.authority == "supabase"


def test_a_switch_that_died_after_its_decision_is_done(world: World) -> None:
    world.in_sync()
    _dies_at(world, "final")
    world.ask("switch", typed_name=GROUP)
    with pytest.raises(Killed):
        world.worker.jobs.step()
    world.engines.on_step = lambda _step: None
    _silent(world.sides)
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
        _silent(world.sides)
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


def test_a_job_is_cancelled_before_and_while_it_runs(world: World) -> None:
    waiting = world.ask("prepare")
    assert world.desk.cancel(OPS, waiting.id).state == "cancelled"
    assert world.worker.jobs.step() == 0
    world.sides.add(200)
    running = world.ask("run")

    def on_step(name: str) -> None:
        if name == "chunk committed":
            world.desk.cancel(OPS, running.id)
            # The next sign of life brings the word.
            time.sleep(5 * jobs.BEAT_SECONDS)

    world.engines.on_step = on_step
    world.worker.jobs.step()
    assert world.group.last_job.state == "cancelled"
    assert not world.sides.equal
    with pytest.raises(NotFound):
        world.desk.cancel(OPS, running.id)


@pytest.mark.parametrize(("step", "state"), [("verified", "cancelled"), ("closed", "done")])
def test_a_switch_is_cancelled_until_its_tables_are_closed(
    world: World, step: str, state: str
) -> None:
    world.in_sync()
    job = world.ask("switch", typed_name=GROUP)

    def on_step(name: str) -> None:
        if name == step:
            world.desk.cancel(OPS, job.id)

    world.engines.on_step = on_step
    world.worker.jobs.step()
    assert world.group.last_job.state == state
    assert world.group.authority == ("rds" if state == "done" else "supabase")


@pytest.mark.parametrize("step", ["switch begun", "verified"])
def test_a_switch_whose_worker_slept_is_not_done_behind_our_back(world: World, step: str) -> None:
    world.in_sync()
    two = world.another("worker two:2")

    def on_step(name: str) -> None:
        if name == step:
            # While it sleeps its job is given up by the other one, which says so.
            world.engines.on_step = lambda _step: None
            _silent(world.sides)
            assert two.jobs.step() == 1
            assert world.group.last_job.state == "failed"

    world.engines.on_step = on_step
    world.ask("switch", typed_name=GROUP)
    world.worker.jobs.step()
    assert world.group.last_job.state == "failed"
    assert world.group.authority == "supabase"


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
        while (world.group.job is None or world.group.job.step != "it is paused") and (
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
            _silent(world.sides)
            assert two.jobs.step() == 1

    world.engines.on_step = on_step
    world.ask("retire", typed_name=GROUP)
    assert world.worker.jobs.step() == 1
    assert "nothing was changed" in world.group.last_job.error
    assert world.group.phase == "switched"
