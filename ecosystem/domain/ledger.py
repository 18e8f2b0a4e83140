"""The accounts of the ledger and the postings that facts make. Pure.

Debit is positive, credit negative; every posting sums to zero. ``cause`` names
the fact and makes posting it twice impossible (unique with the account).
"""

from dataclasses import dataclass
from uuid import UUID

from ecosystem.domain.money import Money
from ecosystem.domain.split import Split

BUYER_RECEIVABLE = "buyer_receivable"
PLATFORM_CASH = "platform_cash"
OPERATOR_PAYABLE = "operator_payable"
AGENCY_PAYABLE = "agency_payable"
PLATFORM_REVENUE = "platform_revenue"
PROCESSING_FEES = "processing_fees"
REFUNDS = "refunds"
DISPUTES = "disputes"


@dataclass(frozen=True)
class Entry:
    account: str
    amount: Money
    memo: str


@dataclass(frozen=True)
class Posting:
    """``entries`` of one fact. Entries of zero are left out."""

    cause: str
    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        rest = sum(entry.amount.minor for entry in self.entries)
        if rest:
            raise ValueError(f"posting {self.cause} is out of balance by {rest}")


def _posting(cause: str, *entries: Entry) -> Posting:
    return Posting(cause, tuple(entry for entry in entries if entry.amount.minor))


def sold(booking_id: UUID, total: Money, parts: Split) -> Posting:
    """A confirmed booking: the buyer owes the total, and it is owed on to the parties."""
    return _posting(
        f"booking:{booking_id}:sold",
        Entry(BUYER_RECEIVABLE, total, "The buyer owes the price of the booking"),
        Entry(OPERATOR_PAYABLE, -parts.operator, "Owed to the operator"),
        Entry(AGENCY_PAYABLE, -parts.agency, "Commission owed to the agency"),
        Entry(PLATFORM_REVENUE, -parts.platform, "The marketplace's share"),
    )


def paid(payment_id: UUID, amount: Money) -> Posting:
    """A payment arrived at Stripe: cash up, the buyer owes less."""
    return _posting(
        f"payment:{payment_id}:paid",
        Entry(PLATFORM_CASH, amount, "Paid by card"),
        Entry(BUYER_RECEIVABLE, -amount, "The buyer owes less"),
    )


def fee(payment_id: UUID, amount: Money) -> Posting:
    """What Stripe kept of a payment."""
    return _posting(
        f"payment:{payment_id}:fee",
        Entry(PROCESSING_FEES, amount, "Card processing fee"),
        Entry(PLATFORM_CASH, -amount, "Kept by the payment processor"),
    )


def refunded(payment_id: UUID, refund_id: str, amount: Money) -> Posting:
    """A payment that bought nothing goes back in full: the buyer is credited again."""
    return _posting(
        f"refund:{refund_id}",
        Entry(BUYER_RECEIVABLE, amount, f"Payment {payment_id} given back"),
        Entry(PLATFORM_CASH, -amount, "Refunded to the card"),
    )
