"""Letters to operations about disputes, in English: the bank gives days, not weeks."""

from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import disputes
from ecosystem.domain import formats
from ecosystem.domain.language import ENGLISH, speaking
from ecosystem.domain.money import Money
from ecosystem.services.emails.sending import Desk, trip_facts
from ecosystem.services.emails.writing import Letter


class DisputeLetters:
    """The handlers of the ``email.dispute_*`` topics."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def opened(self, payload: dict[str, Any]) -> None:
        """Somebody has to decide whether to answer, and by when."""
        found = self._load(payload)
        if found is None or found[0].closed_at is not None:
            return
        dispute, booking = found
        with speaking(ENGLISH.code):
            amount = formats.money(Money(dispute.amount_minor, dispute.currency))
            due = dispute.evidence_due_by
            by = f" Answer by {formats.moment(due)} UTC, or it is lost." if due else ""
            said = (
                f"The bank of {booking.lead_name} takes {amount} back, for this reason:"
                f" {dispute.reason.replace('_', ' ')}. What was sent on of it is being taken"
                f" back.{by}"
            )
            letter = Letter(
                f"A payment of {amount} is disputed: {booking.reference}",
                [said],
                trip_facts(booking),
                ("See the dispute", f"{self._desk.origin}/ops/disputes/{dispute.id}"),
            )
            self._desk.send(
                booking, f"dispute_opened:{dispute.id}", letter, to=self._desk.operations
            )

    def _load(self, payload: dict[str, Any]) -> tuple[Any, Any] | None:
        with self._desk.database.unit(RDS) as session:
            return disputes.with_booking(session, UUID(payload["dispute_id"]))
