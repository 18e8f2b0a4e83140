"""An operator's list of packages: what is on sale, what is missing, what departs next."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from ecosystem.database.placement import PACKAGES, RDS
from ecosystem.database.queries import own_packages as queries
from ecosystem.database.queries.own_packages import Sort
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.money import Money
from ecosystem.services.operator_access import operator_of
from ecosystem.services.ports import Clock

Wanted = Literal["", "draft", "published", "archived"]


@dataclass(frozen=True)
class PackageRow:
    """A package in its operator's list.

    ``missing`` counts what it lacks before it can be sold, an open departure included;
    ``next_departure`` and ``seats_left`` are of the soonest open one.
    """

    id: UUID
    title: str
    status: str
    cities: str
    nights: int
    price: Money
    updated_at: datetime
    missing: int
    next_departure: date | None
    seats_left: int


@dataclass(frozen=True)
class PackageRows:
    """A page of packages. ``counts`` are by status for the same words, with ``""`` for all."""

    rows: tuple[PackageRow, ...]
    total: int
    counts: dict[str, int]


class OwnPackages:
    """Reads only; ``services.package_editor`` changes packages."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def page(
        self,
        actor: Actor,
        *,
        words: str = "",
        status: Wanted = "",
        sort: Sort = "changed",
        limit: int = 25,
        offset: int = 0,
    ) -> PackageRows:
        """The operator's packages whose title or a city has ``words``. Raises ``Forbidden``."""
        operator_id, words = operator_of(actor), words.strip()
        now = self._clock.now()
        with self._database.unit(PACKAGES) as session:
            counts = queries.counts(session, operator_id, words)
            found = queries.page(
                session,
                operator_id,
                words=words,
                status=status,
                sort=sort,
                limit=limit,
                offset=offset,
            )
        with self._database.unit(RDS) as session:
            departures = queries.next_departures(
                session, [row.id for row in found], now.date(), now
            )
        rows: list[PackageRow] = []
        for row in found:
            departure = departures.get(row.id)
            rows.append(
                PackageRow(
                    id=row.id,
                    title=row.title,
                    status=row.status,
                    cities=row.cities or "",
                    nights=row.nights,
                    price=Money.from_decimal(row.base_price, row.currency),
                    updated_at=row.updated_at,
                    missing=row.missing + (departure is None),
                    next_departure=departure.starts_on if departure else None,
                    seats_left=departure.seats_left if departure else 0,
                )
            )
        counts[""] = sum(counts.values())
        return PackageRows(tuple(rows), counts.get(status, 0), counts)
