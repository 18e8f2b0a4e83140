"""Move group ``accounts``: the operators' people and companies."""

from decimal import Decimal
from typing import Any

from sqlalchemy import CHAR, Column, Index, Numeric, text
from sqlmodel import Field, SQLModel

from ecosystem.database.tables.columns import (
    UUID,
    choice,
    created,
    datetime,
    document,
    legacy_key,
    moment,
    texts,
)

GROUP = {"group": "accounts"}


class User(SQLModel, table=True):
    """A person of an operator. ``id`` is the Supabase Auth user id."""

    __tablename__ = "users"
    __table_args__ = (Index("users_email_key", text("lower(email)"), unique=True), {"info": GROUP})

    id: UUID = Field(primary_key=True)
    email: str
    full_name: str
    phone: str | None = None
    role: str = choice("user_role", "operator", "staff", "admin", default="operator")
    last_seen_at: datetime | None = moment()
    created_at: datetime = created()
    updated_at: datetime = created()


class Operator(SQLModel, table=True):
    """A tour operator as the public sees it."""

    __tablename__ = "operators"
    __table_args__ = (Index("operators_user_id_idx", "user_id"), {"info": GROUP})

    id: UUID = legacy_key()
    user_id: UUID = Field(foreign_key="users.id")
    slug: str = Field(unique=True)
    name: str
    description: str = Field(default="", sa_column_kwargs={"server_default": ""})
    country: str = Field(sa_type=CHAR(2))  # type: ignore[call-overload]
    city: str
    contact_email: str
    contact_phone: str | None = None
    website: str | None = None
    languages: list[str] = texts()
    settings: dict[str, Any] = document()
    rating: Decimal | None = Field(default=None, sa_column=Column(Numeric(2, 1)))
    verified_at: datetime | None = moment()
    created_at: datetime = created()
    updated_at: datetime = created()
