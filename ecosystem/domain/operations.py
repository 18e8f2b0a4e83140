"""What operations sees: messages, stuck money, disputes, adjustments, the audit log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ecosystem.domain import ledger
from ecosystem.domain.booking import BookingStatus
from ecosystem.domain.money import Money

Queue = Literal["inbox", "outbox"]
MessageState = Literal["waiting", "failing", "done"]

ACCOUNTS = (
    ledger.BUYER_RECEIVABLE,
    ledger.PLATFORM_CASH,
    ledger.OPERATOR_PAYABLE,
    ledger.AGENCY_PAYABLE,
    ledger.PLATFORM_REVENUE,
    ledger.PROCESSING_FEES,
    ledger.REFUNDS,
    ledger.DISPUTES,
)
"""The accounts an adjustment may move money between."""


@dataclass(frozen=True)
class Message:
    """An event that came in, or work that goes out. ``error`` is of the last try."""

    queue: Queue
    id: str
    kind: str
    source: str
    state: MessageState
    attempts: int
    error: str
    payload: dict[str, Any]
    at: datetime
    next_try: datetime
    done_at: datetime | None


@dataclass(frozen=True)
class AuditLine:
    """Who did what to what. ``currency``: of the booking it is about, if it is about one."""

    id: int
    at: datetime
    role: str
    who: str
    action: str
    subject_type: str
    subject_id: str
    data: dict[str, Any]
    currency: str = ""


@dataclass(frozen=True)
class AdjustmentView:
    """A posting that one person proposed and another decides on."""

    id: UUID
    reference: str
    debit: str
    credit: str
    amount: Money
    reason: str
    state: Literal["proposed", "approved", "rejected"]
    proposed_by: UUID
    proposed_by_name: str
    decided_by_name: str
    created_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True)
class StuckPayment:
    """A payment that should have come to an end. ``why`` says what it waits for."""

    id: UUID
    reference: str
    kind: str
    amount: Money
    status: str
    since: datetime
    why: str


@dataclass(frozen=True)
class TakenBack:
    """A reversal of a transfer for a dispute. ``failure`` is why it did not get through."""

    party: str
    amount: Money
    state: str
    failure: str


@dataclass(frozen=True)
class Unrecovered:
    """What an operator or agency owes after money that was paid out to it went back."""

    party: Literal["operator", "agency"]
    party_id: UUID
    name: str
    amount: Money
    references: tuple[str, ...]


@dataclass(frozen=True)
class DisputeLine:
    """A dispute in a list. ``unrecovered`` is what its booking's parties still owe."""

    id: UUID
    reference: str
    stripe_id: str
    amount: Money
    fee: Money
    reason: str
    status: str
    due_by: datetime | None
    sent_at: datetime | None
    unrecovered: Money
    created_at: datetime
    closed_at: datetime | None

    @property
    def open(self) -> bool:
        return self.closed_at is None


@dataclass(frozen=True)
class DisputeDetail:
    """A dispute with what was taken back for it, and what can be said about it."""

    line: DisputeLine
    title: str
    lead_name: str
    lead_email: str
    booking_status: BookingStatus
    paid_at: datetime | None
    taken_back: tuple[TakenBack, ...]
    emails: int
    accesses: int
    messages: int
