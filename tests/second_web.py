"""Another web server over the databases and vendors of the running product."""

import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ecosystem import frontend
from ecosystem.local.processes import free_port
from ecosystem.settings import Settings
from tests.live import ECOSYSTEM, Live

START_SECONDS = 60


@contextmanager
def served(live: Live, folder: Path, **settings: str) -> Iterator[Live]:
    """Serve the same product at an address of its own, with some ``settings`` that differ.

    Its log is ``serve.log`` in ``folder``.
    """
    port = str(free_port())
    address = f"http://localhost:{port}"
    frontend.build(Settings())  # at once, unless someone saved a page since the last one
    own = {"PORT": port, "PUBLIC_URL": address, "WORKER_IN_APP": "false", **settings}
    log = folder / "serve.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [ECOSYSTEM, "serve"],
            cwd=frontend.ROOT,
            env={**live.environment, **live.settings, **own},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(f"{address}/_health", process, log)
        yield replace(live, url=address, settings={**live.settings, **own})
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
