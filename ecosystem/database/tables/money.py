"""RDS: what happens to a booking's money after it was paid, and the terms it is paid out by.

Rows say what we want before a vendor is asked: intent committed, Stripe called with a key made
of the row's id and attempt, result committed. Amounts are whole minor units (``bigint``).
"""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    Numeric,
    text,
)
from sqlmodel import Field, SQLModel

from ecosystem.database.tables.columns import (
    UUID,
    created,
    datetime,
    document,
    key,
    moment,
    refers_to,
)

GROUP = {"group": "rds"}


def _amount() -> Any:
    return Field(sa_type=BigInteger)


def _nothing() -> Any:
    return Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0")))


def _currency() -> Any:
    return Field(sa_type=CHAR(3))  # type: ignore[call-overload]


def _empty() -> Any:
    return Field(default="", sa_column_kwargs={"server_default": ""})


def _count() -> Any:
    return Field(default=0, sa_column=Column(Integer, nullable=False, server_default=text("0")))


class OperatorTerms(SQLModel, table=True):
    """How an operator is paid and what stands on its invoices. No row: the defaults.

    ``pay_after`` says when its share of a payment is transferred: on ``confirmation``, or
    ``pay_after_days`` days after ``departure``; operations set it. ``overdue`` says what
    happens ``overdue_days`` days after an unpaid balance was due: ``keep`` or ``cancel``.
    """

    __tablename__ = "operator_terms"
    __table_args__ = (
        CheckConstraint(
            "pay_after in ('confirmation', 'departure')", name="operator_terms_pay_after"
        ),
        CheckConstraint("pay_after_days between 0 and 90", name="operator_terms_pay_after_days"),
        CheckConstraint("overdue in ('keep', 'cancel')", name="operator_terms_overdue"),
        CheckConstraint("overdue_days between 0 and 60", name="operator_terms_overdue_days"),
        CheckConstraint("tax_percent between 0 and 50", name="operator_terms_tax_percent"),
        {"info": GROUP},
    )

    operator_id: UUID = Field(primary_key=True)
    pay_after: str = Field(default="departure", sa_column_kwargs={"server_default": "departure"})
    pay_after_days: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    overdue: str = Field(default="keep", sa_column_kwargs={"server_default": "keep"})
    overdue_days: int = Field(default=7, sa_column_kwargs={"server_default": "7"})
    asks_birth_dates: bool = Field(
        default=False, sa_column_kwargs={"server_default": text("false")}
    )
    invoice_name: str = _empty()
    invoice_address: str = _empty()
    tax_number: str = _empty()
    tax_percent: Decimal = Field(
        default=Decimal(0),
        sa_column=Column(Numeric(5, 2), nullable=False, server_default=text("0")),
    )
    updated_at: datetime = created()


class BookingChange(SQLModel, table=True):
    """A cancellation, in whole or in part, or a change of date, as it was decided.

    ``before_minor`` and ``after_minor`` are what the booking cost and costs; ``refund_minor``
    goes back to the buyer, ``retained_minor`` of what was paid stays. ``state`` is ``waiting``
    only while a dearer date waits for its difference to be paid; ``detail`` has the lines that
    were shown and what was changed.
    """

    __tablename__ = "booking_changes"
    __table_args__ = (
        CheckConstraint(
            "kind in ('cancelled', 'traveller_cancelled', 'addon_cancelled', 'date_changed')",
            name="booking_changes_kind",
        ),
        CheckConstraint(
            "by in ('buyer', 'agent', 'operator', 'ops', 'system')", name="booking_changes_by"
        ),
        CheckConstraint("state in ('waiting', 'done', 'dropped')", name="booking_changes_state"),
        CheckConstraint(
            "refund_minor >= 0 and retained_minor >= 0", name="booking_changes_amounts"
        ),
        Index("booking_changes_booking_idx", "booking_id"),
        Index(
            "booking_changes_once_idx",
            "booking_id",
            unique=True,
            postgresql_where=text("kind = 'cancelled'"),
        ),
        Index(
            "booking_changes_waiting_idx",
            "booking_id",
            postgresql_where=text("state = 'waiting'"),
        ),
        {"info": GROUP},
    )

    id: UUID = key()
    booking_id: UUID = refers_to("bookings.id")
    kind: str
    by: str
    actor_id: UUID | None = None
    state: str = Field(default="done", sa_column_kwargs={"server_default": "done"})
    currency: str = _currency()
    before_minor: int = _amount()
    after_minor: int = _amount()
    refund_minor: int = _nothing()
    retained_minor: int = _nothing()
    reason: str = _empty()
    detail: dict[str, Any] = document()
    created_at: datetime = created()
    done_at: datetime | None = moment()


class Refund(SQLModel, table=True):
    """Money that goes back to the card of one payment.

    ``wanted`` until Stripe has taken it, then ``pending`` or ``succeeded``; ``failed`` waits
    for a person, who tries again (``attempt`` rises) or settles it ``by_hand``.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="refunds_amount"),
        CheckConstraint(
            "state in ('wanted', 'pending', 'succeeded', 'failed', 'by_hand')",
            name="refunds_state",
        ),
        CheckConstraint("reason in ('change', 'late', 'twice', 'goodwill')", name="refunds_reason"),
        Index("refunds_booking_idx", "booking_id"),
        Index("refunds_payment_idx", "payment_id"),
        Index("refunds_intent_idx", "payment_intent"),
        Index(
            "refunds_open_idx",
            "updated_at",
            postgresql_where=text("state in ('wanted', 'pending', 'failed')"),
        ),
        {"info": GROUP},
    )

    id: UUID = key()
    booking_id: UUID = refers_to("bookings.id")
    payment_id: UUID = refers_to("payments.id")
    change_id: UUID | None = refers_to("booking_changes.id", nullable=True)
    payment_intent: str
    currency: str = _currency()
    amount_minor: int = _amount()
    reason: str
    state: str = Field(default="wanted", sa_column_kwargs={"server_default": "wanted"})
    attempt: int = _count()
    stripe_refund_id: str | None = Field(default=None, unique=True)
    failure: str | None = None
    created_at: datetime = created()
    updated_at: datetime = created()


class Transfer(SQLModel, table=True):
    """An operator's or an agency's share of one payment, on its way to the connected account.

    ``wanted`` until ``due_at`` (None: at once), or while the account can't receive.
    ``reversed_minor`` is what came back by ``TransferReversal``.
    """

    __tablename__ = "transfers"
    __table_args__ = (
        CheckConstraint("party in ('operator', 'agency')", name="transfers_party"),
        CheckConstraint("amount_minor > 0", name="transfers_amount"),
        CheckConstraint(
            "reversed_minor between 0 and amount_minor", name="transfers_reversed_minor"
        ),
        CheckConstraint("state in ('wanted', 'sent', 'failed', 'dropped')", name="transfers_state"),
        Index("transfers_booking_idx", "booking_id"),
        Index("transfers_payment_idx", "payment_id"),
        Index("transfers_party_idx", "party", "party_id", "created_at"),
        Index("transfers_open_idx", "updated_at", postgresql_where=text("state = 'wanted'")),
        {"info": GROUP},
    )

    id: UUID = key()
    booking_id: UUID = refers_to("bookings.id")
    payment_id: UUID = refers_to("payments.id")
    party: str
    party_id: UUID
    stripe_account_id: str
    source_charge: str
    currency: str = _currency()
    amount_minor: int = _amount()
    reversed_minor: int = _nothing()
    state: str = Field(default="wanted", sa_column_kwargs={"server_default": "wanted"})
    attempt: int = _count()
    stripe_transfer_id: str | None = Field(default=None, unique=True)
    failure: str | None = None
    due_at: datetime | None = moment()
    created_at: datetime = created()
    updated_at: datetime = created()


class TransferReversal(SQLModel, table=True):
    """Money of a transfer that comes back: for a refund (``change``), a ``dispute``, or an
    ``adjustment`` of operations; ``stripe``: somebody took it back in Stripe's own pages."""

    __tablename__ = "transfer_reversals"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="transfer_reversals_amount"),
        CheckConstraint(
            "reason in ('change', 'dispute', 'stripe', 'adjustment')",
            name="transfer_reversals_reason",
        ),
        CheckConstraint("state in ('wanted', 'done', 'failed')", name="transfer_reversals_state"),
        Index("transfer_reversals_transfer_idx", "transfer_id"),
        Index("transfer_reversals_booking_idx", "booking_id"),
        Index(
            "transfer_reversals_open_idx",
            "updated_at",
            postgresql_where=text("state in ('wanted', 'failed')"),
        ),
        {"info": GROUP},
    )

    id: UUID = key()
    transfer_id: UUID = refers_to("transfers.id")
    booking_id: UUID = refers_to("bookings.id")
    currency: str = _currency()
    amount_minor: int = _amount()
    reason: str
    state: str = Field(default="wanted", sa_column_kwargs={"server_default": "wanted"})
    attempt: int = _count()
    stripe_reversal_id: str | None = Field(default=None, unique=True)
    failure: str | None = None
    created_at: datetime = created()
    updated_at: datetime = created()


class Dispute(SQLModel, table=True):
    """A buyer's bank took a payment back. ``status`` is Stripe's word for how it stands.

    ``fee_minor`` is what Stripe kept for it; ``unrecovered_minor`` is what could not be got
    back from the parties after it was lost. Since ``evidence_begun_at`` somebody hands the
    evidence in.
    """

    __tablename__ = "disputes"
    __table_args__ = (
        Index("disputes_booking_idx", "booking_id"),
        Index("disputes_open_idx", "created_at", postgresql_where=text("closed_at is null")),
        {"info": GROUP},
    )

    id: UUID = key()
    booking_id: UUID = refers_to("bookings.id")
    payment_id: UUID = refers_to("payments.id")
    stripe_dispute_id: str = Field(unique=True)
    currency: str = _currency()
    amount_minor: int = _amount()
    fee_minor: int = _nothing()
    reason: str
    status: str
    evidence_due_by: datetime | None = moment()
    evidence_begun_at: datetime | None = moment()
    evidence_sent_at: datetime | None = moment()
    unrecovered_minor: int = _nothing()
    created_at: datetime = created()
    updated_at: datetime = created()
    closed_at: datetime | None = moment()


class LedgerCheck(SQLModel, table=True):
    """What a comparison of the ledger found when it was last made.

    ``differences`` has subject, currency, books and other (minor units) of each; ``silent``
    says why it could not be made.
    """

    __tablename__ = "ledger_checks"
    __table_args__ = ({"info": GROUP},)

    name: str = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    differences: list[dict[str, Any]] = document("'[]'")
    silent: str = _empty()


class Adjustment(SQLModel, table=True):
    """A posting somebody of operations proposes and somebody else of operations approves."""

    __tablename__ = "adjustments"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="adjustments_amount"),
        CheckConstraint("debit <> credit", name="adjustments_accounts"),
        CheckConstraint("state in ('proposed', 'approved', 'rejected')", name="adjustments_state"),
        CheckConstraint(
            "state = 'proposed' or decided_by <> proposed_by", name="adjustments_four_eyes"
        ),
        Index("adjustments_booking_idx", "booking_id"),
        Index("adjustments_open_idx", "created_at", postgresql_where=text("state = 'proposed'")),
        {"info": GROUP},
    )

    id: UUID = key()
    booking_id: UUID = refers_to("bookings.id")
    debit: str
    credit: str
    currency: str = _currency()
    amount_minor: int = _amount()
    reason: str
    state: str = Field(default="proposed", sa_column_kwargs={"server_default": "proposed"})
    proposed_by: UUID
    proposed_by_name: str
    decided_by: UUID | None = None
    decided_by_name: str = _empty()
    created_at: datetime = created()
    decided_at: datetime | None = moment()


class BookingAccess(SQLModel, table=True):
    """Somebody opened a booking's page or took one of its documents: evidence in a dispute.

    ``day`` makes the many looks of one day from one address one row.
    """

    __tablename__ = "booking_accesses"
    __table_args__ = ({"info": GROUP},)

    booking_id: UUID = Field(foreign_key="bookings.id", primary_key=True)
    what: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    address: str = Field(primary_key=True)
    browser: str = _empty()
    first_at: datetime = created()
    times: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
