"""Balances of bookings that began with a deposit, and what agencies owe on account: reminders,
and the end of bookings whose balance nobody pays.

A reminder 14, 7 and 2 days before the day and on it, each once; the day after, that it is
overdue. What follows is the operator's choice: it stays as it is, or the booking is cancelled by
its own policy. Days are those of the departure's zone.
"""

from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import balances, messages
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.booking import ACCOUNT
from ecosystem.domain.changes import What, WholeBooking
from ecosystem.domain.errors import Conflict
from ecosystem.domain.terms import cancels_on
from ecosystem.services.one_of_many import apart
from ecosystem.services.payments import Payments
from ecosystem.services.ports import Clock

STAGES = (0, 2, 7, 14)
"""So many days before a balance is due its buyer is reminded."""

NOTICE = timedelta(hours=24)
"""Nobody loses a booking sooner than this after having been told that it is overdue: a worker
that was away for a while does not end what it has not warned of."""

AT_ONCE = 200
REASON = "The balance was not paid in time."


class Cancelling(Protocol):
    """What ends a booking by its policy (``services.changes.Changes``)."""

    def carry_out_as_system(
        self, booking_id: UUID, what: What, *, reason: str, unpaid: UUID | None = None
    ) -> Any: ...


class Balances:
    """A duty of the worker. Every step may be run any number of times, at once and late."""

    def __init__(
        self, database: Database, payments: Payments, changes: Cancelling, clock: Clock
    ) -> None:
        self._database = database
        self._payments = payments
        self._changes = changes
        self._clock = clock

    def step(self) -> int:
        """Remind, tell what is overdue, end what ends by its operator's terms; how many."""
        return self._remind() + self._overdue()

    def _remind(self) -> int:
        with self._database.unit(RDS) as session:
            found = balances.to_remind(session, self._clock.now(), STAGES, AT_ONCE)
            for row in found:
                messages.send(
                    session,
                    "email.balance_due",
                    {
                        "booking_id": str(row.booking_id),
                        "payment_id": str(row.id),
                        "days": row.days_left,
                    },
                    dedupe_key=f"payment:{row.id}:due:{row.due_on}:{row.stage}",
                )
        return len(found)

    def _overdue(self) -> int:
        now = self._clock.now()
        done = 0
        with self._database.unit(RDS) as session:
            found = balances.overdue(session, now, now - NOTICE, AT_ONCE)
            for row in found:
                if row.told_at is None:
                    self._tell(session, row, now)
                    done += 1
        for row in found:
            if row.told_at is not None:
                done += apart(self._cancel, row.booking_id, row.id, row.booking_id)
        return done

    def _tell(self, session: Any, row: Any, now: datetime) -> None:
        last = None
        if row.kind != ACCOUNT:
            last = cancels_on(row.overdue, row.overdue_days, row.due_on)
        messages.send(
            session,
            "email.balance_overdue",
            {
                "booking_id": str(row.booking_id),
                "payment_id": str(row.id),
                "cancels_on": "" if last is None else str(max(last, (now + NOTICE).date())),
                "told_at": now.isoformat(),
            },
            dedupe_key=f"payment:{row.id}:overdue:{row.due_on}",
        )

    def _cancel(self, payment_id: UUID, booking_id: UUID) -> None:
        """End one booking, after Stripe was asked whether it has been paid after all."""
        self._payments.settle_open(booking_id)
        with self._database.unit(RDS) as session:
            if not balances.still_unpaid(session, payment_id, self._clock.now()):
                raise Conflict("It is not overdue any more.", code="already_paid")
        self._changes.carry_out_as_system(
            booking_id, WholeBooking(), reason=REASON, unpaid=payment_id
        )
