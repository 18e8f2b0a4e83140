"""What tests of States share."""

from collections.abc import Iterator

import pytest

from ecosystem import wiring
from tests.product import Product


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def installed(product: Product) -> Iterator[Product]:
    """The product as the services of this process; put back at the end."""
    before = list(wiring._installed)
    wiring.install(product.services)
    try:
        yield product
    finally:
        wiring._installed[:] = before
