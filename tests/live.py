"""The whole product, really running: ``ecosystem up`` on free ports with demo data.

Tests that use ``live`` are marked ``xdist_group("live")``, so that one worker has
one running product. ``pytest --live FOLDER`` uses the stack that runs on that data folder
instead (it must run with ``RATE_LIMITS=off``), for who works on one test.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
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


# First, because pytest-xdist reads the groups in a hook of the same name.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "live" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("live"))
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(TEST_SECONDS))


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
    data_dir = tmp_path_factory.mktemp("live")
    environment = _environment(data_dir)
    with (data_dir / "up.log").open("wb") as log:
        stack = subprocess.Popen(
            [ECOSYSTEM, "up"], env=environment, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield _wait(stack, data_dir, environment)
        finally:
            stack.send_signal(signal.SIGINT)
            try:
                stack.wait(60)
            except subprocess.TimeoutExpired:
                stack.kill()
                stack.wait()


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


def _wait(stack: subprocess.Popen[bytes], data_dir: Path, environment: dict[str, str]) -> Live:
    """The product, as soon as ``up`` says that all of it runs."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and stack.poll() is None:
        try:
            return _running(data_dir, environment)
        except StackError:
            time.sleep(0.2)
    last = (data_dir / "up.log").read_text(errors="replace")[-4000:]
    pytest.fail(f"`ecosystem up` did not come up:\n{last}")


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
