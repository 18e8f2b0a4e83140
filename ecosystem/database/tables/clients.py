"""RDS: an agency's clients, with their households, identity documents and notes."""

from datetime import date
from typing import Any

from sqlalchemy import CHAR, CheckConstraint, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from ecosystem.database.tables.columns import (
    UUID,
    created,
    datetime,
    document,
    key,
    moment,
    refers_to,
    texts,
)

GROUP = {"group": "rds"}


class Household(SQLModel, table=True):
    """People who live and travel together. ``name_key`` is the folded name: one of each."""

    __tablename__ = "households"
    __table_args__ = (
        UniqueConstraint("agency_id", "name_key", name="households_name_key"),
        {"info": GROUP},
    )

    id: UUID = key()
    agency_id: UUID = refers_to("agencies.id")
    name: str
    name_key: str
    created_at: datetime = created()


class Client(SQLModel, table=True):
    """Somebody an agency books for.

    ``name_key``, ``phone_key`` and ``words`` are what is sorted by, compared and searched
    (``services/clients/record.py`` makes them). ``version`` rises with every change. A client
    that was merged has ``merged_into``; one that was erased keeps only what bookings refer to.
    """

    __tablename__ = "clients"
    __table_args__ = (
        Index("clients_agency_name_idx", "agency_id", "full_name"),
        Index(
            "clients_listed_idx",
            "agency_id",
            "name_key",
            "id",
            postgresql_where=text("merged_into is null and erased_at is null"),
        ),
        Index(
            "clients_words_idx",
            "words",
            postgresql_using="gin",
            postgresql_ops={"words": "gin_trgm_ops"},
        ),
        Index("clients_email_idx", "agency_id", "email", postgresql_where=text("email <> ''")),
        Index(
            "clients_phone_idx", "agency_id", "phone_key", postgresql_where=text("phone_key <> ''")
        ),
        Index(
            "clients_household_idx",
            "household_id",
            postgresql_where=text("household_id is not null"),
        ),
        Index(
            "clients_merged_idx", "merged_into", postgresql_where=text("merged_into is not null")
        ),
        {"info": GROUP},
    )

    id: UUID = key()
    agency_id: UUID = refers_to("agencies.id")
    full_name: str
    email: str = Field(default="", sa_column_kwargs={"server_default": ""})
    phone: str = Field(default="", sa_column_kwargs={"server_default": ""})
    country: str | None = Field(default=None, sa_column=Column(CHAR(2)))
    birth_date: date | None = None
    nationality: str | None = Field(default=None, sa_column=Column(CHAR(2)))
    address: str = Field(default="", sa_column_kwargs={"server_default": ""})
    language: str = Field(default="", sa_column_kwargs={"server_default": ""})
    preferences: str = Field(default="", sa_column_kwargs={"server_default": ""})
    notes: str = Field(default="", sa_column_kwargs={"server_default": ""})
    tags: list[str] = texts()
    agent_id: UUID | None = refers_to("travel_agents.id", nullable=True)
    household_id: UUID | None = refers_to("households.id", nullable=True)
    consent_at: datetime | None = moment()
    consent_source: str = Field(default="", sa_column_kwargs={"server_default": ""})
    name_key: str = Field(default="", sa_column_kwargs={"server_default": ""})
    phone_key: str = Field(default="", sa_column_kwargs={"server_default": ""})
    words: str = Field(default="", sa_column_kwargs={"server_default": ""})
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    created_at: datetime = created()
    updated_at: datetime = created()
    erased_at: datetime | None = moment()
    merged_into: UUID | None = refers_to("clients.id", nullable=True)


class IdentityDocument(SQLModel, table=True):
    """A client's passport, card or visa. The number is sealed; ``last_four`` is shown."""

    __tablename__ = "identity_documents"
    __table_args__ = (
        CheckConstraint(
            "kind in ('passport', 'id_card', 'visa', 'other')", name="identity_documents_kind"
        ),
        Index("identity_documents_client_idx", "client_id"),
        Index("identity_documents_expiry_idx", "agency_id", "expires_on"),
        {"info": GROUP},
    )

    id: UUID = key()
    client_id: UUID = refers_to("clients.id")
    agency_id: UUID = refers_to("agencies.id")
    kind: str
    number_sealed: str
    last_four: str = Field(default="", sa_column_kwargs={"server_default": ""})
    country: str | None = Field(default=None, sa_column=Column(CHAR(2)))
    issued_on: date | None = None
    expires_on: date | None = None
    created_at: datetime = created()
    updated_at: datetime = created()


class ClientNote(SQLModel, table=True):
    """What somebody of the agency wrote down about a client, with its day."""

    __tablename__ = "client_notes"
    __table_args__ = (
        Index("client_notes_client_idx", "client_id", "created_at"),
        {"info": GROUP},
    )

    id: UUID = key()
    client_id: UUID = refers_to("clients.id")
    agency_id: UUID = refers_to("agencies.id")
    body: str
    author_id: UUID | None = None
    author_name: str
    created_at: datetime = created()


class ClientMerge(SQLModel, table=True):
    """Two clients who were one person. ``snapshot`` has what undoing it needs."""

    __tablename__ = "client_merges"
    __table_args__ = (
        Index("client_merges_kept_idx", "kept_id", "merged_at"),
        Index("client_merges_merged_idx", "merged_id"),
        {"info": GROUP},
    )

    id: UUID = key()
    agency_id: UUID = refers_to("agencies.id")
    kept_id: UUID = refers_to("clients.id")
    merged_id: UUID = refers_to("clients.id")
    snapshot: dict[str, Any] = document()
    merged_by: UUID | None = None
    merged_by_name: str
    merged_at: datetime = created()
    undone_at: datetime | None = moment()
