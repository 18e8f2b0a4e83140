"""A vendor that hangs may take some of our threads, never all of them."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ecosystem.domain.errors import Unavailable
from ecosystem.domain.language import _

PLACES = 8
SILENT_SECONDS = 2.0


class Bulkhead:
    """At most ``places`` calls of one vendor at a time, in this process.

    Others wait as long as calls come back. Once none has for ``silent`` seconds they are
    refused at once: waiting with them would stop people who want nothing of this vendor.
    """

    def __init__(
        self,
        refusal: str,
        *,
        code: str,
        places: int = PLACES,
        silent: float = SILENT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``refusal`` and ``code`` are what those are told who are refused, in their language."""
        self._refusal = refusal
        self._code = code
        self._places = places
        self._silent = silent
        self._clock = clock
        self._inside = 0
        self._quiet_since = clock()
        self._changed = threading.Condition()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold one place while a call is made. Raises ``Unavailable``."""
        started = self._enter()
        try:
            yield
        finally:
            self._leave(started)

    def _enter(self) -> float:
        with self._changed:
            while self._inside >= self._places:
                patience = self._quiet_since + self._silent - self._clock()
                if patience <= 0:
                    raise Unavailable(_(self._refusal), code=self._code)
                self._changed.wait(patience)
            now = self._clock()
            if self._inside == 0:
                self._quiet_since = now
            self._inside += 1
            return now

    def _leave(self, started: float) -> None:
        with self._changed:
            self._inside -= 1
            now = self._clock()
            if now - started < self._silent:
                self._quiet_since = now
            self._changed.notify()
