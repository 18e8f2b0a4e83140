"""The two connection pools: sizes, timeouts, TLS."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url

STATEMENT_TIMEOUT_MS = 8_000
LOCK_TIMEOUT_MS = 3_000
IDLE_IN_TRANSACTION_MS = 15_000
"""A request is answered in milliseconds; a statement that takes seconds is better
cancelled than left to hold a lock and a connection."""


@dataclass(frozen=True)
class Address:
    """Where a database is. ``sslrootcert`` set means TLS with the host name verified."""

    host: str
    port: int
    database: str
    user: str
    password: str
    sslrootcert: str = ""

    @classmethod
    def from_url(cls, url: str) -> "Address":
        """From a libpq address such as ``postgresql://user:password@host:5432/name``."""
        parsed = make_url(url)
        return cls(
            host=parsed.host or "127.0.0.1",
            port=parsed.port or 5432,
            database=parsed.database or "postgres",
            user=parsed.username or "postgres",
            password=parsed.password or "",
            sslrootcert=str(parsed.query.get("sslrootcert", "")),
        )

    @property
    def url(self) -> URL:
        return URL.create(
            "postgresql+psycopg",
            username=self.user,
            password=self.password,
            host=self.host,
            port=self.port,
            database=self.database,
        )

    @property
    def libpq(self) -> str:
        """The same address as psycopg and psql read it."""
        query = (
            {"sslmode": "verify-full", "sslrootcert": self.sslrootcert} if self.sslrootcert else {}
        )
        return self.url.set(drivername="postgresql", query=query).render_as_string(
            hide_password=False
        )


def rds_engine(address: Address, *, pool_size: int) -> Engine:
    """The pool of ``travel_agent_db``. Timeouts are set once per connection."""
    return _engine(
        address,
        pool_size,
        options=(
            f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS}"
            f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_MS} -c timezone=UTC"
        ),
        prepare_threshold=5,
    )


def supabase_engine(address: Address, *, pool_size: int) -> Engine:
    """The pool of the operators' database.

    It may sit behind a transaction pooler, which hands each transaction another
    server connection: no prepared statements, no startup options, and timeouts
    set inside each transaction.
    """
    engine = _engine(
        address,
        pool_size,
        options="",
        prepare_threshold=None,
        # We begin the transaction ourselves, to send its limits along; the driver
        # commits or rolls back whatever has begun.
        isolation_level="AUTOCOMMIT",
    )

    @event.listens_for(engine, "begin")
    def _limits(connection) -> None:  # type: ignore[no-untyped-def]
        connection.exec_driver_sql(
            "begin;"
            f"set local statement_timeout = {STATEMENT_TIMEOUT_MS};"
            f"set local lock_timeout = {LOCK_TIMEOUT_MS};"
            f"set local idle_in_transaction_session_timeout = {IDLE_IN_TRANSACTION_MS}"
        )

    return engine


def _engine(
    address: Address,
    pool_size: int,
    *,
    options: str,
    prepare_threshold: int | None,
    **more: Any,
) -> Engine:
    arguments: dict[str, object] = {
        "connect_timeout": 5,
        "application_name": "ecosystem",
        "prepare_threshold": prepare_threshold,
    }
    if options:
        arguments["options"] = options
    if address.sslrootcert:
        arguments |= {"sslmode": "verify-full", "sslrootcert": address.sslrootcert}
    return create_engine(
        address.url,
        connect_args=arguments,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_recycle=600,
        pool_use_lifo=True,
        **more,
    )
