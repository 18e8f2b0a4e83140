"""Backups of moving tables that lie in the bucket."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlmodel import Field, SQLModel

from ecosystem.database.placement import RDS
from ecosystem.database.tables.columns import moment


class TableBackup(SQLModel, table=True):
    """A complete backup: it was read back before this row was written.

    ``manifest_sha256`` is the checksum of the file that has the checksums of all others;
    ``snapshot`` names the snapshot of the RDS instance that was begun with it, if any.
    """

    __tablename__ = "migration_backups"
    __table_args__ = (
        Index("migration_backups_group_idx", "move_group", "taken_at"),
        {"info": {"group": RDS}},
    )

    id: str = Field(primary_key=True)
    move_group: str = Field(foreign_key="migration_groups.name")
    tables: list[str] = Field(sa_column=Column(ARRAY(TEXT), nullable=False))
    database: str
    taken_at: datetime = moment(nullable=False)
    rows: int = Field(sa_column=Column(BigInteger, nullable=False))
    bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    manifest_sha256: str
    snapshot: str = Field(default="", sa_column_kwargs={"server_default": ""})
    taken_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
