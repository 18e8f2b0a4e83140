"""The compiled pages, and servers for them on ports of their own."""

import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from socket import socket

import pytest
from playwright.sync_api import Browser, sync_playwright

from ecosystem import frontend
from ecosystem.settings import Settings
from tests.browser import chromium

START_SECONDS = 20
SERVE = "from ecosystem.serve import serve; from ecosystem.settings import load; serve(load())"


@pytest.fixture(scope="session")
def release() -> Path:
    """The compiled pages of this checkout, built if need be."""
    return frontend.build(Settings())


@pytest.fixture(scope="session")
def two_sites(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The addresses of two servers, with different ports and data, on one release."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(_served(tmp_path_factory.mktemp("data"), _free_port()))
            for _ in range(2)
        ]


@pytest.fixture(scope="session")
def site(two_sites: list[str]) -> str:
    """The address of a server of the compiled pages."""
    return two_sites[0]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(**chromium.find().launch_options())  # type: ignore[arg-type]
        yield opened
        opened.close()


@pytest.fixture
def serve_for_a_moment(release: Path, tmp_path: Path) -> Callable[[], tuple[float, float]]:
    """Start and stop a server; return how long each took, in seconds."""

    def measured() -> tuple[float, float]:
        started = time.monotonic()
        with _served(tmp_path, _free_port()):
            ready = time.monotonic()
        return ready - started, time.monotonic() - ready

    return measured


def _free_port() -> int:
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def _served(data: Path, port: int) -> Iterator[str]:
    address = f"http://localhost:{port}"
    frontend.build(Settings())  # at once, unless someone saved a page since the last one
    with (data / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE],
            cwd=frontend.ROOT,
            env={"PORT": str(port), "ECOSYSTEM_DATA_DIR": str(data), "HOME": str(data)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(f"{address}/_health", process, data / "serve.log")
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"the server did not answer:\n{log.read_text()}")
