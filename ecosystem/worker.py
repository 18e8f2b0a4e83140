"""The background worker as a process of its own (``ecosystem worker``)."""

import signal
import threading

from ecosystem.settings import Settings
from ecosystem.wiring import build


def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; then finish the steps under way and return."""
    services = build(settings)
    done = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: done.set())
    services.worker.start()
    done.wait()
    services.close()
