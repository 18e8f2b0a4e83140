"""What the parties of each booking were sent, and what came back of it when it was cancelled.

By the product's own rules (``domain.payouts``), so that its duties find nothing left to do:
Via Appia is paid on confirmation, everybody else on the day after departure.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from uuid import UUID

from ecosystem.domain import ledger
from ecosystem.domain.ledger import Party
from ecosystem.domain.money import Money
from ecosystem.domain.payouts import PARTIES, PaidPart, shares, taken_back
from ecosystem.local.demo_data.bookings import DemoBooking
from ecosystem.local.demo_data.money_trail import (
    DatedPosting,
    DemoPayment,
    change,
    dated,
    parts,
)
from ecosystem.local.demo_data.operators import VIA_APPIA
from ecosystem.local.demo_data.people import DemoAgency
from ecosystem.local.demo_data.seeded import short, timed_id

_SENT_AFTER = timedelta(seconds=40)
_BACK_AFTER = timedelta(seconds=4)
_DUE_AT = time(15)
"""UTC: by then the day after departure has begun everywhere on earth that is sold."""


@dataclass(frozen=True)
class DemoReversal:
    id: UUID
    stripe_id: str
    amount: Money
    at: datetime


@dataclass(frozen=True)
class DemoTransfer:
    """A share of one payment that has reached its account; ``back`` of it was taken back."""

    id: UUID
    stripe_id: str
    payment: DemoPayment
    party: Party
    party_id: UUID
    account: str
    amount: Money
    at: datetime
    back: DemoReversal | None = None


@dataclass(frozen=True)
class Payouts:
    """``planned`` is when each paid payment was divided, by its id; not yet: it is missing."""

    transfers: tuple[DemoTransfer, ...] = ()
    planned: dict[UUID, datetime] | None = None

    def planned_at(self, payment: DemoPayment) -> datetime | None:
        return (self.planned or {}).get(payment.id)


def agency_account(agency: DemoAgency) -> str:
    """The agency's connected account at Stripe."""
    return f"acct_{short('account', agency.slug)[:16]}"


def at_once(booking: DemoBooking) -> bool:
    """Whether its operator is paid on confirmation."""
    return booking.package.operator.slug == VIA_APPIA


def payouts(booking: DemoBooking, paid: list[DemoPayment], anchor: datetime) -> Payouts:
    """What was due before the anchor, all of it sent."""
    here = sorted((p for p in paid if p.paid_at), key=lambda p: (p.paid_at or anchor, p.id))
    if not here:
        return Payouts()
    if not at_once(booking):
        day = booking.departure.starts_on + timedelta(days=1)
        due = datetime.combine(day, _DUE_AT, anchor.tzinfo)
        if due >= anchor:
            return Payouts()
        ended = change(booking, paid)
        total = ended.retained if ended else booking.price.total
        left = [p for p in here if _stays(p) > 0]
        sent = _sent(booking, total, left, [due] * len(left)) if total.minor else []
        return Payouts(tuple(sent), {p.id: due for p in left})
    when = [p.paid_at + _SENT_AFTER for p in here if p.paid_at]
    sent = _sent(booking, booking.price.total, here, when, whole=True)
    planned = {p.id: at for p, at in zip(here, when, strict=True)}
    return Payouts(tuple(_after_change(booking, paid, sent)), planned)


def postings(made: Payouts) -> Iterator[DatedPosting]:
    """The payouts in the ledger."""
    for one in made.transfers:
        yield dated(one.at, ledger.transferred(one.id, one.party, one.amount))
        if one.back is not None:
            back = ledger.transfer_reversed(one.back.id, one.party, one.back.amount)
            yield dated(one.back.at, back)


def _stays(payment: DemoPayment) -> int:
    return payment.amount.minor - (payment.refund.amount.minor if payment.refund else 0)


def _sent(
    booking: DemoBooking,
    total: Money,
    here: list[DemoPayment],
    when: list[datetime],
    *,
    whole: bool = False,
) -> list[DemoTransfer]:
    """``whole``: they left before anything was promised back."""
    moment = {p.id: at for p, at in zip(here, when, strict=True)}
    by_id = {p.id: p for p in here}
    agency, operator = booking.buyer.agency, booking.package.operator
    made: list[DemoTransfer] = []
    asked = [PaidPart(p.id, p.amount.minor if whole else _stays(p)) for p in here]
    for share in shares(total, parts(booking, total), asked):
        payment, at = by_id[share.payment_id], moment[share.payment_id]
        to_agency = share.party == "agency" and agency is not None
        made.append(
            DemoTransfer(
                id=timed_id(at, "transfer", payment.id, share.party),
                stripe_id=f"tr_{short('transfer', payment.id, share.party)}",
                payment=payment,
                party=share.party,
                party_id=agency.id if to_agency and agency else operator.id,
                account=agency_account(agency)
                if to_agency and agency
                else operator.stripe_account_id,
                amount=Money(share.amount, total.currency),
                at=at,
            )
        )
    return made


def _after_change(
    booking: DemoBooking, paid: list[DemoPayment], sent: list[DemoTransfer]
) -> Iterator[DemoTransfer]:
    """With what was taken back when the trip was cancelled, newest transfers first."""
    ended = change(booking, paid)
    if ended is None:
        yield from sent
        return
    now = parts(booking, ended.retained)
    back: dict[UUID, int] = {}
    for party in PARTIES:
        theirs = [one for one in reversed(sent) if one.party == party]
        part = now.operator if party == "operator" else now.agency
        surplus = sum(one.amount.minor for one in theirs) - part.minor
        back |= dict(taken_back(surplus, [(one.id, one.amount.minor) for one in theirs]))
    at = ended.at + _BACK_AFTER
    for one in sent:
        amount = back.get(one.id, 0)
        reversal = DemoReversal(
            timed_id(at, "reversal", one.id),
            f"trr_{short('reversal', one.id)}",
            Money(amount, one.amount.currency),
            at,
        )
        yield replace(one, back=reversal) if amount else one
