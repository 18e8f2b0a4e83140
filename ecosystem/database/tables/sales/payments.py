"""RDS: what bookings are paid with, the ledger, and who is paid out. Amounts are whole minor units (``bigint``)."""

from datetime import date

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from ecosystem.database.tables.columns import (
    UUID,
    created,
    datetime,
    key,
    moment,
    refers_to,
)

GROUP = {"group": "rds"}


class Payment(SQLModel, table=True):
    """One amount a booking asks for, and how far its payment has come.

    ``attempt`` counts Checkout Sessions made for it; it is part of the
    idempotency key, so a repeated call never opens a second session. ``change`` is the
    difference of the booking change ``change_id``; ``account`` is what an agency owes that
    collects from its client itself. A payment that nobody asks for any more
    has ``closed_at``; ``refunded_minor`` is what was promised back of it, ``lost_minor`` what
    the buyer's bank kept for good, ``rest_minor`` what is left. Without
    ``transfers_planned_at`` the parties have not been allotted their shares of it.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint(
            "kind in ('full', 'deposit', 'balance', 'change', 'account')", name="payments_kind"
        ),
        CheckConstraint(
            "status in ('due', 'processing', 'paid', 'failed', 'refunded', "
            "'partially_refunded', 'disputed')",
            name="payments_status",
        ),
        CheckConstraint("amount_minor > 0", name="payments_amount"),
        CheckConstraint(
            "refunded_minor between 0 and amount_minor", name="payments_refunded_minor"
        ),
        CheckConstraint(
            "lost_minor >= 0 and refunded_minor + lost_minor <= amount_minor",
            name="payments_lost_minor",
        ),
        Index("payments_booking_idx", "booking_id"),
        Index("payments_session_idx", "stripe_session_id", unique=True),
        Index("payments_intent_idx", "stripe_payment_intent"),
        Index(
            "payments_due_idx",
            "due_on",
            "booking_id",
            postgresql_where=text("status in ('due', 'failed')"),
        ),
        Index(
            "payments_open_idx",
            "updated_at",
            postgresql_where=text(
                "status in ('due', 'processing', 'failed') and closed_at is null"
            ),
        ),
        Index(
            "payments_account_idx",
            "due_on",
            postgresql_where=text("kind = 'account' and status in ('due', 'failed')"),
        ),
        Index(
            "payments_unplanned_idx",
            "booking_id",
            postgresql_where=text(
                "status in ('paid', 'partially_refunded') and transfers_planned_at is null"
            ),
        ),
        {"info": GROUP},
    )

    id: UUID = key()
    booking_id: UUID = refers_to("bookings.id")
    kind: str
    currency: str = Field(sa_type=CHAR(3))  # type: ignore[call-overload]
    amount_minor: int = Field(sa_type=BigInteger)
    status: str = Field(default="due", sa_column_kwargs={"server_default": "due"})
    due_on: date
    pay_token: str = Field(unique=True)
    attempt: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    stripe_session_id: str | None = None
    checkout_url: str | None = None
    session_expires_at: datetime | None = moment()
    stripe_payment_intent: str | None = None
    stripe_charge: str | None = None
    fee_minor: int | None = Field(default=None, sa_column=Column(BigInteger))
    failure: str | None = None
    refunded_minor: int = Field(
        default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0"))
    )
    lost_minor: int = Field(
        default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0"))
    )
    change_id: UUID | None = refers_to("booking_changes.id", nullable=True)
    transfers_planned_at: datetime | None = moment()
    paid_at: datetime | None = moment()
    closed_at: datetime | None = moment()
    created_at: datetime = created()
    updated_at: datetime = created()

    @property
    def rest_minor(self) -> int:
        """What is left of it after refunds and lost disputes."""
        return self.amount_minor - self.refunded_minor - self.lost_minor


class LedgerEntry(SQLModel, table=True):
    """One side of a posting: debit positive, credit negative. Never changed, never deleted.

    A deferred constraint trigger refuses a commit in which a ``posting_id`` does
    not sum to zero. ``(cause, account)`` is unique, so a fact is posted once.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        UniqueConstraint("cause", "account", name="ledger_entries_cause_key"),
        Index("ledger_entries_booking_idx", "booking_id"),
        Index("ledger_entries_posting_idx", "posting_id"),
        Index("ledger_entries_account_idx", "account", "at"),
        Index(
            "ledger_entries_commission_idx",
            "booking_id",
            postgresql_include=["amount_minor"],
            postgresql_where=text(
                "account = 'agency_payable' and cause not like 'transfer:%'"
                " and cause not like 'reversal:%'"
            ),
        ),
        {"info": GROUP},
    )

    id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, primary_key=True, autoincrement=True),
    )
    posting_id: UUID
    booking_id: UUID = refers_to("bookings.id")
    account: str
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(sa_type=CHAR(3))  # type: ignore[call-overload]
    cause: str
    memo: str
    at: datetime = created()


class PayoutAccount(SQLModel, table=True):
    """The Stripe connected account of an operator or an agency.

    A row without ``stripe_account_id`` says that one is wanted: it is committed before
    Stripe is asked, with the ``attempt`` in its key. ``transfers_active`` and ``state`` are
    what Stripe said at ``checked_at``; a package is bookable only while its operator's is
    true. ``version`` rises with every change, so that of two looks at once the later wins.
    An account that was disconnected (``gone``) stays as it was until another is set up.
    """

    __tablename__ = "payout_accounts"
    __table_args__ = (
        UniqueConstraint("party", "party_id", name="payout_accounts_party_key"),
        CheckConstraint("party in ('operator', 'agency')", name="payout_accounts_party"),
        CheckConstraint(
            "state in ('incomplete', 'review', 'active', 'restricted', 'rejected', 'gone')",
            name="payout_accounts_state",
        ),
        Index(
            "payout_accounts_checked_idx",
            "checked_at",
            postgresql_where=text("stripe_account_id is not null"),
        ),
        {"info": GROUP},
    )

    id: UUID = key()
    party: str
    party_id: UUID
    stripe_account_id: str | None = Field(default=None, unique=True)
    transfers_active: bool = Field(
        default=False, sa_column_kwargs={"server_default": text("false")}
    )
    state: str = Field(default="incomplete", sa_column_kwargs={"server_default": "incomplete"})
    attempt: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    checked_at: datetime = created()
    created_at: datetime = created()
    updated_at: datetime = created()
