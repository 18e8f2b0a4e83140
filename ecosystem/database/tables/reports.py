"""RDS: what agencies keep of their reports."""

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from ecosystem.database.tables.columns import UUID, created, datetime, key, refers_to

GROUP = {"group": "rds"}


class SavedReport(SQLModel, table=True):
    """Filters of a report that somebody keeps by a name: ``asked`` is the query of its address.
    ``shared``: her whole agency has them too."""

    __tablename__ = "saved_reports"
    __table_args__ = (
        UniqueConstraint("agent_id", "name", name="saved_reports_name_key"),
        Index("saved_reports_agency_idx", "agency_id", "name"),
        {"info": GROUP},
    )

    id: UUID = key()
    agency_id: UUID = refers_to("agencies.id")
    agent_id: UUID = refers_to("travel_agents.id")
    name: str
    asked: str
    shared: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    created_at: datetime = created()
