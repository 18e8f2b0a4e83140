"""What the first pages of agencies, operators and operations show."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from ecosystem.domain.money import Money
from ecosystem.domain.terms import Terms


@dataclass(frozen=True)
class Sold:
    """Sales in one currency. ``share`` is the party's own part: commission or proceeds;
    None for who may not know it."""

    bookings: int
    total: Money
    share: Money | None


@dataclass(frozen=True)
class Travel:
    """Bookings and people: on their way now, still to travel, leaving within ``soon_days``."""

    now_bookings: int
    now_people: int
    upcoming_bookings: int
    upcoming_people: int
    soon_bookings: int
    soon_people: int


@dataclass(frozen=True)
class MonthSales:
    """Sales confirmed in the month that begins on ``month`` (UTC), in one currency."""

    month: date
    total: Money


@dataclass(frozen=True)
class WaitingPayment:
    """A booking whose seats are held until ``held_until`` for want of a payment."""

    reference: str
    title: str
    lead_name: str
    travellers: int
    held_until: datetime
    timezone: str


@dataclass(frozen=True)
class Balance:
    """An amount that is still to be paid by ``due_on``; ``owed``: by the agency itself, which
    collected it from its client."""

    reference: str
    title: str
    lead_name: str
    amount: Money
    due_on: date
    owed: bool = False


@dataclass(frozen=True)
class Unnamed:
    """A booking that leaves on ``starts_on`` with ``missing`` names or dates of birth."""

    reference: str
    title: str
    lead_name: str
    starts_on: date
    missing: int


@dataclass(frozen=True)
class QuoteNews:
    """A proposal to look at: ``unread`` comments, opened or accepted lately, or ending soon.

    ``unpaid`` counts bookings of an accepted one whose seats wait for a payment.
    """

    id: UUID
    number: str
    title: str
    client_name: str
    status: str
    valid_until: date
    unread: int
    unpaid: int


@dataclass(frozen=True)
class PassportNeeded:
    """A client who travels with a passport that ends too soon."""

    client_id: UUID
    client_name: str
    title: str
    starts_on: date
    ends_on: date
    until: date


WITHOUT_PASSPORT_DAYS = 30


@dataclass(frozen=True)
class Pipeline:
    """Proposals: drafts and those with clients now; accepted and ended this month."""

    drafts: int
    waiting: int
    accepted: int
    ended: int


@dataclass(frozen=True)
class AgencyToday:
    """An agency's day. ``sold`` is this month's, one entry a currency, largest first.

    ``sold_before`` is that of last month up to the same moment; ``without_passport`` counts
    clients who leave within ``WITHOUT_PASSPORT_DAYS`` and have none on file.
    ``months`` are the last twelve in the currency sold in most often, oldest first, with
    zeros where nothing was sold; empty if nothing was sold in any of them.
    """

    today: date
    sold: tuple[Sold, ...]
    travel: Travel
    months: tuple[MonthSales, ...]
    waiting: tuple[WaitingPayment, ...]
    balances: tuple[Balance, ...]
    sold_before: tuple[Sold, ...]
    quotes: tuple[QuoteNews, ...]
    passports: tuple[PassportNeeded, ...]
    without_passport: int
    pipeline: Pipeline
    unnamed: tuple[Unnamed, ...] = ()
    latest: tuple[str, ...] = ()
    """How the newest bookings stand, to be compared and not to be read."""


@dataclass(frozen=True)
class NextDeparture:
    """``sold`` counts paid seats; held ones are not in it."""

    id: UUID
    package_id: UUID
    title: str
    starts_on: date
    ends_on: date
    capacity: int
    sold: int
    open: bool


@dataclass(frozen=True)
class MonthSeats:
    """Seats of the departures that start in the month beginning on ``month``."""

    month: date
    capacity: int
    sold: int


@dataclass(frozen=True)
class LackingPackage:
    """A package that earns nothing. ``why``: it is a draft, or nobody can choose a date."""

    id: UUID
    title: str
    why: Literal["draft", "no_departure"]


@dataclass(frozen=True)
class UnreadBooking:
    """A booking whose buyer has written ``messages`` that nobody has read."""

    reference: str
    lead_name: str
    title: str
    messages: int


@dataclass(frozen=True)
class OperatorOverview:
    """An operator's day. ``payouts_active`` false: nothing of theirs can be booked.

    ``sold`` and ``sold_before`` are this month's and last month's up to the same day, one
    entry a currency, largest first. ``months`` as in ``AgencyToday``; ``seats`` are the next
    six months'. ``nearly_full`` departures have few seats left; ``lacking`` packages are at
    most a few of ``lacking_total``.
    """

    today: date
    sold: tuple[Sold, ...]
    sold_before: tuple[Sold, ...]
    travel: Travel
    months: tuple[MonthSales, ...]
    seats: tuple[MonthSeats, ...]
    departures: tuple[NextDeparture, ...]
    nearly_full: tuple[NextDeparture, ...]
    unread: tuple[UnreadBooking, ...]
    lacking: tuple[LackingPackage, ...]
    lacking_total: int
    payouts_active: bool


PayoutState = Literal["none", "incomplete", "review", "active", "restricted", "rejected", "gone"]
PayoutParty = Literal["operator", "agency"]


@dataclass(frozen=True)
class PayoutView:
    """Where an operator's or an agency's payout account stands at Stripe.

    ``restricted``: it could be paid once, or gave everything, and can't be paid now; ``gone``:
    it was disconnected from us. ``requirements`` are Stripe's own names of what is due, also
    while ``active``: after ``deadline`` payouts stop. ``pending`` is being looked at by Stripe.
    ``bank_waits``: shares arrive in the account, but not at the bank yet. ``dashboard``: there
    are pages at Stripe to go to.
    """

    state: PayoutState
    requirements: tuple[str, ...] = ()
    deadline: datetime | None = None
    pending: tuple[str, ...] = ()
    bank_waits: bool = False
    dashboard: bool = False


@dataclass(frozen=True)
class OperatorAccount:
    """An operator as operations see it: can it be paid, and by which terms."""

    id: UUID
    slug: str
    name: str
    state: PayoutState
    terms: Terms


@dataclass(frozen=True)
class FailingMessage:
    """A message that could not be dealt with yet and is tried again at ``next_try``."""

    queue: Literal["outbox", "inbox"]
    kind: str
    attempts: int
    error: str
    since: datetime
    next_try: datetime
