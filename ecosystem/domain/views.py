"""What services answer with: small, frozen, ready to be shown or sent.

Amounts are ``Money``, days are ``date`` (local to the departure's zone), instants
are aware UTC. Formatting for a reader's locale happens above (``state/formats.py``);
the JSON of the REST API is made in ``api/shapes.py``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from ecosystem.domain.agency_terms import AgencyModel, Sale
from ecosystem.domain.booking import BookingStatus, PaymentStatus
from ecosystem.domain.cancellation import DatedTier
from ecosystem.domain.changes import RefundView
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price
from ecosystem.domain.rates import AddonUnit, ChildBand

T = TypeVar("T")

DepartureStatus = Literal["open", "closed", "sold_out"]


@dataclass(frozen=True)
class Stay:
    """One city of a package. ``country`` is ISO 3166 alpha-2; ``hotel_stars`` 1–5 or None."""

    city: str
    country: str
    nights: int
    hotel_name: str
    hotel_stars: int | None
    board: str
    latitude: float
    longitude: float
    timezone: str
    notes: str = ""


@dataclass(frozen=True)
class CityNights:
    name: str
    country: str
    nights: int


@dataclass(frozen=True)
class PackageCard:
    """A package in a list. ``price_from`` is per adult.

    ``next_departure`` and ``next_seats_left`` describe the soonest open departure
    that has seats for the party asked about; None when there is none.
    """

    id: UUID
    slug: str
    title: str
    operator_slug: str
    operator_name: str
    cities: tuple[CityNights, ...]
    nights: int
    price_from: Money
    rating: Decimal | None
    bookable: bool
    latitude: float | None
    country: str
    next_departure: date | None = None
    next_seats_left: int | None = None
    cover: UUID | None = None
    """The first of the operator's own pictures."""


@dataclass(frozen=True)
class Suggestion:
    """Something to choose while typing. ``kind`` is a query parameter, or ``package``: a slug."""

    kind: str
    value: str
    label: str
    detail: str


@dataclass(frozen=True)
class FacetValue:
    value: str
    label: str
    count: int


@dataclass(frozen=True)
class SearchPage:
    """``next`` is an opaque cursor, None on the last page; facet keys are query parameters."""

    items: tuple[PackageCard, ...]
    total: int
    next: str | None
    facets: dict[str, tuple[FacetValue, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class OperatorView:
    id: UUID
    slug: str
    name: str
    description: str
    country: str
    city: str
    languages: tuple[str, ...]
    rating: Decimal | None
    verified: bool
    contact_email: str = ""
    contact_phone: str = ""
    website: str = ""


@dataclass(frozen=True)
class AddonView:
    id: UUID
    name: str
    description: str
    price: Money
    unit: AddonUnit
    required: bool


@dataclass(frozen=True)
class PackageView:
    """A package as its page shows it. ``bookable`` is false while payouts are not set up."""

    id: UUID
    slug: str
    title: str
    summary: str
    description: str
    status: str
    operator: OperatorView
    stays: tuple[Stay, ...]
    nights: int
    base_price: Money
    child_discount_percent: Decimal
    single_supplement: Money
    commission_percent: Decimal
    deposit_percent: int | None
    balance_due_days: int
    max_travellers: int
    policy: tuple[dict[str, Any], ...]
    highlights: tuple[str, ...]
    tags: tuple[str, ...]
    addons: tuple[AddonView, ...]
    exclusions: tuple[str, ...]
    rating: Decimal | None
    rating_count: int
    bookable: bool
    version: int
    child_bands: tuple[ChildBand, ...] = ()
    occupancy: Mapping[int, Money] = field(default_factory=dict)


@dataclass(frozen=True)
class DepartureView:
    """``price`` is per adult; ``seats_left`` counts live holds as taken."""

    id: UUID
    package_id: UUID
    starts_on: date
    ends_on: date
    capacity: int
    seats_left: int
    price: Money
    status: DepartureStatus


@dataclass(frozen=True)
class HoldView:
    """Seats kept for somebody, with the price frozen at that moment.

    ``booking_reference`` is set once a booking was made from it. ``addons`` are those to choose
    from, ``addon_ids`` all that are in the price.
    """

    id: UUID
    expires_at: datetime
    seats: int
    adults: int
    children: int
    price: Price
    public_total: Money
    """What everybody pays for it, whatever ``price`` is."""
    live: bool
    package_slug: str
    package_title: str
    package_id: UUID
    starts_on: date
    ends_on: date
    cancellation: tuple[DatedTier, ...]
    latitude: float | None
    country: str
    booking_reference: str | None = None
    timezone: str = "UTC"
    extended: bool = False
    asks_birth_dates: bool = False
    addon_ids: frozenset[UUID] = frozenset()
    addons: tuple[AddonView, ...] = ()
    nights: int = 0
    sale: Sale | None = None
    """On which terms an agency sells it; None for other buyers and for who may not know."""
    on_account: bool = False
    """The agency owes the price and collects from its client itself: nobody pays here."""


@dataclass(frozen=True)
class KeptSeats:
    """Seats somebody holds and has not paid: enough to lead back to them."""

    hold_id: UUID
    seats: int
    expires_at: datetime
    title: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class PaymentView:
    """``failure`` is a sentence for the payer when the last try was refused.

    ``refunded`` is what was promised back of it; ``closed`` once nobody asks for it any more.
    """

    kind: str
    amount: Money
    status: PaymentStatus
    due_on: date
    paid_at: datetime | None
    pay_path: str
    failure: str | None
    refunded: Money
    closed: bool = False


@dataclass(frozen=True)
class BookingRow:
    """A booking in a table."""

    reference: str
    status: BookingStatus
    title: str
    lead_name: str
    travellers: int
    starts_on: date
    ends_on: date
    total: Money
    paid: Money
    commission: Money | None
    """None for who may not know it (``Actor.sees_commission``)."""
    agency_name: str
    operator_name: str
    created_at: datetime
    package_slug: str = ""
    operator_slug: str = ""
    names: tuple[dict[str, Any], ...] = ()
    agency_model: AgencyModel = "commission"
    public: Money | None = None
    """The public price where another one is charged; None: it is ``total``."""
    due_on: date | None = None
    """When the next payment is due; None if nothing is asked for."""

    @property
    def due(self) -> Money:
        """What is still to be paid; nothing once a booking has come to nothing."""
        open_ = self.status in ("pending_payment", "confirmed", "completed")
        return self.total - self.paid if open_ else Money.zero(self.total.currency)


@dataclass(frozen=True)
class BookingView:
    """A booking as the people it concerns see it.

    ``masked`` is true for somebody who knows only the reference: names and
    addresses are hidden then.
    """

    id: UUID
    reference: str
    status: BookingStatus
    package_slug: str
    package_title: str
    operator_slug: str
    operator_name: str
    agency_name: str
    starts_on: date
    ends_on: date
    timezone: str
    adults: int
    children: int
    lead_name: str
    lead_email: str
    lead_phone: str
    travellers: tuple[dict[str, Any], ...]
    stays: tuple[dict[str, Any], ...]
    price: Price
    total: Money
    paid: Money
    due: Money
    commission: Money | None
    """None for who may not know it (``Actor.sees_commission``)."""
    payments: tuple[PaymentView, ...]
    cancellation: tuple[DatedTier, ...]
    hold_id: UUID
    held_until: datetime | None
    checkout_url: str | None
    created_at: datetime
    masked: bool = False
    refunds: tuple[RefundView, ...] = ()
    """What goes back to the payer, oldest first."""
    agency_model: AgencyModel = "commission"
    public: Price | None = None
    """The public price of what its agency collects for itself; None: it is ``price``."""
    billed_by_agency: bool = False
    """The agency that collects from its client owes what was charged, and this reader is not
    told what that is: there are no amounts, or those of the public price."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """``next`` is an opaque cursor, None on the last page."""

    items: Sequence[T]
    next: str | None
    total: int | None = None
