"""RDS: departures and the claims on their seats. Amounts are whole minor units (``bigint``)."""

from datetime import date
from typing import Any

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
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


class Departure(SQLModel, table=True):
    """One start date of a package, with its seats.

    ``price_minor`` per adult overrides the package's own price; dates are local
    to ``timezone``, the zone of the first city.
    """

    __tablename__ = "departures"
    __table_args__ = (
        UniqueConstraint("package_id", "starts_on", name="departures_package_start_key"),
        CheckConstraint("capacity >= 0", name="departures_capacity"),
        CheckConstraint("ends_on >= starts_on", name="departures_dates"),
        CheckConstraint("status in ('open', 'closed')", name="departures_status"),
        Index("departures_operator_idx", "operator_id", "starts_on"),
        Index(
            "departures_open_idx",
            "starts_on",
            "package_id",
            postgresql_include=["capacity", "id"],
            postgresql_where=text("status = 'open'"),
        ),
        Index(
            "departures_package_open_idx",
            "package_id",
            "starts_on",
            postgresql_include=["capacity", "id"],
            postgresql_where=text("status = 'open'"),
        ),
        {"info": GROUP},
    )

    id: UUID = key()
    package_id: UUID
    operator_id: UUID
    starts_on: date
    ends_on: date
    timezone: str
    capacity: int
    currency: str = Field(sa_type=CHAR(3))  # type: ignore[call-overload]
    price_minor: int | None = Field(default=None, sa_column=Column(BigInteger))
    status: str = Field(default="open", sa_column_kwargs={"server_default": "open"})
    created_at: datetime = created()
    updated_at: datetime = created()


class SeatClaim(SQLModel, table=True):
    """Seats of a departure that are held until ``expires_at``, sold, or released.

    A hold is a claim: it carries the frozen price and who may turn it into a
    booking. ``state`` goes held → sold or held → released, sold → released.
    """

    __tablename__ = "seat_claims"
    __table_args__ = (
        CheckConstraint("seats > 0", name="seat_claims_seats"),
        CheckConstraint("state in ('held', 'sold', 'released')", name="seat_claims_state"),
        Index(
            "seat_claims_live_idx",
            "departure_id",
            postgresql_include=["seats", "state", "expires_at"],
            postgresql_where=text("state <> 'released'"),
        ),
        Index("seat_claims_departure_idx", "departure_id"),
        Index(
            "seat_claims_holder_idx",
            "holder",
            "expires_at",
            postgresql_where=text("state = 'held'"),
        ),
        {"info": GROUP},
    )

    id: UUID = key()
    departure_id: UUID = refers_to("departures.id")
    package_id: UUID
    seats: int
    state: str = Field(default="held", sa_column_kwargs={"server_default": "held"})
    expires_at: datetime = moment(nullable=False)
    holder: str = Field(default="", sa_column_kwargs={"server_default": ""})
    adults: int
    children: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    child_ages: list[int] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(Integer), nullable=False, server_default=text("'{}'")),
    )
    price: dict[str, Any] = document()
    extended: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    created_at: datetime = created()
    updated_at: datetime = created()
