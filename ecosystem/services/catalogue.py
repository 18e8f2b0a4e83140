"""Packages, departures and operators as the public sees them."""

import logging
import threading
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from cachetools import LRUCache

from ecosystem.database.placement import ACCOUNTS, PACKAGE_EXTRAS, PACKAGES, RDS
from ecosystem.database.queries import catalogue as queries
from ecosystem.database.queries import payouts, seats, similar
from ecosystem.database.queries.search import finding
from ecosystem.database.tables import Operator, PackageCity
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.agency_terms import PUBLIC, Sale
from ecosystem.domain.errors import NotFound
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price, no_price, price
from ecosystem.domain.public_price import Prices, priced
from ecosystem.domain.rates import Rates
from ecosystem.domain.views import (
    AddonView,
    DepartureView,
    OperatorView,
    PackageCard,
    PackageView,
    Page,
    Stay,
)
from ecosystem.services.cards import card_of
from ecosystem.services.ports import Clock
from ecosystem.services.rates import (
    MOST_REMEMBERED,
    PackageRates,
    RatesMemory,
    child_bands,
    occupancy,
)

log = logging.getLogger(__name__)

BOOKABLE_AHEAD = timedelta(days=730)
"""Departures further ahead are not on sale yet."""


class Catalogue:
    """Reads over the operators' tables, wherever they live."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._rates = RatesMemory(database)
        self._sold: LRUCache[UUID, tuple[str, PackageView]] = LRUCache(MOST_REMEMBERED)
        self._sold_lock = threading.Lock()

    def package(self, key: UUID | str, *, drafts: bool = False) -> PackageView:
        """A published package by id or slug; with ``drafts`` in any state.

        Raises:
            NotFound: there is none, or it is not published.
        """
        by: dict[str, Any] = {"package_id": key} if isinstance(key, UUID) else {"slug": key}
        with self._database.unit(PACKAGES) as session:
            package = queries.package(session, **by)
            if package is None or not (drafts or package.status == "published"):
                raise NotFound(_("This trip does not exist or is not offered any more."))
            stays = queries.cities(session, [package.id])
        with self._database.unit(PACKAGE_EXTRAS) as session:
            addons = queries.addons(session, package.id)
            exclusions = queries.exclusions(session, package.id)
        with self._database.unit(ACCOUNTS) as session:
            operator = queries.operator(session, operator_id=package.operator_id)
        if operator is None:
            raise NotFound(_("This trip does not exist or is not offered any more."))
        with self._database.unit(RDS) as session:
            account = payouts.account_of(session, "operator", operator.id)
        currency = package.currency
        return PackageView(
            id=package.id,
            slug=package.slug,
            title=package.title,
            summary=package.summary,
            description=package.description,
            status=package.status,
            operator=operator_view(operator),
            stays=tuple(_stay(city) for city in stays),
            nights=package.nights,
            base_price=Money.from_decimal(package.base_price, currency),
            child_discount_percent=package.child_discount_percent,
            single_supplement=Money.from_decimal(package.single_supplement, currency),
            commission_percent=package.commission_percent,
            deposit_percent=package.deposit_percent,
            balance_due_days=package.balance_due_days,
            max_travellers=package.max_travellers,
            policy=tuple(package.cancellation_policy),
            highlights=tuple(package.highlights),
            tags=tuple(package.tags),
            addons=tuple(
                AddonView(
                    addon.id,
                    addon.name,
                    addon.description,
                    Money.from_decimal(addon.price, currency),
                    addon.unit,  # type: ignore[arg-type]
                    addon.required,
                )
                for addon in addons
            ),
            exclusions=tuple(line.text for line in exclusions),
            rating=package.rating,
            rating_count=package.rating_count,
            bookable=account is not None and account.transfers_active,
            version=package.version,
            child_bands=child_bands(package.child_bands),
            occupancy=occupancy(package.occupancy_prices, currency),
        )

    def as_sold(self, package_id: UUID) -> PackageView:
        """A package in any state as a booking keeps it: as old as its prices may be.

        Read anew once it, its cities, its add-ons or its operator were written. What a booking
        has no use for (exclusions, ratings, ``bookable``) may be older.

        Raises:
            NotFound: no such package.
        """
        written = self.rates(package_id).written
        with self._sold_lock:
            kept = self._sold.get(package_id)
        if kept is not None and kept[0] == written:
            return kept[1]
        # Read after its stamp: at most newer than that says, and then read once more.
        view = self.package(package_id, drafts=True)
        with self._sold_lock:
            self._sold[package_id] = (written, view)
        return view

    def rates(self, package_id: UUID) -> PackageRates:
        """Prices of a package, at most two seconds old.

        Raises:
            NotFound: no such package.
        """
        return self._rates.of(package_id)

    def forget(self, package_id: UUID) -> None:
        """Let whoever has just saved a package see its new prices at once."""
        self._rates.forget(package_id)

    def departures(
        self, package_id: UUID, first: date | None = None, last: date | None = None
    ) -> tuple[DepartureView, ...]:
        """A package's departures from ``first`` (today) on, with seats left and price."""
        now = self._clock.now()
        rates = self.rates(package_id)
        furthest = now.date() + BOOKABLE_AHEAD
        start = min(max(first or now.date(), now.date()), furthest)
        end = min(last or furthest, furthest)
        with self._database.unit(RDS) as session:
            rows = seats.departures(session, package_id, start, end, now)
        return tuple(departure_view(row, rates.rates, now) for row in rows)

    def price(
        self,
        package_key: UUID | str,
        departure_id: UUID,
        adults: int,
        children: int,
        addon_ids: frozenset[UUID],
        child_ages: Sequence[int] = (),
        *,
        drafts: bool = False,
    ) -> Price:
        """What a party would pay, line by line; with ``drafts`` in any state. Holds nothing.

        Raises:
            NotFound: the package or its departure does not exist.
            Invalid: the party or an add-on does not fit the package.
            Conflict: ``no_price``: the departure can't be priced.
        """
        package_id = package_key if isinstance(package_key, UUID) else self.package(package_key).id
        with self._database.unit(RDS) as session:
            row = seats.departure(session, departure_id)
        if row is None or row.package_id != package_id:
            raise NotFound(_("This departure does not exist."), code="departure_not_found")
        known = self.rates(package_id)
        if not (drafts or known.published):
            raise NotFound(_("This trip does not exist or is not offered any more."))
        return price_party(
            known, row, adults, children, addon_ids, self._clock, child_ages=child_ages
        ).charged.price

    def similar(self, package_id: UUID, limit: int = 3) -> tuple[PackageCard, ...]:
        """Other packages that somebody may like who looks at this one; the nearest first."""
        with self._database.unit(RDS) as session:
            ids = similar.similar(session, package_id, limit)
            return tuple(card_of(row) for row in finding.cards(session, ids, self._clock.now()))

    def operator(self, slug: str) -> OperatorView:
        """Raises ``NotFound``."""
        with self._database.unit(ACCOUNTS) as session:
            operator = queries.operator(session, slug=slug)
        if operator is None or operator.verified_at is None:
            raise NotFound(_("This operator does not exist."))
        return operator_view(operator)

    def own_operator(self, operator_id: UUID) -> OperatorView:
        """An operator by id, verified or not: for the operator's own people."""
        with self._database.unit(ACCOUNTS) as session:
            operator = queries.operator(session, operator_id=operator_id)
        if operator is None:
            raise NotFound(_("This operator does not exist."))
        return operator_view(operator)

    def operators(self, *, after: str = "", limit: int = 25) -> Page[OperatorView]:
        """Verified operators by slug; ``next`` is the slug to continue after."""
        with self._database.unit(ACCOUNTS) as session:
            rows = queries.verified_operators(session, after=after, limit=limit + 1)
        items = tuple(operator_view(row) for row in rows[:limit])
        return Page(items, items[-1].slug if len(rows) > limit else None)


def price_party(
    known: PackageRates,
    departure: Any,
    adults: int,
    children: int,
    addon_ids: frozenset[UUID],
    clock: Clock,
    *,
    child_ages: Sequence[int] = (),
    factor: Decimal = PUBLIC,
) -> Prices:
    """Price a party on a departure row, with the departure's own price when it has one.

    ``factor`` of the public rates is what an agency sells or buys them for: what is charged.

    Raises:
        Invalid: the party or an add-on does not fit the package.
        Conflict: ``no_price``: the departure is in another currency than its package, or
            some room would cost nothing or less.
    """
    rates = rates_on(departure, known.rates, factor)
    if rates is None:
        log.error(
            "a departure of package %s on %s can't be priced: it is in %s at %s, the package in %s",
            known.package_id,
            departure.starts_on,
            departure.currency,
            departure.price_minor,
            known.rates.adult.currency,
        )
        raise no_price()
    return priced(
        rates,
        factor,
        partial(
            price,
            adults=adults,
            children=children,
            addon_ids=addon_ids,
            starts_on=departure.starts_on,
            today=local_day(clock.now(), departure.timezone),
            child_ages=child_ages,
        ),
    )


def frozen(prices: Prices, sale: Sale | None = None) -> dict[str, Any]:
    """Prices as a hold keeps them, with the rates they were made at: a smaller party is priced
    at those, whatever the package costs by then. With the terms of the agency that sells it."""
    return prices.as_json() | ({} if sale is None else {"sale": sale.as_json()})


def rates_on(departure: Any, rates: Rates, factor: Decimal = PUBLIC) -> Rates | None:
    """The package's public rates on a departure; None if it can't be sold at ``factor`` of
    them."""
    currency, own = rates.adult.currency, departure.price_minor
    if departure.currency != currency:
        return None
    found = rates.on(None if own is None else Money(own, currency))
    return found if found.times(factor).sellable else None


# ZoneInfo itself remembers only eight and reads the others from disk again.
_zone = lru_cache(maxsize=None)(ZoneInfo)


def local_day(at: datetime, timezone: str) -> date:
    """The day it is in a departure's zone."""
    return at.astimezone(_zone(timezone)).date()


def departure_view(row: Any, rates: Rates, now: datetime) -> DepartureView:
    """A departure row with ``seats_left`` and the price of an adult who shares a room for two.

    One whose day has come where it starts is closed: no seats of it are held any more. So is
    one that can't be priced; it is shown with the package's price.
    """
    left = max(row.seats_left, 0)
    on_it = rates_on(row, rates)
    begun = row.starts_on <= local_day(now, row.timezone)
    closed = row.status == "closed" or begun or on_it is None
    status = "closed" if closed else "sold_out" if left == 0 else "open"
    return DepartureView(
        id=row.id,
        package_id=row.package_id,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        capacity=row.capacity,
        seats_left=left,
        price=(on_it or rates).sharing,
        status=status,
    )


def operator_view(operator: Operator) -> OperatorView:
    return OperatorView(
        id=operator.id,
        slug=operator.slug,
        name=operator.name,
        description=operator.description,
        country=operator.country,
        city=operator.city,
        languages=tuple(operator.languages),
        rating=operator.rating,
        verified=operator.verified_at is not None,
        contact_email=operator.contact_email,
        contact_phone=operator.contact_phone or "",
        website=operator.website or "",
    )


def _stay(city: PackageCity) -> Stay:
    return Stay(
        city=city.city,
        country=city.country,
        nights=city.nights,
        hotel_name=city.hotel_name,
        hotel_stars=city.hotel_stars,
        board=city.board,
        latitude=city.latitude,
        longitude=city.longitude,
        timezone=city.timezone,
        notes=city.notes or "",
    )
