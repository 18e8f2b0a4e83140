"""A booking's states and its payments' in words: the same wherever bookings are shown."""

from ecosystem.domain.booking import BookingStatus, PaymentStatus
from ecosystem.domain.language import _

TONES: dict[BookingStatus, str] = {
    "pending_payment": "warn",
    "confirmed": "good",
    "completed": "plain",
    "cancelled": "bad",
    "expired": "plain",
}
"""The tone of the badge of each status."""


def status_words(status: BookingStatus) -> str:
    """The status on a badge: ``Waiting for payment``."""
    match status:
        case "pending_payment":
            return _("Waiting for payment")
        case "confirmed":
            return _("Confirmed")
        case "completed":
            return _("Completed")
        case "cancelled":
            return _("Cancelled")
        case "expired":
            return _("Expired")


def payment_kind(kind: str) -> str:
    """What a payment is for: ``Deposit``."""
    known = {
        "full": _("Full payment"),
        "deposit": _("Deposit"),
        "balance": _("Balance"),
        "change": _("Difference for the new date"),
        "account": _("Net price, on account"),
    }
    return known.get(kind, kind)


def payment_words(status: PaymentStatus, *, due: str, paid: str | None) -> str:
    """How a payment stands; ``due`` and ``paid`` are days in words."""
    match status:
        case "due":
            return _("due by {day}").format(day=due)
        case "processing":
            return _("being processed by the bank")
        case "paid":
            return _("paid on {day}").format(day=paid) if paid else _("paid")
        case "failed":
            return _("declined")
        case "refunded":
            return _("refunded")
        case "partially_refunded":
            return _("partly refunded")
        case "disputed":
            return _("disputed")
