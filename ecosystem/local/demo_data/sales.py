"""Which bookings there are: the demo people's own, full departures, and everybody else's."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from ecosystem.local.demo_data.bookings import (
    Buyer,
    DemoBooking,
    Outcome,
    Party,
    book,
    party,
    window,
)
from ecosystem.local.demo_data.departures import DemoDeparture, showcase
from ecosystem.local.demo_data.featured import FEATURED
from ecosystem.local.demo_data.operators import VIA_APPIA, slug_of
from ecosystem.local.demo_data.people import (
    MAPLE,
    DemoAgency,
    agencies,
    customers,
    person,
)
from ecosystem.local.demo_data.seeded import chance

BOOKINGS = 1500
_SOON = timedelta(days=21)
_AHEAD = timedelta(days=210)


class Sales:
    """Sells departures until there are ``wanted`` bookings."""

    def __init__(self, departures: Sequence[DemoDeparture], anchor: datetime, wanted: int) -> None:
        self._anchor = anchor
        self._wanted = wanted
        self._made: list[DemoBooking] = []
        self._left = {departure.id: departure.capacity for departure in departures}
        self._open = [
            departure
            for departure in departures
            if departure.status == "open"
            and departure.package.operator.transfers_active
            and window(departure, anchor)
        ]
        self._showcase = {wanted.starts_on: wanted for wanted in showcase(anchor)}

    def all(self) -> list[DemoBooking]:
        """Every booking, in the order it was made up."""
        first = [d for d in self._open if d.package.number == 0]
        for departure in first:
            shown = self._showcase.get(departure.starts_on)
            if shown is not None:
                self._fill(departure, shown.left)
        self._demo_customer(first)
        self._travelling()
        self._operator(self._wanted // 12)
        self._popular(self._wanted // 12)
        self._travelled(self._wanted // 6)
        pick = chance("sales")
        ordinary = [d for d in self._open if not self._shown(d) and self._likely(pick, d)]
        while len(self._made) < self._wanted and ordinary:
            departure = pick.choice(ordinary)
            self._sell(departure, self._buyer(pick), self._outcome(pick, departure))
        return self._made

    def _demo_customer(self, first: Sequence[DemoDeparture]) -> None:
        """Four trips of the demo customer: one over, one cancelled, two to come."""
        pick = chance("demo-customer")
        me = customers()[0]
        buyer = Buyer(me.name, me.email, customer=me)
        today = self._anchor.date()
        past = [d for d in self._open if d.ends_on < today - timedelta(days=20)]
        soon = [d for d in self._open if today + _SOON < d.starts_on < today + 3 * _SOON]
        later = [d for d in first if d.starts_on > today + 4 * _SOON and not self._shown(d)]
        cancelled = [d for d in self._open if d.starts_on > today + 4 * _SOON]
        plans: tuple[tuple[list[DemoDeparture], Outcome, bool], ...] = (
            (past, "sold", False),
            (soon, "sold", False),
            (later or cancelled, "sold", True),
            (cancelled, "cancelled", False),
        )
        for choices, outcome, deposit in plans:
            for _ in range(60):
                departure = pick.choice(choices or self._open)
                seats = Party(2, 0)
                if not self._shown(departure) and self._sell(
                    departure, buyer, outcome, seats, deposit=deposit
                ):
                    break

    def _travelling(self) -> None:
        """Maple Travel's people who are away now or leave within three weeks."""
        today = self._anchor.date()
        pick = chance("travelling")
        away = [d for d in self._open if d.starts_on <= today <= d.ends_on]
        soon = [d for d in self._open if today < d.starts_on <= today + _SOON]
        for choices, number in ((away, 6), (soon, 9)):
            for departure in pick.sample(choices, min(number, len(choices))):
                self._sell(departure, self._agency(pick, agencies()[0]), "sold")

    def _operator(self, number: int) -> None:
        """More bookings for the demo operator than chance would give."""
        pick = chance("via-appia")
        own = [d for d in self._open if d.package.operator.slug == VIA_APPIA and not self._shown(d)]
        target = len(self._made) + number
        for _ in range(number * 3):
            if len(self._made) >= target or not own:
                return
            departure = pick.choice(own)
            self._sell(departure, self._buyer(pick), self._outcome(pick, departure))

    def _popular(self, number: int) -> None:
        """Departures that are sold out or nearly: small ones, filled to between 0 and 3 seats."""
        pick = chance("popular")
        today = self._anchor.date()
        small = [
            d
            for d in self._open
            if d.capacity <= 12 and today < d.starts_on < today + _AHEAD and not self._shown(d)
        ]
        for departure in pick.sample(small, min(number, len(small))):
            if len(self._made) > self._wanted * 2 // 3:
                return
            self._fill(departure, pick.choice((0, 0, 1, 2, 3)))

    def _travelled(self, number: int) -> None:
        """Past trips of the packages shown first, so that there is something to read of them."""
        pick = chance("travelled")
        today = self._anchor.date()
        known = [
            d for d in self._open if d.package.number < len(FEATURED) and d.ends_on < today - _SOON
        ]
        target = len(self._made) + number
        for _ in range(number * 2):
            if len(self._made) >= target or not known:
                return
            self._sell(pick.choice(known), self._buyer(pick), "sold")

    def _fill(self, departure: DemoDeparture, left: int) -> None:
        pick = chance("fill", departure.id)
        misses = 0
        while (free := self._left[departure.id] - left) > 0 and misses < 50:
            most = min(free, departure.package.max_travellers)
            seats = party(len(self._made) + 7_000, most)
            if not self._sell(departure, self._buyer(pick), "sold", seats):
                misses += 1

    def _likely(self, pick: Random, departure: DemoDeparture) -> bool:
        """Few people book more than seven months ahead."""
        far = departure.starts_on > self._anchor.date() + _AHEAD
        return not far or pick.random() < 0.2

    def _shown(self, departure: DemoDeparture) -> bool:
        return departure.package.number == 0 and departure.starts_on in self._showcase

    def _sell(
        self,
        departure: DemoDeparture,
        buyer: Buyer,
        outcome: Outcome,
        seats: Party | None = None,
        *,
        deposit: bool | None = None,
    ) -> bool:
        """Make one booking if there is room and time for it."""
        number = len(self._made)
        free = self._left[departure.id]
        most = min(free, departure.package.max_travellers)
        chosen = seats or (party(number, most) if most else None)
        if chosen is None or chosen.seats > most:
            return False
        made = book(number, departure, buyer, chosen, outcome, self._anchor, deposit=deposit)
        if made is None:
            return False
        if made.claim_state != "released":
            self._left[departure.id] -= chosen.seats
        self._made.append(made)
        return True

    def _outcome(self, pick: Random, departure: DemoDeparture) -> Outcome:
        drawn = pick.random()
        if drawn < 0.1:
            return "cancelled"
        if drawn < 0.17:
            return "expired"
        if drawn < 0.23 and departure.starts_on > self._anchor.date() + _SOON:
            return "pending"
        return "sold"

    def _buyer(self, pick: Random) -> Buyer:
        drawn = pick.random()
        if drawn < 0.5:
            houses = agencies()
            return self._agency(pick, houses[0] if drawn < 0.12 else pick.choice(houses[1:]))
        if drawn < 0.8:
            customer = pick.choice(customers()[1:])
            return Buyer(customer.name, customer.email, customer=customer)
        name = person(pick, pick.choice(("GB", "DE", "FR", "SE", "US", "JP", "PL")))
        local = chance("guest", name).randint(10, 99)
        return Buyer(name, f"{slug_of(name)}-{local}@letter.example")

    @staticmethod
    def _agency(pick: Random, agency: DemoAgency) -> Buyer:
        mine = agency.slug == MAPLE and pick.random() < 0.5
        agent = agency.agents[0] if mine else pick.choice(agency.sellers)
        client = pick.choice(agency.clients)
        return Buyer(
            client.name, client.email, agency.country, agency=agency, agent=agent, client=client
        )


def bookings(
    departures: Sequence[DemoDeparture], anchor: datetime, wanted: int = BOOKINGS
) -> Iterator[DemoBooking]:
    """The demo bookings over ``departures``; ``wanted`` of them if there are seats enough."""
    yield from Sales(departures, anchor, wanted).all()
