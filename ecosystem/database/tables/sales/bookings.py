"""RDS: bookings. Amounts are whole minor units (``bigint``)."""

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
    Numeric,
    Uuid,
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


class Booking(SQLModel, table=True):
    """A booking with the package as it was sold (``snapshot``) and its price lines.

    ``revision`` rises with every change a calendar has to follow (RFC 5545, SEQUENCE).
    ``country`` and ``city`` are where the trip begins, written by a trigger from ``snapshot``;
    ``public_minor`` is the public price where another one is charged (``price_factor`` is not 1),
    written by a trigger from ``price``.
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
                "public_minor",
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
            "bookings_confirmed_idx",
            "ends_on",
            "id",
            postgresql_where=text("status = 'confirmed'"),
        ),
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
    public_minor: int | None = Field(default=None, sa_type=BigInteger)
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
