"""``ecosystem migrate pause`` and ``resume``: the same for commands as for the worker."""

import os
import pwd
import socket
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from ecosystem import settings
from ecosystem.cli import app
from ecosystem.wiring.caller import caller
from tests.migration.sides import GROUP
from tests.moving.conftest import OPS, World

ME = f"{pwd.getpwuid(os.getuid()).pw_name} on {socket.gethostname()} (command line)"


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whoever runs the tests."""
    terminal(monkeypatch, None)
    yield
    caller.cache_clear()


def terminal(monkeypatch: pytest.MonkeyPatch, login: str | None) -> None:
    def getlogin() -> str:
        if login is None:
            raise OSError
        return login

    monkeypatch.setattr(os, "getlogin", getlogin)
    caller.cache_clear()


def test_a_command_is_somebodys(monkeypatch: pytest.MonkeyPatch) -> None:
    assert caller() == ME
    terminal(monkeypatch, pwd.getpwuid(os.getuid()).pw_name)
    assert caller() == ME
    terminal(monkeypatch, "maria")
    assert caller() == f"maria as {ME}"
    monkeypatch.setattr(os, "getuid", lambda: 4_000_123)
    terminal(monkeypatch, None)
    assert caller() == f"user 4000123 on {socket.gethostname()} (command line)"


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
    assert (world.group.paused.by, world.group.paused.why) == (ME, "somebody looks")
    assert f"{GROUP}: in sync, paused, written in Supabase" in told("status")[1]
    world.sides.rename(world.sides.key(), "later")
    assert world.worker.follow() == 0
    assert told("resume", GROUP)[0] == 0
    assert world.group.paused is None
    assert world.worker.follow() == 1
    assert told("copy", GROUP)[0] == 0
    assert world.desk.timeline(OPS, GROUP).items[0].who == ME
    assert told("pause", "bookings")[0] == 2
    settings.load.cache_clear()
