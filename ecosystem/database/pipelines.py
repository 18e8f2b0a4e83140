"""Statements that are sent in one go, in a transaction that goes on afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.generators import PQGen  # type: ignore[attr-defined]


class _Pipeline(psycopg.Pipeline):
    """The driver's, without the request that it sends behind the end.

    PostgreSQL stops the clock of ``idle_in_transaction_session_timeout`` when anything arrives and
    starts it again only when it says that it is ready. The driver asks it to flush after the end,
    which it answers with nothing: from then on a process that is frozen keeps its locks for ever.
    The end itself makes the server flush.
    """

    def _exit_gen(self) -> "PQGen[None]":
        try:
            self._enqueue_sync()
            yield from self._communicate_gen()
        finally:
            yield from self._fetch_gen(flush=False)


@contextmanager
def in_one_go(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """What is executed inside is sent without waiting for answers, which are there at its end.

    ``connection.pipeline()``, after which the server still ends a transaction that is idle too long.
    """
    if connection._pipeline is None:
        connection._pipeline = _Pipeline(connection)
    with connection.pipeline():
        yield
