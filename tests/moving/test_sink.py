"""The read model is built anew and compared when somebody asks for it."""

from typing import Any, cast

import pytest

from ecosystem.database.queries import moving
from ecosystem.domain.errors import Conflict, Invalid
from ecosystem.domain.moving import SINK
from ecosystem.services.marketplace import Difference, Verification
from ecosystem.services.moving import SinkWork
from tests.moving.conftest import OPS, World


class Keeping:
    """Builds in three steps."""

    def __init__(self) -> None:
        self.left = 0

    def rebuild(self) -> None:
        self.left = 3

    def step(self) -> int:
        self.left = max(0, self.left - 1)
        return self.left

    def built(self) -> bool:
        return self.left == 0

    def progress(self) -> str:
        return "copying" if self.left else "in_sync"


class Check:
    """Finds what it is told to find."""

    def __init__(self) -> None:
        self.differences: tuple[Difference, ...] = ()

    def verify(self) -> Verification:
        return Verification({"PROVIDER": 40, "BOOKING": 2}, self.differences)  # type: ignore[dict-item]


def test_it_is_rebuilt_and_its_comparison_is_kept(world: World) -> None:
    keeping, check = Keeping(), Check()
    work = SinkWork(world.database, cast(Any, keeping), cast(Any, check), world.worker.name)
    world.worker.look()
    with world.database.unit("rds") as session:
        moving.keep_seen(session, SINK, {"phase": "in_sync", "pending": 0, "lag_seconds": 0.0})
    with pytest.raises(Invalid):
        world.desk.ask(OPS, SINK, "rebuild", "anything")
    world.desk.ask(OPS, SINK, "rebuild", SINK)
    with pytest.raises(Conflict):
        world.desk.ask(OPS, SINK, "verify")
    assert work.step() == 1
    sink = world.desk.overview(OPS).sink
    assert sink is not None
    assert sink.last_job is not None
    assert (sink.last_job.action, sink.last_job.state) == ("rebuild", "done")
    check.differences = (Difference("PROVIDER#1", ("name", "slug")),)
    world.desk.ask(OPS, SINK, "verify")
    assert work.step() == 1
    sink = world.desk.overview(OPS).sink
    assert sink is not None
    assert sink.verified is not None
    assert (sink.verified.rows, sink.verified.differing, sink.verified.equal) == (42, 1, False)
    assert [(one.id, one.what) for one in sink.verified.differences] == [
        ("PROVIDER#1", "name, slug")
    ]
    assert sink.last_job is not None
    assert sink.last_job.error == "1 item differs from the databases"
