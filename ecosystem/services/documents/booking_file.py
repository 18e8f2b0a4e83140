"""All that documents about a booking are written from, and who may have it."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.queries import agencies, bookings, catalogue, money_rows, seats, terms
from ecosystem.database.tables import (
    Booking,
    BookingChange,
    Operator,
    OperatorTerms,
    Payment,
    Refund,
)
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.booking import RECEIVED
from ecosystem.domain.errors import NotFound
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.domain.money_words import Reader
from ecosystem.domain.price import Price

UNASKED = ("late", "twice")
"""Why money goes back that bought nothing: it is on no invoice."""


@dataclass(frozen=True)
class BookingFile:
    """A booking with what happened to it. ``held`` is the price that was first agreed on."""

    booking: Booking
    payments: Sequence[Payment]
    changes: Sequence[BookingChange]
    refunds: Sequence[Refund]
    held: Price | None
    operator: Operator
    terms: OperatorTerms
    agency: str

    @property
    def sold_for(self) -> Money:
        """What the booking cost when it was made."""
        minor = self.changes[0].before_minor if self.changes else self.booking.total_minor
        return Money(minor, self.booking.currency)

    @property
    def costs(self) -> Money:
        """What it costs now; after a cancellation what was retained."""
        minor = self.changes[-1].after_minor if self.changes else self.booking.total_minor
        return Money(minor, self.booking.currency)

    @property
    def received(self) -> list[Payment]:
        """Payments that came in for this booking, also those that were given back since."""
        came = [p for p in self.payments if p.status in (*RECEIVED, "refunded") and p.paid_at]
        return sorted(came, key=lambda p: (p.paid_at, p.id))  # type: ignore[return-value]

    @property
    def returned(self) -> list[Refund]:
        return [refund for refund in self.refunds if refund.reason not in UNASKED]

    @property
    def open(self) -> Money:
        """What is still to be paid; negative while money is on its way back."""
        came = sum(p.amount_minor for p in self.received)
        back = sum(r.amount_minor for r in self.returned)
        return Money(self.costs.minor - came + back, self.booking.currency)


def seen_in_full(
    session: RoutedSession, actor: Actor, reference: str, key: str
) -> tuple[Booking, Reader]:
    """A booking for somebody it belongs to, or who has the link of the e-mail, and as whom.

    Raises:
        NotFound: no such booking, or somebody else's.
    """
    booking = bookings.by_reference(session, reference)
    if booking is not None:
        if bookings.by_reference(session, reference, bookings.visible_to(actor)) is not None:
            return booking, _reader(actor)
        if key and hmac.compare_digest(booking.view_key.encode(), key.encode()):
            return booking, "buyer"
    raise NotFound(_("There is no booking with this reference."), code="booking_not_found")


def _reader(actor: Actor) -> Reader:
    """As whom the actor is told of money: an agency's assistant as the buyer is."""
    if not actor.sees_commission:
        return "buyer"
    return _READERS.get(actor.role, "buyer")


_READERS: dict[str, Reader] = {"ops": "ops", "provider": "operator", "agent": "agency"}


def read(database: Database, booking_id: UUID) -> BookingFile:
    """Everything about a booking, from both databases."""
    with database.unit(RDS) as session:
        booking = bookings.get(session, booking_id)
        assert booking is not None  # bookings are never deleted
        claim = seats.find_claim(session, booking.claim_id)
        agency = agencies.agency(session, booking.agency_id) if booking.agency_id else None
        payments = bookings.payments(session, [booking_id])
        changes = money_rows.changes(session, booking_id)
        refunds = money_rows.refunds(session, booking_id)
        operator_terms = terms.of(session, booking.operator_id)
    with database.unit(ACCOUNTS) as session:
        operator = catalogue.operator(session, operator_id=booking.operator_id)
    assert operator is not None  # operators are never deleted
    return BookingFile(
        booking=booking,
        payments=payments,
        changes=changes,
        refunds=refunds,
        held=Price.from_json(claim.price) if claim and claim.price else None,
        operator=operator,
        terms=operator_terms,
        agency=agency.name if agency else "",
    )
