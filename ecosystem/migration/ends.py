"""Connections to both databases: behind a pooler, with the limits and formats we count on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from ecosystem.database.engines import Address
from ecosystem.migration.plan import Connection

LOCK_MS = 3_000
STATEMENT_SECONDS = 120
IDLE_SECONDS = 60
"""A process that was stopped inside a transaction loses it, and with it the fence."""

APPLIER = "set local migration.origin = 'applier'"
"""Says to triggers that what follows is a copy: not logged again, ``updated_at`` left alone."""


@dataclass
class Ends:
    """The database a group leaves and the one it goes to."""

    source: Connection
    target: Connection

    @classmethod
    def connect(cls, source: Address, target: Address) -> "Ends":
        """Raises ``psycopg.OperationalError`` when one does not answer."""
        first = _connect(source)
        try:
            return cls(first, _connect(target))
        except BaseException:
            first.close()
            raise

    def close(self) -> None:
        """What was not committed is rolled back by the databases."""
        self.source.close()
        self.target.close()


def _connect(address: Address) -> Connection:
    # A transaction pooler may hand each transaction another server connection: no prepared
    # statements, and nothing that lives longer than a transaction.
    return psycopg.connect(
        address.libpq,
        autocommit=True,
        prepare_threshold=None,
        connect_timeout=5,
        application_name="ecosystem migrate",
    )


@contextmanager
def transaction(connection: Connection, *, lock_ms: int = LOCK_MS) -> Iterator[Connection]:
    """A transaction in which a row reads the same on both sides, whatever the roles' settings."""
    with connection.transaction():
        limits: dict[str, str] = {
            "statement_timeout": f"{STATEMENT_SECONDS}s",
            "lock_timeout": f"{lock_ms}ms",
            "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
            "timezone": "UTC",
            "datestyle": "ISO, YMD",
            "intervalstyle": "postgres",
            "extra_float_digits": "1",
            "bytea_output": "hex",
        }
        connection.execute(
            "select set_config(name, value, true) from unnest(%s::text[], %s::text[]) s (name, value)",
            (list(limits), list(limits.values())),
        )
        yield connection
