"""Whether the parts we depend on answer."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass

from ecosystem.database.placement import RDS
from ecosystem.database.queries import messages
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.errors import EcosystemError

PATIENCE_SECONDS = 3.0


@dataclass(frozen=True)
class Probe:
    """One dependency. ``needed``: the product can't serve without it."""

    name: str
    ask: Callable[[], None]
    needed: bool


@dataclass(frozen=True)
class Finding:
    """``latency_ms`` is None when it did not answer; ``problem`` says why, in one line."""

    name: str
    ok: bool
    needed: bool
    latency_ms: float | None
    problem: str = ""


class Health:
    """Asks all dependencies at once; none of them can hang the answer, or that of the others.

    Each is asked once at a time, and whoever comes meanwhile hears the same: one that hangs holds
    one thread, however often it is asked about.
    """

    def __init__(
        self, database: Database, probes: tuple[Probe, ...], *, patience: float = PATIENCE_SECONDS
    ) -> None:
        self._database = database
        self._probes = probes
        self._patience = patience
        self._threads = ThreadPoolExecutor(len(probes) or 1, thread_name_prefix="health")
        self._asked: dict[str, Future[Finding]] = {}
        self._lock = threading.Lock()

    def check(self) -> tuple[Finding, ...]:
        """One finding per dependency, in their fixed order, within three seconds."""
        started = [(probe, self._started(probe)) for probe in self._probes]
        deadline = time.monotonic() + self._patience
        found: list[Finding] = []
        for probe, future in started:
            try:
                found.append(future.result(max(0.0, deadline - time.monotonic())))
            except TooSlow:
                problem = f"no answer within {self._patience:g} seconds"
                found.append(Finding(probe.name, False, probe.needed, None, problem))
        return tuple(found)

    def backlog(self) -> Mapping[str, int]:
        """How many outbox and inbox messages wait, and how many of them have failed."""
        with self._database.unit(RDS) as session:
            return messages.backlog(session)

    def _started(self, probe: Probe) -> Future[Finding]:
        with self._lock:
            asked = self._asked.get(probe.name)
            if asked is None or asked.done():
                asked = self._asked[probe.name] = self._threads.submit(_ask, probe)
            return asked


def _ask(probe: Probe) -> Finding:
    start = time.perf_counter()
    try:
        probe.ask()
    except EcosystemError as error:
        return Finding(probe.name, False, probe.needed, None, error.detail)
    except Exception as error:  # noqa: BLE001
        # A probe reports every failure: that is what it is for.
        return Finding(probe.name, False, probe.needed, None, type(error).__name__)
    return Finding(probe.name, True, probe.needed, round((time.perf_counter() - start) * 1e3, 1))
