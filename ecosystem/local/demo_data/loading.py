"""Writing rows into one database: one transaction, ``COPY`` only, in a thread of its own.

``COPY`` fires statement triggers, so the operators' change log learns of every row and the
search index follows by itself.
"""

from queue import Empty, Full, Queue
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import sql

from ecosystem.local.demo_data.rows import Rows

_WAITING = 6
"""Batches that may wait: what bounds the memory of a large seeding."""


class SeedFailed(Exception):
    """The demo data could not be put in; the message says which part refused and why."""


class LoadFailed(SeedFailed):
    """A database refused a row; it is as it was before."""


class Loader:
    """One transaction on ``connection`` that takes rows from another thread.

    Nothing is kept unless :meth:`commit` is called and succeeds.
    """

    def __init__(self, connection: psycopg.Connection[Any], name: str) -> None:
        self._connection = connection
        self._name = name
        self._queue: Queue[Rows | None] = Queue(_WAITING)
        self._stopped = Event()
        self._error: BaseException | None = None
        self._tables: dict[str, int] = {}
        self._thread = Thread(target=self._work, name=f"demo-{name}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._thread.is_alive():
            self._stopped.set()
            self._thread.join()
        self._connection.rollback()

    @property
    def tables(self) -> dict[str, int]:
        """Rows written so far by table."""
        return dict(self._tables)

    def put(self, rows: Rows) -> None:
        """Hand over a batch; waits while too many are waiting already.

        Raises:
            LoadFailed: an earlier batch was refused.
        """
        self._offer(rows)

    def finish(self) -> None:
        """Wait until everything is written. The transaction stays open.

        Raises:
            LoadFailed: a batch was refused.
        """
        self._offer(None)
        self._thread.join()
        self._check()

    def commit(self) -> None:
        """Keep it, and tell the planner how large the tables are now.

        Raises:
            LoadFailed: a constraint checked at the end of the transaction was violated.
        """
        try:
            self._connection.commit()
            for table in self._tables:
                self._connection.execute(sql.SQL("analyze {}").format(sql.Identifier(table)))
            self._connection.commit()
        except psycopg.Error as error:
            raise LoadFailed(f"{self._name}: {error}") from error

    def _offer(self, item: Rows | None) -> None:
        while True:
            self._check()
            try:
                self._queue.put(item, timeout=0.2)
                return
            except Full:
                continue

    def _check(self) -> None:
        if self._error is not None:
            raise LoadFailed(f"{self._name}: {self._error}") from self._error

    def _work(self) -> None:
        try:
            while not self._stopped.is_set():
                try:
                    rows = self._queue.get(timeout=0.2)
                except Empty:
                    continue
                if rows is None:
                    return
                self._copy(rows)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that feeds us
            self._error = error

    def _copy(self, rows: Rows) -> None:
        statement = sql.SQL("copy {} ({}) from stdin").format(
            sql.Identifier(rows.table),
            sql.SQL(", ").join(map(sql.Identifier, rows.columns.split())),
        )
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows.rows:
                copy.write_row(row)
        self._tables[rows.table] = self._tables.get(rows.table, 0) + len(rows.rows)
