"""What a party pays: lines that sum to the total. Pure; see docs/algorithms/price.md.

    line                         quantity            unit amount
    adult                        adults              departure price, else package price
    child                        children            adult price less the child discount
    single_supplement            1 (one traveller)   package single supplement
    addon:<id>                   by its unit         add-on price

Required add-ons are always in. Each unit amount is rounded half up to a minor
unit once, then multiplied, so a line is always quantity x shown price.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from ecosystem.domain.errors import Invalid
from ecosystem.domain.money import Money

AddonUnit = Literal["booking", "traveller", "night", "traveller_night"]


@dataclass(frozen=True)
class AddonRate:
    id: UUID
    name: str
    price: Money
    unit: AddonUnit
    required: bool


@dataclass(frozen=True)
class Rates:
    """The prices of one package on one departure."""

    adult: Money
    child_discount_percent: Decimal
    single_supplement: Money
    nights: int
    max_travellers: int
    addons: tuple[AddonRate, ...]
    deposit_percent: int | None
    balance_due_days: int


@dataclass(frozen=True)
class Line:
    """One row of the price. ``amount`` is for the whole ``quantity``."""

    code: str
    label: str
    quantity: int
    amount: Money


@dataclass(frozen=True)
class Price:
    """``lines`` sum to ``total``; ``deposit`` is what may be paid now instead, or None.

    ``balance_due_on`` is the day by which the rest is due when a deposit is paid.
    """

    lines: tuple[Line, ...]
    total: Money
    deposit: Money | None
    balance_due_on: date | None

    def as_json(self) -> dict[str, Any]:
        """The frozen form that a hold and a booking keep."""
        return {
            "lines": [
                {
                    "code": line.code,
                    "label": line.label,
                    "quantity": line.quantity,
                    "amount": line.amount.minor,
                }
                for line in self.lines
            ],
            "total": self.total.minor,
            "deposit": None if self.deposit is None else self.deposit.minor,
            "balance_due_on": None if self.balance_due_on is None else str(self.balance_due_on),
            "currency": self.total.currency,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Price":
        """The inverse of ``as_json``."""
        currency = kept["currency"]
        due = kept["balance_due_on"]
        return cls(
            lines=tuple(
                Line(item["code"], item["label"], item["quantity"], Money(item["amount"], currency))
                for item in kept["lines"]
            ),
            total=Money(kept["total"], currency),
            deposit=None if kept["deposit"] is None else Money(kept["deposit"], currency),
            balance_due_on=None if due is None else date.fromisoformat(due),
        )


def price(
    rates: Rates,
    *,
    adults: int,
    children: int,
    addon_ids: frozenset[UUID],
    starts_on: date,
    today: date,
) -> Price:
    """Price a party.

    Raises:
        Invalid: no adult, a negative number, a party larger than the package takes,
            or an add-on that the package does not have. ``fields`` names it.
    """
    travellers = adults + children
    if adults < 1:
        raise Invalid.one("adults", "At least one adult has to travel.")
    if children < 0:
        raise Invalid.one("children", "The number of children can't be negative.")
    if travellers > rates.max_travellers:
        raise Invalid.one(
            "adults",
            f"This trip takes up to {rates.max_travellers} travellers in one booking.",
            code="party_too_large",
        )
    unknown = addon_ids - {addon.id for addon in rates.addons}
    if unknown:
        raise Invalid.one("addon_ids", "This trip does not have one of the chosen extras.")

    lines = [Line("adult", "Adult", adults, rates.adult * adults)]
    if children:
        child = rates.adult - rates.adult.percent(rates.child_discount_percent)
        lines.append(Line("child", "Child", children, child * children))
    if travellers == 1 and rates.single_supplement.minor:
        lines.append(Line("single_supplement", "Single room", 1, rates.single_supplement))
    for addon in rates.addons:
        if addon.required or addon.id in addon_ids:
            quantity = _quantity(addon.unit, travellers, rates.nights)
            lines.append(Line(f"addon:{addon.id}", addon.name, quantity, addon.price * quantity))
    total = sum((line.amount for line in lines), Money.zero(rates.adult.currency))
    deposit, due = _deposit(rates, total, starts_on, today)
    return Price(tuple(lines), total, deposit, due)


def _quantity(unit: AddonUnit, travellers: int, nights: int) -> int:
    return {
        "booking": 1,
        "traveller": travellers,
        "night": nights,
        "traveller_night": travellers * nights,
    }[unit]


def _deposit(
    rates: Rates, total: Money, starts_on: date, today: date
) -> tuple[Money | None, date | None]:
    """A deposit is offered only while the balance is due later than today."""
    due = starts_on - timedelta(days=rates.balance_due_days)
    if rates.deposit_percent is None or due <= today or total.minor == 0:
        return None, None
    deposit = total.percent(rates.deposit_percent)
    if not 0 < deposit.minor < total.minor:
        return None, None
    return deposit, due
