"""Ratings of packages and operators: worked out from the reviews, never counted up."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from ecosystem.database.placement import ACCOUNTS, PACKAGES, RDS
from ecosystem.database.queries import reviews as queries
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.errors import Unavailable
from ecosystem.domain.reviews import average

TRIES = 5

Stars = tuple[int, int, int, int, int]


class Ratings:
    """Handlers of the ``rating.*`` topics.

    Reviews and what they rate may be in two databases, so no lock covers both. Instead the
    reviews are read again after the rating was written: of several handlers at work the last
    one to write has seen all reviews, or writes once more. The search index follows through
    the change log.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def package(self, payload: dict[str, Any]) -> None:
        """Make a package's rating and count those of its reviews."""
        package_id = UUID(payload["package_id"])

        def write(stars: Stars) -> None:
            with self._database.unit(PACKAGES) as session:
                queries.rate_package(session, package_id, average(stars), sum(stars))

        self._follow({"package_id": package_id}, write)

    def operator(self, payload: dict[str, Any]) -> None:
        """Make an operator's rating that of its reviews."""
        operator_id = UUID(payload["operator_id"])

        def write(stars: Stars) -> None:
            with self._database.unit(ACCOUNTS) as session:
                queries.rate_operator(session, operator_id, average(stars))

        self._follow({"operator_id": operator_id}, write)

    def _follow(self, whose: dict[str, UUID], write: Callable[[Stars], None]) -> None:
        stars = self._stars(whose)
        for _ in range(TRIES):
            write(stars)
            now = self._stars(whose)
            if now == stars:
                return
            stars = now
        raise Unavailable("Reviews come in faster than their rating can be written.")

    def _stars(self, whose: dict[str, UUID]) -> Stars:
        with self._database.unit(RDS) as session:
            return queries.by_stars(session, **whose)
