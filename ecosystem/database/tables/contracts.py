"""RDS: what operators and agencies have agreed on about money."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Column, Index, Numeric, text
from sqlmodel import Field, SQLModel

from ecosystem.database.tables.columns import UUID, created, datetime, key, moment, refers_to

GROUP = {"group": "rds"}


class AgencyContract(SQLModel, table=True):
    """One offer of an operator to an agency, and what came of it. Its words never change: other
    words are another row.

    ``state``: ``offered`` waits for the agency; ``active`` was accepted; ``ended`` was accepted
    and has been given its last day, ``ends_on``, until which it holds; ``declined`` by the
    agency; ``withdrawn`` by the operator, also by a newer offer. It holds on the days from
    ``starts_on`` to ``ends_on`` (None: no end); ``ends_on`` before ``starts_on`` is one that
    never came to hold. ``credit_minor`` is the most the agency may owe, in ``currency``.
    """

    __tablename__ = "agency_contracts"
    __table_args__ = (
        CheckConstraint(
            "model in ('commission', 'net', 'agency_collects', 'operator_pays_later')",
            name="agency_contracts_model",
        ),
        CheckConstraint(
            "state in ('offered', 'active', 'declined', 'withdrawn', 'ended')",
            name="agency_contracts_state",
        ),
        CheckConstraint("percent between 0 and 97", name="agency_contracts_percent"),
        CheckConstraint("days between 0 and 365", name="agency_contracts_days"),
        CheckConstraint("credit_minor >= 0", name="agency_contracts_credit"),
        Index(
            "agency_contracts_active_key",
            "operator_id",
            "agency_id",
            unique=True,
            postgresql_where=text("state = 'active'"),
        ),
        Index(
            "agency_contracts_offered_key",
            "operator_id",
            "agency_id",
            unique=True,
            postgresql_where=text("state = 'offered'"),
        ),
        Index("agency_contracts_agency_idx", "agency_id", "operator_id"),
        Index("agency_contracts_operator_idx", "operator_id", "agency_id"),
        {"info": GROUP},
    )

    id: UUID = key()
    operator_id: UUID
    agency_id: UUID = refers_to("agencies.id")
    model: str
    percent: Decimal = Field(sa_column=Column(Numeric(5, 2), nullable=False))
    days: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    credit_minor: int | None = Field(default=None, sa_column=Column(BigInteger))
    currency: str = Field(sa_type=CHAR(3))  # type: ignore[call-overload]
    starts_on: date
    ends_on: date | None = None
    state: str = Field(default="offered", sa_column_kwargs={"server_default": "offered"})
    offered_by: UUID
    offered_at: datetime = created()
    answered_by: UUID | None = None
    answered_at: datetime | None = moment()
    ended_by: UUID | None = None
    ended_at: datetime | None = moment()
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
