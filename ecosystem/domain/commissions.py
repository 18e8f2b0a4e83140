"""What an agency earns, booking by booking, and what it owes. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from ecosystem.domain.agency_terms import AgencyModel
from ecosystem.domain.money import Money

CommissionState = Literal["expected", "due", "sent", "reversed", "outside"]
STATES: tuple[CommissionState, ...] = ("expected", "due", "sent", "reversed", "outside")
NAMES: dict[CommissionState, str] = {
    "expected": "Expected",
    "due": "Due",
    "sent": "Sent",
    "reversed": "Taken back",
    "outside": "Collected by you",
}
MEANS: dict[CommissionState, str] = {
    "expected": "earned, and sent when its day comes and the trip is paid for",
    "due": "on its way to your account",
    "sent": "in your account at Stripe",
    "reversed": "the booking was cancelled, changed or disputed after that",
    "outside": "what your clients paid you at the public price, less what you owe here",
}


@dataclass(frozen=True)
class Commission:
    """Of one booking: ``earned`` as it is after every change, ``sent`` of it to the agency's
    account, ``owed`` the rest (negative: more was sent than is earned by now).

    ``percent`` is of the public price. ``expected_on`` is the day from which it is sent if the
    trip is ``paid`` for by then; ``back`` is what came back of what was sent. Of a booking for
    which the agency collects itself nothing is sent: ``outside`` is what it keeps when it sells at
    the public price, nothing of a cancelled one; None of other models.
    """

    reference: str
    status: str
    title: str
    lead_name: str
    operator_name: str
    starts_on: date
    ends_on: date
    booked_at: datetime
    model: AgencyModel
    percent: Decimal
    state: CommissionState
    expected_on: date
    total: Money
    paid: bool
    earned: Money
    sent: Money
    back: Money
    outside: Money | None

    @property
    def owed(self) -> Money:
        return self.earned - self.sent


@dataclass(frozen=True)
class CommissionSum:
    """All bookings of a state in one currency; as ``Commission``."""

    state: CommissionState
    bookings: int
    earned: Money
    sent: Money
    back: Money
    owed: Money
    outside: Money


@dataclass(frozen=True)
class CommissionPage:
    """``next`` is the cursor of the next page, None on the last one. ``sums`` are of everything
    that was asked for but the state: those of one currency add up to the ledger's account."""

    items: tuple[Commission, ...]
    next: str | None
    sums: tuple[CommissionSum, ...] = ()


@dataclass(frozen=True)
class OwedPayment:
    """What an agency that collects owes for one booking. ``pay_path`` is where it pays by card,
    empty while a bank still decides about the payment."""

    reference: str
    lead_name: str
    title: str
    operator_id: UUID
    operator_name: str
    starts_on: date
    amount: Money
    due_on: date
    overdue: bool
    pay_path: str
