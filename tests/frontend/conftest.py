"""The compiled pages, and web servers for them beside the one of the running product."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ecosystem import frontend
from ecosystem.settings import Settings
from tests.live import Live
from tests.second_web import served


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
    with served(live, tmp_path_factory.mktemp("second")) as second:
        yield [live.url, second.url]


@pytest.fixture
def serve_for_a_moment(live: Live, tmp_path: Path) -> Callable[[], tuple[float, float]]:
    """Start and stop a server; return how long each took, in seconds."""

    def measured() -> tuple[float, float]:
        started = time.monotonic()
        with served(live, tmp_path):
            ready = time.monotonic()
        return ready - started, time.monotonic() - ready

    return measured
