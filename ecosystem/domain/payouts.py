"""Who is sent what of a payment, and what is taken back. Pure.

Amounts are minor units of one currency, the booking's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from ecosystem.domain.ledger import Party
from ecosystem.domain.money import Money, step
from ecosystem.domain.split import Split

PARTIES: tuple[Party, ...] = ("operator", "agency")


@dataclass(frozen=True)
class PaidPart:
    """One payment, in the order in which they were made.

    ``stays`` is its amount less what was promised back of it; ``planned`` what of it is on
    its way to a party or there, less what came back from there.
    """

    payment_id: UUID
    stays: int
    planned: Mapping[Party, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Share:
    """What a party is sent of one payment."""

    payment_id: UUID
    party: Party
    amount: int


def shares(total: Money, parts: Split, payments: Sequence[PaidPart]) -> list[Share]:
    """What still has to be sent, of which payment.

    A party has had its part of the price once the whole price is paid; before that the
    proportion of it that is paid, rounded down, so that rounding never adds up to more
    than the part, and to what can be sent. No payment gives more than what stays of it.
    """
    wanted = {"operator": parts.operator.minor, "agency": parts.agency.minor}
    given = {party: sum(one.planned.get(party, 0) for one in payments) for party in PARTIES}
    room = {one.payment_id: one.stays - sum(one.planned.values()) for one in payments}
    made: dict[tuple[UUID, Party], int] = {}

    def give(payment_id: UUID, party: Party, up_to: int) -> None:
        amount = min(up_to - given[party], room[payment_id])
        if amount > 0:
            made[payment_id, party] = made.get((payment_id, party), 0) + amount
            given[party] += amount
            room[payment_id] -= amount

    paid = 0
    target = dict.fromkeys(PARTIES, 0)
    for one in payments:
        paid += one.stays
        for party in PARTIES:
            whole = paid >= total.minor
            so_far = wanted[party] if whole else wanted[party] * paid // total.minor
            target[party] = so_far if whole else so_far - so_far % step(total.currency)
            give(one.payment_id, party, target[party])
    # A unit for which a payment had no room left is taken from another one.
    for one in payments:
        for party in PARTIES:
            give(one.payment_id, party, target[party])
    return [Share(*key, amount) for key, amount in made.items()]


def taken_back(surplus: int, left: Sequence[tuple[UUID, int]]) -> list[tuple[UUID, int]]:
    """How ``surplus`` comes back: the newest transfers first, each up to what is ``left`` of it."""
    back: list[tuple[UUID, int]] = []
    for transfer_id, available in left:
        amount = min(surplus, available)
        if amount > 0:
            back.append((transfer_id, amount))
            surplus -= amount
    return back


@dataclass(frozen=True)
class OpenRefund:
    """A refund that has not arrived. ``failure`` is Stripe's word; empty while none."""

    id: UUID
    reference: str
    amount: Money
    reason: str
    state: str
    failure: str
    since: datetime


@dataclass(frozen=True)
class OpenTransfer:
    """A share that has not left: its account can't receive, or Stripe refused it."""

    id: UUID
    reference: str
    party: Party
    party_id: UUID
    amount: Money
    state: str
    failure: str
    since: datetime


@dataclass(frozen=True)
class OpenReversal:
    """Money of a transfer that should come back and has not."""

    id: UUID
    reference: str
    party: Party
    party_id: UUID
    amount: Money
    reason: str
    state: str
    failure: str
    since: datetime
