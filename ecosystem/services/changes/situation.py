"""A booking as it stands when somebody wants to change it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

from ecosystem.database.tables import Booking, BookingChange, Payment, SeatClaim
from ecosystem.domain.cancellation import refund_percent
from ecosystem.domain.changes import ChangeBy, PartyMember
from ecosystem.domain.money import Money
from ecosystem.domain.price import Line, Price
from ecosystem.domain.public_price import Prices
from ecosystem.domain.rates import Rates
from ecosystem.domain.repricing import Asked, Standing
from ecosystem.services.catalogue import local_day

SELLERS: tuple[ChangeBy, ...] = ("operator", "ops")
"""Who gives everything back, and asks for nothing more: the trip changes because of them."""

_STANDING: dict[str, Standing] = {
    "due": "open",
    "processing": "open",
    "failed": "open",
    "paid": "paid",
    "partially_refunded": "paid",
    "disputed": "disputed",
    "refunded": "closed",
}


@dataclass(frozen=True)
class Target:
    """Another departure: its row (``seats.departure``), seats left, and this party's prices."""

    row: Any
    seats_left: int
    prices: Prices


@dataclass(frozen=True)
class Situation:
    """A booking as it stands, and who wants to change it when."""

    booking: Booking
    claim: SeatClaim
    payments: Sequence[Payment]
    changes: Sequence[BookingChange]
    by: ChangeBy
    now: datetime

    @property
    def total(self) -> Money:
        return Money(self.booking.total_minor, self.booking.currency)

    @cached_property
    def prices(self) -> Prices:
        """What is charged for the booking, and its public price, at the rates they were made
        at."""
        kept = self.booking.price | {"total": self.booking.total_minor}
        return Prices.from_json(kept, self.booking.price_factor)

    @property
    def today(self) -> date:
        return local_day(self.now, self.booking.timezone)

    @property
    def waiting(self) -> BookingChange | None:
        """A dearer date that waits for its difference."""
        return next((change for change in self.changes if change.state == "waiting"), None)

    @property
    def percent(self) -> int:
        """How much of what is given up comes back today."""
        if self.by in SELLERS:
            return 100
        return refund_percent(self.booking.snapshot["policy"], self.booking.starts_on, self.today)

    @property
    def asked(self) -> list[Asked]:
        return [part for payment in self.payments for part in asked(payment)]

    @property
    def party(self) -> list[PartyMember]:
        """Everybody who travels: those with a name first, then the others, adults first."""
        named = [(one["name"], one.get("kind") or "adult") for one in self.booking.travellers]
        adults = self.booking.adults - sum(kind == "adult" for __, kind in named)
        children = self.booking.children - sum(kind == "child" for __, kind in named)
        everybody = [*named, *[("", "adult")] * adults, *[("", "child")] * children]
        return [
            PartyMember(number, name, _kind(kind))
            for number, (name, kind) in enumerate(everybody, start=1)
        ]

    @property
    def born(self) -> list[date | None]:
        """Of each child of ``party`` its date of birth, if that is known."""
        known = [one for one in self.booking.travellers if one.get("kind") == "child"]
        dates = [one.get("birth_date") for one in known]
        unnamed = [None] * (self.booking.children - len(known))
        return [date.fromisoformat(one) if one else None for one in dates] + unnamed

    @property
    def rates(self) -> Rates | None:
        """The rates the seats were held at, if they were kept."""
        kept = self.booking.price.get("rates")
        return None if kept is None else Rates.from_json(kept)

    @property
    def removable(self) -> list[Line]:
        """The add-ons that can be taken off."""
        rates = self.rates
        if rates is None:
            return []
        free = {f"addon:{addon.id}" for addon in rates.addons if not addon.required}
        return [line for line in Price.from_json(self.booking.price).lines if line.code in free]


def asked(payment: Payment) -> list[Asked]:
    """A payment as the repricing sees it; what a bank kept of it for good stands for itself."""
    lost = Money(payment.lost_minor, payment.currency)
    rest = Asked(
        id=payment.id,
        kind=payment.kind,
        amount=Money(payment.amount_minor, payment.currency) - lost,
        refunded=Money(payment.refunded_minor, payment.currency),
        standing="closed" if payment.closed_at else _STANDING[payment.status],
        due_on=payment.due_on,
        paid_order=f"{payment.paid_at or payment.created_at:%Y%m%d%H%M%S%f}:{payment.id}",
    )
    if not lost.minor:
        return [rest]
    nothing = Money.zero(payment.currency)
    return [rest, replace(rest, amount=lost, refunded=nothing, standing="lost")]


def may_cancel(now: Situation) -> bool:
    """Whether the whole booking can be cancelled."""
    booking, last = now.booking, now.booking.starts_on
    if now.by in SELLERS:
        last = booking.ends_on
    if booking.status == "completed":
        return now.by == "ops"
    return booking.status == "pending_payment" or (
        booking.status == "confirmed" and now.today <= last
    )


def may_reduce(now: Situation) -> bool:
    """Whether a part can be taken off: a confirmed trip that has not ended its sale."""
    return now.booking.status == "confirmed" and now.today <= now.booking.starts_on


def may_move(now: Situation) -> bool:
    """Whether the date can be changed: a confirmed trip that has not begun."""
    return now.booking.status == "confirmed" and now.today < now.booking.starts_on


def _kind(kind: str) -> Literal["adult", "child"]:
    return "child" if kind == "child" else "adult"


def waiting_claim(change: BookingChange) -> UUID:
    """The seats that are held for a date that waits for its payment."""
    return UUID(change.detail["claim_id"])


def waiting_departure(change: BookingChange) -> UUID:
    """The departure a waiting change moves to."""
    return UUID(change.detail["departure_id"])
