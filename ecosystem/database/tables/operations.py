"""RDS: what carries work across a commit, and what remembers who did what."""

from typing import Any

from sqlalchemy import BigInteger, Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
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


class OutboxMessage(SQLModel, table=True):
    """What must follow a commit, written in that same transaction.

    ``dedupe_key`` makes a repeated fact one message. Delivered at least once.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_ready_idx", "available_at", postgresql_where=text("done_at is null")),
        Index("outbox_created_idx", "created_at"),
        {"info": GROUP},
    )

    id: UUID = key()
    topic: str
    payload: dict[str, Any] = document()
    dedupe_key: str | None = Field(default=None, unique=True)
    available_at: datetime = created()
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    last_error: str | None = None
    created_at: datetime = created()
    done_at: datetime | None = moment()


class InboxEvent(SQLModel, table=True):
    """A verified event from outside, kept once by its sender's id."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index("inbox_ready_idx", "available_at", postgresql_where=text("processed_at is null")),
        Index("inbox_received_idx", "received_at"),
        {"info": GROUP},
    )

    id: str = Field(primary_key=True)
    source: str
    type: str
    payload: dict[str, Any] = document()
    received_at: datetime = created()
    available_at: datetime = created()
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    last_error: str | None = None
    processed_at: datetime | None = moment()


class SentEmail(SQLModel, table=True):
    """An e-mail about a booking, as it was sent. ``id`` is ours and went along with it."""

    __tablename__ = "sent_emails"
    __table_args__ = (
        Index("sent_emails_booking_idx", "booking_id", "sent_at"),
        {"info": GROUP},
    )

    id: str = Field(primary_key=True)
    booking_id: UUID = refers_to("bookings.id")
    recipient: str
    subject: str
    body: str
    sent_at: datetime = created()


class IdempotencyKey(SQLModel, table=True):
    """The answer already given to a ``POST`` with this ``Idempotency-Key``.

    ``status`` is null while the first request is still being worked on.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("idempotency_keys_created_idx", "created_at"), {"info": GROUP})

    scope: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    status: int | None = None
    response: dict[str, Any] = document()
    created_at: datetime = created()


class AuditEntry(SQLModel, table=True):
    """Who did what to what."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("audit_log_subject_idx", "subject_type", "subject_id"),
        Index("audit_log_at_idx", "at"),
        {"info": GROUP},
    )

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True)
    )
    at: datetime = created()
    actor_role: str
    actor_id: UUID | None = None
    actor_email: str = Field(default="", sa_column_kwargs={"server_default": ""})
    action: str
    subject_type: str
    subject_id: str
    data: dict[str, Any] = document()


class MigrationGroup(SQLModel, table=True):
    """Which database has authority over a move group now, since which epoch and when.

    ``pause_ms`` is how long nobody could write the group when it changed hands last.
    """

    __tablename__ = "migration_groups"
    __table_args__ = ({"info": GROUP},)

    name: str = Field(primary_key=True)
    phase: str = Field(default="planned", sa_column_kwargs={"server_default": "planned"})
    authority: str = Field(default="supabase", sa_column_kwargs={"server_default": "supabase"})
    epoch: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    updated_at: datetime = created()
    pause_ms: int | None = None
    switched_at: datetime | None = moment()


class MigrationState(SQLModel, table=True):
    """One moving table that is copied here, and which process may write the copy (``epoch``).

    Supabase has the same table, for the way back.
    """

    __tablename__ = "migration_state"
    __table_args__ = ({"info": GROUP},)

    tbl: str = Field(primary_key=True)
    move_group: str = Field(foreign_key="migration_groups.name")
    epoch: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    owner: str = Field(default="", sa_column_kwargs={"server_default": ""})
    fingerprint: str
    last_verify: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    updated_at: datetime = created()


class MigrationRange(SQLModel, table=True):
    """How far one range of a table's keys is copied: the first key is not in it, the last is."""

    __tablename__ = "migration_ranges"
    __table_args__ = ({"info": GROUP},)

    tbl: str = Field(primary_key=True, foreign_key="migration_state.tbl", ondelete="CASCADE")
    part: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    after_id: UUID | None = None
    until_id: UUID | None = None
    copied_to: UUID | None = None
    copied: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    finished_at: datetime | None = moment()
    updated_at: datetime = created()
