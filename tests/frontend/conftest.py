"""The compiled pages, and web servers for them beside the one of the running product."""

import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ecosystem import frontend
from ecosystem.local.processes import free_port
from ecosystem.settings import Settings
from tests.live import ECOSYSTEM, Live

START_SECONDS = 60


@pytest.fixture(scope="session")
def release() -> Path:
    """The compiled pages of this checkout, built if need be."""
    return frontend.build(Settings())


@pytest.fixture(scope="session")
def site(live: Live) -> str:
    """The address of the running product."""
    return live.url


@pytest.fixture(scope="session")
def two_sites(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The running product, and a second web server on the same parts and release."""
    with _served(live, tmp_path_factory.mktemp("second"), free_port()) as second:
        yield [live.url, second]


@pytest.fixture
def serve_for_a_moment(live: Live, tmp_path: Path) -> Callable[[], tuple[float, float]]:
    """Start and stop a server; return how long each took, in seconds."""

    def measured() -> tuple[float, float]:
        started = time.monotonic()
        with _served(live, tmp_path, free_port()):
            ready = time.monotonic()
        return ready - started, time.monotonic() - ready

    return measured


@contextmanager
def _served(live: Live, folder: Path, port: int) -> Iterator[str]:
    """Another web server over the databases and vendors of the running product."""
    address = f"http://localhost:{port}"
    frontend.build(Settings())  # at once, unless someone saved a page since the last one
    environment = {
        **live.environment,
        **live.settings,
        "PORT": str(port),
        "PUBLIC_URL": address,
        "WORKER_IN_APP": "false",
    }
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [ECOSYSTEM, "serve"],
            cwd=frontend.ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(f"{address}/_health", process, folder / "serve.log")
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"the server did not answer:\n{log.read_text()}")
