"""One stand-in for all tests of a worker; each test uses sessions and accounts of its own."""

from collections.abc import Iterator

import pytest

from tests.local.stripe.under_test import Endpoint, StandIn


@pytest.fixture(scope="session")
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as running:
        yield running


@pytest.fixture(scope="session")
def shared_stand_in(
    tmp_path_factory: pytest.TempPathFactory, endpoint: Endpoint
) -> Iterator[StandIn]:
    with StandIn(tmp_path_factory.mktemp("stripe") / "state", endpoint) as running:
        yield running


@pytest.fixture
def stand_in(shared_stand_in: StandIn) -> Iterator[StandIn]:
    yield shared_stand_in
    shared_stand_in.control("faults", {"mode": "none", "api": []})
    shared_stand_in.endpoint.statuses.clear()
    shared_stand_in.endpoint.hold_until = 0
