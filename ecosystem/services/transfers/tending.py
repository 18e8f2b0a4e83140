"""What the clock brings and a crash leaves; what people of operations see and try again."""

from datetime import timedelta
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, bookings, messages, transfers
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, NotFound
from ecosystem.domain.ledger import Party
from ecosystem.domain.money import Money
from ecosystem.domain.payouts import OpenReversal, OpenTransfer
from ecosystem.services.one_of_many import apart
from ecosystem.services.ops_desk import only_ops
from ecosystem.services.transfers.reversing import Reversing

QUIET = timedelta(minutes=2)
"""A row nobody has carried out for this long was forgotten by a crash."""

PATIENCE = timedelta(hours=6)
"""How long after a refusal money is asked back again: the account may have got some. A share that
is refused again and again is tried again after twice the time, up to this."""

AT_ONCE = 100
SHOWN = 200


class Tending(Reversing):
    """Run by the worker on a schedule and by ``ecosystem reconcile``."""

    def step(self) -> int:
        """Work out the shares that have fallen due; returns for how many bookings it did."""
        with self._database.unit(RDS) as session:
            due = transfers.unplanned(session, self._clock.now(), AT_ONCE)
        return sum(apart(self.plan, booking_id, booking_id) for booking_id in due)

    def reconcile(self) -> int:
        """Send what can be sent and take back what should be back; returns how many rows."""
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            waiting = transfers.unsent(session, now, QUIET, PATIENCE, AT_ONCE)
            back = transfers.undone(session, now - QUIET, now - PATIENCE, AT_ONCE)
        for transfer_id in waiting:
            apart(self.send, transfer_id, {"transfer_id": str(transfer_id)})
        for reversal_id in back:
            apart(self.reverse, reversal_id, {"reversal_id": str(reversal_id)})
        return len(waiting) + len(back)

    def open(self, actor: Actor) -> tuple[tuple[OpenTransfer, ...], tuple[OpenReversal, ...]]:
        """Shares that have not left and money that is not back, refused ones first.

        Raises:
            Forbidden: not somebody of operations.
        """
        only_ops(actor)
        with self._database.unit(RDS) as session:
            unsent = tuple(
                OpenTransfer(
                    id=row.id,
                    reference=row.reference,
                    party=_party(row.party),
                    party_id=row.party_id,
                    amount=Money(row.amount_minor, row.currency),
                    state=row.state,
                    failure=row.failure,
                    since=row.since,
                )
                for row in transfers.open_rows(session, self._clock.now(), SHOWN)
            )
            back = tuple(
                OpenReversal(
                    id=row.id,
                    reference=row.reference,
                    party=_party(row.party),
                    party_id=row.party_id,
                    amount=Money(row.amount_minor, row.currency),
                    reason=row.reason,
                    state=row.state,
                    failure=row.failure,
                    since=row.since,
                )
                for row in transfers.open_reversals(session, SHOWN)
            )
        return unsent, back

    def retry(self, actor: Actor, transfer_id: UUID) -> None:
        """Try a refused share again.

        Raises:
            Forbidden: not somebody of operations.
            NotFound: no such transfer.
            Conflict: it was not refused, or somebody was quicker.
        """
        only_ops(actor)
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            row = transfers.get(session, transfer_id)
            if row is None:
                raise NotFound("This transfer does not exist.", code="transfer_not_found")
            bookings.lock(session, row.booking_id)
            row = transfers.get(session, transfer_id, lock=True)
            if row is None or row.state != "failed":
                raise Conflict("This transfer has not failed.", code="transfer_not_failed")
            # Its failure stays: the next try is another attempt, for what is owed by then.
            transfers.change(session, row.id, state="wanted", updated_at=now)
            messages.send(
                session,
                "transfer.send",
                {"transfer_id": str(row.id)},
                dedupe_key=f"transfer:{row.id}:{row.attempt}",
            )
            audit.record(session, actor, "transfer.retried", "transfer", row.id)

    def retry_reversal(self, actor: Actor, reversal_id: UUID) -> None:
        """Ask refused money back again now.

        Raises:
            Forbidden: not somebody of operations.
            NotFound: no such reversal.
            Conflict: it was not refused, or somebody was quicker.
        """
        only_ops(actor)
        with self._database.unit(RDS) as session:
            row = transfers.reversal(session, reversal_id)
            if row is None:
                raise NotFound("This reversal does not exist.", code="reversal_not_found")
            bookings.lock(session, row.booking_id)
            row = transfers.reversal(session, reversal_id, lock=True)
            if row is None or row.state != "failed":
                raise Conflict("This reversal has not failed.", code="reversal_not_failed")
            messages.send(
                session,
                "reversal.carry_out",
                {"reversal_id": str(row.id)},
                dedupe_key=f"reversal:{row.id}:{row.attempt + 1}",
            )
            audit.record(session, actor, "reversal.retried", "reversal", row.id)


def _party(name: str) -> Party:
    return "operator" if name == "operator" else "agency"
