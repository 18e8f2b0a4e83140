"""What the benches serve: the product, and a bare Reflex app. ``python -m bench.app FACTORY``.

``python -m bench.app worker`` is the worker as a process of its own.
"""

import importlib
import sys

from starlette.types import ASGIApp

from ecosystem.serve import backend, listen
from ecosystem.services import search
from ecosystem.settings import load
from ecosystem.worker import run


def product() -> ASGIApp:
    """The product with all its middleware; compiled pages, which no bench asks for, left out."""
    # A State beside the product's own: importing it is what registers it.
    importlib.import_module("bench.trivial")
    return backend()


def counting() -> ASGIApp:
    """The product, which counts every search anew: as if the index changed before each."""
    search.COUNTS_KEPT = 0
    return product()


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        # What deals with events and e-mails, and none of the duties beside it.
        run(load(), "inbox", "outbox")
    else:
        listen(load(), sys.argv[1])
