"""RDS: what readers of the storefront leave behind, and the day's exchange rates."""

from datetime import date
from decimal import Decimal

from sqlalchemy import (
    CHAR,
    CheckConstraint,
    Column,
    Index,
    Numeric,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from ecosystem.database.tables.columns import UUID, created, datetime, key, moment, refers_to

GROUP = {"group": "rds"}


class SavedPackage(SQLModel, table=True):
    """A package somebody wants to find again. ``holder`` is ``Actor.holder``."""

    __tablename__ = "saved_packages"
    __table_args__ = ({"info": GROUP},)

    holder: str = Field(primary_key=True)
    package_id: UUID = Field(primary_key=True)
    saved_at: datetime = created()


class SeenPackage(SQLModel, table=True):
    """When somebody last looked at a package; a few are kept per ``holder``."""

    __tablename__ = "seen_packages"
    __table_args__ = (Index("seen_packages_holder_idx", "holder", "seen_at"), {"info": GROUP})

    holder: str = Field(primary_key=True)
    package_id: UUID = Field(primary_key=True)
    seen_at: datetime = created()


class ExchangeRate(SQLModel, table=True):
    """How many units of ``currency`` one euro was worth on ``day``, by the reference rates."""

    __tablename__ = "exchange_rates"
    __table_args__ = (
        CheckConstraint("per_euro > 0", name="exchange_rates_positive"),
        {"info": GROUP},
    )

    day: date = Field(primary_key=True)
    currency: str = Field(sa_column=Column(CHAR(3), primary_key=True))
    per_euro: Decimal = Field(sa_column=Column(Numeric(18, 8), nullable=False))
    fetched_at: datetime = created()


class Review(SQLModel, table=True):
    """What one side says of a completed trip: ``author`` is ``traveller`` or ``operator``.

    Both sides are revealed together: ``revealed_at`` is set when the second one is in, or
    when the time for it is over. ``reply`` is the operator's public answer to a traveller.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("booking_id", "author", name="reviews_booking_author_key"),
        CheckConstraint("author in ('traveller', 'operator')", name="reviews_author"),
        CheckConstraint("rating between 1 and 5", name="reviews_rating"),
        Index("reviews_package_idx", "package_id", "revealed_at"),
        Index("reviews_operator_idx", "operator_id", "revealed_at"),
        {"info": GROUP},
    )

    id: UUID = key()
    booking_id: UUID = refers_to("bookings.id")
    package_id: UUID
    operator_id: UUID
    author: str
    author_id: UUID | None = None
    author_name: str
    rating: int = Field(sa_type=SmallInteger)
    body: str = Field(default="", sa_column_kwargs={"server_default": ""})
    language: str = Field(default="en", sa_column_kwargs={"server_default": "en"})
    created_at: datetime = created()
    revealed_at: datetime | None = moment()
    reply: str | None = None
    replied_at: datetime | None = moment()


class Message(SQLModel, table=True):
    """One message between the buyer of a booking (``buyer``) and its operator (``operator``)."""

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("author in ('buyer', 'operator')", name="messages_author"),
        Index("messages_booking_idx", "booking_id", "created_at"),
        Index("messages_unread_idx", "booking_id", postgresql_where=text("read_at is null")),
        {"info": GROUP},
    )

    id: UUID = key()
    booking_id: UUID = refers_to("bookings.id")
    author: str
    author_id: UUID | None = None
    author_name: str
    body: str
    created_at: datetime = created()
    read_at: datetime | None = moment()
