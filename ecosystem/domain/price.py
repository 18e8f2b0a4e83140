"""What a party pays: lines that sum to the total. Pure; see docs/algorithms/price.md.

    line                         quantity            unit amount
    adult                        adults              departure price, else package price
    adult:<n>                    adults in rooms     price per adult in a room of n, when the
                                 of n                package has occupancy prices
    single_supplement            adults alone, or    package single supplement
                                 with free children
    child, child:<band>          children            adult price less the child discount
    addon:<id>                   by its unit         add-on price

Required add-ons are always in. Each unit amount is rounded half up to a minor
unit once, then multiplied, so a line is always quantity x shown price.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from ecosystem.domain.errors import Conflict, Invalid
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.domain.rates import AddonRate, AddonUnit, ChildBand, Rates
from ecosystem.domain.rooms import cheapest_rooms

OLDEST_CHILD = 17
ROOM_NAMES = {1: "a single room", 2: "a double room", 3: "a triple room", 4: "a room for four"}


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

    def times(self, factor: Decimal) -> "Price":
        """This price with what one of each line costs multiplied; nothing may be paid of it in
        parts."""
        lines = tuple(
            replace(
                line,
                amount=Money(line.amount.minor // line.quantity, line.amount.currency).times(factor)
                * line.quantity,
            )
            for line in self.lines
        )
        total = sum((line.amount for line in lines), Money.zero(self.total.currency))
        return Price(lines, total, None, None)

    @property
    def addon_ids(self) -> frozenset[UUID]:
        """The add-ons that are in it, those that always are among them."""
        codes = (line.code.partition(":") for line in self.lines)
        return frozenset(UUID(key) for kind, _, key in codes if kind == "addon")

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
    child_ages: Sequence[int] = (),
) -> Price:
    """Price a party. ``child_ages`` are full years at departure, one for each child or none.

    Raises:
        Invalid: no adult, a negative number, a party larger than the package takes, ages
            that are not those of the children, or an add-on that the package does not
            have. ``fields`` names it.
        Conflict: ``no_price``: in some room an adult would pay nothing or less.
    """
    if not rates.sellable:
        raise no_price()
    travellers = adults + children
    if adults < 1:
        raise Invalid.one("adults", _("At least one adult has to travel."))
    if children < 0:
        raise Invalid.one("children", _("The number of children can't be negative."))
    if travellers > rates.max_travellers:
        raise Invalid.one(
            "adults",
            _("This trip takes up to {count} travellers in one booking.").format(
                count=rates.max_travellers
            ),
            code="party_too_large",
        )
    if child_ages and len(child_ages) != children:
        raise Invalid.one("child_ages", _("Give one age for each child, or none."))
    if any(not 0 <= age <= OLDEST_CHILD for age in child_ages):
        raise Invalid.one(
            "child_ages",
            _("A child is 0 to {oldest} years old at departure.").format(oldest=OLDEST_CHILD),
        )
    unknown = addon_ids - {addon.id for addon in rates.addons}
    if unknown:
        raise Invalid.one("addon_ids", _("This trip does not have one of the chosen extras."))

    young = list(_child_lines(rates, children, child_ages))
    lines = [*_adult_lines(rates, adults, shared=_shared(rates, young, child_ages)), *young]
    lines += [
        _addon_line(addon, travellers, rates.nights)
        for addon in rates.addons
        if addon.required or addon.id in addon_ids
    ]
    return _summed(lines, rates, starts_on, today)


def with_addons(
    held: Price,
    rates: Rates,
    *,
    addon_ids: frozenset[UUID],
    travellers: int,
    starts_on: date,
    today: date,
) -> Price:
    """A price that was held, with other add-ons at ``rates``. What stays costs what it did.

    Add-ons that are always in stay in.

    Raises:
        Invalid: ``addon_ids``: neither the package nor the held price has one of them.
        Conflict: ``no_price``: the rates are in another currency.
    """
    if rates.adult.currency != held.total.currency:
        raise no_price()
    was = {line.code: line for line in held.lines}
    offered = {f"addon:{addon.id}": addon for addon in rates.addons}
    wanted = {f"addon:{key}" for key in addon_ids}
    if not wanted <= was.keys() | offered.keys():
        raise Invalid.one("addon_ids", _("This trip does not have one of the chosen extras."))
    lines = [line for line in held.lines if not line.code.startswith("addon:")]
    for code, addon in offered.items():
        if code in wanted or (addon.required and code in was):
            lines.append(was.get(code) or _addon_line(addon, travellers, rates.nights))
    lines += [was[code] for code in was if code in wanted - offered.keys()]
    return _summed(lines, rates, starts_on, today)


def _addon_line(addon: AddonRate, travellers: int, nights: int) -> Line:
    quantity = addon_quantity(addon.unit, travellers, nights)
    return Line(f"addon:{addon.id}", addon.name, quantity, addon.price * quantity)


def _summed(lines: Sequence[Line], rates: Rates, starts_on: date, today: date) -> Price:
    total = sum((line.amount for line in lines), Money.zero(rates.adult.currency))
    deposit, due = _deposit(rates, total, starts_on, today)
    return Price(tuple(lines), total, deposit, due)


def _adult_lines(rates: Rates, adults: int, *, shared: bool) -> Iterator[Line]:
    # Nobody is alone who travels with a child that pays: they share. A baby that travels free
    # pays for no part of the room.
    alone = Money.zero(rates.adult.currency) if shared else rates.single_supplement
    if not rates.occupancy:
        yield Line("adult", "Adult", adults, rates.adult * adults)
        if adults == 1 and alone.minor:
            yield Line("single_supplement", "Single room", 1, alone)
        return
    each = {1: rates.adult, 2: rates.adult} | dict(rates.occupancy)
    cost = {size: amount.minor for size, amount in each.items()}
    if 1 not in rates.occupancy:
        cost[1] += alone.minor
    for size, rooms in sorted(cheapest_rooms(adults, cost).items(), reverse=True):
        people = size * rooms
        yield Line(f"adult:{size}", f"Adult in {ROOM_NAMES[size]}", people, each[size] * people)
        if size == 1 and 1 not in rates.occupancy and alone.minor:
            yield Line("single_supplement", "Single room", rooms, alone * rooms)


def _shared(rates: Rates, young: Sequence[Line], ages: Sequence[int]) -> bool:
    """Whether a child is sure to pay: one whose age is not given may be the one that is free."""
    if young and rates.child_bands and not ages:
        return all(_of_child(rates, band.discount_percent).minor for band in rates.child_bands)
    return any(line.amount.minor for line in young)


def _of_child(rates: Rates, discount: Decimal) -> Money:
    return rates.sharing - rates.sharing.percent(discount)


def _child_lines(rates: Rates, children: int, ages: Sequence[int]) -> Iterator[Line]:
    if not children:
        return
    if not rates.child_bands:
        kinds = Counter({("child", "Child", rates.child_discount_percent): children})
    elif not ages:
        least = _least_discount(rates.child_bands)
        kinds = Counter({("child:unknown", "Child, age not given", least): children})
    else:
        kinds = Counter(_kind(rates.child_bands, age) for age in sorted(ages))
    for (code, label, discount), count in kinds.items():
        yield Line(code, label, count, _of_child(rates, discount) * count)


def no_price() -> Conflict:
    """What is said when a party can't be priced on a departure, whoever asks."""
    return Conflict(
        _("This date has no price at the moment and can't be booked. Choose another date."),
        code="no_price",
    )


def _least_discount(bands: Sequence[ChildBand]) -> Decimal:
    """What any child gets: nobody pays less for keeping quiet about an age."""
    covered = {age for band in bands for age in range(band.from_age, band.to_age + 1)}
    if not covered.issuperset(range(OLDEST_CHILD + 1)):
        return Decimal(0)
    return min(band.discount_percent for band in bands)


def _kind(bands: Sequence[ChildBand], age: int) -> tuple[str, str, Decimal]:
    for band in bands:
        if band.from_age <= age <= band.to_age:
            years = f"{band.from_age}–{band.to_age}"
            return (
                f"child:{band.from_age}-{band.to_age}",
                f"Child of {years}",
                band.discount_percent,
            )
    return "child:full", "Child at the adult price", Decimal(0)


def addon_quantity(unit: AddonUnit, travellers: int, nights: int) -> int:
    """How many times a party pays for an add-on of this unit."""
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
