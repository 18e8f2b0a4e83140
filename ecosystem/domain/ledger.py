"""The accounts of the ledger and the postings that facts make. Pure.

Debit is positive, credit negative; every posting sums to zero. ``cause`` names
the fact and makes posting it twice impossible (unique with the account).
"""

from collections import Counter
from dataclasses import dataclass
from typing import Literal
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
BANK = "bank"
"""Our own account at a bank: what was given to buyers outside Stripe."""

Party = Literal["operator", "agency"]
PAYABLE: dict[Party, str] = {"operator": OPERATOR_PAYABLE, "agency": AGENCY_PAYABLE}
"""The account of what is owed to a party: negative while we owe, positive if it owes us."""


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
        rest: Counter[str] = Counter()
        for entry in self.entries:
            rest[entry.amount.currency] += entry.amount.minor
        if any(rest.values()):
            raise ValueError(f"posting {self.cause} is out of balance by {dict(rest)}")


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


def repriced(change_id: UUID, before: Money, after: Money, was: Split, now: Split) -> Posting:
    """A booking costs another amount than before: every party's part follows.

    A cancellation is one too: what is retained is the new price, divided at the booking's
    own rates.
    """
    return _posting(
        f"change:{change_id}",
        Entry(BUYER_RECEIVABLE, after - before, "The price of the booking changed"),
        Entry(OPERATOR_PAYABLE, was.operator - now.operator, "The operator's part follows"),
        Entry(AGENCY_PAYABLE, was.agency - now.agency, "The commission follows"),
        Entry(PLATFORM_REVENUE, was.platform - now.platform, "The marketplace's share follows"),
    )


def refund_owed(refund_id: UUID, amount: Money) -> Posting:
    """It was decided that money goes back: from the buyer's account to refunds on their way."""
    return _posting(
        f"refund:{refund_id}:owed",
        Entry(BUYER_RECEIVABLE, amount, "Goes back to the buyer"),
        Entry(REFUNDS, -amount, "Refund on its way"),
    )


def refund_sent(refund_id: UUID, attempt: int, amount: Money) -> Posting:
    """Stripe took a refund on: cash down."""
    return _posting(
        f"refund:{refund_id}:{attempt}:sent",
        Entry(REFUNDS, amount, "Refund carried out"),
        Entry(PLATFORM_CASH, -amount, "Refunded to the card"),
    )


def refund_failed(refund_id: UUID, attempt: int, amount: Money) -> Posting:
    """The card's bank sent a refund back: it is still owed."""
    return _posting(
        f"refund:{refund_id}:{attempt}:failed",
        Entry(PLATFORM_CASH, amount, "The refund came back"),
        Entry(REFUNDS, -amount, "Refund still owed"),
    )


def refund_by_hand(refund_id: UUID, amount: Money) -> Posting:
    """A refund the card would not take reached the buyer from our own bank account."""
    return _posting(
        f"refund:{refund_id}:by_hand",
        Entry(REFUNDS, amount, "Refund settled outside Stripe"),
        Entry(BANK, -amount, "Paid to the buyer by hand"),
    )


def refund_by_bank(refund_id: UUID, amount: Money) -> Posting:
    """A promised refund reached the buyer by a dispute that was lost."""
    return _posting(
        f"refund:{refund_id}:by_bank",
        Entry(REFUNDS, amount, "Refund settled by the dispute"),
        Entry(DISPUTES, -amount, "Given to the buyer by the bank"),
    )


def transferred(transfer_id: UUID, party: Party, amount: Money) -> Posting:
    """A party's share left for its connected account."""
    return _posting(
        f"transfer:{transfer_id}",
        Entry(PAYABLE[party], amount, f"Paid out to the {party}"),
        Entry(PLATFORM_CASH, -amount, f"Transferred to the {party}"),
    )


def transfer_reversed(reversal_id: UUID, party: Party, amount: Money) -> Posting:
    """Money of a transfer came back from the connected account."""
    return _posting(
        f"reversal:{reversal_id}",
        Entry(PLATFORM_CASH, amount, f"Transfer to the {party} reversed"),
        Entry(PAYABLE[party], -amount, f"Taken back from the {party}"),
    )


def disputed(dispute_id: UUID, amount: Money, fee: Money) -> tuple[Posting, ...]:
    """The buyer's bank took a payment back, and Stripe charged for it."""
    return (
        _posting(
            f"dispute:{dispute_id}:opened",
            Entry(DISPUTES, amount, "Disputed by the buyer's bank"),
            Entry(PLATFORM_CASH, -amount, "Taken by the dispute"),
        ),
        _posting(
            f"dispute:{dispute_id}:fee",
            Entry(PROCESSING_FEES, fee, "Dispute fee"),
            Entry(PLATFORM_CASH, -fee, "Kept for the dispute"),
        ),
    )


def dispute_won(dispute_id: UUID, amount: Money) -> Posting:
    """The bank decided for us: the money is back."""
    return _posting(
        f"dispute:{dispute_id}:won",
        Entry(PLATFORM_CASH, amount, "The dispute was won"),
        Entry(DISPUTES, -amount, "Dispute settled"),
    )


def dispute_lost(dispute_id: UUID, amount: Money, parts: Split) -> Posting:
    """The money stays with the buyer: every party gives up its part of it."""
    return _posting(
        f"dispute:{dispute_id}:lost",
        Entry(OPERATOR_PAYABLE, parts.operator, "The operator's part of the lost dispute"),
        Entry(AGENCY_PAYABLE, parts.agency, "Commission of the lost dispute"),
        Entry(PLATFORM_REVENUE, parts.platform, "The marketplace's part of the lost dispute"),
        Entry(DISPUTES, -amount, "Dispute settled"),
    )


def adjusted(adjustment_id: UUID, debit: str, credit: str, amount: Money, reason: str) -> Posting:
    """What two people of operations agreed on."""
    return _posting(
        f"adjustment:{adjustment_id}",
        Entry(debit, amount, reason),
        Entry(credit, -amount, reason),
    )
