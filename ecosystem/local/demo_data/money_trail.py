"""The payments and ledger postings behind each booking.

Everything goes through ``domain.split`` and ``domain.ledger``, so each posting sums to zero
and so does each booking. Cancelling takes back what the parties no longer get, then refunds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from ecosystem.domain import ledger
from ecosystem.domain.cancellation import refund_percent
from ecosystem.domain.ledger import Posting
from ecosystem.domain.money import Money
from ecosystem.domain.split import Split, split
from ecosystem.local.demo_data.bookings import DemoBooking
from ecosystem.local.demo_data.seeded import chance, short, timed_id, token
from ecosystem.local.stripe.money import processing_fee


@dataclass(frozen=True)
class DemoRefund:
    """``at`` is when Stripe took it on, soon after it was promised."""

    id: UUID
    stripe_id: str
    amount: Money
    at: datetime


@dataclass(frozen=True)
class DemoChange:
    """A cancellation: what had been ``paid``, and how much of it went back."""

    id: UUID
    by: str
    before: Money
    paid: Money
    refund: Money
    percent: int
    at: datetime

    @property
    def retained(self) -> Money:
        """What stays of what was paid: the price from now on."""
        return self.paid - self.refund


@dataclass(frozen=True)
class DemoPayment:
    """One amount of a booking; the Stripe ids are set once it is paid."""

    id: UUID
    kind: str
    amount: Money
    status: str
    due_on: date
    pay_token: str
    created_at: datetime
    paid_at: datetime | None
    refund: DemoRefund | None

    @property
    def fee(self) -> Money | None:
        """What the processor keeps, by the rule of the local stand-in."""
        if self.paid_at is None:
            return None
        return Money(processing_fee(self.amount.minor), self.amount.currency)

    def stripe(self, prefix: str) -> str | None:
        """The session (``cs_test``), intent (``pi``) or charge (``ch``) of a paid amount."""
        return f"{prefix}_{short(prefix, self.id)}" if self.paid_at else None

    @property
    def updated_at(self) -> datetime:
        return self.refund.at if self.refund else self.paid_at or self.created_at


@dataclass(frozen=True)
class DatedPosting:
    id: UUID
    at: datetime
    posting: Posting


def payments(booking: DemoBooking, anchor: datetime) -> list[DemoPayment]:
    """What the booking asked for: all at once, or a deposit and the balance."""
    cost = booking.price
    if not booking.deposit or cost.deposit is None or cost.balance_due_on is None:
        asked = [("full", cost.total, booking.created_at.date(), booking.confirmed_at)]
    else:
        rest = cost.total - cost.deposit
        settled = _balance_paid_at(booking, cost.balance_due_on, anchor)
        asked = [("deposit", cost.deposit, booking.created_at.date(), booking.confirmed_at)]
        # A cancelled booking asks for nothing more.
        if settled is not None or booking.status != "cancelled":
            asked.append(("balance", rest, cost.balance_due_on, settled))
    refunds = _refunds(booking, [(amount, at) for _, amount, _, at in asked])
    return [
        DemoPayment(
            id=timed_id(booking.created_at, "payment", booking.number, kind),
            kind=kind,
            amount=amount,
            status=_status(amount, paid_at, refund),
            due_on=due_on,
            pay_token=token("pay", booking.number, kind),
            created_at=booking.created_at,
            paid_at=paid_at,
            refund=None if refund is None else DemoRefund(
                timed_id(_closed(booking), "refund", booking.number, kind),
                f"re_{short('refund', booking.number, kind)}", refund,
                _closed(booking) + timedelta(seconds=2),
            ),
        )
        for (kind, amount, due_on, paid_at), refund in zip(asked, refunds, strict=True)
    ]  # fmt: skip


def change(booking: DemoBooking, paid: list[DemoPayment]) -> DemoChange | None:
    """The cancellation of a booking that had been confirmed."""
    if booking.status != "cancelled" or booking.confirmed_at is None:
        return None
    zero = Money.zero(booking.price.total.currency)
    received = sum((p.amount for p in paid if p.paid_at), zero)
    returned = sum((p.refund.amount for p in paid if p.refund), zero)
    return DemoChange(
        id=timed_id(_closed(booking), "change", booking.number),
        by="agent" if booking.buyer.agency else "buyer",
        before=booking.price.total,
        paid=received,
        refund=returned,
        percent=_percent(booking),
        at=_closed(booking),
    )


def parts(booking: DemoBooking, total: Money) -> Split:
    """Who gets what of a total, at the booking's own rates."""
    commission = Decimal(booking.package.commission)
    return split(total, commission, by_agency=booking.buyer.agency is not None)


def postings(booking: DemoBooking, paid: list[DemoPayment]) -> Iterator[DatedPosting]:
    """The ledger of one booking but for its payouts, in order of time."""
    if booking.confirmed_at is None:
        return
    total = booking.price.total
    yield dated(booking.confirmed_at, ledger.sold(booking.id, total, parts(booking, total)))
    for payment in paid:
        if payment.paid_at is not None and payment.fee is not None:
            yield dated(payment.paid_at, ledger.paid(payment.id, payment.amount))
            yield dated(payment.paid_at, ledger.fee(payment.id, payment.fee))
    ended = change(booking, paid)
    if ended is None:
        return
    was, now = parts(booking, ended.before), parts(booking, ended.retained)
    repriced = ledger.repriced(ended.id, ended.before, ended.retained, was, now)
    if repriced.entries:
        yield dated(ended.at, repriced)
    for payment in paid:
        back = payment.refund
        if back is not None:
            yield dated(ended.at, ledger.refund_owed(back.id, back.amount))
            yield dated(back.at, ledger.refund_sent(back.id, 0, back.amount))


def dated(at: datetime, posting: Posting) -> DatedPosting:
    return DatedPosting(timed_id(at, "posting", posting.cause), at, posting)


def _closed(booking: DemoBooking) -> datetime:
    if booking.closed_at is None:
        raise ValueError(f"booking {booking.number} has not ended")
    return booking.closed_at


def _balance_paid_at(booking: DemoBooking, due_on: date, anchor: datetime) -> datetime | None:
    """Some days before it was due, unless that is still to come or the trip was cancelled."""
    if booking.confirmed_at is None:
        return None
    pick = chance("balance", booking.number)
    on = due_on - timedelta(days=pick.randint(0, 6))
    at = datetime.combine(on, time(9 + pick.randint(0, 10), pick.randint(0, 59)), anchor.tzinfo)
    at = max(at, booking.confirmed_at + timedelta(hours=2))
    ended = booking.status == "cancelled" and booking.closed_at is not None
    limit = min(anchor, _closed(booking)) if ended else anchor
    return at if at < limit else None


def _refunds(
    booking: DemoBooking, asked: list[tuple[Money, datetime | None]]
) -> list[Money | None]:
    """What went back of each payment, the latest one first, by the policy that was sold."""
    if booking.status != "cancelled":
        return [None for _ in asked]
    zero = Money.zero(booking.price.total.currency)
    received = sum((amount for amount, at in asked if at), zero)
    left = received.percent(_percent(booking))
    refunds: list[Money | None] = []
    for amount, at in reversed(asked):
        part = min(amount, left) if at else zero
        refunds.append(part if part.minor else None)
        left = left - part
    return refunds[::-1]


def _percent(booking: DemoBooking) -> int:
    """By whole days where the trip begins, as the product counts them."""
    starts_on, zone = booking.departure.starts_on, ZoneInfo(booking.departure.timezone)
    today = _closed(booking).astimezone(zone).date()
    return refund_percent(booking.package.policy_json, starts_on, today)


def _status(amount: Money, paid_at: datetime | None, refund: Money | None) -> str:
    if paid_at is None:
        return "due"
    if refund is None:
        return "paid"
    return "refunded" if refund == amount else "partially_refunded"
