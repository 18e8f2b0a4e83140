"""Keeping ``package_search`` equal to the published packages, wherever they live."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from ecosystem.database.placement import ACCOUNTS, PACKAGES, RDS
from ecosystem.database.queries import catalogue, changes
from ecosystem.database.queries import search as queries
from ecosystem.database.tables import Operator, Package, PackageCity
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.money import Money
from ecosystem.domain.search import fold, words_of
from ecosystem.services.places import country_name
from ecosystem.services.ports import Clock

CONSUMER = "search"
BATCH = 1_000


class SearchIndex:
    """The first consumer of the change log.

    A step reads a batch of the log, then the current rows of its keys, writes
    the index, and only then deletes the batch: killed anywhere, the next step
    does it again and arrives at the same index.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def step(self) -> int:
        """Deal with one batch; returns how many log rows are done. 0: nothing waits."""
        done = 0
        # Accounts and packages leave Supabase on different days, so each group's
        # log is read where that group lives; today both are one table.
        for group in dict.fromkeys(
            {self._database.placement.database_of(g): g for g in (PACKAGES, ACCOUNTS)}.values()
        ):
            with self._database.unit(group) as session:
                log = changes.pending(session, CONSUMER, BATCH)
            if not log:
                continue
            keys: dict[str, set[UUID]] = defaultdict(set)
            for row in log:
                keys[row.tbl].add(row.pk)
            self.refresh(self._packages(keys))
            with self._database.unit(group) as session:
                changes.forget(session, [row.seq for row in log])
            done += len(log)
        return done

    def refresh(self, package_ids: Iterable[UUID]) -> None:
        """Write the index rows of packages as they are now; unpublished ones leave it."""
        ids = list(package_ids)
        if not ids:
            return
        with self._database.unit(PACKAGES) as session:
            packages = {package.id: package for package in catalogue.packages(session, ids)}
            stays: dict[UUID, list[PackageCity]] = defaultdict(list)
            for city in catalogue.cities(session, ids):
                stays[city.package_id].append(city)
        with self._database.unit(ACCOUNTS) as session:
            operators = {
                operator.id: operator
                for operator in catalogue.operators(
                    session, list({package.operator_id for package in packages.values()})
                )
            }
        rows = [
            _row(package, stays[package.id], operators[package.operator_id])
            for package in packages.values()
            if package.status == "published" and package.operator_id in operators
        ]
        listed = {row["package_id"] for row in rows}
        with self._database.unit(RDS) as session:
            queries.put(session, rows, self._clock.now())
            queries.remove(session, [i for i in ids if i not in listed])

    def _packages(self, keys: dict[str, set[UUID]]) -> set[UUID]:
        found = set(keys.get("multi_city_hotel_packages", ()))
        stays = list(keys.get("multi_city_hotel_package_cities", ()))
        owners = list(keys.get("operators", ()))
        if stays or owners:
            with self._database.unit(PACKAGES) as session:
                if stays:
                    found |= changes.packages_of_cities(session, stays)
                if owners:
                    found |= changes.packages_of_operators(session, owners)
        if stays:
            with self._database.unit(RDS) as session:
                found |= queries.packages_with_stays(session, stays)
        return found


def _row(package: Package, stays: list[PackageCity], operator: Operator) -> dict[str, Any]:
    countries = list(dict.fromkeys(city.country for city in stays))
    cities = [city.city for city in stays]
    stars = [city.hotel_stars for city in stays if city.hotel_stars is not None]
    text = " ".join(
        [
            package.title,
            *cities,
            *map(country_name, countries),
            *package.tags,
            operator.name,
            package.summary,
        ]
    )
    return {
        "package_id": package.id,
        "slug": package.slug,
        "title": package.title,
        "summary": package.summary,
        "operator_id": package.operator_id,
        "operator_slug": operator.slug,
        "operator_name": operator.name,
        "cities": [
            {"id": str(city.id), "name": city.city, "country": city.country, "nights": city.nights}
            for city in stays
        ],
        "countries": countries,
        "city_keys": list(dict.fromkeys(fold(city) for city in cities)),
        "boards": list(dict.fromkeys(city.board for city in stays)),
        "tags": list(package.tags),
        "stars": min(stars) if stars else None,
        "nights": package.nights,
        "latitude": stays[0].latitude if stays else None,
        "currency": package.currency,
        "price_minor": Money.from_decimal(package.base_price, package.currency).minor,
        "rating": package.rating,
        "words": " ".join(_all_words(text)),
        "published_at": package.published_at,
    }


def _all_words(text: str) -> list[str]:
    words: list[str] = []
    for chunk in text.split():
        words += words_of(chunk)
    return words
