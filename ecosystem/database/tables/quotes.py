"""RDS: an agency's proposals to its clients, their versions as sent, and what came of them."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
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


class Quote(SQLModel, table=True):
    """A proposal. ``content`` is what is being edited, ``version`` counts its changes.

    ``token`` is the secret part of the client's address; ``sent_number`` is the version that
    the client sees, 0 before the first was sent, and ``sent_version`` the ``version`` it was
    made of. ``agency_read_at`` is when the agency last looked at the comments.
    """

    __tablename__ = "quotes"
    __table_args__ = (
        UniqueConstraint("agency_id", "number", name="quotes_agency_number_key"),
        CheckConstraint(
            "status in ('draft', 'sent', 'opened', 'accepted', 'declined', 'withdrawn', 'expired')",
            name="quotes_status",
        ),
        CheckConstraint("pay in ('full', 'deposit')", name="quotes_pay"),
        Index("quotes_agency_idx", "agency_id", "updated_at"),
        Index("quotes_client_idx", "client_id"),
        Index(
            "quotes_waiting_idx",
            "valid_until",
            postgresql_where=text("status in ('sent', 'opened')"),
        ),
        {"info": GROUP},
    )

    id: UUID = key()
    agency_id: UUID = refers_to("agencies.id")
    agent_id: UUID = refers_to("travel_agents.id")
    client_id: UUID = refers_to("clients.id")
    number: str
    token: str = Field(unique=True)
    title: str
    status: str = Field(default="draft", sa_column_kwargs={"server_default": "draft"})
    language: str = Field(default="en", sa_column_kwargs={"server_default": "en"})
    pay: str = Field(default="deposit", sa_column_kwargs={"server_default": "deposit"})
    valid_until: date
    content: dict[str, Any] = document()
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    sent_number: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    sent_version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    sent_at: datetime | None = moment()
    first_opened_at: datetime | None = moment()
    last_opened_at: datetime | None = moment()
    opened_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    accepted_option: str = Field(default="", sa_column_kwargs={"server_default": ""})
    accepted_name: str = Field(default="", sa_column_kwargs={"server_default": ""})
    accepted_at: datetime | None = moment()
    closed_reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    agency_read_at: datetime | None = moment()
    created_at: datetime = created()
    updated_at: datetime = created()


class QuoteVersion(SQLModel, table=True):
    """A proposal as it was sent, for good."""

    __tablename__ = "quote_versions"
    __table_args__ = (
        UniqueConstraint("quote_id", "number", name="quote_versions_number_key"),
        {"info": GROUP},
    )

    id: UUID = key()
    quote_id: UUID = refers_to("quotes.id", cascade=True)
    number: int
    content: dict[str, Any] = document()
    valid_until: date
    sent_by: UUID = refers_to("travel_agents.id")
    sent_at: datetime = created()


class QuoteComment(SQLModel, table=True):
    """What the client or the agency wrote beneath a proposal."""

    __tablename__ = "quote_comments"
    __table_args__ = (
        Index("quote_comments_quote_idx", "quote_id", "at"),
        {"info": GROUP},
    )

    id: UUID = key()
    quote_id: UUID = refers_to("quotes.id", cascade=True)
    by_client: bool
    name: str
    body: str
    at: datetime = created()


class QuoteBooking(SQLModel, table=True):
    """A booking that came of accepting an option of a proposal."""

    __tablename__ = "quote_bookings"
    __table_args__ = (
        Index("quote_bookings_quote_idx", "quote_id"),
        {"info": GROUP},
    )

    booking_id: UUID = Field(primary_key=True, foreign_key="bookings.id")
    quote_id: UUID = refers_to("quotes.id")
    number: int
    option_id: str
    item_id: str
