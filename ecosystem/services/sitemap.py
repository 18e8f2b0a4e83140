"""The addresses that search engines may know: every operator and package the public sees."""

from dataclasses import dataclass
from datetime import UTC, datetime

from ecosystem.database.placement import ACCOUNTS, PACKAGES
from ecosystem.database.queries import catalogue as queries
from ecosystem.database.unit_of_work import Database

LARGEST = 50_000
"""Addresses in one file: https://www.sitemaps.org/protocol.html"""
ALWAYS = ("/", "/search")


@dataclass(frozen=True)
class Address:
    """A path of this site and when what it shows last changed, if that is known."""

    path: str
    changed: datetime | None = None


class Sitemap:
    """All addresses in one order, cut into files of ``largest``."""

    def __init__(self, database: Database, *, largest: int = LARGEST) -> None:
        self._database = database
        self._largest = largest

    def files(self) -> int:
        """How many files there are; at least one."""
        with self._database.unit(PACKAGES) as session:
            packages = queries.count_listed_packages(session)
        return max(1, -(-(len(self._first()) + packages) // self._largest))

    def file(self, number: int) -> list[Address]:
        """The addresses of one file, counted from 0; empty beyond the last."""
        first = self._first()
        start = number * self._largest
        own = first[start : start + self._largest]
        room = self._largest - len(own)
        with self._database.unit(PACKAGES) as session:
            rows = queries.listed_packages(
                session, limit=room, offset=max(start - len(first), 0)
            ) if room else ()  # fmt: skip
        return [*own, *(Address(f"/packages/{slug}", at.astimezone(UTC)) for slug, at in rows)]

    def _first(self) -> list[Address]:
        with self._database.unit(ACCOUNTS) as session:
            operators = queries.listed_operators(session)
        return [
            *(Address(path) for path in ALWAYS),
            *(Address(f"/operators/{slug}", at.astimezone(UTC)) for slug, at in operators),
        ]
