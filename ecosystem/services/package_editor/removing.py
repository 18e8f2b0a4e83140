"""Deleting a draft: in RDS, before the package goes and after it.

A hold and a deletion may meet. Both lock the departure; whoever is second finds the departure
closed, or the claim on its seats. docs/algorithms/package-saving.md walks through it.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ecosystem.database.queries import package_content as queries
from ecosystem.database.queries import package_versions as versions
from ecosystem.database.queries import pictures
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.drafts import Content
from ecosystem.domain.errors import Conflict

CLOSED = "closed_departures"


def close(session: RoutedSession, package_id: UUID, now: datetime) -> list[UUID]:
    """Let nobody have seats from here on; returns the departures that were open.

    Raises:
        Conflict: ``was_sold``: somebody has, or had, seats.
    """
    queries.lock_departures(session, package_id)
    if queries.was_sold(session, package_id):
        raise Conflict(
            "Seats of this package were sold or held: it can't be deleted. Archive it instead.",
            code="was_sold",
        )
    return queries.close_departures(session, package_id, now)


def noted(content: Content, closed: Sequence[UUID]) -> Content:
    """What is written down of a deletion that begins: enough to take it back."""
    return {**content, CLOSED: [str(key) for key in closed]}


def reopen(session: RoutedSession, package_id: UUID, begun: Content, now: datetime) -> None:
    """Take back what a deletion closed, as its package stays. Other changes closed nothing."""
    closed = [UUID(key) for key in begun.get(CLOSED, ())]
    if closed:
        queries.open_departures(session, package_id, closed, now)


def finish(session: RoutedSession, package_id: UUID, now: datetime) -> None:
    """Remove what RDS has of a package that is no more; its pictures' files follow in a day.

    Departures that were added or opened behind our back, and have claims, stay and are closed:
    the claims, and what becomes of them, need them. Then the history stays too.
    """
    queries.lock_departures(session, package_id)
    pictures.remove_all(session, package_id, now)
    if queries.remove_departures(session, package_id):
        queries.close_departures(session, package_id, now)
        versions.finish_begun(session, package_id)
    else:
        versions.drop_all(session, package_id)
