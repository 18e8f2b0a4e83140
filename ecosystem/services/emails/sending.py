"""Loading what a letter is about, sending it to its reader and keeping it as it was sent."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cachetools import TTLCache

from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.queries import agencies, bookings, catalogue, money_rows
from ecosystem.database.tables import Booking, Payment
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain import formats
from ecosystem.domain.booking import UNDECIDED
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.services.documents.calendar_file import trip_calendar
from ecosystem.services.emails.writing import Letter, as_html, as_text
from ecosystem.services.payments.base import trip_url
from ecosystem.services.ports import Attachment, Email, Mail

MOST_REMEMBERED = 4096
REMEMBERED_SECONDS = 60.0


@dataclass(frozen=True)
class Desk:
    """Who writes letters about bookings. ``origin`` is the product's address, ``operations``
    the e-mail address of the people who run it, ``review_key`` makes the key of an invitation to
    review a booking."""

    database: Database
    mail: Mail
    origin: str
    operations: str
    review_key: Callable[[UUID], str]
    _organizers: TTLCache[UUID, tuple[str, str] | None] = field(
        default_factory=lambda: TTLCache(MOST_REMEMBERED, REMEMBERED_SECONDS)
    )
    _remembering: threading.Lock = field(default_factory=threading.Lock)

    def load(self, payload: dict[str, Any]) -> tuple[Booking, list[Payment]]:
        """The booking a message is about, with its payments in the order they fall due."""
        return bookings.with_payments(self.database, UUID(payload["booking_id"]))

    def send(
        self,
        booking: Booking,
        kind: str,
        letter: Letter,
        *,
        to: str | None = None,
        attachments: tuple[Attachment, ...] = (),
    ) -> None:
        """Send a letter, to the lead traveller unless said otherwise, and keep it.

        ``kind`` makes its id: a second delivery of the same message is recognisable.
        """
        name = booking.lead_name if to is None else ""
        email = Email(
            f"{booking.id}.{kind}",
            booking.lead_email if to is None else to,
            letter.subject,
            as_text(letter, name),
            as_html(letter, name),
            attachments,
        )
        self.mail.send(email)
        self.database.together(
            money_rows.keeping_email(email.id, booking.id, email.to, email.subject, email.text)
        )

    def agency(self, booking: Booking) -> str:
        """The address of who booked it for a client; ours if nobody works there any more."""
        with self.database.unit(RDS) as session:
            found = buyer_address(session, booking)
        return self.operations if found == booking.lead_email else found

    def trip(self, booking: Booking) -> tuple[str, str]:
        return _("See your trip"), trip_url(self.origin, booking)

    def papers(self, booking: Booking, *names: str) -> tuple[tuple[str, str], ...]:
        """Links to documents of a booking: ``voucher.pdf``, ``invoice.pdf``."""
        labels = {"voucher.pdf": _("Voucher"), "invoice.pdf": _("Invoice")}
        base = f"{self.origin}/api/bookings/{booking.reference}"
        return tuple((labels[name], f"{base}/{name}?key={booking.view_key}") for name in names)

    def calendar(self, booking: Booking) -> tuple[Attachment, ...]:
        """The trip for a calendar: a later one replaces it, a cancelled one takes it out."""
        organizer = self._organizer(booking.operator_id)
        text = trip_calendar(booking, organizer, trip_url(self.origin, booking))
        method = "CANCEL" if booking.status == "cancelled" else "PUBLISH"
        kind = {"method": method, "charset": "utf-8"}
        return (Attachment("trip.ics", "text/calendar", text.encode(), kind),)

    def _organizer(self, operator_id: UUID) -> tuple[str, str] | None:
        """Name and address of an operator, remembered for a minute."""
        with self._remembering:
            if operator_id in self._organizers:
                return self._organizers[operator_id]
        with self.database.unit(ACCOUNTS) as session:
            operator = catalogue.operator(session, operator_id=operator_id)
        found = (operator.name, operator.contact_email) if operator else None
        with self._remembering:
            self._organizers[operator_id] = found
        return found

    def open_payments(self, booking: Booking, payments: Sequence[Payment]) -> list[str]:
        """What is still asked for, with the day it is due and where it is paid."""
        return [
            _("Due by {day}: {amount}, pay at {address}").format(
                day=formats.weekday(payment.due_on),
                amount=amount_of(payment),
                address=self.pay_url(payment),
            )
            for payment in payments
            if is_open(payment)
        ]

    def pay_url(self, payment: Payment) -> str:
        return f"{self.origin}/pay/{payment.pay_token}"


def buyer_address(session: RoutedSession, booking: Booking) -> str:
    """Where the buyer reads e-mail: an agency's agent who booked, else its owner."""
    if booking.agency_id is None:
        return booking.lead_email
    people = agencies.people(session, booking.agency_id)
    booked = [one for one in people if one.id == booking.agent_id]
    owners = [one for one in people if one.role == "owner"]
    return next((one.email for one in (*booked, *owners)), booking.lead_email)


def is_open(payment: Payment) -> bool:
    """Whether somebody is still asked for it."""
    return payment.status in UNDECIDED and payment.closed_at is None


def amount_of(payment: Payment) -> str:
    return formats.money(Money(payment.amount_minor, payment.currency))


def title_of(booking: Booking) -> str:
    return str(booking.snapshot["package"]["title"])


def trip_facts(booking: Booking) -> list[str]:
    """Two lines that say which trip a letter is about."""
    by = _("{title}, by {operator}")
    when = _("{first} to {last}, {travellers}")
    return [
        by.format(title=title_of(booking), operator=booking.snapshot["operator"]["name"]),
        when.format(
            first=formats.weekday(booking.starts_on),
            last=formats.weekday(booking.ends_on),
            travellers=formats.people(booking.adults + booking.children),
        ),
    ]
