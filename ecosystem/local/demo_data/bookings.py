"""Bookings: who travels, what it cost, how far it has come. Seats never exceed a capacity."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID

from ecosystem.domain.booking import HOLD_LIFE
from ecosystem.domain.price import Price, price
from ecosystem.local.demo_data.departures import DemoDeparture
from ecosystem.local.demo_data.packages import DemoPackage
from ecosystem.local.demo_data.people import (
    Agent,
    DemoAgency,
    DemoClient,
    DemoCustomer,
    booking_id,
    children_of,
    person,
)
from ecosystem.local.demo_data.seeded import chance, reference, timed_id, token

Outcome = Literal["sold", "cancelled", "expired", "pending"]


@dataclass(frozen=True)
class Buyer:
    """An agency with its agent and client, a customer, or (neither) a guest."""

    name: str
    email: str
    country: str = "GB"
    agency: DemoAgency | None = None
    agent: Agent | None = None
    client: DemoClient | None = None
    customer: DemoCustomer | None = None

    @property
    def holder(self) -> str:
        """The key of the buyer's holds, as ``domain.actor.Actor.holder`` makes it."""
        owner = self.agent or self.customer
        return f"user:{owner.id}" if owner else ""


@dataclass(frozen=True)
class Party:
    adults: int
    children: int

    @property
    def seats(self) -> int:
        return self.adults + self.children


@dataclass(frozen=True)
class DemoBooking:
    """One booking. ``closed_at`` is when it was completed, cancelled or expired."""

    number: int
    id: UUID
    claim_id: UUID
    status: str
    departure: DemoDeparture
    buyer: Buyer
    party: Party
    travellers: tuple[dict[str, str], ...]
    price: Price
    deposit: bool
    created_at: datetime
    confirmed_at: datetime | None
    closed_at: datetime | None
    held_until: datetime
    reference: str = field(init=False)
    view_key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reference", reference(self.number))
        object.__setattr__(self, "view_key", token("view", self.number))

    @property
    def package(self) -> DemoPackage:
        return self.departure.package

    @property
    def frozen(self) -> dict[str, Any]:
        """The price as the hold keeps it, with the rates it was made at."""
        rates = self.package.rates(self.departure.override)
        return self.price.as_json() | {"rates": rates.as_json()}

    @property
    def claim_state(self) -> str:
        states = {"confirmed": "sold", "completed": "sold", "pending_payment": "held"}
        return states.get(self.status, "released")

    @property
    def updated_at(self) -> datetime:
        return self.closed_at or self.confirmed_at or self.created_at

    @property
    def snapshot(self) -> dict[str, Any]:
        """The package as it was sold, in the form the booking service keeps it."""
        package = self.package
        return {
            "package": {
                "id": str(package.id),
                "slug": package.slug,
                "title": package.title,
                "nights": package.nights,
                "summary": package.summary,
            },
            "operator": {
                "id": str(package.operator.id),
                "slug": package.operator.slug,
                "name": package.operator.name,
            },
            "cities": [
                {
                    "city": stop.place.city,
                    "country": stop.place.country,
                    "nights": stop.nights,
                    "hotel_name": stop.hotel,
                    "hotel_stars": stop.stars,
                    "board": stop.board,
                    "latitude": stop.place.latitude,
                    "longitude": stop.place.longitude,
                    "timezone": stop.place.timezone,
                }
                for stop in package.stops
            ],
            "policy": package.policy_json,
            "addons": [{"id": str(addon.id), "name": addon.name} for addon in package.addons],
        }


def party(number: int, most: int) -> Party:
    """Mostly couples; at most ``most`` people."""
    pick = chance("party", number)
    adults = pick.choice((1, 2, 2, 2, 2, 2, 2, 3, 4, 4))
    children = pick.choice((0, 0, 0, 0, 0, 0, 1, 2)) if adults in (1, 2) else 0
    adults = min(adults, most)
    return Party(adults, min(children, most - adults))


def window(departure: DemoDeparture, anchor: datetime) -> tuple[datetime, datetime] | None:
    """Between when a departure could be booked first and last, or None if never."""
    package = departure.package
    start = datetime.combine(departure.starts_on, time(8), anchor.tzinfo)
    first = max(
        package.published_at(anchor) + timedelta(days=1),
        departure.created_at + timedelta(hours=3),
        start - timedelta(days=320),
    )
    last = min(start - timedelta(days=4), anchor - timedelta(hours=3))
    return (first, last) if first + timedelta(days=1) < last else None


def book(
    number: int,
    departure: DemoDeparture,
    buyer: Buyer,
    seats: Party,
    outcome: Outcome,
    anchor: datetime,
    *,
    deposit: bool | None = None,
) -> DemoBooking | None:
    """Make booking ``number``; None if there was no time in which it could have been made."""
    pick = chance("booking", number)
    span = window(departure, anchor)
    if span is None:
        return None
    first, last = span
    share = pick.random() ** (0.55 if departure.starts_on < anchor.date() else 0.75)
    created = first + (last - first) * share
    if outcome == "pending":
        created = max(first, anchor - timedelta(hours=pick.randint(4, 40)))
    created = created.replace(second=pick.randint(0, 59), microsecond=0)
    package = departure.package
    optional = [addon.id for addon in package.addons if not addon.required]
    chosen = pick.sample(optional, min(len(optional), pick.choice((0, 0, 1, 1, 2))))
    cost = price(
        package.rates(departure.override),
        adults=seats.adults,
        children=seats.children,
        addon_ids=frozenset(chosen),
        starts_on=departure.starts_on,
        today=created.date(),
    )
    by_deposit = pick.random() < 0.5 if deposit is None else deposit
    names = [buyer.name, *(person(pick, buyer.country) for _ in range(seats.adults - 1))]
    young = children_of(pick, buyer.name, seats.children)
    wait = timedelta(hours=pick.randint(1, 30)) if buyer.agency else timedelta(0)
    confirmed = created + wait + timedelta(minutes=pick.randint(2, 24))
    status, confirmed_at, closed_at = _course(
        number, outcome, departure, created, confirmed, anchor
    )
    if status is None:
        return None
    held = created + (wait or HOLD_LIFE) + HOLD_LIFE
    if status == "pending_payment":
        held = anchor + timedelta(days=pick.randint(2, 4), hours=17)
    return DemoBooking(
        number=number,
        id=booking_id(created, number),
        claim_id=timed_id(created, "claim", number),
        status=status,
        departure=departure,
        buyer=buyer,
        party=seats,
        travellers=tuple(
            [{"name": name, "kind": "adult"} for name in names]
            + [{"name": name, "kind": "child"} for name in young]
        ),
        price=cost,
        deposit=by_deposit and cost.deposit is not None,
        created_at=created,
        confirmed_at=confirmed_at,
        closed_at=closed_at,
        held_until=held,
    )


def _course(
    number: int,
    outcome: Outcome,
    departure: DemoDeparture,
    created: datetime,
    confirmed: datetime,
    anchor: datetime,
) -> tuple[str | None, datetime | None, datetime | None]:
    """Status, when it was confirmed and when it ended. All before the anchor."""
    pick = chance("course", number)
    if outcome == "pending":
        return "pending_payment", None, None
    if outcome == "expired":
        return "expired", None, created + HOLD_LIFE + timedelta(minutes=pick.randint(1, 9))
    if outcome == "cancelled":
        start = datetime.combine(departure.starts_on, time(6), anchor.tzinfo)
        last = min(anchor - timedelta(hours=1), start - timedelta(days=1))
        if confirmed + timedelta(hours=6) > last:
            return None, None, None
        at = confirmed + (last - confirmed) * pick.uniform(0.1, 1.0)
        return "cancelled", confirmed, at.replace(microsecond=0)
    if confirmed >= anchor:
        confirmed = created + timedelta(minutes=9)
    home = departure.ends_on + timedelta(days=1)
    if home <= anchor.date():
        return "completed", confirmed, _at(home, 2, anchor)
    return "confirmed", confirmed, None


def _at(day: date, hour: int, anchor: datetime) -> datetime:
    return datetime.combine(day, time(hour), anchor.tzinfo)
