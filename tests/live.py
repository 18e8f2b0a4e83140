"""The whole product, really running: ``ecosystem up`` on free ports with demo data.

All workers of a run share one, which starts while tests run that have no use for it. Live tests
therefore use trips and accounts of their own. ``pytest --live FOLDER`` uses the
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
import psutil
import pytest
from playwright.sync_api import Browser, sync_playwright

from ecosystem.local.processes import free_port
from ecosystem.local.stack import StackError, running_values
from tests.browser import chromium
from tests.folders import run_folder_of

ROOT = Path(__file__).resolve().parents[1]
ECOSYSTEM = ROOT / ".venv" / "bin" / "ecosystem"
START_SECONDS = 600
TEST_SECONDS = START_SECONDS + 120
"""The first live test waits for the start; the limit of each is therefore above the usual."""
AHEAD = 800
"""So many tests before the first live one does the product start; they take one to two minutes."""

_AHEAD = pytest.StashKey[set[str]]()


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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if _is_live(item) and not (config.option.soak or item.get_closest_marker("timeout")):
            item.add_marker(pytest.mark.timeout(TEST_SECONDS))
    # Live tests come last: the product starts meanwhile. Playwright keeps an event loop running
    # in its worker from the first browser test on; what starts a loop of its own has to have
    # run by then.
    items.sort(key=lambda item: (_is_live(item), "browser" in getattr(item, "fixturenames", ())))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Find out before which test the product has to start, if it will be needed."""
    option = session.config.option
    first = next((at for at, item in enumerate(session.items) if _is_live(item)), None)
    if first is None or option.live or option.collectonly:
        return
    session.config.stash[_AHEAD] = {item.nodeid for item in session.items[max(first - AHEAD, 0) :]}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Start the product in the background when its tests come nearer: it works while it waits."""
    if item.nodeid in item.config.stash.get(_AHEAD, ()):
        item.config.stash[_AHEAD] = set()
        Shared(run_folder_of(item.config)).begin()


def pytest_configure(config: pytest.Config) -> None:
    """Who leads the run stops the product when all have finished."""
    if not (hasattr(config, "workerinput") or config.option.collectonly):
        config.add_cleanup(lambda: Shared(run_folder_of(config)).end())


def _is_live(item: pytest.Item) -> bool:
    return "live" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def live(request: pytest.FixtureRequest, run_folder: Path) -> Live:
    """The product with its demo data; rate limits off."""
    given = request.config.getoption("--live")
    if given:
        folder = Path(given).resolve()
        return _running(folder, _environment(folder))
    return Shared(run_folder).join()


class Shared:
    """The one product of a run: the first worker starts it, the leader of the run stops it."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "live"
        self._lock = folder / "live.lock"
        self._pid = folder / "live.pid"
        self._log = folder / "live.log"

    def begin(self) -> None:
        """Start the product unless somebody has; it comes up while other tests run."""
        with self._alone():
            if not self._pid.exists():
                self._start()

    def join(self) -> Live:
        """Wait until the product runs."""
        with self._alone():
            if not self._came_up():
                said = self._log.read_text(errors="replace")
                # Somebody saved a page while it started: now it builds what is there.
                if "not built from these sources" in said:
                    self._start()
                if not self._came_up():
                    said = self._log.read_text(errors="replace")
                    pytest.fail(f"`ecosystem up` did not come up:\n{said[-4000:]}")
            return _running(self._data, _environment(self._data))

    def end(self) -> None:
        """Stop the product if it was started."""
        started = self._process()
        if started is None:
            return
        started.send_signal(signal.SIGINT)
        try:
            started.wait(60)
        except psutil.TimeoutExpired:
            started.kill()

    def _start(self) -> None:
        self._data.mkdir(exist_ok=True)
        with self._log.open("wb") as log:
            stack = subprocess.Popen(
                [ECOSYSTEM, "up"],
                env=_environment(self._data),
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._pid.write_text(str(stack.pid))
        # The leader of the run stops it; Python need not warn that it goes on.
        stack.returncode = 0

    def _came_up(self) -> bool:
        """Wait until ``up`` says that all of it runs, or has ended."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process() is not None:
            if _runs(self._data):
                return True
            time.sleep(0.2)
        return False

    def _process(self) -> psutil.Process | None:
        """The product, unless it has ended."""
        try:
            found = psutil.Process(int(self._pid.read_text()))
        except (FileNotFoundError, psutil.NoSuchProcess):
            return None
        return None if found.status() == psutil.STATUS_ZOMBIE else found

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
