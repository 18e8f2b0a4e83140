"""Letters that ask the buyer for something: to say who travels, to pay what her agency sends."""

from datetime import date
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agencies, travellers
from ecosystem.domain import formats
from ecosystem.domain.language import _, ngettext, speaking
from ecosystem.domain.party import missing
from ecosystem.services.emails.sending import Desk, amount_of, is_open, title_of, trip_facts
from ecosystem.services.emails.writing import Letter


def who_is_missing(count: int, until: date) -> str:
    """How many travellers are not known, and the last day on which that can be mended."""
    return ngettext(
        "{count} traveller is not known yet. You can say who it is until {day}.",
        "{count} travellers are not known yet. You can say who they are until {day}.",
        count,
    ).format(count=count, day=formats.weekday(until))


class AskingLetters:
    """Handlers of the outbox: each may be called any number of times for the same message."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def names_missing(self, payload: dict[str, Any]) -> None:
        """Until when who travels can be said; nothing once everybody is known."""
        booking, _payments = self._desk.load(payload)
        with self._desk.database.unit(RDS) as session:
            asks = travellers.asks_birth_dates(session, booking.operator_id)
        party = booking.adults + booking.children
        left = missing(party, booking.travellers, birth_dates=asks)
        if booking.status != "confirmed" or not left:
            return
        with speaking(booking.language):
            said = (
                _("The operator needs the name and the date of birth of everybody who travels.")
                if asks
                else _("The operator needs the name of everybody who travels.")
            )
            letter = Letter(
                _("Who travels with you? {title}, {reference}").format(
                    title=title_of(booking), reference=booking.reference
                ),
                [f"{said} {who_is_missing(left, date.fromisoformat(payload['until']))}"],
                trip_facts(booking),
                (_("Name the travellers"), self._desk.trip(booking)[1]),
            )
            kind = f"names:{payload['until']}:{payload['stage']}"
            self._desk.send(booking, kind, letter)

    def pay_link(self, payload: dict[str, Any]) -> None:
        """From her agency: what is to be paid and where; nothing once it is paid."""
        booking, payments = self._desk.load(payload)
        payment = next((p for p in payments if p.id == UUID(payload["payment_id"])), None)
        if payment is None or not is_open(payment) or booking.agency_id is None:
            return
        with self._desk.database.unit(RDS) as session:
            agency = agencies.agency(session, booking.agency_id)
        assert agency is not None  # agencies are never deleted
        with speaking(booking.language):
            amount = amount_of(payment)
            letter = Letter(
                _("{agency} asks you to pay {amount}: {reference}").format(
                    agency=agency.name, amount=amount, reference=booking.reference
                ),
                [
                    _(
                        "{agency} has booked this trip for you. {amount} is to be paid by {day};"
                        " the button leads to the payment page."
                    ).format(agency=agency.name, amount=amount, day=formats.weekday(payment.due_on))
                ],
                trip_facts(booking),
                (_("Pay {amount}").format(amount=amount), self._desk.pay_url(payment)),
            )
            self._desk.send(booking, f"pay_link:{payment.id}:{payload['sent_at']}", letter)
