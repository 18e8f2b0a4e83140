"""RDS: how somebody, or a program, comes to work for an operator or an agency."""

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from ecosystem.database.tables.columns import UUID, created, datetime, key, moment

GROUP = {"group": "rds"}


class TeamInvitation(SQLModel, table=True):
    """An invitation by e-mail into a team. ``party`` is operator or agency, ``token_hash`` the
    SHA-256 of what the link carries."""

    __tablename__ = "team_invitations"
    __table_args__ = (
        CheckConstraint(
            "(party = 'operator' and role in ('owner', 'editor', 'viewer'))"
            " or (party = 'agency' and role in ('owner', 'agent', 'assistant'))",
            name="team_invitations_role",
        ),
        UniqueConstraint("token_hash", name="team_invitations_token_key"),
        Index("team_invitations_party_idx", "party", "party_id"),
        Index("team_invitations_email_idx", text("lower(email)")),
        {"info": GROUP},
    )

    id: UUID = key()
    party: str
    party_id: UUID
    email: str
    role: str
    token_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    invited_by: UUID
    created_at: datetime = created()
    expires_at: datetime = moment(nullable=False)
    accepted_at: datetime | None = moment()
    revoked_at: datetime | None = moment()


class ApiKey(SQLModel, table=True):
    """A key of a program, which acts as ``created_by`` in ``role``. ``key_hash`` is the SHA-256
    of the whole key, ``prefix`` its first characters, by which people know it again."""

    __tablename__ = "api_keys"
    __table_args__ = (
        CheckConstraint(
            "(party = 'operator' and role in ('editor', 'viewer'))"
            " or (party = 'agency' and role in ('agent', 'assistant'))",
            name="api_keys_role",
        ),
        UniqueConstraint("key_hash", name="api_keys_hash_key"),
        Index("api_keys_party_idx", "party", "party_id"),
        Index("api_keys_creator_idx", "created_by"),
        {"info": GROUP},
    )

    id: UUID = key()
    party: str
    party_id: UUID
    role: str
    name: str
    prefix: str
    key_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_by: UUID
    created_by_email: str
    created_at: datetime = created()
    last_used_at: datetime | None = moment()
    revoked_at: datetime | None = moment()
