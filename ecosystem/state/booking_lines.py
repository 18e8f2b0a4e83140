"""Bookings as lines of a table: the same words for agents, operators and operations."""

from dataclasses import dataclass

from ecosystem.domain.views import BookingRow
from ecosystem.state import formats

STATUS_WORDS = {
    "pending_payment": ("waiting for payment", "warn"),
    "confirmed": ("confirmed", "good"),
    "completed": ("completed", "plain"),
    "cancelled": ("cancelled", "plain"),
    "expired": ("expired", "plain"),
}
"""A booking's status in words, and the tone of its badge."""

STATUS_CHOICES = (
    ("", "All bookings"),
    ("pending_payment", "Waiting for payment"),
    ("confirmed", "Confirmed"),
    ("completed", "Completed"),
    ("cancelled", "Cancelled"),
    ("expired", "Expired"),
)


@dataclass(frozen=True)
class BookingLine:
    """A booking in a table, formatted. ``commission`` is empty when no agency sold it."""

    reference: str = ""
    href: str = ""
    lead: str = ""
    travellers: str = ""
    title: str = ""
    departs: str = ""
    total: str = ""
    paid: str = ""
    commission: str = ""
    agency: str = ""
    operator: str = ""
    status: str = ""
    tone: str = "plain"


def booking_line(row: BookingRow) -> BookingLine:
    status, tone = STATUS_WORDS[row.status]
    return BookingLine(
        reference=row.reference,
        href=f"/trips/{row.reference}",
        lead=row.lead_name,
        travellers=formats.people(row.travellers),
        title=row.title,
        departs=formats.day(row.starts_on),
        total=formats.money(row.total),
        paid=formats.money(row.paid),
        commission=formats.money(row.commission) if row.agency_name else "",
        agency=row.agency_name or "Direct",
        operator=row.operator_name,
        status=status,
        tone=tone,
    )
