"""A group that is given up by a job, and one whose log somebody has switched off."""

import pytest

from ecosystem.domain.errors import Conflict, Invalid
from ecosystem.services.moving import keeping
from tests.migration.sides import ADDONS, GROUP, Killed
from tests.moving.conftest import OPS, World
from tests.moving.ends import dies_at, silent
from tests.moving.test_desk import missing


def test_it_is_asked_for_by_its_name_and_leaves_the_group_planned(world: World) -> None:
    world.in_sync()
    world.worker.follow()
    with pytest.raises(Invalid):
        world.ask("give_up", typed_name="packages")
    assert world.do("give_up", typed_name=GROUP).state == "done"
    assert (world.group.phase, world.group.authority) == ("planned", "supabase")
    assert world.sides.rows("rds") == []
    assert world.group.tables[0].verified is None
    assert [line.what.split(":")[0] for line in world.desk.timeline(OPS, GROUP).items[:2]] == [
        "Given up",
        "Asked for giving it up",
    ]
    assert world.worker.follow() == 0
    with pytest.raises(Conflict, match="it is not prepared"):
        world.ask("give_up", typed_name=GROUP)
    assert world.do("run").state == "done"
    assert world.sides.equal


def test_a_switched_group_is_not_given_up(world: World) -> None:
    world.in_sync()
    assert world.do("switch", typed_name=GROUP).state == "done"
    with pytest.raises(Conflict, match="it is switched"):
        world.ask("give_up", typed_name=GROUP)


@pytest.mark.parametrize("step", ["claimed", "released", "given up"])
def test_what_a_killed_worker_left_is_finished_by_the_next(world: World, step: str) -> None:
    world.in_sync()
    dies_at(world, step)
    world.ask("give_up", typed_name=GROUP)
    with pytest.raises(Killed):
        world.worker.jobs.step()
    world.engines.on_step = lambda _step: None
    silent(world.sides)
    other = world.another("worker two:2")
    assert other.jobs.step() == 1
    other.look()
    assert (world.group.phase, world.group.last_job.state) == ("planned", "done")
    assert world.sides.rows("rds") == []


def test_one_that_is_called_off_in_time_changes_nothing(world: World) -> None:
    world.in_sync()

    def called_off(name: str) -> None:
        if name == "claimed":
            world.desk.cancel(OPS, world.group.job.id)

    world.engines.on_step = called_off
    assert world.do("give_up", typed_name=GROUP).state == "cancelled"
    assert world.group.phase == "in_sync"
    assert world.sides.equal


def test_a_log_that_is_off_is_said_and_needed_before_anything(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.in_sync()
    world.sides.source.execute(f"drop trigger migration_update on {ADDONS}")  # type: ignore[arg-type]
    world.worker.follow()
    told = world.group.unfollowed
    assert told.startswith(f"Supabase does not log the changes of {ADDONS} any more")
    for action in ("verify", "switch"):
        assert f"Every change logged and followed: {told}" in missing(world, action)
    monkeypatch.setattr(keeping, "_REFUSED_SECONDS", 0.0)
    assert world.do("prepare").state == "done"
    assert (world.group.phase, world.group.throttled) == ("capturing", "")
    assert world.do("run").state == "done"
    assert missing(world, "switch") == []
