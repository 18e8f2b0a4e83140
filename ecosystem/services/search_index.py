"""Keeping the search index equal to the published packages, wherever they live."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg
from psycopg import errors as pg
from sqlalchemy.exc import DBAPIError

from ecosystem.database.placement import ACCOUNTS, PACKAGES, RDS, SUPABASE
from ecosystem.database.queries import catalogue, changes
from ecosystem.database.queries.search import indexing
from ecosystem.database.queries.search.indexing import Term
from ecosystem.database.tables import Operator, Package, PackageCity, TermKind
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.language import LANGUAGES
from ecosystem.domain.money import Money
from ecosystem.domain.search import first_on_sale, fold, weighed_rating, words_of
from ecosystem.domain.tags import names_of
from ecosystem.services.places.countries import country_name
from ecosystem.services.ports import Clock

log = logging.getLogger(__name__)

CONSUMER = "search"
BATCH = 1_000
UNDER_THE_PACKAGE = (
    "multi_city_hotel_packages",
    "departures",
    "package_pictures",
    "package_search",
)
"""What the logs name by the package's own id."""
_NONSENSE = (psycopg.DataError, psycopg.IntegrityError, pg.ProgramLimitExceeded)
"""What PostgreSQL says of values that can't stand in the index, however often they are tried."""


class SearchIndex:
    """The first consumer of the change logs.

    A step reads a batch of a log, then the current rows of its keys, writes the index, and only
    then deletes the batch: killed anywhere, the next step does it again and arrives at the same
    index. One writer at a time: it holds a lock from before it reads until its commit, so a slow
    one never puts an older state over a newer one.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def step(self) -> int:
        """Deal with one batch of each log and with prices that a day's passing made old.

        Returns how many log rows and packages are done. 0: nothing waits, or another worker
        is at it.
        """
        # Accounts and packages leave Supabase on different days, and what was logged there before
        # still waits there. It comes last: RDS is followed even when Supabase does not answer.
        return self._one_log(RDS) + self._day_passed() + self._one_log(SUPABASE)

    def refresh(self, package_ids: Iterable[UUID]) -> None:
        """Write the index rows of packages as they are now; unpublished ones leave it."""
        if ids := set(package_ids):
            with self._database.unit(RDS) as session:
                indexing.become_writer(session, wait=True)
                self._write(session, ids)

    def _one_log(self, name: str) -> int:
        with self._database.at(name) as connection:
            if not changes.pending(connection, CONSUMER, 1):
                return 0
        with self._database.unit(RDS) as writing:
            if not indexing.become_writer(writing, wait=False):
                return 0
            with self._database.at(name) as connection:
                log = changes.pending(connection, CONSUMER, BATCH)
            keys: dict[str, set[UUID]] = defaultdict(set)
            for row in log:
                keys[row.tbl].add(row.pk)
            changed = self._packages(writing, keys)
            self._write(writing, changed)
            seats = keys.get("seat_claims", set()) - changed
            indexing.put_seats(writing, list(seats), first_on_sale(self._clock.now()))
        # Where they were read: in the other log these numbers are other rows.
        with self._database.at(name) as connection:
            changes.forget(connection, [row.seq for row in log])
        return len(log)

    def _day_passed(self) -> int:
        with self._database.unit(RDS) as session:
            late = indexing.stale(session, first_on_sale(self._clock.now()), BATCH)
            if not late or not indexing.become_writer(session, wait=False):
                return 0
            self._write(session, late)
        return len(late)

    def _write(self, session: RoutedSession, package_ids: set[UUID]) -> None:
        ids = list(package_ids)
        with self._database.unit(PACKAGES) as reading:
            packages = {package.id: package for package in catalogue.packages(reading, ids)}
            stays: dict[UUID, list[PackageCity]] = defaultdict(list)
            for city in catalogue.cities(reading, ids):
                stays[city.package_id].append(city)
        with self._database.unit(ACCOUNTS) as reading:
            operators = {
                operator.id: operator
                for operator in catalogue.operators(
                    reading, list({package.operator_id for package in packages.values()})
                )
            }
        listed = [
            package
            for package in packages.values()
            if package.status == "published" and package.operator_id in operators
        ]
        # Gone before come: a slug that one gives up may be another's now.
        indexing.remove(session, list(package_ids - {package.id for package in listed}))
        if listed:
            self._put(session, listed, stays, operators)

    def _put(
        self,
        session: RoutedSession,
        packages: Sequence[Package],
        stays: Mapping[UUID, list[PackageCity]],
        operators: Mapping[UUID, Operator],
    ) -> None:
        """Write packages, all but those that can't be: another system writes these tables too,
        and one row of nonsense must not keep every other package's changes out of the search."""
        try:
            with session.begin_nested():
                indexing.put(
                    session,
                    [_row(one, stays[one.id], operators[one.operator_id]) for one in packages],
                    [_terms(one, stays[one.id], operators[one.operator_id]) for one in packages],
                    self._clock.now(),
                )
        except (ValueError, ArithmeticError, DBAPIError) as error:
            if isinstance(error, DBAPIError) and not isinstance(error.orig, _NONSENSE):
                raise
            if len(packages) > 1:
                middle = len(packages) // 2
                self._put(session, packages[:middle], stays, operators)
                self._put(session, packages[middle:], stays, operators)
            else:
                log.exception("package %s can't be found: it can't be indexed", packages[0].id)
                indexing.remove(session, [packages[0].id])

    def _packages(self, rds: RoutedSession, keys: dict[str, set[UUID]]) -> set[UUID]:
        found = {key for table in UNDER_THE_PACKAGE for key in keys.get(table, ())}
        stays = list(keys.get("multi_city_hotel_package_cities", ()))
        owners = list(keys.get("operators", ()))
        if stays or owners:
            with self._database.unit(PACKAGES) as session:
                if stays:
                    found |= changes.packages_of_cities(session, stays)
                if owners:
                    found |= changes.packages_of_operators(session, owners)
        if stays:
            found |= indexing.packages_with_stays(rds, stays)
        return found


def _row(package: Package, stays: list[PackageCity], operator: Operator) -> dict[str, Any]:
    countries = list(dict.fromkeys(city.country for city in stays))
    cities = [city.city for city in stays]
    return {
        "package_id": str(package.id),
        "slug": package.slug,
        "title": package.title,
        "summary": package.summary,
        "operator_id": str(package.operator_id),
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
        "stars": _stars(stays),
        "nights": package.nights,
        "latitude": stays[0].latitude if stays else None,
        "currency": package.currency,
        "price_minor": Money.from_decimal(package.base_price, package.currency).minor,
        "rating": None if package.rating is None else str(package.rating),
        "weighed_rating": weighed_rating(package.rating, package.rating_count),
        "published_at": package.published_at and package.published_at.isoformat(),
        "title_words": _words([package.title]),
        "place_words": _words([*cities, *(name for code in countries for name in _names(code))]),
        "kind_words": _words(
            [*(name for tag in package.tags for name in names_of(tag)), operator.name]
        ),
    }


def _terms(package: Package, stays: list[PackageCity], operator: Operator) -> list[Term]:
    terms = [
        Term(TermKind.ANY, "", "", ""),
        Term(TermKind.OPERATOR, operator.slug, operator.name, _typed(operator.name)),
        *(Term(TermKind.TAG, tag, tag, _typed(*names_of(tag))) for tag in package.tags),
    ]
    for stay in stays:
        key, country = fold(stay.city), stay.country
        # Operators give their own coordinates. A place is the same within a square degree,
        # so that two towns of one name in a country stay apart.
        place = f"{key} {country} {round(stay.latitude)} {round(stay.longitude)}"
        terms += [
            Term(TermKind.COUNTRY, country, country, _typed(*_names(country)), country),
            Term(TermKind.CITY, key, stay.city, _typed(stay.city), country),
            Term(TermKind.BOARD, stay.board, stay.board, ""),
            Term(TermKind.PLACE, place, stay.city, "", country, stay.latitude, stay.longitude),
        ]
    # Four stars and up is what a filter asks for, so each has those below it, too.
    stars = _stars(stays) or 0
    return [*terms, *(Term(TermKind.STARS, str(n), str(n), "") for n in range(1, stars + 1))]


def _stars(stays: list[PackageCity]) -> int | None:
    """The least of the hotels that have stars."""
    return min((stay.hotel_stars for stay in stays if stay.hotel_stars is not None), default=None)


def _names(country: str) -> list[str]:
    """A country as each of the product's languages calls it: people type their own."""
    return list(dict.fromkeys(country_name(country, one.locale) for one in LANGUAGES.values()))


def _typed(*names: str) -> str:
    return "".join(f"|{_words([name])}" for name in names)


def _words(texts: list[str]) -> str:
    """Every folded word, without the limit that a typed query has."""
    return " ".join(word for text in texts for chunk in text.split() for word in words_of(chunk))
