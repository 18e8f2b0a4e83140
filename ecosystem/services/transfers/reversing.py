"""Taking back what a party has too much: promised in a commit, asked of Stripe afterwards."""

import logging
from collections.abc import Mapping
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import bookings, disputes, ledger, messages, transfers
from ecosystem.database.tables import Transfer, TransferReversal
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain import ledger as postings
from ecosystem.domain.errors import Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.ledger import Party
from ecosystem.domain.money import Money
from ecosystem.services.transfers.sending import KEYS_LAST, Sending

log = logging.getLogger(__name__)


class Reversing(Sending):
    """Every method may be called any number of times, at once and in any order."""

    def reverse(self, payload: Mapping[str, str]) -> None:
        """``reversal.carry_out``: take promised money of a transfer back.

        One that was refused is asked for with a key of its own next time.

        Raises:
            Unavailable: Stripe does not answer; the same call may be made again.
        """
        found = self._intend_reversal(UUID(payload["reversal_id"]))
        if found is None:
            return
        row, transfer = found
        try:
            made = self._reversed(row, transfer)
        except (Invalid, NotFound) as refused:
            self._reversal_refused(row, refused.code)
            return
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            bookings.lock(session, row.booking_id)
            current = transfers.reversal(session, row.id, lock=True)
            if current is None or (current.state, current.attempt) != ("wanted", row.attempt):
                return
            transfers.change_reversal(
                session, row.id, state="done", stripe_reversal_id=made, failure=None, updated_at=now
            )
            transfers.came_back(session, transfer.id, row.amount_minor, now)
            posting = postings.transfer_reversed(
                row.id, _party(transfer), Money(row.amount_minor, row.currency)
            )
            ledger.post(session, row.booking_id, [posting], now)

    def _intend_reversal(self, reversal_id: UUID) -> tuple[TransferReversal, Transfer] | None:
        with self._database.unit(RDS) as session:
            row = transfers.reversal(session, reversal_id)
            if row is None or row.state == "done":
                return None
            bookings.lock(session, row.booking_id)
            row = transfers.reversal(session, reversal_id, lock=True)
            if row is None or row.state == "done":
                return None
            transfer = transfers.get(session, row.transfer_id)
            assert transfer is not None  # a foreign key
            if transfer.stripe_transfer_id is None:
                return None
            if row.state == "failed":
                owed = self._owes(session, row, transfer)
                if owed <= 0:
                    # It was settled another way: taking it back too would be once too often.
                    transfers.forget_reversal(session, row.id)
                    log.info("reversal %s is not needed any more", row.id)
                    return None
                values = {
                    "state": "wanted",
                    "attempt": row.attempt + 1,
                    "failure": None,
                    "amount_minor": min(row.amount_minor, owed),
                }
                now = self._clock.now()
                transfers.change_reversal(session, row.id, updated_at=now, **values)
                row = transfers.reversal(session, reversal_id)
                assert row is not None
            return row, transfer

    def _owes(self, session: RoutedSession, row: TransferReversal, transfer: Transfer) -> int:
        """What of a refused reversal should still come back; call with the booking locked."""
        if row.reason == "dispute" and any(
            one.closed_at is None and one.payment_id == transfer.payment_id
            for one in disputes.of_booking(session, row.booking_id)
        ):
            return row.amount_minor  # the bank has the money, whatever the ledger owes
        parts = transfers.parts(session, row.booking_id)
        return -(parts.operator_owed if transfer.party == "operator" else parts.agency_owed)

    def _reversed(self, row: TransferReversal, transfer: Transfer) -> str:
        assert transfer.stripe_transfer_id is not None
        ours = {"reversal_id": str(row.id), "attempt": str(row.attempt)}
        if self._clock.now() - row.updated_at > KEYS_LAST:
            for made in self._stripe.reversals_of(transfer.stripe_transfer_id):
                if {key: made.metadata.get(key) for key in ours} == ours:
                    return made.id
        return self._stripe.reverse_transfer(
            f"reversal:{row.id}:{row.attempt}",
            transfer.stripe_transfer_id,
            Money(row.amount_minor, row.currency),
            ours,
        )

    def _reversal_refused(self, row: TransferReversal, code: str) -> None:
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            bookings.lock(session, row.booking_id)
            current = transfers.reversal(session, row.id, lock=True)
            if current is None or (current.state, current.attempt) != ("wanted", row.attempt):
                return
            transfers.change_reversal(session, row.id, state="failed", failure=code, updated_at=now)
        log.warning("reversal %s was refused: %s", row.id, code)

    def look(self, stripe_transfer_id: str, *, event_id: str | None = None) -> None:
        """Record what somebody took back in Stripe's own pages: it is owed to the party again.

        Raises:
            Unavailable: Stripe does not answer.
        """
        with self._database.unit(RDS) as session:
            ours = transfers.by_stripe_id(session, stripe_transfer_id)
        there = self._stripe.reversals_of(stripe_transfer_id) if ours is not None else ()
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            if ours is not None:
                bookings.lock(session, ours.booking_id)
                known = {r.stripe_reversal_id for r in transfers.reversals_of(session, ours.id)}
                for made in there:
                    if made.id in known or "reversal_id" in made.metadata:
                        continue
                    row = TransferReversal(
                        id=uuid7(),
                        transfer_id=ours.id,
                        booking_id=ours.booking_id,
                        currency=made.amount.currency,
                        amount_minor=made.amount.minor,
                        reason="stripe",
                        state="done",
                        stripe_reversal_id=made.id,
                        created_at=now,
                        updated_at=now,
                    )
                    session.add(row)
                    session.flush()
                    transfers.came_back(session, ours.id, row.amount_minor, now)
                    posting = postings.transfer_reversed(row.id, _party(ours), made.amount)
                    ledger.post(session, ours.booking_id, [posting], now)
            if event_id is not None:
                messages.finish_inbox(session, event_id, now)


def _party(transfer: Transfer) -> Party:
    return "operator" if transfer.party == "operator" else "agency"
