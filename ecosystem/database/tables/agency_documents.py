"""RDS: files that agencies keep, and the links by which they are shared."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, text
from sqlmodel import Field, SQLModel

from ecosystem.database.tables.columns import UUID, created, datetime, key, moment, refers_to

GROUP = {"group": "rds"}


class AgencyDocument(SQLModel, table=True):
    """A file of an agency: of a client, of a booking, or of the agency alone.

    ``secret`` is the unguessable part of its keys in S3. ``content_type``, ``bytes`` and
    ``sha256`` are what was found when the file was looked at, empty before. ``words`` is the
    folded name, to be searched. ``looked_at``: when somebody last began to look at it.
    """

    __tablename__ = "agency_documents"
    __table_args__ = (
        CheckConstraint(
            "kind in ('passport', 'visa', 'insurance', 'ticket', 'contract', 'other')",
            name="agency_documents_kind",
        ),
        CheckConstraint(
            "state in ('uploading', 'scanning', 'clean', 'refused')", name="agency_documents_state"
        ),
        Index("agency_documents_listed_idx", "agency_id", "created_at", "id"),
        Index(
            "agency_documents_client_idx",
            "client_id",
            postgresql_where=text("client_id is not null"),
        ),
        Index(
            "agency_documents_booking_idx",
            "booking_id",
            postgresql_where=text("booking_id is not null"),
        ),
        Index(
            "agency_documents_open_idx",
            "state",
            "looked_at",
            postgresql_where=text("state <> 'clean'"),
        ),
        {"info": GROUP},
    )

    id: UUID = key()
    agency_id: UUID = refers_to("agencies.id")
    client_id: UUID | None = refers_to("clients.id", nullable=True)
    booking_id: UUID | None = refers_to("bookings.id", nullable=True)
    kind: str
    name: str
    words: str
    secret: str = Field(unique=True)
    state: str = Field(default="uploading", sa_column_kwargs={"server_default": "uploading"})
    problem: str = Field(default="", sa_column_kwargs={"server_default": ""})
    content_type: str = Field(default="", sa_column_kwargs={"server_default": ""})
    bytes: int = Field(
        default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0"))
    )
    sha256: str = Field(default="", sa_column_kwargs={"server_default": ""})
    uploaded_by: UUID | None = None
    uploaded_by_name: str = Field(default="", sa_column_kwargs={"server_default": ""})
    created_at: datetime = created()
    looked_at: datetime = created()


class DocumentShare(SQLModel, table=True):
    """A link to a file for somebody outside. Only hashes of the token and of the code word are
    kept. ``wrong_codes`` counts tries since the last right one."""

    __tablename__ = "document_shares"
    __table_args__ = (
        Index("document_shares_document_idx", "document_id"),
        {"info": GROUP},
    )

    id: UUID = key()
    document_id: UUID = refers_to("agency_documents.id", cascade=True)
    agency_id: UUID = refers_to("agencies.id")
    token_hash: str = Field(unique=True)
    code_hash: str = Field(default="", sa_column_kwargs={"server_default": ""})
    recipient: str = Field(default="", sa_column_kwargs={"server_default": ""})
    expires_at: datetime = moment(nullable=False)
    opened: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    taken: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    last_used_at: datetime | None = moment()
    wrong_codes: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    revoked_at: datetime | None = moment()
    created_by: UUID | None = None
    created_by_name: str = Field(default="", sa_column_kwargs={"server_default": ""})
    created_at: datetime = created()
