"""The whole product, really running: ``ecosystem up`` on free ports with demo data.

All workers of a run share one: the first that needs it starts it, the last that has used it
stops it. Tests therefore use trips and accounts of their own. ``pytest --live FOLDER`` uses the
stack that runs on that data folder instead (it must run with ``RATE_LIMITS=off``), for who
works on one test.
"""

import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from ecosystem.local.processes import free_port
from ecosystem.local.stack import StackError, running_values
from tests.browser import chromium

ROOT = Path(__file__).resolve().parents[1]
ECOSYSTEM = ROOT / ".venv" / "bin" / "ecosystem"
START_SECONDS = 300
TEST_SECONDS = START_SECONDS + 120
"""The first live test waits for the start; the limit of each is therefore above the usual."""


@dataclass(frozen=True)
class Live:
    """``url`` is the product's origin; ``settings`` what ``ecosystem env`` prints.

    ``mailbox`` is the address of the page with every e-mail that was sent; ``environment``
    is what commands such as ``ecosystem seed`` need to work on this stack.
    """

    url: str
    mailbox: str
    settings: dict[str, str]
    data_dir: Path
    pid: int
    environment: dict[str, str]

    def mails(self, to: str) -> list[dict[str, Any]]:
        """E-mails to an address, newest first: ``id from to subject text html sent_at``."""
        answer = httpx.get(f"{self.mailbox}.json", params={"to": to}, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def mail(self, to: str, subject: str) -> dict[str, Any]:
        """Wait for an e-mail whose subject has this text.

        Raises:
            AssertionError: none came within half a minute.
        """
        return eventually(
            lambda: next((one for one in self.mails(to) if subject in one["subject"]), None),
            f"an e-mail to {to} about {subject!r}",
        )

    def get(self, path: str, **query: str) -> Any:
        """The JSON answer of the product's API to somebody who is not signed in."""
        answer = httpx.get(f"{self.url}{path}", params=query, timeout=30)
        answer.raise_for_status()
        return answer.json()


def eventually(look: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """Look until there is something, and return it.

    Raises:
        AssertionError: there was nothing in time.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"there was no {what} within {seconds:g} s")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--live",
        metavar="FOLDER",
        default="",
        help="use the stack that runs on this data folder for live tests",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "live" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(TEST_SECONDS))
    # Playwright keeps an event loop running in its worker from the first browser test on;
    # what starts a loop of its own has to have run by then.
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def live(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    """The product with its demo data; rate limits off."""
    given = request.config.getoption("--live")
    if given:
        folder = Path(given).resolve()
        yield _running(folder, _environment(folder))
        return
    folder = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        folder = folder.parent  # what the workers of this run have in common
    shared = Shared(folder)
    yield shared.join()
    shared.leave()


class Shared:
    """The one product of a run, and how many workers use it."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "live"
        self._lock = folder / "live.lock"
        self._users = folder / "live.users"
        self._log = folder / "live.log"
        self._started: subprocess.Popen[bytes] | None = None

    def join(self) -> Live:
        """Start the product unless it runs; it stays until everybody has left."""
        with self._alone():
            users = self._count()
            if not users:
                self._start()
            live = _running(self._data, _environment(self._data))
            self._users.write_text(str(users + 1))
            return live

    def leave(self) -> None:
        """Stop the product if nobody else uses it."""
        with self._alone():
            users = self._count() - 1
            self._users.write_text(str(users))
            if not users:
                self._stop(_running(self._data, {}).pid)
            elif self._started is not None:
                # Another worker will stop it; Python need not warn that it goes on.
                self._started.returncode = 0

    def _start(self) -> None:
        self._data.mkdir(exist_ok=True)
        for attempt in (1, 2):
            with self._log.open("wb") as log:
                stack = subprocess.Popen(
                    [ECOSYSTEM, "up"],
                    env=_environment(self._data),
                    cwd=ROOT,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            self._started = stack
            if _came_up(stack, self._data):
                return
            said = self._log.read_text(errors="replace")
            # Somebody saved a page while it started: the second time it builds what is there.
            if attempt == 2 or "not built from these sources" not in said:
                pytest.fail(f"`ecosystem up` did not come up:\n{said[-4000:]}")

    def _stop(self, pid: int) -> None:
        os.kill(pid, signal.SIGINT)
        end = time.monotonic() + 60
        while _runs(self._data) and time.monotonic() < end:
            time.sleep(0.1)
        if _runs(self._data):
            os.kill(pid, signal.SIGKILL)
        if self._started is not None:
            self._started.wait(10)

    def _count(self) -> int:
        return int(self._users.read_text()) if self._users.exists() else 0

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock.open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser; one for all tests of a worker."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(**chromium.find().launch_options())  # type: ignore[arg-type]
        yield opened
        opened.close()


def _environment(data_dir: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": os.environ.get("HOME", str(data_dir)),
        "PORT": str(free_port()),
        "ECOSYSTEM_DATA_DIR": str(data_dir),
        "RATE_LIMITS": "off",
    }


def _came_up(stack: subprocess.Popen[bytes], data_dir: Path) -> bool:
    """Wait until ``up`` says that all of it runs, or has ended."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and stack.poll() is None:
        if _runs(data_dir):
            return True
        time.sleep(0.2)
    stack.kill()
    stack.wait()
    return False


def _runs(data_dir: Path) -> bool:
    try:
        running_values(data_dir)
    except StackError:
        return False
    return True


def _running(data_dir: Path, environment: dict[str, str]) -> Live:
    settings = running_values(data_dir)
    return Live(
        url=settings["PUBLIC_URL"],
        mailbox=settings["MAIL_URL"],
        settings=settings,
        data_dir=data_dir,
        pid=json.loads((data_dir / "stack.json").read_text())["running"]["pid"],
        environment={**environment, "PORT": settings["PORT"]},
    )
