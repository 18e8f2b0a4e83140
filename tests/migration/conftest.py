from collections.abc import Iterator

import pytest

from ecosystem.database.engines import Address
from tests.migration.sides import Sides


@pytest.fixture
def sides(addresses: dict[str, Address]) -> Iterator[Sides]:
    """A fresh pair of databases; the source has nothing to move yet."""
    both = Sides(addresses)
    yield both
    both.close()
