"""``ecosystem migrate pause`` and ``resume``: the same for commands as for the worker."""

import pytest
from typer.testing import CliRunner

from ecosystem import settings
from ecosystem.cli import app
from tests.migration.sides import GROUP
from tests.moving.conftest import OPS, World


@pytest.fixture
def environment(world: World) -> dict[str, str]:
    rds = world.sides.addresses["rds"]
    return {
        "AWS_RDS_HOST": rds.host,
        "AWS_RDS_PORT": str(rds.port),
        "AWS_RDS_DATABASE": rds.database,
        "AWS_RDS_USER": rds.user,
        "AWS_RDS_PASSWORD": rds.password,
        "SUPABASE_DB_URL": world.sides.addresses["supabase"].libpq,
    }


def test_a_group_is_paused_and_resumed_by_command(
    world: World, environment: dict[str, str]
) -> None:
    def told(*words: str) -> tuple[int, str]:
        settings.load.cache_clear()
        done = CliRunner().invoke(app, ["migrate", *words], env=environment)
        return done.exit_code, done.output

    world.in_sync(8)
    assert told("pause", GROUP, "--why", "somebody looks")[0] == 0
    assert (world.group.paused.by, world.group.paused.why) == ("command line", "somebody looks")
    world.sides.rename(world.sides.key(), "later")
    assert world.worker.follow() == 0
    assert told("resume", GROUP)[0] == 0
    assert world.group.paused is None
    assert world.worker.follow() == 1
    assert told("copy", GROUP)[0] == 0
    assert world.desk.timeline(OPS, GROUP).items[0].who == "command line"
    assert told("pause", "bookings")[0] == 2
    settings.load.cache_clear()
