"""What the benches serve: the product, and a bare Reflex app. ``python -m bench.app FACTORY``."""

import sys

from starlette.types import ASGIApp

from ecosystem.serve import backend, listen
from ecosystem.settings import load


def product() -> ASGIApp:
    """The product with all its middleware; compiled pages, which no bench asks for, left out."""
    from bench import trivial  # noqa: F401 - a State beside the product's own

    return backend()


if __name__ == "__main__":
    listen(load(), sys.argv[1])
