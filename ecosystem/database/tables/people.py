"""RDS: agencies, the people who sign in through Cognito, sessions."""

from typing import Any

from sqlalchemy import CHAR, CheckConstraint, Column, Index, LargeBinary, text
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


class Agency(SQLModel, table=True):
    """A travel agency. ``currency`` is the one it reports in.

    ``logo`` names the newest in the file store; ``accent`` is a colour like ``#0F5B5A``, empty
    for ours. ``registration`` is what it says of itself for ``verification``.
    """

    __tablename__ = "agencies"
    __table_args__ = (
        CheckConstraint(
            "verification in ('none', 'asked', 'verified', 'refused')",
            name="agencies_verification",
        ),
        Index(
            "agencies_asked_idx",
            "verification_asked_at",
            postgresql_where=text("verification = 'asked'"),
        ),
        {"info": GROUP},
    )

    id: UUID = key()
    slug: str = Field(unique=True)
    name: str
    country: str = Field(sa_type=CHAR(2))  # type: ignore[call-overload]
    currency: str = Field(sa_type=CHAR(3))  # type: ignore[call-overload]
    address: str = Field(default="", sa_column_kwargs={"server_default": ""})
    contact_email: str = Field(default="", sa_column_kwargs={"server_default": ""})
    contact_phone: str = Field(default="", sa_column_kwargs={"server_default": ""})
    website: str = Field(default="", sa_column_kwargs={"server_default": ""})
    accent: str = Field(default="", sa_column_kwargs={"server_default": ""})
    logo: UUID | None = None
    requires_second_factor: bool = Field(
        default=False, sa_column_kwargs={"server_default": text("false")}
    )
    verification: str = Field(default="none", sa_column_kwargs={"server_default": "none"})
    registration: dict[str, Any] = document()
    verification_note: str = Field(default="", sa_column_kwargs={"server_default": ""})
    verification_asked_at: datetime | None = moment()
    verified_at: datetime | None = moment()
    updated_at: datetime = created()
    created_at: datetime = created()


class TravelAgent(SQLModel, table=True):
    """A person of an agency. ``subject`` is the Cognito ``sub``; ``id`` is ours and stays.

    ``role``: owner, agent, or assistant, who sees no commission and no cost.
    """

    __tablename__ = "travel_agents"
    __table_args__ = (
        Index("travel_agents_email_key", text("lower(email)"), unique=True),
        Index("travel_agents_agency_idx", "agency_id"),
        CheckConstraint("role in ('owner', 'agent', 'assistant')", name="travel_agents_role"),
        {"info": GROUP},
    )

    id: UUID = key()
    subject: str | None = Field(default=None, unique=True)
    agency_id: UUID = refers_to("agencies.id")
    email: str
    full_name: str
    role: str = Field(default="agent", sa_column_kwargs={"server_default": "agent"})
    disabled_at: datetime | None = moment()
    created_at: datetime = created()


class Customer(SQLModel, table=True):
    """A person who books for herself. ``subject`` is the Cognito ``sub``.

    ``language`` and ``display_currency`` are her choices; empty: what the browser asks for.
    """

    __tablename__ = "customers"
    __table_args__ = (
        Index("customers_email_key", text("lower(email)"), unique=True),
        {"info": GROUP},
    )

    id: UUID = key()
    subject: str | None = Field(default=None, unique=True)
    email: str
    full_name: str
    language: str = Field(default="", sa_column_kwargs={"server_default": ""})
    display_currency: str = Field(default="", sa_column_kwargs={"server_default": ""})
    created_at: datetime = created()


class PendingSignUp(SQLModel, table=True):
    """What a person asked for at sign-up, kept until the e-mail address is confirmed.

    The role is decided from this row on the server, never from an attribute that
    a client can write.
    """

    __tablename__ = "pending_sign_ups"
    __table_args__ = ({"info": GROUP},)

    email: str = Field(primary_key=True)
    role: str
    subject: str
    full_name: str
    organisation: str = Field(default="", sa_column_kwargs={"server_default": ""})
    country: str = Field(default="", sa_column_kwargs={"server_default": ""})
    created_at: datetime = created()


class Session(SQLModel, table=True):
    """A signed-in browser. ``id_hash`` is the SHA-256 of the cookie's value.

    ``refresh_token`` is encrypted with a key derived from SESSION_SECRET. ``operator_role``
    is what a provider may do, ``agency_role`` what an agent may. ``enrol_first``: a second
    factor has to be set up before the agency is worked for.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index("sessions_user_idx", "user_id"),
        Index("sessions_expires_idx", "expires_at"),
        {"info": GROUP},
    )

    id_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    user_id: UUID
    source: str
    role: str
    email: str
    name: str
    agency_id: UUID | None = None
    agency_role: str = Field(default="", sa_column_kwargs={"server_default": ""})
    enrol_first: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    operator_id: UUID | None = None
    operator_role: str = Field(default="", sa_column_kwargs={"server_default": ""})
    refresh_token: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    created_at: datetime = created()
    last_seen_at: datetime = created()
    expires_at: datetime = moment(nullable=False)
    ended_at: datetime | None = moment()
