"""A booking costs another amount than before: what goes back, what is still asked for. Pure.

The one algorithm behind cancellations in whole and in part and changes of date; see
docs/algorithms/refund.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from ecosystem.domain.money import Money
from ecosystem.domain.price import Line, Price, addon_quantity, price
from ecosystem.domain.rates import AddonUnit, Rates

KEPT = "kept:"
"""The code of a price line that stays of what was given up; a number follows."""

Standing = Literal["open", "paid", "disputed", "lost", "closed"]


@dataclass(frozen=True)
class Asked:
    """One payment of a booking, or a part of one. ``refunded`` was promised back of it before.

    ``open`` may still be paid; ``disputed`` is with the buyer's bank, so nothing of it can
    be refunded, and ``lost`` stays there; ``closed`` is not asked for any more, or went back in full.
    """

    id: UUID
    kind: str
    amount: Money
    refunded: Money
    standing: Standing
    due_on: date
    paid_order: str = ""
    """Sorts payments by when they were paid."""

    @property
    def net(self) -> Money:
        return self.amount - self.refunded


@dataclass(frozen=True)
class Part:
    """An amount of one payment."""

    payment_id: UUID
    amount: Money


@dataclass(frozen=True)
class Repricing:
    """What a new total does to the payments.

    ``paid`` is what was paid and not promised back before, ``disputed`` and ``lost`` included;
    ``refunds`` go back, newest payment first; ``asks`` has the new amount of every open
    payment, zero for one that is closed. ``missing`` is asked for by no payment yet.
    """

    paid: Money
    refunds: tuple[Part, ...]
    asks: tuple[Part, ...]
    missing: Money

    @property
    def refund(self) -> Money:
        return sum((part.amount for part in self.refunds), Money.zero(self.paid.currency))

    @property
    def retained(self) -> Money:
        return self.paid - self.refund


def refundable(payments: Sequence[Asked], currency: str) -> Money:
    """What was paid, was not promised back, and is not in dispute."""
    return sum((p.net for p in payments if p.standing == "paid"), Money.zero(currency))


def in_dispute(payments: Sequence[Asked], currency: str) -> Money:
    """What was paid and is with the buyer's bank, which has not decided yet."""
    return sum((p.net for p in payments if p.standing == "disputed"), Money.zero(currency))


def given_back(payments: Sequence[Asked], currency: str) -> Money:
    """What was paid and the buyer's bank took back for good."""
    return sum((p.net for p in payments if p.standing == "lost"), Money.zero(currency))


def at_bank(payments: Sequence[Asked], currency: str) -> Money:
    """What was paid and is not ours to give back: in dispute, or lost."""
    return in_dispute(payments, currency) + given_back(payments, currency)


def reprice(payments: Sequence[Asked], total: Money) -> Repricing:
    """Make the payments of a booking come to ``total``.

    What was paid beyond it goes back, newest payment first, never more than is left of
    each. Open payments sum to what is missing: the latest due is lowered first, and raised
    when more is missing than they ask for.
    """
    zero = Money.zero(total.currency)
    paid = refundable(payments, total.currency) + at_bank(payments, total.currency)
    over = max(zero, paid - total)
    refunds: list[Part] = []
    for payment in sorted(_of(payments, "paid"), key=lambda p: p.paid_order, reverse=True):
        part = min(over, payment.net)
        if part.minor:
            refunds.append(Part(payment.id, part))
            over -= part
    wanted = max(zero, total - paid)
    open_ = sorted(_of(payments, "open"), key=lambda p: (p.due_on, p.id))
    asks: list[Part] = []
    for payment in open_:
        asks.append(Part(payment.id, min(wanted, payment.amount)))
        wanted -= asks[-1].amount
    if wanted.minor and asks:
        asks[-1] = Part(asks[-1].payment_id, asks[-1].amount + wanted)
        wanted = zero
    return Repricing(paid, tuple(refunds), tuple(asks), missing=wanted)


def kept_of(total: Money, wanted: Money, percent: int) -> Money:
    """The new total when a booking of ``total`` is reduced to ``wanted``.

    ``percent`` of what is given up comes off, rounded half up; the rest stays. A reduction
    never makes a booking dearer.
    """
    given_up = max(Money.zero(total.currency), total - wanted)
    return total - given_up.percent(percent)


def kept_lines(held: Price) -> list[Line]:
    """What stays from earlier changes of a booking."""
    return [line for line in held.lines if line.code.startswith(KEPT)]


def with_kept(lines: Sequence[Line], total: Money, balance_due_on: date | None) -> Price:
    """The price of a changed booking: ``lines``, and one more that makes them ``total``.

    That line is what stays of the part that was given up, or, negative, what a smaller party
    would cost more and nobody asks for.
    """
    rest = total - sum((line.amount for line in lines), Money.zero(total.currency))
    number = sum(line.code.startswith(KEPT) for line in lines) + 1
    kept = [Line(f"{KEPT}{number}", "Cancellation fee", 1, rest)] if rest.minor else []
    return Price((*lines, *kept), total, None, balance_due_on)


def without_addon(held: Price, addon_id: UUID) -> list[Line]:
    """The lines of a price with an add-on taken off."""
    return [line for line in held.lines if line.code != f"addon:{addon_id}"]


def for_party(
    held: Price,
    rates: Rates,
    *,
    adults: int,
    children: int,
    child_ages: Sequence[int],
    starts_on: date,
) -> list[Line]:
    """The lines of a held price for a smaller party, at the rates it was held at.

    People are priced anew (a room for two becomes a single one). Add-ons keep the price of
    one; how many there are follows their unit.

    Raises:
        Invalid: the party does not fit the package.
    """
    people = price(
        rates,
        adults=adults,
        children=children,
        addon_ids=frozenset(),
        starts_on=starts_on,
        today=starts_on,
        child_ages=child_ages,
    )
    lines = [line for line in people.lines if not line.code.startswith("addon:")]
    units: dict[str, AddonUnit] = {f"addon:{addon.id}": addon.unit for addon in rates.addons}
    for line in held.lines:
        if line.code.startswith(KEPT):
            lines.append(line)
        elif line.code.startswith("addon:"):
            unit, count = units.get(line.code), line.quantity
            if unit is not None:
                count = addon_quantity(unit, adults + children, rates.nights)
            each = Money(line.amount.minor // line.quantity, line.amount.currency)
            lines.append(Line(line.code, line.label, count, each * count))
    return lines


def _of(payments: Sequence[Asked], standing: Standing) -> list[Asked]:
    return [payment for payment in payments if payment.standing == standing]
