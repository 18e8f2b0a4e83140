"""People at browsers, trips that are theirs alone, and a booking that is already paid."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from tests.browser.selling import Buyer, Shelf, Sold
from tests.browser.visitor import Visitor, new_email
from tests.live import Live


def pytest_configure(config: pytest.Config) -> None:
    Visitor.pictures = config.option.pictures


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def visit(browser: Browser, live: Live) -> Iterator[Callable[..., Visitor]]:
    """Open browsers, each with cookies of its own. None may have had reason to complain."""
    opened: list[Visitor] = []

    def one(*, width: int = 1280) -> Visitor:
        opened.append(Visitor(browser, live, width=width))
        return opened[-1]

    yield one
    problems = [problem for visitor in opened for problem in visitor.problems]
    for visitor in opened:
        visitor.close()
    if problems:
        pytest.fail("the browser complained:\n" + "\n".join(problems))


@pytest.fixture
def visitor(visit: Callable[..., Visitor]) -> Visitor:
    """Somebody who has just come, with an empty browser."""
    return visit()


@pytest.fixture(scope="session")
def shelf(live: Live, run_folder: Path) -> Shelf:
    """Trips that can be booked, each given to one test of all workers."""
    taken = run_folder / "taken"
    taken.mkdir(exist_ok=True)
    return Shelf(live, taken)


@pytest.fixture(scope="session")
def sold(live: Live, shelf: Shelf) -> Iterator[Sold]:
    """A guest's paid booking of one of the demo operator's trips."""
    buyer = Buyer(live)
    yield buyer.buy(shelf.take(), "Ingrid Solheim", new_email("ingrid.solheim"))
    buyer.close()


@pytest.fixture
def new_customer(live: Live) -> Callable[[str, str], None]:
    """Make a confirmed customer's account: ``new_customer(email, password)``."""

    def make(email: str, password: str) -> None:
        person = {"role": "customer", "name": "Test Traveller", "email": email}
        with httpx.Client(base_url=live.url, timeout=60) as client:
            made = client.post("/api/auth/sign-up", json={**person, "password": password})
            assert made.is_success, made.text
            confirmed = client.post("/api/auth/confirm", json={"email": email, "code": "123456"})
            assert confirmed.is_success, confirmed.text

    return make
