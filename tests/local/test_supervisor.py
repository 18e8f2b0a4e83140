"""``ecosystem up`` as a person meets it: clean stops, crashes by name, nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from ecosystem.local.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 150

pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.slow]


@dataclass
class Up:
    """One ``ecosystem up --no-demo`` in the background."""

    process: subprocess.Popen[bytes]
    log: Path
    children: dict[str, psutil.Process]

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def survivors(self) -> list[psutil.Process]:
        _, alive = psutil.wait_procs(list(self.children.values()), timeout=10)
        return alive


@dataclass
class Home:
    """A data folder and a port, kept over the tests of this file: only the first start is slow."""

    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ecosystem.cli", *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def up(self) -> Up:
        log = self.folder.with_suffix(".log")
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "ecosystem.cli", "up", "--no-demo"],
                env=self.environment,
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        try:
            while "is ready after" not in log.read_text(encoding="utf-8"):
                assert process.poll() is None, log.read_text(encoding="utf-8")
                assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
                time.sleep(0.1)
        except BaseException:
            # What did not come up in time holds the folder for the tests that follow.
            process.kill()
            process.wait()
            raise
        found = psutil.Process(process.pid).children(recursive=True)
        children = {f"{child.pid} {_part_of(child)}": child for child in found}
        return Up(process, log, children)


def _part_of(process: psutil.Process) -> str:
    return " ".join(process.cmdline()[1:4])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("supervisor") / "data"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", str(folder)),
        "ECOSYSTEM_DATA_DIR": str(folder),
        "PORT": str(free_port()),
    }
    return Home(folder, environment)


@pytest.fixture
def up(home: Home) -> Iterator[Up]:
    started = home.up()
    yield started
    if started.process.poll() is None:
        started.process.kill()
        started.process.wait()
    assert started.survivors() == []


def test_everything_answers_and_ctrl_c_leaves_no_process(home: Home, up: Up) -> None:
    printed = home.run("env")
    assert printed.returncode == 0, printed.stderr
    values = dict(line.split("=", 1) for line in printed.stdout.splitlines())
    assert httpx.get(f"http://127.0.0.1:{home.environment['PORT']}/").status_code == 200
    assert httpx.get(f"{values['SUPABASE_URL']}/auth/v1/health").status_code == 200
    assert httpx.get(f"{values['STRIPE_API_BASE']}/health").status_code == 200
    assert "No e-mail yet" in httpx.get(values["MAIL_URL"]).text

    second = home.run("up")
    assert second.returncode == 1
    assert "a stack runs on" in second.stderr

    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(30) == 0, up.output()
    assert up.survivors() == []
    stopped = home.run("env")
    assert stopped.returncode == 1
    assert "no stack runs" in stopped.stderr


def test_a_part_that_dies_is_named_and_ends_everything(up: Up) -> None:
    victim = next(child for name, child in up.children.items() if "ecosystem.local.stripe" in name)
    victim.kill()
    assert up.process.wait(30) == 1
    assert "stripe was ended by SIGKILL" in up.output()
    assert up.survivors() == []


def test_a_closing_terminal_stops_everything(up: Up) -> None:
    up.process.send_signal(signal.SIGHUP)
    assert up.process.wait(30) == 0, up.output()
    assert up.survivors() == []


def test_nothing_outlives_a_killed_supervisor_and_the_next_start_works(up: Up, home: Home) -> None:
    up.process.kill()
    up.process.wait()
    assert up.survivors() == []
    again = home.up()
    again.process.send_signal(signal.SIGTERM)
    assert again.process.wait(30) == 0, again.output()
    assert again.survivors() == []
