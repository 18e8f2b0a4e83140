"""The REST API in this process over a test's product."""

from collections.abc import Iterator

import httpx
import pytest

from ecosystem import wiring
from ecosystem.api import create_api
from tests.memory_sign_in import InProcess
from tests.product import Product


@pytest.fixture
def http(product: Product) -> Iterator[httpx.Client]:
    """A client of the API over the test's product; it keeps cookies as a browser does."""
    before = list(wiring._installed)
    wiring.install(product.services)
    with httpx.Client(
        transport=InProcess(create_api()), base_url="http://localhost:3999"
    ) as client:
        yield client
    wiring._installed[:] = before
