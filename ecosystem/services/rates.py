"""What pricing needs of a package, read from the operators' database and briefly remembered.

A hold must not wait for another database on every call. Prices are therefore at most
``RATES_SECONDS`` old (docs/decisions/0006). Those of packages that are in demand are read
again together, by one caller, before they are too old; the others go on with what is known.
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Any
from uuid import UUID

from cachetools import LRUCache

from ecosystem.database.placement import ACCOUNTS, PACKAGE_EXTRAS, PACKAGES
from ecosystem.database.queries import catalogue as queries
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.errors import NotFound, Unavailable
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.domain.price import OLDEST_CHILD
from ecosystem.domain.rates import AddonRate, ChildBand, Rates
from ecosystem.domain.rooms import LARGEST_ROOM

log = logging.getLogger(__name__)

RATES_SECONDS = 2.0
"""A price change reaches new holds within this time: as if the buyer had pressed
the button two seconds earlier. What is held keeps its price in any case."""
RENEWED_AFTER = 1.5
IN_DEMAND = 30.0
"""Seconds since it was last asked for in which a package counts as in demand."""
MOST_REMEMBERED = 4096
MOST = Decimal(10) ** 10
"""What numeric(12,2) holds is less."""


@dataclass(frozen=True)
class PackageRates:
    """What pricing and holding need of a package.

    ``written`` is another after any write of the package, its cities, add-ons or operator.
    """

    package_id: UUID
    slug: str
    title: str
    published: bool
    rates: Rates
    written: str


@dataclass
class _Kept:
    rates: PackageRates
    read_at: float
    asked_at: float


class RatesMemory:
    """Rates by package. One per process; safe between threads."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._kept: LRUCache[UUID, _Kept] = LRUCache(MOST_REMEMBERED)
        self._lock = threading.Lock()
        self._renewing = threading.Lock()

    def of(self, package_id: UUID) -> PackageRates:
        """A package's rates, at most ``RATES_SECONDS`` old.

        Raises:
            NotFound: no such package.
            Unavailable: they have to be read, and the database does not answer.
        """
        now = self._clock()
        with self._lock:
            kept = self._kept.get(package_id)
            if kept is not None:
                kept.asked_at = now
        if kept is None:
            self._read([package_id])
        elif now - kept.read_at > RATES_SECONDS:
            with self._renewing:
                if not self._fresh(package_id, now):
                    self._read(self._in_demand(now))
        elif now - kept.read_at > RENEWED_AFTER and self._renewing.acquire(blocking=False):
            try:
                self._read(self._in_demand(now))
            except Unavailable as error:
                # What is known is still good for a moment; who asks after that is told.
                log.warning("prices could not be renewed: %s", error.detail)
            finally:
                self._renewing.release()
        with self._lock:
            kept = self._kept.get(package_id)
        if kept is None:
            raise NotFound(_("This trip does not exist or is not offered any more."))
        return kept.rates

    def forget(self, package_id: UUID) -> None:
        """Read a package anew when it is next asked for: its operator has just saved it here."""
        with self._lock:
            self._kept.pop(package_id, None)

    def _fresh(self, package_id: UUID, now: float) -> bool:
        """Whether somebody else has read it, or found it gone, while we waited."""
        with self._lock:
            kept = self._kept.get(package_id)
        return kept is None or now - kept.read_at <= RATES_SECONDS

    def _in_demand(self, now: float) -> list[UUID]:
        """Packages that were asked for lately and are not just read."""
        with self._lock:
            return [
                key
                for key, kept in self._kept.items()
                if now - kept.asked_at < IN_DEMAND and now - kept.read_at > RENEWED_AFTER / 2
            ]

    def _read(self, package_ids: Sequence[UUID]) -> None:
        """Read and remember; a package that does not exist any more is forgotten."""
        began = self._clock()
        with self._database.unit(PACKAGES) as session:
            packages = queries.rates(session, package_ids)
        with self._database.unit(PACKAGE_EXTRAS) as session:
            addons: dict[UUID, list[Any]] = defaultdict(list)
            for row in queries.addon_rates(session, package_ids):
                addons[row.package_id].append(row)
        with self._database.unit(ACCOUNTS) as session:
            by = queries.operators_written(session, list({row.operator_id for row in packages}))
        found = {
            row.id: _package_rates(row, addons[row.id], by.get(row.operator_id, ""))
            for row in packages
        }
        with self._lock:
            for key in package_ids:
                kept = self._kept.pop(key, None)
                if key in found:
                    asked_at = kept.asked_at if kept else began
                    self._kept[key] = _Kept(found[key], began, asked_at)


def _package_rates(package: Any, addons: Sequence[Any], operator: str) -> PackageRates:
    currency = package.currency
    base = Money.from_decimal(package.base_price, currency)
    return PackageRates(
        package_id=package.id,
        slug=package.slug,
        title=package.title,
        published=package.status == "published",
        rates=Rates(
            adult=base,
            child_discount_percent=package.child_discount_percent,
            single_supplement=Money.from_decimal(package.single_supplement, currency),
            nights=package.nights,
            max_travellers=package.max_travellers,
            addons=tuple(
                AddonRate(
                    addon.id,
                    addon.name,
                    Money.from_decimal(addon.price, currency),
                    addon.unit,
                    addon.required,
                )
                for addon in addons
            ),
            deposit_percent=package.deposit_percent,
            balance_due_days=package.balance_due_days,
            child_bands=child_bands(package.child_bands),
            occupancy=occupancy(package.occupancy_prices, currency),
        ),
        written=f"{package.written} | {' '.join(addon.written for addon in addons)} | {operator}",
    )


def child_bands(kept: Any) -> tuple[ChildBand, ...]:
    """The bands of a package by age.

    Others write this table too: a band that makes no sense, or that overlaps a younger one,
    is left out, so that nobody gets a discount by accident.
    """
    found: list[ChildBand] = []
    for item in kept if isinstance(kept, list) else ():
        try:
            first, last = int(item["from_age"]), int(item["to_age"])
            discount = Decimal(str(item["discount_percent"]))
            sensible = 0 <= first <= last <= OLDEST_CHILD and 0 <= discount <= 100
        except (DecimalException, KeyError, TypeError, ValueError, OverflowError):
            log.warning("a child band can't be read: %r", item)
            continue
        if sensible:
            found.append(ChildBand(first, last, discount))
    bands: list[ChildBand] = []
    for band in sorted(found, key=lambda band: band.from_age):
        if not bands or bands[-1].to_age < band.from_age:
            bands.append(band)
    return tuple(bands)


def occupancy(kept: Any, currency: str) -> dict[int, Money]:
    """The price per adult by adults in a room; what makes no sense is left out."""
    prices: dict[int, Money] = {}
    for size in range(1, LARGEST_ROOM + 1):
        written = kept.get(str(size)) if isinstance(kept, dict) else None
        if written is None:
            continue
        try:
            amount = Decimal(str(written))
            if not 0 < amount < MOST:
                raise ValueError(written)
            each = Money.from_decimal(amount, currency)
            if each.minor == 0:
                raise ValueError(written)
        except (DecimalException, ValueError):
            log.warning("a price by occupancy can't be read: %r", written)
            continue
        prices[size] = each
    return prices
