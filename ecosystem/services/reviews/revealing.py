"""Trips that are over, and reviews whose time has come."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import messages
from ecosystem.database.queries import reviews as queries
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.reviews import REVEALED_AFTER
from ecosystem.services.ports import Clock

AT_ONCE = 100


def reveal(session: RoutedSession, booking_ids: Sequence[UUID], now: datetime) -> None:
    """Show both sides of bookings whose rows are locked; ratings follow from the outbox."""
    shown = queries.reveal(session, booking_ids, now)
    for package_id in sorted({package_id for package_id, _ in shown}):
        messages.send(session, "rating.package", {"package_id": str(package_id)})
    for operator_id in sorted({operator_id for _, operator_id in shown}):
        messages.send(session, "rating.operator", {"operator_id": str(operator_id)})


class TripsOver:
    """Duties of the worker. Each step is one transaction: all of it happened, or nothing."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def complete(self) -> int:
        """Confirmed bookings become completed on the day after their last; how many did.

        Counted where the trip took place. Only the status changes: what is paid or due is
        settled elsewhere. Each traveller is asked once for a review.
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            done = queries.complete(session, now, AT_ONCE)
            for booking_id in done:
                messages.send(
                    session,
                    "email.review_invitation",
                    {"booking_id": str(booking_id)},
                    dedupe_key=f"review_invitation:{booking_id}",
                )
        return len(done)

    def reveal(self) -> int:
        """Reveal reviews that the other side left alone for its whole time; bookings done."""
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            due = queries.overdue(session, now - REVEALED_AFTER, AT_ONCE)
            if due:
                reveal(session, due, now)
        return len(due)
