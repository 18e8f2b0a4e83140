"""Bookings as lines of a table: the same words for agents, operators and operations."""

from dataclasses import dataclass

from ecosystem.domain.views import BookingRow
from ecosystem.state import formats
from ecosystem.state.booking_words import TONES, status_words

ENDED = ("cancelled", "expired")

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
    """A booking in a table, formatted.

    ``commission`` is empty when no agency sold it, when nothing comes of it any more,
    or for who may not know it.
    """

    reference: str = ""
    href: str = ""
    lead: str = ""
    title: str = ""
    facts: str = ""
    total: str = ""
    paid: str = ""
    commission: str = ""
    agency: str = ""
    operator: str = ""
    status: str = ""
    tone: str = "plain"


def paid_words(row: BookingRow) -> str:
    """How much of the total has come in, or what is due when; of what has ended, what is kept."""
    if row.status in ENDED:
        return f"{formats.money(row.paid)} kept" if row.paid.minor else ""
    if row.due_on and row.due.minor and row.status != "pending_payment":
        return f"rest due {formats.days(row.due_on, row.due_on)}"
    if row.paid == row.total:
        return "paid"
    return f"{formats.money(row.paid)} paid" if row.paid.minor else "nothing paid"


def booking_line(row: BookingRow, pages: str = "/trips") -> BookingLine:
    """A booking in a list; ``pages``: where the list's readers have the pages of bookings."""
    alive = row.status not in ENDED
    return BookingLine(
        reference=row.reference,
        href=f"{pages}/{row.reference}",
        lead=row.lead_name,
        title=row.title,
        facts=f"{formats.day(row.starts_on)} · {formats.people(row.travellers)}",
        total=formats.money(row.total),
        paid=paid_words(row),
        commission=formats.money(row.commission)
        if row.commission is not None and row.agency_name and alive
        else "",
        agency=row.agency_name or "Direct",
        operator=row.operator_name,
        status=status_words(row.status),
        tone=TONES[row.status],
    )
