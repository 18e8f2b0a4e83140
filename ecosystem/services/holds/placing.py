"""Holding seats of a departure for a while, at a frozen price."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from cachetools import LRUCache

from ecosystem.database.placement import RDS
from ecosystem.database.queries import seats
from ecosystem.database.unit_of_work import Database
from ecosystem.domain import formats
from ecosystem.domain.actor import Actor
from ecosystem.domain.agency_terms import PUBLIC, Sale
from ecosystem.domain.booking import HOLD_LIFE
from ecosystem.domain.errors import Conflict, NotFound, Unavailable
from ecosystem.domain.ids import uuid7
from ecosystem.domain.language import _, ngettext
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price
from ecosystem.domain.views import HoldView
from ecosystem.services.agency_sales import sale_by, told_price
from ecosystem.services.catalogue import Catalogue, frozen, local_day, price_party
from ecosystem.services.ports import Clock

MOST_REMEMBERED = 20_000
TRIES = 3


@dataclass(frozen=True)
class Terms:
    """What the price of a departure depends on.

    Remembered however old: the statement that holds the seats compares them with the
    departure's, and a hold at terms that have changed is priced anew.
    """

    package_id: UUID
    starts_on: date
    timezone: str
    currency: str
    price_minor: int | None

    @classmethod
    def of(cls, row: Any) -> "Terms":
        """From a departure's row."""
        return cls(row.package_id, row.starts_on, row.timezone, row.currency, row.price_minor)


class Placing:
    """``lock`` is off only in the control of the race suite, which must then oversell."""

    def __init__(
        self, database: Database, catalogue: Catalogue, clock: Clock, *, lock: bool = True
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._lock = lock
        self._terms: LRUCache[UUID, Terms] = LRUCache(MOST_REMEMBERED)
        self._terms_lock = threading.Lock()

    def place(
        self,
        actor: Actor,
        departure_id: UUID,
        *,
        adults: int,
        children: int = 0,
        addon_ids: frozenset[UUID] = frozenset(),
        child_ages: Sequence[int] = (),
        replace_own: bool = False,
        expected: Money | None = None,
    ) -> HoldView:
        """Hold seats for a party until ``expires_at``, priced as of now.

        ``child_ages`` are full years at departure, one for each child or none.

        ``replace_own`` gives back the actor's earlier holds on the same departure
        from which nothing was booked: somebody who presses Reserve again must not
        be in her own way.

        Raises:
            NotFound: no such departure, or its package is not offered.
            Invalid: the party or an add-on does not fit the package.
            Conflict: ``sold_out`` (with ``seats_left``), ``departure_closed``,
                ``not_bookable`` while the operator can't be paid, ``no_price`` when the
                departure can't be priced, or ``price_changed`` with the ``price`` of now.
            Unavailable: the database is busy; nothing is held.
        """
        party = adults + children
        for _attempt in range(TRIES):
            terms = self._terms_of(departure_id)
            known = self._catalogue.rates(terms.package_id)
            if not known.published:
                raise NotFound(_("This trip does not exist or is not offered any more."))
            sale = self._sale(actor, terms.package_id)
            try:
                prices = price_party(
                    known, terms, adults, children, addon_ids, self._clock,
                    child_ages=child_ages, factor=PUBLIC if sale is None else sale.factor,
                )  # fmt: skip
                # Who is told the public price agrees to that, not to what the agency owes.
                price = told_price(actor, sale, prices).price
                _agree(price, expected)
            except Conflict:
                # What is remembered of a departure may be of before its operator put it right.
                if self._read_terms(departure_id) != terms:
                    continue
                raise
            now = self._clock.now()
            wish = seats.Wish(
                claim_id=uuid7(),
                departure_id=departure_id,
                seats=party,
                expires_at=now + HOLD_LIFE,
                holder=actor.holder,
                instead_of=(actor.holder or None) if replace_own else None,
                adults=adults,
                children=children,
                child_ages=list(child_ages),
                price=frozen(prices, sale),
                starts_on=terms.starts_on,
                timezone=terms.timezone,
                currency=terms.currency,
                price_minor=terms.price_minor,
            )
            found = seats.hold(self._database, wish, now, lock=self._lock)
            if found is None:
                raise NotFound(_("This departure does not exist."), code="departure_not_found")
            if found.made:
                break
            if Terms.of(found) == terms:
                raise refusal(found, found.seats_left, party, local_day(now, found.timezone))
            self._remember(departure_id, Terms.of(found))
        else:
            raise Unavailable(
                _("This departure is being changed. Try again in a moment."), code="busy"
            )
        return HoldView(
            id=wish.claim_id,
            expires_at=wish.expires_at,
            seats=party,
            adults=adults,
            children=children,
            price=price,
            public_total=prices.public.price.total,
            live=True,
            package_slug=known.slug,
            package_title=known.title,
            package_id=found.package_id,
            starts_on=found.starts_on,
            ends_on=found.ends_on,
            timezone=found.timezone,
            addon_ids=price.addon_ids,
            sale=sale if actor.sees_commission else None,
            on_account=sale is not None and sale.on_account,
            cancellation=(),
            latitude=None,
            country="",
        )

    def _sale(self, actor: Actor, package_id: UUID) -> Sale | None:
        """On which terms an agent sells it; None for everybody who buys for herself."""
        if actor.agency_id is None:
            return None
        package = self._catalogue.as_sold(package_id)
        return sale_by(self._database, actor, package, self._clock.now())

    def _terms_of(self, departure_id: UUID) -> Terms:
        with self._terms_lock:
            known = self._terms.get(departure_id)
        return known if known is not None else self._read_terms(departure_id)

    def _read_terms(self, departure_id: UUID) -> Terms:
        with self._database.unit(RDS) as session:
            row = seats.departure(session, departure_id)
        if row is None:
            raise NotFound(_("This departure does not exist."), code="departure_not_found")
        return self._remember(departure_id, Terms.of(row))

    def _remember(self, departure_id: UUID, terms: Terms) -> Terms:
        with self._terms_lock:
            self._terms[departure_id] = terms
        return terms

    def tidy(self) -> int:
        """Mark long-expired holds as released. Only housekeeping: they are free already."""
        with self._database.unit(RDS) as session:
            return seats.tidy_expired_claims(session, self._clock.now())


def price_changed(before: Money, price: Price) -> Conflict:
    """What is said when something costs another amount than somebody agreed to."""
    return Conflict(
        _("The price has changed while you were looking: it was {before} and is {now}.").format(
            before=formats.money(before), now=formats.money(price.total)
        ),
        code="price_changed",
        price=price,
    )


def _agree(price: Price, expected: Money | None) -> None:
    """Nobody pays more than she agreed to, nor in another currency."""
    if expected is None:
        return
    if price.total.currency != expected.currency or price.total.minor > expected.minor:
        raise price_changed(expected, price)


def refusal(found: Any, seats_left: int, party: int, today: date) -> Conflict:
    """Why ``party`` seats can't be held on the departure ``found``, of which so many are left."""
    if found.status != "open" or found.starts_on <= today:
        return Conflict(
            _("This departure is not on sale any more. Choose another date."),
            code="departure_closed",
        )
    if not found.payable:
        return Conflict(
            _("This trip can't be booked yet: its operator has not set up payouts."),
            code="not_bookable",
        )
    left = max(seats_left, 0)
    return Conflict(_sold_out(party, left), code="sold_out", seats_left=left)


def _sold_out(wanted: int, left: int) -> str:
    if left == 0:
        return _("The last seats on this departure have just gone. Choose another date.")
    return ngettext(
        "Only {left} seat is left on this departure, and you asked for {wanted}."
        " Choose another date or a smaller party.",
        "Only {left} seats are left on this departure, and you asked for {wanted}."
        " Choose another date or a smaller party.",
        left,
    ).format(left=left, wanted=wanted)
