"""The background worker as a process of its own (``ecosystem worker``)."""

import signal
import threading

from ecosystem.settings import Settings
from ecosystem.wiring import build


def run(settings: Settings, *duties: str) -> None:
    """Work until SIGTERM or SIGINT; then finish the steps under way and return.

    ``duties`` are the names of those to do, none for all.
    """
    services = build(settings)
    done = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: done.set())
    services.worker.start(*duties)
    done.wait()
    services.close()
