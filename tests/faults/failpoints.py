"""Named points at which a process can be killed: around every commit and every vendor's call.

A process that is dead does nothing more: also what a ``finally`` would still write does not
reach the database or a vendor.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text

from ecosystem.database.unit_of_work import Database, RoutedSession


class Killed(BaseException):
    """As sudden as ``kill -9``: no handler of the product catches it."""


class Failpoints:
    """The points a process passes; it dies at the one named ``kill_at``, if it comes to it."""

    def __init__(self, kill_at: str = "") -> None:
        self.passed: list[str] = []
        self.dead = False
        self._kill_at = kill_at
        self._times: Counter[str] = Counter()

    def reach(self, name: str) -> None:
        """Pass a point. The second time it is called ``name #2``, and so on."""
        self.alive()
        self._times[name] += 1
        times = self._times[name]
        named = name if times == 1 else f"{name} #{times}"
        self.passed.append(named)
        if named == self._kill_at:
            self.dead = True
            raise Killed(named)

    def alive(self) -> None:
        """Raises ``Killed`` in a process that is dead."""
        if self.dead:
            raise Killed(self._kill_at)


class MortalDatabase:
    """The databases, with a point before and after each commit of a unit that wrote."""

    def __init__(self, real: Database, points: Failpoints) -> None:
        self._real = real
        self._points = points

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    @contextmanager
    def unit(self, group: str) -> Iterator[RoutedSession]:
        """As :meth:`Database.unit`."""
        self._points.alive()
        who = _caller()
        with self._real.unit(group) as session:
            yield session
            self._points.alive()
            session.flush()
            # Only a transaction that wrote or locked something has an id of its own.
            writes = session.scalar(text("select pg_current_xact_id_if_assigned() is not null"))
            if writes:
                self._points.reach(f"before commit in {who}")
        if writes:
            self._points.reach(f"after commit in {who}")

    def together(self, *statements: Any) -> Any:
        """As :meth:`Database.together`."""
        who = _caller()
        self._points.reach(f"before commit in {who}")
        rows = self._real.together(*statements)
        self._points.reach(f"after commit in {who}")
        return rows


class MortalVendor:
    """A vendor's adapter, with a point before and after each call.

    ``local`` are methods that call nobody; ``instead`` replaces methods.
    """

    def __init__(
        self,
        real: Any,
        points: Failpoints,
        vendor: str,
        *,
        local: frozenset[str] = frozenset(),
        instead: dict[str, Callable[..., Any]] | None = None,
    ) -> None:
        self._real = real
        self._points = points
        self._vendor = vendor
        self._local = local
        self._instead = instead or {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        act = self._instead.get(name) or getattr(self._real, name)
        if name in self._local:
            return act

        def call(*args: Any, **kwargs: Any) -> Any:
            self._points.reach(f"before {self._vendor}.{name}")
            answer = act(*args, **kwargs)
            self._points.reach(f"after {self._vendor}.{name}")
            return answer

        return call


def _caller() -> str:
    """``module.function`` of the product's code that is at work."""
    frame = sys._getframe(1)
    while frame.f_back is not None and not frame.f_globals["__name__"].startswith("ecosystem."):
        frame = frame.f_back
    module = str(frame.f_globals["__name__"]).removeprefix("ecosystem.").removeprefix("services.")
    return f"{module}.{frame.f_code.co_name}"
