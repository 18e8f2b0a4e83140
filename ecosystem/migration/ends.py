"""Connections to both databases: behind a pooler, with the limits and formats we count on."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final, LiteralString

import psycopg
from psycopg import errors as pg
from psycopg import sql

from ecosystem.database.engines import CONNECT_SECONDS, Address
from ecosystem.database.pipelines import in_one_go
from ecosystem.database.placement import RDS, SUPABASE
from ecosystem.migration.answers import Unreached
from ecosystem.migration.plan import Connection

LOCK_MS = 3_000
STATEMENT_SECONDS = 120
IDLE_SECONDS = 60
"""A process that was stopped inside a transaction loses it, and with it the fence."""

APPLIER: Final = (
    "set local migration.origin = 'applier'; set local session_replication_role = 'replica'"
)
"""Says that what follows in this transaction is a copy: foreign keys, ``updated_at`` and logs of
the target are silent; what has to be heard all the same asks ``migration.origin``. ``SET``, for
that is what Supabase lets its own ``postgres`` do; ``set_config`` it refuses."""

WORDS: Final = {SUPABASE: "Supabase", RDS: "RDS"}


@dataclass
class Ends:
    """The database that has authority over a group, and the one that is kept in step.

    Attributes:
        addresses: of both, in that order.
        names: the same as ``supabase`` and ``rds``.
    """

    source: Connection
    target: Connection
    addresses: tuple[Address, Address]
    names: tuple[str, str] = (SUPABASE, RDS)

    @classmethod
    def connect(
        cls, source: Address, target: Address, names: tuple[str, str] = (SUPABASE, RDS)
    ) -> "Ends":
        """Raises :class:`Unreached` when one does not answer."""
        ours, theirs = names
        first = connect(source, ours)
        try:
            return cls(first, connect(target, theirs), (source, target), names)
        except BaseException:
            first.close()
            raise

    def again(self) -> "Ends":
        """The same with connections of their own, for another thread."""
        return Ends.connect(*self.addresses, self.names)

    def turned(self) -> "Ends":
        """The same connections in the other direction."""
        (ours, theirs), (first, second) = self.addresses, self.names
        return Ends(self.target, self.source, (theirs, ours), (second, first))

    def owned_by(self, name: str) -> "Ends":
        """The same, in the direction in which a group is carried while ``name`` has authority."""
        return self if name == self.names[0] else self.turned()

    @property
    def consumer(self) -> str:
        """Whom the source's log is written for: the target."""
        return self.names[1]

    @property
    def source_words(self) -> str:
        """The source as a person calls it."""
        return WORDS[self.names[0]]

    @property
    def target_words(self) -> str:
        """The target as a person calls it."""
        return WORDS[self.names[1]]

    @property
    def rds(self) -> Connection:
        return self.source if self.names[0] == RDS else self.target

    @property
    def supabase(self) -> Connection:
        return self.source if self.names[0] == SUPABASE else self.target

    def close(self) -> None:
        """What was not committed is rolled back by the databases."""
        self.source.close()
        self.target.close()

    def __enter__(self) -> "Ends":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def can_be_silent(connection: Connection) -> bool:
    """Whether our role may write rows there without foreign keys and triggers (:data:`APPLIER`)."""
    # Tried, not looked up: Supabase and RDS let some roles that have no such grant.
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(APPLIER)
    except pg.InsufficientPrivilege:
        return False
    return True


def connect(address: Address, name: str, purpose: str = "ecosystem migrate") -> Connection:
    """A connection to ``rds`` or ``supabase``; ``purpose`` is what the database calls it.

    Raises:
        Unreached: there is none.
    """
    try:
        # A transaction pooler may hand each transaction another server connection: no prepared
        # statements, and nothing that lives longer than a transaction.
        return psycopg.connect(
            address.libpq,
            autocommit=True,
            prepare_threshold=None,
            connect_timeout=address.parameters.get("connect_timeout", CONNECT_SECONDS),
            application_name=purpose,
        )
    except psycopg.OperationalError as error:
        raise Unreached(WORDS[name], error) from error


@contextmanager
def transaction(
    connection: Connection,
    *,
    lock_ms: int = LOCK_MS,
    idle_seconds: int = IDLE_SECONDS,
    one_snapshot: bool = False,
) -> Iterator[Connection]:
    """A transaction in which a row reads the same on both sides, whatever the roles' settings.

    Args:
        lock_ms: how long a statement waits for a lock.
        idle_seconds: a process that stops for so long inside loses the transaction.
        one_snapshot: all statements see the same moment (REPEATABLE READ).
    """
    with ExitStack() as open_one:
        # In one go: people may be waiting for what follows.
        with in_one_go(connection):
            open_one.enter_context(psycopg.Transaction(connection))
            if one_snapshot:
                connection.execute("set transaction isolation level repeatable read")
            _limit(connection, lock_ms, idle_seconds)
        yield connection


def ask(
    connection: Connection,
    query: LiteralString | sql.SQL | sql.Composed,
    values: Sequence[Any] | None = None,
) -> list[tuple[Any, ...]]:
    """The rows of one statement that is a :func:`transaction` of its own, sent in one go."""
    cursor = connection.cursor()
    try:
        with in_one_go(connection), psycopg.Transaction(connection):
            _limit(connection, LOCK_MS, IDLE_SECONDS)
            cursor.execute(query, values)
    except psycopg.Error:
        # It is told after the commit was sent, which did nothing: the transaction is still there.
        if not connection.closed:
            connection.rollback()
        raise
    return cursor.fetchall() if cursor.description else []


def _limit(connection: Connection, lock_ms: int, idle_seconds: int) -> None:
    limits: dict[str, str] = {
        "statement_timeout": f"{STATEMENT_SECONDS}s",
        "lock_timeout": f"{lock_ms}ms",
        "idle_in_transaction_session_timeout": f"{idle_seconds}s",
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
