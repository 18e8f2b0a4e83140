"""How our columns are written down once: keys, times, references, JSON."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY, ENUM, JSONB, TEXT
from sqlmodel import Field

from ecosystem.domain.ids import uuid7


def key() -> Any:
    """A primary key made by us (UUIDv7)."""
    return Field(default_factory=uuid7, primary_key=True)


def legacy_key() -> Any:
    """A primary key in the operators' tables: the database can make one too."""
    return Field(
        default_factory=uuid7,
        sa_column=Column(Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    )


def created() -> Any:
    return Field(
        default=None,
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now()),
    )


def moment(*, nullable: bool = True, index: bool = False) -> Any:
    """An aware UTC instant (``timestamptz``)."""
    return Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=nullable, index=index)
    )


def refers_to(target: str, *, nullable: bool = False, cascade: bool = False) -> Any:
    """A foreign key inside one move group. Across groups ids are plain."""
    return Field(
        default=None if nullable else ...,
        sa_column=Column(
            Uuid, ForeignKey(target, ondelete="CASCADE" if cascade else None), nullable=nullable
        ),
    )


def document(default: str = "'{}'") -> Any:
    """A ``jsonb`` column, ``{}`` or ``[]`` unless given."""
    return Field(
        default_factory=list if "[" in default else dict,
        sa_column=Column(JSONB, nullable=False, server_default=text(default)),
    )


def texts() -> Any:
    """A ``text[]`` column, empty unless given."""
    return Field(
        default_factory=list,
        sa_column=Column(ARRAY(TEXT), nullable=False, server_default=text("'{}'")),
    )


def choice(name: str, *values: str, default: str) -> Any:
    """A column of a PostgreSQL enum type."""
    return Field(
        default=default,
        sa_column=Column(
            ENUM(*values, name=name, create_type=False),
            nullable=False,
            server_default=text(f"'{default}'"),
        ),
    )


__all__ = [
    "UUID",
    "choice",
    "created",
    "date",
    "datetime",
    "document",
    "key",
    "legacy_key",
    "moment",
    "refers_to",
    "texts",
]
