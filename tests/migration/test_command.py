"""``ecosystem migrate`` as somebody types it."""

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ecosystem.cli import app, migrate
from ecosystem.migration.ends import APPLIER
from ecosystem.settings import load
from tests.migration.sides import ADDONS, GROUP, Killed, Sides


@pytest.fixture
def environment(sides: Sides) -> dict[str, str]:
    rds = sides.addresses["rds"]
    return {
        "AWS_RDS_HOST": rds.host,
        "AWS_RDS_PORT": str(rds.port),
        "AWS_RDS_DATABASE": rds.database,
        "AWS_RDS_USER": rds.user,
        "AWS_RDS_PASSWORD": rds.password,
        "SUPABASE_DB_URL": sides.addresses["supabase"].libpq,
    }


def told(environment: dict[str, str], *words: str) -> tuple[int, str]:
    """Exit code, and what it printed and said."""
    load.cache_clear()
    done = CliRunner().invoke(app, ["migrate", *words], env=environment, catch_exceptions=False)
    return done.exit_code, done.output


def table(environment: dict[str, str]) -> dict[str, Any]:
    code, printed = told(environment, "status", "--json")
    assert code == 0
    return next(one for one in json.loads(printed)["tables"] if one["table"] == ADDONS)


def test_a_group_is_moved_step_by_step(sides: Sides, environment: dict[str, str]) -> None:
    sides.add(40)
    code, said = told(environment, "copy", GROUP)
    assert (code, said) == (1, "ecosystem: package_extras is planned: prepare it first\n")
    for step in ("prepare", "copy"):
        assert told(environment, step, GROUP)[0] == 0
    code, said = told(environment, "verify", GROUP, "--deep")
    assert code == 0
    assert f"{ADDONS}: 40 rows compared in " in said
    sides.rename(sides.key(), "later")
    found = table(environment)
    assert found.pop("lag_seconds") > 0
    assert found.pop("last_verify")["equal"] is True
    assert found == {
        "group": GROUP,
        "table": ADDONS,
        "phase": "in_sync",
        "authority": "supabase",
        "source": "supabase",
        "target": "rds",
        "rows_source": 40,
        "rows_target": 40,
        "copied": 40,
        "pending_changes": 1,
        "logged": True,
    }
    assert "1 change waits" in told(environment, "status")[1]
    with sides.target.transaction():
        sides.target.execute(APPLIER)
        sides.target.execute(f"delete from {ADDONS} where id = %s", (sides.key(7),))  # type: ignore[arg-type]
    code, said = told(environment, "verify", GROUP)
    assert code == 1
    assert f"{sides.key(7)} missing in RDS" in said


def test_a_group_goes_and_comes_back_and_goes_for_good(
    sides: Sides, environment: dict[str, str]
) -> None:
    sides.add(40)
    code, said = told(environment, "switch", GROUP)
    assert code == 1
    assert "package_extras is planned: it has to be in sync" in said
    for step in ("prepare", "copy"):
        assert told(environment, step, GROUP)[0] == 0
    code, said = told(environment, "rollback", GROUP)
    assert code == 1
    assert "package_extras is in sync: only a group that was switched" in said
    code, said = told(environment, "switch", GROUP)
    assert code == 0
    assert "is written in RDS now; nobody could write for " in said
    found = table(environment)
    assert [found[key] for key in ("phase", "authority", "source")] == ["switched", "rds", "rds"]
    assert "package_extras: switched, written in RDS since " in told(environment, "status")[1]
    sides.target.execute(f"update {ADDONS} set price = 3")  # type: ignore[arg-type]
    assert table(environment)["pending_changes"] == 40
    assert told(environment, "copy", GROUP)[0] == 0
    assert told(environment, "verify", GROUP)[0] == 0
    sides.target.execute(f"update {ADDONS} set price = 4")  # type: ignore[arg-type]
    assert "is written in Supabase now" in told(environment, "rollback", GROUP)[1]
    assert sides.equal
    for step in ("switch", "switch", "retire"):
        assert told(environment, step, GROUP)[0] == 0
    group = json.loads(told(environment, "status", "--json")[1])["groups"][0]
    assert [group[key] for key in ("group", "phase", "authority", "epoch")] == [
        GROUP,
        "retired",
        "rds",
        4,
    ]
    assert group["pause_ms"] > 0


def test_nobody_hears_it_and_it_is_done_all_the_same(
    sides: Sides, environment: dict[str, str]
) -> None:
    """Exit 1 means that authority stayed where it was: a closed pipe must not say so."""
    for step in ("prepare", "copy"):
        assert told(environment, step, GROUP)[0] == 0
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ecosystem.cli", "migrate", "switch", GROUP],
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert table(environment)["authority"] == "rds"


def test_status_finishes_what_was_decided(sides: Sides, environment: dict[str, str]) -> None:
    def killed(step: str) -> None:
        if step == "final":
            raise Killed(step)

    for step in ("prepare", "copy"):
        assert told(environment, step, GROUP)[0] == 0
    with pytest.raises(Killed):
        sides.moves(on_step=killed).switch(GROUP)
    assert table(environment)["authority"] == "rds"


def test_what_is_refused_and_what_is_wrongly_called(environment: dict[str, str]) -> None:
    code, said = told(environment, "copy", "packages")
    assert code == 1
    assert "packages is planned: prepare it first" in said
    assert told(environment, "prepare", "bookings")[0] == 2
    assert told(environment, "copy")[0] == 2


def test_what_can_not_be_used_or_reached_is_told_in_a_line(environment: dict[str, str]) -> None:
    secret = {"AWS_RDS_PASSWORD": "", "AWS_RDS_SECRET_ARN": "arn:x", "AWS_REGION": "eu-west-1"}
    nowhere = {**environment, **secret, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    code, said = told(nowhere, "status")
    assert (code, said.count("\n")) == (1, 1)
    assert "Secrets Manager does not answer" in said
    code, said = told({**environment, "AWS_RDS_PORT": "1"}, "status")
    assert (code, said.count("\n")) == (1, 1)
    assert said.startswith("ecosystem: RDS can't be reached: ")
    # A byte that is no UTF-8 comes from the shell as half a character.
    code, said = told(environment, "pause", GROUP, "--why", "\udcff")
    assert (code, said) == (1, "ecosystem: what was typed is not text in UTF-8\n")


def test_ctrl_c_ends_a_copy_that_rests(
    sides: Sides, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The threads that copy hear of it while they wait: nobody else would end them."""
    assert told(environment, "prepare", GROUP)[0] == 0
    sides.target.execute("update migration_pace set paused_at = now()")

    def press(line: str) -> None:
        if line == f"{GROUP}: it is paused":
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    monkeypatch.setattr(migrate, "say", press)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        code, said = told(environment, "copy", GROUP)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (code, said) == (1, "ecosystem: stopped; the same command goes on where it was\n")


def test_run_keeps_in_step_until_it_is_stopped(sides: Sides, environment: dict[str, str]) -> None:
    sides.add(40)
    with subprocess.Popen(
        [sys.executable, "-m", "ecosystem.cli", "migrate", "run", GROUP],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout
        try:
            lines = iter(running.stdout.readline, "")
            assert any("is kept in step" in line for line in lines)
            sides.rename(sides.key(3), "while it runs")
            until = time.monotonic() + 30
            while not sides.equal and time.monotonic() < until:
                time.sleep(0.05)
            assert sides.equal
        finally:
            running.terminate()
        assert running.wait(30) == 0
