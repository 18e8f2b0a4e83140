"""Letters to operations about shares that do not leave, in English."""

from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import bookings, transfers
from ecosystem.domain import formats
from ecosystem.domain.language import ENGLISH, speaking
from ecosystem.domain.money import Money
from ecosystem.services.emails.sending import Desk, trip_facts
from ecosystem.services.emails.writing import Letter


class TransferLetters:
    """The handler of ``email.transfer_refused``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def refused(self, payload: dict[str, Any]) -> None:
        """A share was refused for good, or again and again; nothing if it has left since."""
        with self._desk.database.unit(RDS) as session:
            row = transfers.get(session, UUID(payload["transfer_id"]))
            booking = bookings.get(session, row.booking_id) if row is not None else None
        if row is None or booking is None or row.failure is None:
            return
        with speaking(ENGLISH.code):
            amount = formats.money(Money(row.amount_minor, row.currency))
            why = row.failure.replace("_", " ")
            next_step = "It is tried again by itself, less and less often."
            if row.state == "failed":
                next_step = "Nobody tries it again before somebody of operations does."
            letter = Letter(
                f"A share of {amount} does not leave: {booking.reference}",
                [f"Stripe refuses to send it to the {row.party}: {why}. {next_step}"],
                trip_facts(booking),
                ("See what waits", f"{self._desk.origin}/ops/payments"),
            )
            kind = f"transfer_refused:{row.id}:{row.attempt}"
            self._desk.send(booking, kind, letter, to=self._desk.operations)
