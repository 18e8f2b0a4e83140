"""One change of one package at a time, in all processes: of its content and its departures."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import package_versions as versions
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.errors import Unavailable

AT_ONCE = 3
"""Changes under way in one process, for each who takes turns: each keeps a connection for its
lock, and more must be left than those, or all would wait for each other."""
PATIENCE = 5.0
"""Seconds to wait for a place among those."""


class PackageTurns:
    """Turns at changing packages, by an advisory lock in RDS."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._places = threading.BoundedSemaphore(AT_ONCE)

    @contextmanager
    def alone(self, package_id: UUID) -> Iterator[RoutedSession]:
        """Nobody else changes the package until the block ends; the transaction of the lock.

        Raises:
            Unavailable: too many packages are being changed.
        """
        if not self._places.acquire(timeout=PATIENCE):
            raise Unavailable(
                "Too many packages are being saved at this moment. Nothing was changed; try again.",
                code="busy",
            )
        try:
            with self._database.unit(RDS) as lock:
                versions.lock(lock, package_id)
                yield lock
        finally:
            self._places.release()
