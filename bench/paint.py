"""How soon a reader sees something: the product whole, a browser with an empty cache.

Each visit is a browser context of its own. The baseline is a page of one sentence from a plain
file server on the same machine: what the browser itself needs.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import httpx
from playwright.sync_api import Browser, sync_playwright

from bench.comparing import Plan, Range
from bench.loads import BenchFailed
from bench.report import Line, Row
from ecosystem.local.processes import free_port
from tests.browser import chromium

MOST_PAINT = 500.0
VISITS_A_ROUND = 3
UP_SECONDS = 180

_PAINTED = """() => new Promise((done) => {
  const seen = () => performance.getEntriesByName("first-contentful-paint")[0];
  if (seen()) return done(seen().startTime);
  new PerformanceObserver(() => { if (seen()) done(seen().startTime); })
    .observe({ type: "paint", buffered: true });
})"""


def first(plan: Plan) -> list[Row]:
    """First contentful paint of the home page and of a package page.

    Raises:
        BenchFailed: the product did not come up.
    """
    with _product() as url, _sentence() as plain, sync_playwright() as playwright:
        opened = playwright.chromium.launch(**chromium.find().launch_options())  # type: ignore[arg-type]
        slug = httpx.get(f"{url}/api/packages", params={"limit": 1}).json()["items"][0]["slug"]
        pages = {"home": url, "package": f"{url}/packages/{slug}"}
        times: dict[str, list[float]] = {name: [] for name in (*pages, "plain")}
        for address in pages.values():
            _visit(opened, address)
        for _ in range(plan.rounds):
            for name, address in {**pages, "plain": plain}.items():
                times[name] += [_visit(opened, address) for _ in range(VISITS_A_ROUND)]
        opened.close()
    return [
        Row(
            f"First contentful paint of the {name} page, nothing kept by the browser",
            [
                Line("product", Range.of(times[name]), "ms"),
                Line("a page of one sentence", Range.of(times["plain"]), "ms"),
            ],
            Range.of([one / MOST_PAINT for one in times[name]]),
            f"product / {MOST_PAINT:g} ms",
            at_most=1.0,
        )
        for name in pages
    ]


def _visit(browser: Browser, address: str) -> float:
    """Milliseconds from the click to the first text or picture."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    try:
        page = context.new_page()
        page.goto(address, wait_until="commit")
        return float(page.evaluate(_PAINTED))
    finally:
        context.close()


@contextmanager
def _product() -> Iterator[str]:
    """The whole product with its demo data, as `make run` starts it."""
    with TemporaryDirectory(prefix="ecosystem-bench-") as folder:
        port = free_port()
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "PORT": str(port),
            "ECOSYSTEM_DATA_DIR": folder,
            "RATE_LIMITS": "off",
        }
        with (Path(folder) / "up.log").open("wb") as log:
            command = [str(Path(sys.executable).with_name("ecosystem")), "up"]
            stack = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(stack, url, Path(folder) / "up.log")
            yield url
        finally:
            stack.send_signal(signal.SIGINT)
            stack.wait(60)


def _wait(stack: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + UP_SECONDS
    while stack.poll() is None and time.monotonic() < end:
        try:
            if httpx.get(f"{url}/api/ready", timeout=5).is_success:
                return
        except httpx.TransportError:
            pass  # not listening yet
        time.sleep(0.2)
    raise BenchFailed(f"`ecosystem up` did not come up:\n{log.read_text(errors='replace')[-2000:]}")


@contextmanager
def _sentence() -> Iterator[str]:
    with TemporaryDirectory(prefix="ecosystem-bench-") as folder:
        (Path(folder) / "index.html").write_text("<!doctype html><p>One sentence.</p>")
        handler = partial(_Quiet, directory=folder)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        serving = Thread(target=server.serve_forever)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            server.server_close()
            serving.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""
