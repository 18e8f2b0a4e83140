"""Proposals ("quotes"): what an agency offers a client, in options of trips and other things.

A quote is edited as one document, ``Content``. Sending it freezes a version with the prices of
that moment; the client always sees the latest version that was sent, and accepts exactly that one.

    draft -> sent -> opened -> accepted
                            -> declined, withdrawn, expired   (of sent and of opened)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from ecosystem.domain.money import Money
from ecosystem.domain.price import Line, Price
from ecosystem.domain.views import Stay

QuoteStatus = Literal["draft", "sent", "opened", "accepted", "declined", "withdrawn", "expired"]
WAITING: Final = ("sent", "opened")
"""The client may still accept it."""

LONGEST_VALID_DAYS = 90
MOST_OPTIONS = 6
MOST_ITEMS = 12


class Document(BaseModel):
    """A part of a quote as it is kept. Fields of a later release are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ShownLine(Document):
    """A row of the price as ``domain/price.py`` has it; ``amount`` in minor units."""

    code: str
    label: str
    quantity: int
    amount: int


class ShownTrip(Document):
    """A trip and its price as they were when the item was priced.

    Amounts are minor units of ``currency``; ``deposit`` is what may be paid first, or None.
    ``commission`` is the agency's part of ``total``, ``model`` how it earns it and ``net`` what it
    buys the trip for: never shown to the client. ``billed_by_agency``: the client pays the agency.
    """

    package_id: UUID
    slug: str
    title: str
    summary: str = ""
    operator: str
    starts_on: date
    ends_on: date
    nights: int
    timezone: str
    country: str = ""
    latitude: float | None = None
    stays: tuple[Stay, ...] = ()
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    policy: tuple[dict[str, Any], ...] = ()
    currency: str
    lines: tuple[ShownLine, ...]
    total: int
    deposit: int | None = None
    balance_due_on: date | None = None
    commission: int = 0
    model: str = ""
    net: int = 0
    billed_by_agency: bool = False

    @property
    def price(self) -> Money:
        return Money(self.total, self.currency)

    @property
    def parts(self) -> Price:
        """The price with its lines."""
        return Price(
            tuple(
                Line(row.code, row.label, row.quantity, Money(row.amount, self.currency))
                for row in self.lines
            ),
            self.price,
            None if self.deposit is None else Money(self.deposit, self.currency),
            self.balance_due_on,
        )


class TripItem(Document):
    """Seats on a departure for a party."""

    kind: Literal["trip"] = "trip"
    id: str
    departure_id: UUID
    adults: int
    children: int = 0
    child_ages: tuple[int, ...] = ()
    addon_ids: tuple[UUID, ...] = ()
    markup_percent: Decimal | None = None
    note: str = ""
    shown: ShownTrip

    @property
    def party(self) -> int:
        return self.adults + self.children


class FreeItem(Document):
    """Something the agency arranges itself: paid to the agency, not through the marketplace."""

    kind: Literal["free"] = "free"
    id: str
    title: str
    text: str = ""
    quantity: int = 1
    each: int = 0
    currency: str

    @property
    def price(self) -> Money:
        return Money(self.each * self.quantity, self.currency)


Item = Annotated[TripItem | FreeItem, Field(discriminator="kind")]


class Option(Document):
    """One of the ways to travel; the client takes all of it or none."""

    id: str
    title: str
    note: str = ""
    items: tuple[Item, ...] = ()

    @property
    def trips(self) -> tuple[TripItem, ...]:
        return tuple(item for item in self.items if isinstance(item, TripItem))

    @property
    def extras(self) -> tuple[FreeItem, ...]:
        return tuple(item for item in self.items if isinstance(item, FreeItem))

    @property
    def agreed(self) -> tuple[Money, ...]:
        """What the trips cost, whoever is paid: who accepts agrees to these sums."""
        return summed(trip.shown.price for trip in self.trips)

    @property
    def paid_here(self) -> tuple[Money, ...]:
        """What is paid through the marketplace, a sum for each currency."""
        return summed(trip.shown.price for trip in self.trips if not trip.shown.billed_by_agency)

    @property
    def paid_to_agency(self) -> tuple[Money, ...]:
        """What the agency collects: its own items, and trips that it bills itself."""
        billed = (trip.shown.price for trip in self.trips if trip.shown.billed_by_agency)
        return summed([*billed, *(item.price for item in self.extras if item.each)])

    @property
    def now(self) -> tuple[Money, ...]:
        """What is paid on accepting where every trip that offers a deposit is paid by it."""
        return summed(
            Money(
                trip.shown.total if trip.shown.deposit is None else trip.shown.deposit,
                trip.shown.currency,
            )
            for trip in self.trips
            if not trip.shown.billed_by_agency
        )

    @property
    def commission(self) -> tuple[Money, ...]:
        return summed(Money(t.shown.commission, t.shown.currency) for t in self.trips)


class Content(Document):
    """What is offered. ``cover`` is the agent's letter, plain text."""

    cover: str = ""
    options: tuple[Option, ...] = ()

    def option(self, option_id: str) -> Option | None:
        return next((option for option in self.options if option.id == option_id), None)


@dataclass(frozen=True)
class QuoteRow:
    """A line of the agency's list. ``worth`` is the dearest option, a sum for each currency."""

    id: UUID
    number: str
    title: str
    client_id: UUID
    client_name: str
    agent_name: str
    status: QuoteStatus
    valid_until: date
    worth: tuple[Money, ...]
    opened_count: int
    unread: int
    updated_at: datetime


@dataclass(frozen=True)
class QuoteComment:
    """A line of the conversation. ``mine`` for whoever reads it."""

    id: UUID
    by_client: bool
    name: str
    text: str
    at: datetime
    mine: bool


@dataclass(frozen=True)
class QuoteBooking:
    """A booking that came of accepting. ``pay_url`` while something of it is to be paid."""

    reference: str
    title: str
    starts_on: date
    status: str
    total: Money
    due_now: Money | None
    url: str
    pay_url: str | None
    held_until: datetime | None


@dataclass(frozen=True)
class QuoteVersion:
    number: int
    sent_at: datetime
    sent_by: str


@dataclass(frozen=True)
class QuoteView:
    """A quote as its agency sees it. ``version`` guards against two who edit at once.

    ``changed`` says that what is edited is not what the client was sent last.
    """

    id: UUID
    number: str
    title: str
    client_id: UUID
    client_name: str
    client_email: str
    agent_id: UUID
    agent_name: str
    status: QuoteStatus
    language: str
    pay: Literal["full", "deposit"]
    valid_until: date
    version: int
    content: Content
    changed: bool
    url: str
    versions: tuple[QuoteVersion, ...]
    sent_at: datetime | None
    first_opened_at: datetime | None
    last_opened_at: datetime | None
    opened_count: int
    accepted_option: str
    accepted_name: str
    accepted_at: datetime | None
    closed_reason: str
    comments: tuple[QuoteComment, ...]
    bookings: tuple[QuoteBooking, ...]
    updated_at: datetime


@dataclass(frozen=True)
class Offer:
    """A quote as its client sees it: the version that was sent last, and what came of it.

    ``can_accept`` is false with ``why_not`` in words. ``accent`` (a colour that white words can be
    read on) and ``logo`` are the agency's, if it has them.
    """

    number: str
    title: str
    status: QuoteStatus
    sent_version: int
    sent_at: datetime
    valid_until: date
    language: str
    pay: Literal["full", "deposit"]
    content: Content
    client_name: str
    agent_name: str
    agent_email: str
    agency_name: str
    can_accept: bool
    why_not: str
    accepted_option: str
    accepted_name: str
    accepted_at: datetime | None
    comments: tuple[QuoteComment, ...]
    bookings: tuple[QuoteBooking, ...]
    accent: str = ""
    logo: UUID | None = None


def summed(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """A sum for each currency, in the order in which currencies first come."""
    sums: dict[str, Money] = {}
    for amount in amounts:
        sums[amount.currency] = sums.get(amount.currency, Money.zero(amount.currency)) + amount
    return tuple(sums.values())
