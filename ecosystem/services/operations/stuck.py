"""Payments that do not come to an end, and money that was paid out and should be back."""

from datetime import timedelta
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, bookings, operations
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, NotFound
from ecosystem.domain.money import Money
from ecosystem.domain.operations import StuckPayment, Unrecovered
from ecosystem.services.ops_desk import only_ops
from ecosystem.services.payments import Payments
from ecosystem.services.ports import Clock

PROCESSING = timedelta(minutes=30)
"""A bank that decides later takes days; one that is asked about this late is worth a look."""
ENDED = timedelta(minutes=15)
"""A hold that ended this long ago should have taken its booking along."""
SHOWN = 100


class Stuck:
    """For operations only."""

    def __init__(self, database: Database, payments: Payments, clock: Clock) -> None:
        self._database = database
        self._payments = payments
        self._clock = clock

    def payments(self, actor: Actor) -> tuple[StuckPayment, ...]:
        """Payments on their way for long, and unpaid ones whose booking should have expired.

        Raises:
            Forbidden: not somebody of operations.
        """
        only_ops(actor)
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            rows = operations.stuck_payments(session, now - PROCESSING, now - ENDED, SHOWN)
        return tuple(
            StuckPayment(
                id=row.id,
                reference=row.reference,
                kind=row.kind,
                amount=Money(row.amount_minor, row.currency),
                status=row.status,
                since=row.since,
                why=row.why,
            )
            for row in rows
        )

    def ask(self, actor: Actor, payment_id: UUID) -> str:
        """Ask Stripe how a payment stands and make our records say the same; its status then.

        Raises:
            Forbidden: not somebody of operations.
            NotFound: no such payment.
            Conflict: no payment page was ever opened for it.
            Unavailable: Stripe does not answer.
        """
        only_ops(actor)
        with self._database.unit(RDS) as session:
            payment = bookings.payment(session, id=payment_id)
            if payment is None:
                raise NotFound("There is no such payment.", code="payment_not_found")
            audit.record(session, actor, "payment.asked", "payment", payment_id)
        if payment.stripe_session_id is None:
            raise Conflict(
                "No payment page is known for it yet; the worker opens or ends it.", code="no_page"
            )
        self._payments.settle(payment.stripe_session_id)
        with self._database.unit(RDS) as session:
            after = bookings.payment(session, id=payment_id)
        return after.status if after is not None else ""

    def unrecovered(self, actor: Actor) -> tuple[Unrecovered, ...]:
        """What parties owe by the ledger, the most first.

        Raises:
            Forbidden: not somebody of operations.
        """
        only_ops(actor)
        with self._database.unit(RDS) as session:
            rows = operations.unrecovered(session, SHOWN)
        return tuple(
            Unrecovered(
                party=row.party,
                party_id=row.party_id,
                name=row.name,
                amount=Money(row.owes, row.currency),
                references=tuple(row.references),
            )
            for row in rows
        )
