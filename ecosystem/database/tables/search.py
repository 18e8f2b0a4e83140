"""RDS: the search index over published packages, wherever they live."""

from decimal import Decimal
from typing import Any

from sqlalchemy import CHAR, BigInteger, Column, Computed, Index, Numeric, SmallInteger
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, SQLModel

from ecosystem.database.tables.columns import UUID, created, datetime, document, texts

GROUP = {"group": "rds"}


class PackageSearch(SQLModel, table=True):
    """One published package as the storefront lists it. Rebuilt from the change log.

    ``words`` is everything a person may type, accents folded and lower case.
    ``price_minor`` is the lowest price per adult of an open departure to come, or the
    package's own; ``currency_unit`` is how many minor units make a major one.
    """

    __tablename__ = "package_search"
    __table_args__ = (
        Index("package_search_document_idx", "document", postgresql_using="gin"),
        Index(
            "package_search_words_idx",
            "words",
            postgresql_using="gin",
            postgresql_ops={"words": "gin_trgm_ops"},
        ),
        Index("package_search_countries_idx", "countries", postgresql_using="gin"),
        Index("package_search_city_keys_idx", "city_keys", postgresql_using="gin"),
        Index("package_search_tags_idx", "tags", postgresql_using="gin"),
        Index("package_search_operator_idx", "operator_id"),
        Index("package_search_price_idx", "price_minor", "package_id"),
        {"info": GROUP},
    )

    package_id: UUID = Field(primary_key=True)
    slug: str = Field(unique=True)
    title: str
    summary: str = Field(default="", sa_column_kwargs={"server_default": ""})
    operator_id: UUID
    operator_slug: str
    operator_name: str
    cities: list[dict[str, Any]] = document("'[]'")
    countries: list[str] = texts()
    city_keys: list[str] = texts()
    boards: list[str] = texts()
    tags: list[str] = texts()
    stars: int | None = Field(default=None, sa_column=Column(SmallInteger))
    nights: int = Field(sa_column=Column(SmallInteger, nullable=False))
    latitude: float | None = None
    currency: str = Field(sa_type=CHAR(3))  # type: ignore[call-overload]
    currency_unit: int
    price_minor: int = Field(sa_type=BigInteger)
    rating: Decimal | None = Field(default=None, sa_column=Column(Numeric(2, 1)))
    words: str
    document: Any = Field(
        default=None,
        sa_column=Column(
            TSVECTOR, Computed("to_tsvector('simple'::regconfig, words)", persisted=True)
        ),
    )
    published_at: datetime | None = None
    indexed_at: datetime = created()
