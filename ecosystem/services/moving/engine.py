"""What carries tables, as this package needs it; wiring puts ``ecosystem.migration`` here."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict
from ecosystem.services.moving.pace import Pace

Say = Callable[[str], None]


class NotDone(Conflict):
    """What was asked for was refused, with the reason; nothing has changed."""


class TakenOver(NotDone):
    """Another process carries the table now; this one has stopped without writing."""


class Following(Protocol):
    """A group whose changes are carried over."""

    def step(self) -> int:
        """One batch of every table; how many changes. Raises ``NotDone``, ``Unavailable``."""
        ...


class Engine(Protocol):
    """Moves groups. Everything raises ``NotDone`` with the reason, ``Unavailable`` when a
    database does not answer, and what ``pace`` raises."""

    def prepare(self, group: str) -> None: ...

    def copy(self, group: str) -> None: ...

    def give_up(self, group: str) -> None:
        """Everything as it was before ``prepare``."""
        ...

    def verify(self, group: str, *, deep: bool) -> int:
        """How many rows differ for good."""
        ...

    def switch(self, group: str) -> int:
        """How long writers waited, in milliseconds."""
        ...

    def rollback(self, group: str) -> int:
        """As :meth:`switch`, back to Supabase."""
        ...

    def retire(self, group: str) -> None: ...

    def backup(self, group: str) -> None: ...

    def settle(self, group: str) -> bool:
        """Finish a change of authority whose process ended after its decision."""
        ...

    def following(self, group: str) -> AbstractContextManager[Following]: ...


class Engines(Protocol):
    """Makes an engine for one piece of work."""

    def engine(
        self,
        say: Say,
        pace: Pace,
        owner: str,
        by: Actor,
        via: str,
        check: Callable[[], None] = lambda: None,
    ) -> Engine:
        """``owner`` is the process, ``by`` who has asked for it, ``via`` the way it was asked.

        ``check`` is asked before tables change hands, and ends that by what it raises.
        """
        ...

    def group_of(self, table: str) -> str: ...

    def carried_by(self, group: str, authority: str) -> tuple[str, float]:
        """Who claimed the group last, and the seconds since the last sign of life."""
        ...

    def look(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """By group, of each table: ``name rows_source rows_target copied pending lag_seconds``;
        counted now."""
        ...


def unsaid(_line: str) -> None:
    """For work that nobody watches."""


__all__ = ["Engine", "Engines", "Following", "NotDone", "Say", "TakenOver", "unsaid"]
