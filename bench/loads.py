"""Processes that make load, one command at a time: "work for two seconds" → a ``Sample``.

A generator lives in a process of its own, so that it never shares the interpreter lock
with what is measured, and keeps its connections open between slices.
"""

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Protocol, Self

PATIENCE = 60.0


class BenchFailed(Exception):
    """A benchmark could not be measured; the message says what was in the way."""


@dataclass(frozen=True)
class Sample:
    """One slice. ``latencies`` in seconds, in no order; ``cpu`` is the generator's own."""

    seconds: float
    latencies: list[float]
    cpu: float = 0.0

    @property
    def done(self) -> int:
        return len(self.latencies)

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.done / self.seconds


class Load(Protocol):
    """What a generator does inside its process."""

    def run(self, seconds: float) -> list[float]:
        """Work until ``seconds`` have passed; the latency of each piece of work."""
        ...

    def close(self) -> None: ...


@dataclass
class LoadProcess:
    """``make(*arguments)`` builds the ``Load`` inside the new process.

    Both have to be importable there: a class and plain values.
    """

    make: Callable[..., Load]
    arguments: tuple[Any, ...] = ()
    _process: Any = field(default=None, init=False)
    _pipe: Any = field(default=None, init=False)

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(other, self.make, self.arguments), daemon=True
        )
        self._process.start()
        other.close()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pipe.close()
        self._process.join(5)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join()

    def run(self, seconds: float) -> Sample:
        """Let it work for ``seconds``.

        Raises:
            BenchFailed: an answer was not the expected one, or the process is gone.
        """
        try:
            self._pipe.send(seconds)
            if not self._pipe.poll(seconds + PATIENCE):
                raise BenchFailed(f"{self.make.__name__} does not come back")
            answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise BenchFailed(f"{self.make.__name__} ended by itself") from error
        if isinstance(answer, str):
            raise BenchFailed(answer)
        return answer


def _serve(pipe: Connection, make: Callable[..., Load], arguments: tuple[Any, ...]) -> None:
    try:
        load = make(*arguments)
    except Exception as error:  # noqa: BLE001 - told to the process that asks first
        pipe.recv()
        pipe.send(f"{make.__name__}: {error!r}")
        return
    try:
        while True:
            try:
                seconds = pipe.recv()
            except EOFError:
                return
            pipe.send(_sample(load, seconds))
    finally:
        load.close()


def _sample(load: Load, seconds: float) -> Sample | str:
    began, cpu = time.perf_counter(), time.process_time()
    try:
        latencies = load.run(seconds)
    except BenchFailed as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - told to the process that asked
        return f"{type(load).__name__}: {error!r}"
    return Sample(time.perf_counter() - began, latencies, time.process_time() - cpu)
