"""What a database answered, or that it did not, in words for a person."""

from typing import Final

import psycopg
from psycopg import errors as pg

from ecosystem.migration.plan import first_line

_Kind = type[psycopg.Error] | tuple[type[psycopg.Error], ...]
_WORDS: Final[tuple[tuple[_Kind, str], ...]] = (
    (pg.LockNotAvailable, "somebody else held for too long what was needed"),
    (pg.DeadlockDetected, "somebody else needed the same things in another order"),
    (pg.QueryCanceled, "a database took too long over a statement, or was told to end it"),
    (
        (pg.IdleInTransactionSessionTimeout, pg.AdminShutdown, pg.CrashShutdown),
        "the connection to a database was cut",
    ),
    (pg.CannotConnectNow, "a database is just starting or ending"),
)


class Unreached(psycopg.OperationalError):
    """There is no connection to a database; the message has the driver's reason.

    Attributes:
        database: as a person calls it.
    """

    def __init__(self, database: str, error: psycopg.Error) -> None:
        super().__init__(f"{database} can't be reached: {first_line(error)}")
        self.database = database


def in_words(error: psycopg.Error) -> str:
    """What went wrong, as a clause. What a server refuses is told in its own first line, which has
    no values; what the driver says of connections is for the log."""
    if isinstance(error, Unreached):
        return f"{error.database} can't be reached"
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return words
    # Only what came from a server has a code.
    if isinstance(error, psycopg.OperationalError) and not error.sqlstate:
        return "the connection to a database was cut"
    return first_line(error)
