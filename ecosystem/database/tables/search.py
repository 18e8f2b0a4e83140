"""RDS: the search index over published packages, wherever they live."""

from decimal import Decimal
from enum import IntEnum
from typing import Any

from sqlalchemy import (
    CHAR,
    REAL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, INT4MULTIRANGE, TSVECTOR
from sqlmodel import Field, SQLModel

from ecosystem.database.tables.columns import UUID, created, date, datetime, document, texts

GROUP = {"group": "rds"}


class TermKind(IntEnum):
    """What a term of the search is; the last three bits of its id."""

    ANY = 0
    COUNTRY = 1
    CITY = 2
    TAG = 3
    OPERATOR = 4
    STARS = 5
    BOARD = 6
    PLACE = 7


class PackageSearch(SQLModel, table=True):
    """One published package as lists show it. Rebuilt from the change logs.

    ``price_minor`` is the lowest price per adult of an open departure to come, or the
    package's own; ``currency_unit`` is how many minor units make a major one; ``cover``
    the id of its first picture.
    """

    __tablename__ = "package_search"
    __table_args__ = (
        Index("package_search_operator_idx", "operator_id"),
        Index(
            "package_search_stays_idx",
            "cities",
            postgresql_using="gin",
            postgresql_ops={"cities": "jsonb_path_ops"},
        ),
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
    cover: UUID | None = None
    published_at: datetime | None = None
    indexed_at: datetime = created()


class PackageIndex(SQLModel, table=True):
    """The same package as it is searched: small, so that a hundred thousand stay in memory.

    ``terms`` are the ids of what a filter can choose (:class:`SearchTerm`), ``document`` what
    a person may type, folded: A title, B cities and countries, C tags and operator. ``price``
    is in major units of ``currency``. After ``stale_after`` its price may be another one.

    ``facets`` are the terms that are counted. ``seats`` are the open days to come with the
    seats that are certainly left, ``seats_perhaps`` those that may have more: points of
    ``level * 65536 + days since 2000-01-01`` (``domain.seat_levels``).
    """

    __tablename__ = "package_index"
    __table_args__ = (
        Index(
            "package_index_terms_idx",
            "terms",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
        Index(
            "package_index_document_idx",
            "document",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
        Index("package_index_title_idx", "title", postgresql_ops={"title": "text_pattern_ops"}),
        Index("package_index_rating_idx", text("rating desc nulls last"), "package_id"),
        Index("package_index_price_idx", "price", "package_id"),
        Index("package_index_nights_idx", "nights", "price", "package_id"),
        Index("package_index_stale_idx", "stale_after", "package_id"),
        {"info": GROUP},
    )

    package_id: UUID = Field(primary_key=True)
    title: str
    terms: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))
    document: Any = Field(sa_column=Column(TSVECTOR, nullable=False))
    currency: str = Field(sa_type=CHAR(3))  # type: ignore[call-overload]
    price: float = Field(sa_type=Double)
    nights: int = Field(sa_column=Column(SmallInteger, nullable=False))
    rating: float | None = Field(default=None, sa_column=Column(REAL))
    stale_after: date | None = None
    facets: list[int] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(Integer), nullable=False, server_default=text("'{}'")),
    )
    seats: Any = Field(
        sa_column=Column(INT4MULTIRANGE, nullable=False, server_default=text("'{}'"))
    )
    seats_perhaps: Any = Field(
        sa_column=Column(INT4MULTIRANGE, nullable=False, server_default=text("'{}'"))
    )


class SearchTerm(SQLModel, table=True):
    """Something a filter can choose: ``key`` is the value of the query, ``label`` its name.

    ``name`` is what a person may type for it, folded, each way of calling it after a bar.
    ``packages`` is how many packages have it, kept by triggers of ``package_index``.
    """

    __tablename__ = "search_terms"
    __table_args__ = (
        UniqueConstraint("kind", "key", name="search_terms_key"),
        CheckConstraint("kind between 0 and 7 and id & 7 = kind", name="search_terms_kind"),
        Index(
            "search_terms_name_idx",
            "name",
            postgresql_using="gin",
            postgresql_ops={"name": "gin_trgm_ops"},
        ),
        Index("search_terms_common_idx", "kind", "packages"),
        {"info": GROUP},
    )

    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    kind: int = Field(sa_column=Column(SmallInteger, nullable=False))
    key: str
    label: str
    name: str
    country: str | None = Field(default=None, sa_type=CHAR(2))  # type: ignore[call-overload]
    latitude: float | None = None
    longitude: float | None = None
    packages: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class SearchWord(SQLModel, table=True):
    """A word of the index and how many packages have it: what a misspelling is compared to."""

    __tablename__ = "search_words"
    __table_args__ = (
        Index(
            "search_words_near_miss_idx",
            "word",
            postgresql_using="gin",
            postgresql_ops={"word": "gin_trgm_ops"},
        ),
        Index("search_words_prefix_idx", "word", postgresql_ops={"word": "text_pattern_ops"}),
        {"info": GROUP},
    )

    word: str = Field(primary_key=True)
    packages: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class SearchVersion(SQLModel, table=True):
    """One row; ``number`` changes with every change of ``package_index``."""

    __tablename__ = "search_version"
    __table_args__ = (CheckConstraint("id", name="search_version_one_row"), {"info": GROUP})

    id: bool = Field(
        default=True, sa_column=Column(Boolean, primary_key=True, server_default=text("true"))
    )
    number: int = Field(sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
