"""RDS: departures, the claims on their seats, bookings and their payments.

One database, so that seats, booking and money change in one transaction.
Amounts are whole minor units (``bigint``).
"""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
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


class Departure(SQLModel, table=True):
    """One start date of a package, with its seats.

    ``price_minor`` per adult overrides the package's own price; dates are local
    to ``timezone``, the zone of the first city.
    """

    __tablename__ = "departures"
    __table_args__ = (
        UniqueConstraint("package_id", "starts_on", name="departures_package_start_key"),
        CheckConstraint("capacity >= 0", name="departures_capacity"),
        CheckConstraint("ends_on >= starts_on", name="departures_dates"),
        CheckConstraint("status in ('open', 'closed')", name="departures_status"),
        Index("departures_operator_idx", "operator_id", "starts_on"),
        Index(
            "departures_open_idx",
            "starts_on",
            "package_id",
            postgresql_include=["capacity", "id"],
            postgresql_where=text("status = 'open'"),
        ),
        Index(
            "departures_package_open_idx",
            "package_id",
            "starts_on",
            postgresql_include=["capacity", "id"],
            postgresql_where=text("status = 'open'"),
        ),
        {"info": GROUP},
    )

    id: UUID = key()
    package_id: UUID
    operator_id: UUID
    starts_on: date
    ends_on: date
    timezone: str
    capacity: int
    currency: str = Field(sa_type=CHAR(3))  # type: ignore[call-overload]
    price_minor: int | None = Field(default=None, sa_column=Column(BigInteger))
    status: str = Field(default="open", sa_column_kwargs={"server_default": "open"})
    created_at: datetime = created()
    updated_at: datetime = created()


class SeatClaim(SQLModel, table=True):
    """Seats of a departure that are held until ``expires_at``, sold, or released.

    A hold is a claim: it carries the frozen price and who may turn it into a
    booking. ``state`` goes held → sold or held → released, sold → released.
    """

    __tablename__ = "seat_claims"
    __table_args__ = (
        CheckConstraint("seats > 0", name="seat_claims_seats"),
        CheckConstraint("state in ('held', 'sold', 'released')", name="seat_claims_state"),
        Index(
            "seat_claims_live_idx",
            "departure_id",
            postgresql_include=["seats", "state", "expires_at"],
            postgresql_where=text("state <> 'released'"),
        ),
        Index("seat_claims_departure_idx", "departure_id"),
        Index(
            "seat_claims_holder_idx",
            "holder",
            "expires_at",
            postgresql_where=text("state = 'held'"),
        ),
        {"info": GROUP},
    )

    id: UUID = key()
    departure_id: UUID = refers_to("departures.id")
    package_id: UUID
    seats: int
    state: str = Field(default="held", sa_column_kwargs={"server_default": "held"})
    expires_at: datetime = moment(nullable=False)
    holder: str = Field(default="", sa_column_kwargs={"server_default": ""})
    adults: int
    children: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    child_ages: list[int] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(Integer), nullable=False, server_default=text("'{}'")),
    )
    price: dict[str, Any] = document()
    extended: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    created_at: datetime = created()
    updated_at: datetime = created()


class Booking(SQLModel, table=True):
    """A booking with the package as it was sold (``snapshot``) and its price lines.

    ``revision`` rises with every change a calendar has to follow (RFC 5545, SEQUENCE).
    ``country`` and ``city`` are where the trip begins, written by a trigger from ``snapshot``.
    """

    __tablename__ = "bookings"
    __table_args__ = (
        CheckConstraint(
            "status in ('pending_payment', 'confirmed', 'completed', 'cancelled', 'expired')",
            name="bookings_status",
        ),
        CheckConstraint(
            "agency_model in ('commission', 'net', 'agency_collects', 'operator_pays_later')",
            name="bookings_agency_model",
        ),
        CheckConstraint("price_factor > 0", name="bookings_price_factor"),
        Index("bookings_agency_idx", "agency_id", "created_at"),
        Index(
            "bookings_agency_sold_idx",
            "agency_id",
            "confirmed_at",
            postgresql_include=[
                "id",
                "status",
                "currency",
                "total_minor",
                "adults",
                "children",
                "operator_id",
                "agent_id",
                "country",
                "city",
                "starts_on",
                "ends_on",
                "timezone",
                "agency_model",
                "price_factor",
            ],
            postgresql_where=text("agency_id is not null and confirmed_at is not null"),
        ),
        Index(
            "bookings_agency_travel_idx",
            "agency_id",
            "ends_on",
            "starts_on",
            postgresql_include=["id", "status", "client_id", "adults", "children", "timezone"],
            postgresql_where=text("agency_id is not null and status in ('confirmed', 'completed')"),
        ),
        Index("bookings_operator_idx", "operator_id", "created_at"),
        Index("bookings_customer_idx", "customer_id", "created_at"),
        Index("bookings_guest_idx", "guest_key", postgresql_where=text("guest_key <> ''")),
        Index("bookings_departure_idx", "departure_id"),
        Index(
            "bookings_client_idx",
            "client_id",
            "created_at",
            postgresql_where=text("client_id is not null"),
        ),
        Index("bookings_created_idx", "created_at"),
        Index(
            "bookings_pending_idx",
            "claim_id",
            postgresql_where=text("status = 'pending_payment'"),
        ),
        {"info": GROUP},
    )

    id: UUID = key()
    reference: str = Field(unique=True)
    status: str = Field(
        default="pending_payment", sa_column_kwargs={"server_default": "pending_payment"}
    )
    package_id: UUID
    operator_id: UUID
    departure_id: UUID = refers_to("departures.id")
    claim_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("seat_claims.id"), nullable=False, unique=True)
    )
    customer_id: UUID | None = None
    agency_id: UUID | None = refers_to("agencies.id", nullable=True)
    agent_id: UUID | None = None
    client_id: UUID | None = refers_to("clients.id", nullable=True)
    guest_key: str = Field(default="", sa_column_kwargs={"server_default": ""})
    view_key: str
    lead_name: str
    lead_email: str
    lead_phone: str = Field(default="", sa_column_kwargs={"server_default": ""})
    travellers: list[dict[str, Any]] = document("'[]'")
    adults: int
    children: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    currency: str = Field(sa_type=CHAR(3))  # type: ignore[call-overload]
    total_minor: int = Field(sa_type=BigInteger)
    commission_percent: Decimal = Field(sa_column=Column(Numeric, nullable=False))
    agency_model: str = Field(
        default="commission", sa_column_kwargs={"server_default": "commission"}
    )
    contract_id: UUID | None = refers_to("agency_contracts.id", nullable=True)
    price_factor: Decimal = Field(
        default=Decimal(1), sa_column=Column(Numeric, nullable=False, server_default=text("1"))
    )
    agency_percent: Decimal | None = Field(default=None, sa_column=Column(Numeric(5, 2)))
    markup_percent: Decimal | None = Field(default=None, sa_column=Column(Numeric(7, 4)))
    agency_days: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    price: dict[str, Any] = document()
    snapshot: dict[str, Any] = document()
    country: str | None = Field(default=None, sa_column=Column(CHAR(2)))
    city: str | None = None
    starts_on: date
    ends_on: date
    timezone: str
    language: str = Field(default="en", sa_column_kwargs={"server_default": "en"})
    revision: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    created_at: datetime = created()
    confirmed_at: datetime | None = moment()
    closed_at: datetime | None = moment()
    updated_at: datetime = created()


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
