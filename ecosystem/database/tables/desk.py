"""RDS: what the operators' desk keeps beside the packages themselves."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlmodel import Field, SQLModel

from ecosystem.database.tables.columns import (
    UUID,
    created,
    datetime,
    document,
    key,
    moment,
    texts,
)

GROUP = {"group": "rds"}


class OperatorMember(SQLModel, table=True):
    """A person who works for an operator beside its owner (``operators.user_id``).

    ``user_id`` is the Supabase subject. ``role``: owner, editor, viewer.
    """

    __tablename__ = "operator_members"
    __table_args__ = (
        UniqueConstraint("operator_id", "user_id", name="operator_members_person_key"),
        CheckConstraint("role in ('owner', 'editor', 'viewer')", name="operator_members_role"),
        Index("operator_members_user_idx", "user_id"),
        {"info": GROUP},
    )

    id: UUID = key()
    operator_id: UUID
    user_id: UUID
    email: str
    full_name: str
    role: str
    disabled_at: datetime | None = moment()
    created_at: datetime = created()


class PackagePicture(SQLModel, table=True):
    """An operator's own picture of a package. ``key`` is where a browser puts it in S3.

    ``state``: ``uploading`` until its bytes were looked at, then ``ready`` or ``refused``
    (``problem`` says why); ``removed`` can be put back for a while. ``changed_at``: since when.
    """

    __tablename__ = "package_pictures"
    __table_args__ = (
        CheckConstraint(
            "state in ('uploading', 'ready', 'refused', 'removed')", name="package_pictures_state"
        ),
        Index("package_pictures_package_idx", "package_id", "position"),
        Index(
            "package_pictures_unused_idx", "changed_at", postgresql_where=text("state <> 'ready'")
        ),
        {"info": GROUP},
    )

    id: UUID = key()
    package_id: UUID
    operator_id: UUID
    position: int = Field(sa_type=SmallInteger)
    key: str = Field(unique=True)
    alt: str = Field(default="", sa_column_kwargs={"server_default": ""})
    content_type: str
    bytes: int = Field(sa_type=BigInteger)
    width: int | None = None
    height: int | None = None
    state: str = Field(default="uploading", sa_column_kwargs={"server_default": "uploading"})
    problem: str = Field(default="", sa_column_kwargs={"server_default": ""})
    uploaded_by: UUID | None = None
    created_at: datetime = created()
    changed_at: datetime = created()


class PackageVersion(SQLModel, table=True):
    """What a package was after one change, who made it and when.

    Written with ``state`` ``intended`` before the package is changed and ``done`` after it:
    the package may live in another database.
    """

    __tablename__ = "package_versions"
    __table_args__ = (
        CheckConstraint("state in ('intended', 'done')", name="package_versions_state"),
        Index("package_versions_operator_idx", "operator_id", "at"),
        Index("package_versions_open_idx", "at", postgresql_where=text("state = 'intended'")),
        {"info": GROUP},
    )

    package_id: UUID = Field(primary_key=True)
    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    operator_id: UUID
    at: datetime = created()
    actor_id: UUID | None = None
    actor_name: str = Field(default="", sa_column_kwargs={"server_default": ""})
    action: str
    state: str = Field(default="intended", sa_column_kwargs={"server_default": "intended"})
    changed: list[str] = texts()
    content: dict[str, Any] = document()


class Import(SQLModel, table=True):
    """A file of packages or departures on its way in. ``key`` is where it lies in S3.

    ``state``: uploaded, checking, checked, running, done, cancelled, failed.
    """

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint("what in ('packages', 'departures')", name="imports_what"),
        CheckConstraint("format in ('csv', 'json')", name="imports_format"),
        CheckConstraint(
            "state in ('uploaded', 'checking', 'checked', 'running', 'done', 'cancelled',"
            " 'failed')",
            name="imports_state",
        ),
        Index("imports_operator_idx", "operator_id", "created_at"),
        Index(
            "imports_open_idx",
            "updated_at",
            postgresql_where=text("state in ('uploaded', 'checking', 'running')"),
        ),
        {"info": GROUP},
    )

    id: UUID = key()
    operator_id: UUID
    created_by: UUID | None = None
    created_by_name: str = Field(default="", sa_column_kwargs={"server_default": ""})
    what: str
    format: str
    file_name: str
    key: str
    state: str = Field(default="uploaded", sa_column_kwargs={"server_default": "uploaded"})
    total: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    done: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    counts: dict[str, Any] = document()
    problem: str | None = None
    cancel_wanted: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    created_at: datetime = created()
    updated_at: datetime = created()
    finished_at: datetime | None = moment()


class ImportItem(SQLModel, table=True):
    """One package (or departure) of an import: what would change, what is wrong, what was done.

    ``outcome``: new (not looked at yet); create, change, same, wrong (after the dry run); done,
    failed (after it).
    """

    __tablename__ = "import_items"
    __table_args__ = (
        Index(
            "import_items_open_idx",
            "import_id",
            "position",
            postgresql_where=text("outcome in ('new', 'create', 'change')"),
        ),
        {"info": GROUP},
    )

    import_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    )
    position: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    line: int
    subject: str
    outcome: str
    messages: list[dict[str, Any]] = document("'[]'")
    data: dict[str, Any] = document()


class CalendarFeed(SQLModel, table=True):
    """The secret that an operator's iCal addresses are made of; a new one ends the old."""

    __tablename__ = "calendar_feeds"
    __table_args__ = ({"info": GROUP},)

    operator_id: UUID = Field(primary_key=True)
    token: str = Field(unique=True)
    created_at: datetime = created()
