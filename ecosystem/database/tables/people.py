"""RDS: agencies, the people who sign in through Cognito, agents' clients, sessions."""

from sqlalchemy import CHAR, Column, Index, LargeBinary, text
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


class Agency(SQLModel, table=True):
    """A travel agency. ``currency`` is the one it reports in."""

    __tablename__ = "agencies"
    __table_args__ = ({"info": GROUP},)

    id: UUID = key()
    slug: str = Field(unique=True)
    name: str
    country: str = Field(sa_type=CHAR(2))  # type: ignore[call-overload]
    currency: str = Field(sa_type=CHAR(3))  # type: ignore[call-overload]
    created_at: datetime = created()


class TravelAgent(SQLModel, table=True):
    """A person of an agency. ``subject`` is the Cognito ``sub``; ``id`` is ours and stays."""

    __tablename__ = "travel_agents"
    __table_args__ = (
        Index("travel_agents_email_key", text("lower(email)"), unique=True),
        Index("travel_agents_agency_idx", "agency_id"),
        {"info": GROUP},
    )

    id: UUID = key()
    subject: str | None = Field(default=None, unique=True)
    agency_id: UUID = refers_to("agencies.id")
    email: str
    full_name: str
    owner: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
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


class Client(SQLModel, table=True):
    """Somebody an agency books for."""

    __tablename__ = "clients"
    __table_args__ = (
        Index("clients_agency_name_idx", "agency_id", "full_name"),
        {"info": GROUP},
    )

    id: UUID = key()
    agency_id: UUID = refers_to("agencies.id")
    full_name: str
    email: str = Field(default="", sa_column_kwargs={"server_default": ""})
    phone: str = Field(default="", sa_column_kwargs={"server_default": ""})
    country: str | None = Field(default=None, sa_column=Column(CHAR(2)))
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
    is what a provider may do: owner, editor or viewer.
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
    agency_owner: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    operator_id: UUID | None = None
    operator_role: str = Field(default="", sa_column_kwargs={"server_default": ""})
    refresh_token: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    created_at: datetime = created()
    last_seen_at: datetime = created()
    expires_at: datetime = moment(nullable=False)
    ended_at: datetime | None = moment()
