"""The two connection pools: sizes, timeouts, TLS."""

from dataclasses import dataclass
from typing import Any, Final, LiteralString
from urllib.parse import quote, urlencode

import psycopg
from psycopg.pq import Conninfo
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

from ecosystem.database.placement import MOVING

STATEMENT_TIMEOUT_MS = 8_000
LOCK_TIMEOUT_MS = 3_000
IDLE_IN_TRANSACTION_MS = 15_000
"""A request is answered in milliseconds; a statement that takes seconds is better
cancelled than left to hold a lock and a connection."""

_LIMITS: Final[LiteralString] = (
    f"begin;set local statement_timeout = {STATEMENT_TIMEOUT_MS};"
    f"set local lock_timeout = {LOCK_TIMEOUT_MS};"
    f"set local idle_in_transaction_session_timeout = {IDLE_IN_TRANSACTION_MS}"
)
CONNECT_SECONDS = 5
"""How long we wait for a connection, unless the address says otherwise."""

_SAID_OTHERWISE: Final = {"host", "port", "dbname", "user", "password", "sslrootcert"}
"""Parts of an address that have fields of their own."""

GROUP_OPTION = "move_group"
"""Execution option of a connection whose transaction is over the tables of a moving group."""


def asks(group: str) -> LiteralString:
    """A statement that takes the group's lock and says whether this database is open for it."""
    questions: dict[str, LiteralString] = {
        one: f"select public.migration_open('{one}')" for one in MOVING
    }
    return questions[group]


@dataclass(frozen=True)
class Address:
    """Where a database is.

    Attributes:
        sslrootcert: when set, TLS with the host name verified, unless ``more`` has another sslmode.
        more: further parameters of libpq by name, such as ``sslmode``.
    """

    host: str
    port: int
    database: str
    user: str
    password: str
    sslrootcert: str = ""
    more: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_url(cls, url: str) -> "Address":
        """From a libpq address such as ``postgresql://user:password@host:5432/name?sslmode=require``.

        Parameters that are not libpq's own (``pgbouncer=true``) are for other programs.
        """
        parsed = make_url(url)
        known = {one.keyword.decode() for one in Conninfo.get_defaults()} - _SAID_OTHERWISE
        return cls(
            host=parsed.host or "127.0.0.1",
            port=parsed.port or 5432,
            database=parsed.database or "postgres",
            user=parsed.username or "postgres",
            password=parsed.password or "",
            sslrootcert=str(parsed.query.get("sslrootcert", "")),
            more=tuple(
                (name, value if isinstance(value, str) else value[-1])
                for name, value in sorted(parsed.query.items())
                if name in known
            ),
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
        where = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        # A space is not a plus to libpq.
        more = urlencode(self.parameters, quote_via=quote)
        return f"{where}?{more}" if more else where

    @property
    def parameters(self) -> dict[str, str]:
        """Of libpq, by name: how to connect, besides where and who."""
        verified = {"sslmode": "verify-full", "sslrootcert": self.sslrootcert}
        return {**(verified if self.sslrootcert else {}), **dict(self.more)}


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
    def _limits(connection: Connection) -> None:
        _begin(engine, connection)

    return engine


def _begin(engine: Engine, connection: Connection) -> None:
    """Begin, set the limits, and ask the group's gate if there is one: sent in one go."""
    group = connection.get_execution_options().get(GROUP_OPTION)
    sent: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    try:
        cursor = sent.execute(_LIMITS if group is None else _LIMITS + ";" + asks(group))
        while cursor.nextset():
            pass
        if group is not None:
            connection.info[GROUP_OPTION] = cursor.fetchone() == (True,)
    except psycopg.OperationalError:
        if sent.closed:
            # The server has gone, and with it every connection that waits in the pool.
            connection.invalidate()
            engine.dispose()
        raise


def _engine(
    address: Address,
    pool_size: int,
    *,
    options: str,
    prepare_threshold: int | None,
    **more: Any,
) -> Engine:
    arguments: dict[str, object] = {
        "connect_timeout": CONNECT_SECONDS,
        **address.parameters,
        "application_name": "ecosystem",
        "prepare_threshold": prepare_threshold,
    }
    if options:
        arguments["options"] = options
    return create_engine(
        address.url,
        connect_args=arguments,
        # Errors are logged, and kept for operations to see: what was written stays out of both.
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_recycle=600,
        pool_use_lifo=True,
        **more,
    )
