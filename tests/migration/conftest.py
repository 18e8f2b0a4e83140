from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from ecosystem.database.engines import Address
from tests.conftest import fresh_pair
from tests.migration.sides import Sides

FreshPair = AbstractContextManager[dict[str, Address]]


@pytest.fixture
def sides(addresses: dict[str, Address]) -> Iterator[Sides]:
    """A fresh pair of databases; the source has nothing to move yet."""
    both = Sides(addresses)
    yield both
    both.close()


@pytest.fixture
def pair(postgres: dict[str, str], worker_id: str) -> Callable[[], FreshPair]:
    """Makes a pair of databases for each life of a state machine."""
    return lambda: fresh_pair(postgres, worker_id)
