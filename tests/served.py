"""The REST API in a process of its own, over a test's databases. ``python -m tests.served``."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from fastapi import FastAPI

from ecosystem.database.engines import Address
from ecosystem.local.processes import free_port

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 150
"""It imports for five seconds; on a machine with much else to do that takes its time."""


def create_app() -> FastAPI:
    """The factory that the server process calls; its settings come by environment."""
    from ecosystem.api.application import create_api
    from ecosystem.services.holds import Holds
    from ecosystem.settings import load
    from ecosystem.wiring import build, install

    settings = load()
    made = build(settings)
    if (settings.ecosystem_data_dir / "without-lock").exists():
        # The control of the race suite: the same product without the row lock.
        unlocked = Holds(made.database, made.catalogue, made.clock, lock=False)
        made = build(settings, database=made.database, holds=unlocked)
    install(made)
    return create_api()


@contextmanager
def api_server(
    addresses: dict[str, Address], folder: Path, *, lock: bool = True, **more: str
) -> Iterator[str]:
    """Serve the API over these databases; gives its address."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    if not lock:
        (folder / "without-lock").touch()
    rds = addresses["rds"]
    environment = {
        "PATH": "/usr/bin:/bin",
        "PORT": str(port),
        "ECOSYSTEM_DATA_DIR": str(folder),
        "RATE_LIMITS": "off",
        "SESSION_SECRET": "s" * 40,
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_COGNITO_USER_POOL_ID": "eu-central-1_none",
        "AWS_COGNITO_CLIENT_ID": "none",
        "SUPABASE_URL": "http://127.0.0.1:9",
        "AWS_RDS_HOST": rds.host,
        "AWS_RDS_PORT": str(rds.port),
        "AWS_RDS_DATABASE": rds.database,
        "AWS_RDS_USER": rds.user,
        "AWS_RDS_PASSWORD": rds.password,
        "SUPABASE_DB_URL": addresses["supabase"].libpq,
        "STRIPE_SECRET_KEY": "sk_test_none",
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        **more,
    }
    command = [
        *(sys.executable, "-m", "granian", "--interface", "asgi", "--factory"),
        *("--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"),
        "tests.served:create_app",
    ]
    with (folder / "api.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, process, folder)
        yield url
    finally:
        process.terminate()
        process.wait(60)


def _wait(url: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{url}/api/health", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.05)
    raise AssertionError(f"the API did not start:\n{(folder / 'api.log').read_text()}")


def body(**values: object) -> bytes:
    """A JSON body, made once for many requests."""
    return json.dumps(values, default=str).encode()
