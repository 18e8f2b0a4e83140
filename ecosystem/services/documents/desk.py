"""A booking's papers for those it belongs to: voucher, invoice, calendar file, its money told."""

from dataclasses import dataclass

from ecosystem.database.placement import RDS
from ecosystem.database.queries import ledger
from ecosystem.database.tables import Booking
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.agency_terms import ON_ACCOUNT
from ecosystem.domain.booking import SOLD
from ecosystem.domain.errors import Conflict
from ecosystem.domain.language import _, speaking
from ecosystem.domain.money import Money
from ecosystem.domain.money_words import Fact, MoneyExplained, Reader, explain
from ecosystem.services.documents import booking_file
from ecosystem.services.documents.booking_file import BookingFile, seen_in_full
from ecosystem.services.documents.calendar_file import trip_calendar
from ecosystem.services.documents.invoice import invoice
from ecosystem.services.documents.voucher import voucher

PDF = "application/pdf"


@dataclass(frozen=True)
class Document:
    """A file for somebody to keep: its name, media type and content."""

    name: str
    kind: str
    content: bytes


class Documents:
    """Written anew each time, in the language in which the trip was booked.

    ``key`` is the one in the links that were mailed. Every method raises ``NotFound`` for a
    booking that does not exist or is somebody else's. ``origin`` is the product's address.
    """

    def __init__(self, database: Database, origin: str) -> None:
        self._database = database
        self._origin = origin

    def voucher(self, actor: Actor, reference: str, *, key: str = "") -> Document:
        """Raises ``Conflict`` (``no_voucher``) for a booking that is not confirmed any more
        or not yet."""
        file = self._open(actor, reference, key)
        if file.booking.status not in SOLD:
            raise Conflict(
                _("There is a voucher only while a booking is confirmed. This one is not."),
                code="no_voucher",
            )
        with speaking(file.booking.language):
            content = voucher(file, self._origin)
        return _made(file, "voucher", "pdf", PDF, content)

    def invoice(self, actor: Actor, reference: str, *, key: str = "") -> Document:
        """With a credit note for each reduction. Raises ``Conflict`` (``no_invoice``) for a
        booking that was never confirmed, and ``ask_agency`` for a traveller whose agency
        collects."""
        file = self._open(actor, reference, key, money=True)
        if file.booking.confirmed_at is None:
            raise Conflict(
                _("There is an invoice once a booking is confirmed. This one is not."),
                code="no_invoice",
            )
        with speaking(file.booking.language):
            content = invoice(file, self._origin)
        return _made(file, "invoice", "pdf", PDF, content)

    def calendar(self, actor: Actor, reference: str, *, key: str = "") -> Document:
        """The trip, or its cancellation. Raises ``Conflict`` (``no_calendar``) for a booking
        that was never confirmed."""
        file = self._open(actor, reference, key)
        booking = file.booking
        if booking.confirmed_at is None:
            raise Conflict(
                _("There is a calendar file once a booking is confirmed. This one is not."),
                code="no_calendar",
            )
        organizer = (file.operator.name, file.operator.contact_email)
        with speaking(booking.language):
            text = trip_calendar(booking, organizer, f"{self._origin}/trips/{booking.reference}")
        method = "CANCEL" if booking.status == "cancelled" else "PUBLISH"
        kind = f"text/calendar; charset=utf-8; method={method}"
        return _made(file, "trip", "ics", kind, text.encode())

    def money(self, actor: Actor, reference: str, *, key: str = "") -> MoneyExplained:
        """Every amount of the booking from the ledger alone, in the reader's language: what is
        the caller's, the others' parts of it folded into one (``domain/money_words.py``). Raises
        ``Conflict`` (``ask_agency``) for a traveller whose agency collects."""
        with self._database.unit(RDS) as session:
            booking, reader = seen_in_full(session, actor, reference, key)
            _may_know(booking, reader)
            facts = [
                Fact(
                    entry.posting_id,
                    entry.at,
                    entry.account,
                    Money(entry.amount_minor, entry.currency),
                    entry.cause,
                    entry.memo,
                )
                for entry in ledger.entries(session, booking.id)
            ]
        return explain(booking.reference, facts, reader)

    def _open(self, actor: Actor, reference: str, key: str, *, money: bool = False) -> BookingFile:
        with self._database.unit(RDS) as session:
            booking, reader = seen_in_full(session, actor, reference, key)
            if money:
                _may_know(booking, reader)
        return booking_file.read(self._database, booking.id)


def _may_know(booking: Booking, reader: Reader) -> None:
    """What an agency owes that collects from its client is not the client's to see."""
    if reader == "buyer" and booking.agency_model == ON_ACCOUNT:
        raise Conflict(
            _("The travel agency bills this trip. Ask it for an invoice."), code="ask_agency"
        )


def _made(file: BookingFile, name: str, ending: str, kind: str, content: bytes) -> Document:
    return Document(f"{name}-{file.booking.reference}.{ending}", kind, content)
