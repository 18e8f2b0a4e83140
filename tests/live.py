"""The whole product, really running: ``ecosystem up`` on free ports with demo data.

Tests that use ``live`` are marked ``xdist_group("live")``, so that one worker has
one running product.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from ecosystem.local.processes import free_port

ROOT = Path(__file__).resolve().parents[1]
ECOSYSTEM = ROOT / ".venv" / "bin" / "ecosystem"
START_SECONDS = 150


@dataclass(frozen=True)
class Live:
    """``url`` is the product's origin; ``settings`` what ``ecosystem env`` prints."""

    url: str
    mailbox: str
    settings: dict[str, str]
    data_dir: Path
    pid: int
    environment: dict[str, str]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "live" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("live"))


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The product with its demo data; rate limits off."""
    data_dir = tmp_path_factory.mktemp("live")
    port = free_port()
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": os.environ.get("HOME", str(data_dir)),
        "PORT": str(port),
        "ECOSYSTEM_DATA_DIR": str(data_dir),
        "RATE_LIMITS": "off",
    }
    log = (data_dir / "up.log").open("w+")
    stack = subprocess.Popen(
        [ECOSYSTEM, "up"], env=environment, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
    )
    url = f"http://localhost:{port}"
    try:
        _wait(url, stack, data_dir)
        printed = subprocess.run(
            [ECOSYSTEM, "env"],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        settings = dict(
            line.replace("'", "").split("=", 1) for line in printed.splitlines() if "=" in line
        )
        yield Live(url, "", settings, data_dir, stack.pid, environment)
    finally:
        stack.send_signal(signal.SIGINT)
        try:
            stack.wait(30)
        except subprocess.TimeoutExpired:
            stack.kill()
            stack.wait()
        log.close()


def _wait(url: str, stack: subprocess.Popen[bytes], data_dir: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if stack.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/api/ready", timeout=5).status_code == 200:
                packages = httpx.get(f"{url}/api/packages?limit=1", timeout=5).json()
                if packages.get("total", 0) > 0:
                    return
        except (httpx.HTTPError, ValueError):
            pass
        time.sleep(0.3)
    last = (data_dir / "up.log").read_text()[-4000:]
    pytest.fail(f"`ecosystem up` did not come up:\n{last}")
