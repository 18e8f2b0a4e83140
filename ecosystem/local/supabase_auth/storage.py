"""Connections to the Supabase database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

POOL_SIZE = 4
WAIT_SECONDS = 10.0

DatabaseConnection = psycopg.Connection[DictRow]


class Database:
    """A few connections, shared by the threads that answer requests."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._slots = threading.Semaphore(POOL_SIZE)
        self._lock = threading.Lock()
        self._idle: list[DatabaseConnection] = []

    @contextmanager
    def transaction(self) -> Iterator[DatabaseConnection]:
        """A connection with an open transaction: committed at the end, or rolled back.

        Raises:
            psycopg.OperationalError: the database can't be reached, or every connection
                stayed busy for ten seconds.
        """
        if not self._slots.acquire(timeout=WAIT_SECONDS):
            raise psycopg.OperationalError("every connection of the stand-in is busy")
        try:
            connection = self._checked_out()
            try:
                with connection.transaction():
                    yield connection
            finally:
                self._give_back(connection)
        finally:
            self._slots.release()

    def close(self) -> None:
        """Close what is idle. Call it when no request runs any more."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    def _checked_out(self) -> DatabaseConnection:
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is not None:
            try:
                connection.execute("select 1")
                return connection
            except psycopg.OperationalError:
                # The server was restarted since: every idle connection is as dead.
                connection.close()
                self.close()
        return DatabaseConnection.connect(
            self._conninfo, autocommit=True, row_factory=dict_row, connect_timeout=5
        )

    def _give_back(self, connection: DatabaseConnection) -> None:
        if connection.closed or connection.broken:
            connection.close()
            return
        with self._lock:
            self._idle.append(connection)


Row = dict[str, Any]
