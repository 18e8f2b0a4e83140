"""RDS: what a sign-in remembers between two requests."""

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from ecosystem.database.tables.columns import created, datetime, moment

GROUP = {"group": "rds"}


class SignInChallenge(SQLModel, table=True):
    """A second factor that is waited for: of a sign-in or of an enrolment.

    ``id_hash`` is the SHA-256 of what the browser holds; ``state`` is what the provider
    wants back, encrypted with a key derived from SESSION_SECRET.
    """

    __tablename__ = "sign_in_challenges"
    __table_args__ = (Index("sign_in_challenges_expires_idx", "expires_at"), {"info": GROUP})

    id_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    source: str
    email: str
    state: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    created_at: datetime = created()
    expires_at: datetime = moment(nullable=False)
