"""Finding trips."""

from collections.abc import Sequence
from datetime import UTC, datetime

from ecosystem.database.placement import RDS
from ecosystem.database.queries import search as queries
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.money import Money
from ecosystem.domain.search import SearchQuery
from ecosystem.domain.views import CityNights, FacetValue, PackageCard, SearchPage
from ecosystem.services.places import country_name
from ecosystem.services.ports import Clock

BOARD_LABELS = {
    "room_only": "Room only",
    "breakfast": "Breakfast",
    "half_board": "Half board",
    "full_board": "Full board",
    "all_inclusive": "All inclusive",
}


class Search:
    """Over ``package_search``, which the change log keeps current."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def find(self, query: SearchQuery, *, facets: bool = True) -> SearchPage:
        """One page of trips, how many there are, and facets over all of them."""
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            rows = queries.find(session, query, now)
            if facets:
                total, counts = queries.totals(session, query, now)
                names, companies = queries.labels(
                    session,
                    cities=[value for value, _ in counts["city"]],
                    operators=[value for value, _ in counts["operator"]],
                )
            else:
                total, counts, names, companies = -1, {}, {}, {}
        label = {
            "city": lambda v: names.get(v, v.title()),
            "country": country_name,
            "operator": lambda v: companies.get(v, v),
            "board": lambda v: BOARD_LABELS.get(v, v),
            "stars": lambda v: f"{v} stars",
        }
        following = query.offset + len(rows)
        return SearchPage(
            items=tuple(_card(row) for row in rows),
            total=total,
            next=str(following) if rows and following < total else None,
            facets={
                name: tuple(
                    FacetValue(value, label.get(name, lambda v: v)(value), count)
                    for value, count in values
                )
                for name, values in counts.items()
            },
        )

    def counts(self, asked: Sequence[SearchQuery]) -> list[int]:
        """How many trips each query finds: what dropping one filter or another would give."""
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            return [queries.totals(session, query, now, per_facet=1)[0] for query in asked]

    def sitemap(self) -> list[tuple[str, datetime]]:
        """Slug and last change of every published package."""
        with self._database.unit(RDS) as session:
            return [
                (row.slug, row.indexed_at.astimezone(UTC)) for row in queries.indexed_slugs(session)
            ]


def _card(row) -> PackageCard:  # type: ignore[no-untyped-def]
    return PackageCard(
        id=row.package_id,
        slug=row.slug,
        title=row.title,
        operator_slug=row.operator_slug,
        operator_name=row.operator_name,
        cities=tuple(CityNights(c["name"], c["country"], c["nights"]) for c in row.cities),
        nights=row.nights,
        price_from=Money(row.price_minor, row.currency),
        rating=row.rating,
        bookable=row.payable and row.next_departure is not None,
        latitude=row.latitude,
        country=row.countries[0] if row.countries else "",
        next_departure=row.next_departure,
        next_seats_left=row.next_seats_left,
    )
