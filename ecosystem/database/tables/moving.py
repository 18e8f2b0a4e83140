"""RDS: what people have asked of tables that move, and what the worker saw of them."""

from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from ecosystem.database.tables.columns import UUID, created, datetime, document, key, moment

GROUP = {"group": "rds"}


class MigrationJob(SQLModel, table=True):
    """What somebody of operations has asked the worker to do with a move group.

    ``beat_at``: the process that does it was alive then; after a while without, another one
    takes over. ``settings``: how it is done; ``said``: the last line of what goes on.
    """

    __tablename__ = "migration_jobs"
    __table_args__ = (
        CheckConstraint(
            "state in ('waiting', 'running', 'done', 'refused', 'failed', 'cancelled')",
            name="migration_jobs_state",
        ),
        # One at a time: a second click, a second tab and a second person meet this.
        Index(
            "migration_jobs_open_idx",
            "move_group",
            unique=True,
            postgresql_where=text("state in ('waiting', 'running')"),
        ),
        Index("migration_jobs_group_idx", "move_group", "asked_at"),
        {"info": GROUP},
    )

    id: UUID = key()
    move_group: str
    action: str
    settings: dict[str, Any] = document()
    state: str = Field(default="waiting", sa_column_kwargs={"server_default": "waiting"})
    asked_by: UUID | None = None
    asked_role: str = Field(default="ops", sa_column_kwargs={"server_default": "ops"})
    asked_email: str = Field(default="", sa_column_kwargs={"server_default": ""})
    asked_at: datetime = created()
    worker: str = Field(default="", sa_column_kwargs={"server_default": ""})
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    started_at: datetime | None = moment()
    beat_at: datetime | None = moment()
    finished_at: datetime | None = moment()
    said: str = Field(default="", sa_column_kwargs={"server_default": ""})
    error: str = Field(default="", sa_column_kwargs={"server_default": ""})


class MigrationPace(SQLModel, table=True):
    """Whether a move group rests, what slows it down, and what was last seen of it.

    ``copying``: rows a second by table while it is copied. ``seen``: what is shown of its tables,
    counted at ``seen_at``; ``verified``: of the read model, whose comparisons have no other row.
    """

    __tablename__ = "migration_pace"
    __table_args__ = ({"info": GROUP},)

    move_group: str = Field(primary_key=True)
    paused_at: datetime | None = moment()
    paused_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    paused_why: str = Field(default="", sa_column_kwargs={"server_default": ""})
    throttled: str = Field(default="", sa_column_kwargs={"server_default": ""})
    copying: dict[str, Any] = document()
    seen: dict[str, Any] = document()
    seen_at: datetime | None = moment()
    verified: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
