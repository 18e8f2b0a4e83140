"""Which database holds a table now: said here, once.

Tables move from Supabase to RDS a *move group* at a time. A group's tables stay
together; statements and transactions never span two groups, because tomorrow
they may live in two databases. Everything new is in the group ``rds`` and never
moves.
"""

import threading
import time
from collections.abc import Callable, Mapping

from sqlalchemy import Table

RDS = "rds"
PACKAGE_EXTRAS = "package_extras"
PACKAGES = "packages"
ACCOUNTS = "accounts"
MOVING = (PACKAGE_EXTRAS, PACKAGES, ACCOUNTS)
"""In the order in which they move."""

SUPABASE = "supabase"

_HINT_SECONDS = 1.0


def group_of(table: Table) -> str:
    """The move group of a mapped table.

    Raises:
        LookupError: the table class names no group in its ``info``.
    """
    try:
        return table.info["group"]
    except KeyError:
        raise LookupError(
            f"table {table.name} names no move group: set info['group']"
            " in ecosystem/database/tables"
        ) from None


class Placement:
    """Authority per group, read from the database and remembered for a second.

    The memory is a hint only: a unit of work asks the gate of the database that it
    enters, and what keeps everybody else out of the one that lost authority is a
    trigger inside that database.
    """

    def __init__(
        self,
        read_authority: Callable[[], Mapping[str, str]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read_authority
        self._clock = clock
        self._known: Mapping[str, str] = {}
        self._read_at = float("-inf")
        self._lock = threading.Lock()

    def database_of(self, group: str) -> str:
        """``rds`` or ``supabase``: where ``group`` is read and written now."""
        if group == RDS:
            return RDS
        if group not in MOVING:
            raise LookupError(f"there is no move group {group!r}")
        # One caller refreshes; the others go on with what is known.
        if self._stale() and self._lock.acquire(blocking=not self._known):
            try:
                if self._stale():
                    self._known = dict(self._read())
                    self._read_at = self._clock()
            finally:
                self._lock.release()
        return self._known.get(group, SUPABASE)

    def _stale(self) -> bool:
        return self._clock() - self._read_at > _HINT_SECONDS

    def forget(self) -> None:
        """Read again at the next question: somebody met a closed gate."""
        self._read_at = float("-inf")
