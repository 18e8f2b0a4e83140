"""One unit of work = one transaction = one database.

    with database.unit(RDS) as session:
        ...            # commits at the end, rolls back on any exception

No vendor is called inside it. A unit belongs to one move group: a statement that
names a table of another group is refused, even while both live in the same
database, since it would stop working on the day one of them moves.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import psycopg
from psycopg import errors as pg
from psycopg.rows import namedtuple_row
from sqlalchemy import Connection, Engine, Table, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import ORMExecuteState, Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key
from sqlalchemy.sql import visitors
from sqlmodel import SQLModel

from ecosystem.database.engines import GROUP_OPTION, asks
from ecosystem.database.pipelines import in_one_go
from ecosystem.database.placement import RDS, SUPABASE, Placement, group_of
from ecosystem.database.statements import Statement, read
from ecosystem.domain.errors import Invalid, Unavailable

T = TypeVar("T", bound=SQLModel)

MOVED = "MG001"
"""What a database says to a writer of a table that has left it (SQLSTATE)."""

_PATIENCE_SECONDS = 10.0
_AGAIN_SECONDS = 0.02
_MOVING = "This is being moved to another database. Nothing was changed; try again in a moment."


class CrossGroupStatement(Exception):
    """A statement touches a table outside the unit's move group. A programming error."""


class RoutedSession(Session):
    """A session pinned to one move group and so to one engine."""

    def __init__(self, group: str, engine: Engine) -> None:
        self.group = group
        self.engine = engine
        super().__init__(expire_on_commit=False, autoflush=False)

    def get_bind(self, mapper: Any = None, *, clause: Any = None, **_: Any) -> Engine:  # type: ignore[override]
        """The unit's engine, after checking that what is written stays in its group.

        Statements are checked before they come here (``_refuse_two_groups``).
        """
        if mapper is not None:
            self._stay(mapper.local_table if hasattr(mapper, "local_table") else mapper.__table__)
        return self.engine

    def enter(self) -> bool:
        """Begin, and keep the group where it is until the end; False: it is not open here."""
        connection = self.connection(execution_options={GROUP_OPTION: self.group})
        if GROUP_OPTION in connection.info:
            return connection.info.pop(GROUP_OPTION)
        try:
            return self.at_once((asks(self.group), {}))[0][0][0]
        except psycopg.OperationalError:
            if connection.connection.driver_connection.closed:  # type: ignore[union-attr]
                # The server has gone, and with it every connection that waits in the pool.
                connection.invalidate()
                self.engine.dispose()
            raise

    def at_once(self, *statements: Statement) -> list[list[Any]]:
        """Statements of this unit's transaction that are sent in one go; the rows of each.

        For statements that need no answer before the next. Each sees what was committed before
        it began. Objects that the session knows are not brought up to date by them.
        """
        self.flush()
        if not statements:
            return []
        connection: psycopg.Connection[Any] = self.connection().connection.driver_connection  # type: ignore[assignment]
        return _in_one_go(connection, statements)

    def loaded(self, table: type[T], row: Any) -> T:
        """An object of the session from all columns of a row, as if the session had read it."""
        known = self.identity_map.get(identity_key(table, row.id))
        if known is not None:
            for name, value in row._asdict().items():
                set_committed_value(known, name, value)
            return cast("T", known)
        made = read(table, row)
        make_transient_to_detached(made)
        self.add(made)
        return made

    def _stay(self, element: Any) -> None:
        for part in visitors.iterate(element):
            if isinstance(part, Table) and group_of(part) != self.group:
                raise CrossGroupStatement(
                    f"{part.name} belongs to the move group {group_of(part)!r};"
                    f" this unit of work is for {self.group!r}"
                )


@event.listens_for(RoutedSession, "do_orm_execute")
def _refuse_two_groups(state: ORMExecuteState) -> None:
    # get_bind sees only the entity that leads an ORM statement; a join to another
    # group would slip through and silently find nothing. This sees all of it.
    session = state.session
    if isinstance(session, RoutedSession):
        session._stay(state.statement)


class Database:
    """Both engines and the placement that chooses between them.

    Args:
        moved: another pool of RDS, for groups that have moved there. A unit of such a group is
            often begun within one of RDS: of one pool, units that wait for a second connection
            could hold all that there are. Without it they share ``rds``.
    """

    def __init__(self, rds: Engine, supabase: Engine, moved: Engine | None = None) -> None:
        self.engines = {RDS: rds, SUPABASE: supabase}
        self._moved = {RDS: moved or rds, SUPABASE: supabase}
        self.placement = Placement(self._read_authority)

    @contextmanager
    def unit(self, group: str) -> Iterator[RoutedSession]:
        """A transaction over the tables of ``group``, in the database that has authority over it.

        While the group changes hands this waits. From then on to its end the group stays.

        Raises:
            Invalid: a value can't be stored by any database (a NUL byte, a size).
            Unavailable: the database does not answer, a lock was not free in time, every
                connection is busy, or the group changes hands for long. Nothing was written.
        """
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            with _translated(group), self._session(group) as session, session.begin():
                if group == RDS or session.enter():
                    try:
                        yield session
                    except DBAPIError as error:
                        if getattr(error.orig, "sqlstate", None) == MOVED:
                            self.placement.forget()
                        raise
                    return
            self.placement.forget()
            if time.monotonic() > until:
                raise Unavailable(_MOVING, code="being_moved", what=group)
            time.sleep(_AGAIN_SECONDS)

    @contextmanager
    def _session(self, group: str) -> Iterator[RoutedSession]:
        engines = self.engines if group == RDS else self._moved
        session = RoutedSession(group, engines[self.placement.database_of(group)])
        try:
            yield session
        finally:
            session.close()

    @contextmanager
    def at(self, name: str) -> Iterator[Connection]:
        """A transaction in ``rds`` or ``supabase``, whichever groups live there: for the change
        logs, which stay where they were written. Raises ``Unavailable``."""
        with _translated(name), self.engines[name].begin() as connection:
            yield connection

    def together(self, *statements: Statement) -> list[list[Any]]:
        """One transaction in RDS whose statements and commit are sent in one go; the rows of each.

        For statements that need no answer before the next: a row locked by the first stays
        locked while the database works, but not while this process waits for its turn.
        Each statement still sees what was committed before it began. All or nothing: after
        an error nothing was written.

        Raises:
            Unavailable: as for :meth:`unit`.
        """
        with _translated(RDS):
            borrowed = self.engines[RDS].raw_connection()
            try:
                connection: psycopg.Connection[Any] = borrowed.driver_connection  # type: ignore[assignment]
                return _in_one_go(connection, statements, commit=True)
            except psycopg.OperationalError:
                if borrowed.driver_connection.closed:  # type: ignore[union-attr]
                    # The server has gone, and with it every connection that waits in the pool.
                    borrowed.invalidate()
                    self.engines[RDS].dispose()
                raise
            finally:
                borrowed.close()

    def ping(self, name: str) -> None:
        """Ask ``rds`` or ``supabase`` for an answer. Raises ``Unavailable``."""
        with _translated(name), self.engines[name].connect() as connection:
            connection.execute(text("select 1"))

    def dispose(self) -> None:
        """Close all pools."""
        for engine in {*self.engines.values(), *self._moved.values()}:
            engine.dispose()

    def _read_authority(self) -> Mapping[str, str]:
        with self._moved[RDS].connect() as connection:
            rows = connection.execute(text("select name, authority from migration_groups"))
            return {row.name: row.authority for row in rows}


def _in_one_go(
    connection: psycopg.Connection[Any], statements: Sequence[Statement], *, commit: bool = False
) -> list[list[Any]]:
    """Send statements without waiting between them, with ``commit`` that as well."""
    with in_one_go(connection):
        cursors = [
            connection.cursor(row_factory=namedtuple_row).execute(sql, values)
            for sql, values in statements
        ]
        if commit:
            connection.commit()
    return [one.fetchall() if one.pgresult and one.pgresult.nfields else [] for one in cursors]


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable(
            "Too many people are asking at this moment. Nothing was changed; try again.",
            code="busy",
            what=what,
        ) from error
    except (DBAPIError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if getattr(cause, "sqlstate", None) == MOVED:
            raise Unavailable(_MOVING, code="being_moved", what=what) from error
        if isinstance(cause, psycopg.DataError):
            # A NUL byte, a number or date beyond what PostgreSQL holds: the value's fault.
            raise Invalid(
                "One of the values can't be used here: it has characters or a size that"
                " can't be stored.",
                code="unusable_value",
            ) from error
        if isinstance(cause, pg.LockNotAvailable | pg.DeadlockDetected):
            raise Unavailable(
                "Somebody else is changing the same thing. Nothing was changed; try again.",
                code="busy",
                what=what,
            ) from error
        if isinstance(cause, psycopg.OperationalError) or (
            isinstance(error, DBAPIError) and error.connection_invalidated
        ):
            raise Unavailable(
                "Our database does not answer. Nothing was changed; try again in a moment.",
                code="unavailable",
                what=what,
            ) from error
        raise


__all__ = ["CrossGroupStatement", "Database", "RoutedSession"]
