"""What operations asks for is done once, by whichever worker lives; nothing is begun twice."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ecosystem.domain.errors import Conflict, Invalid, NotFound
from ecosystem.migration.ends import APPLIER
from ecosystem.services.moving import jobs
from tests.migration.sides import ADDONS, GROUP
from tests.moving.conftest import OPS, World


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


def test_retiring_needs_days_of_traffic_and_a_comparison_since_the_switch(world: World) -> None:
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
    with pytest.raises(Conflict) as refused:
        world.ask("retire", typed_name=GROUP)
    assert refused.value.detail == (
        "Not possible now. Not met: Read and written in RDS for at least 3 days"
        " (it was switched a moment ago)."
    )
    world.days_pass()
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
