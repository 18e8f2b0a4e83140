"""What one of everything costs: the rates a party is priced at. Pure; docs/algorithms/price.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

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
class ChildBand:
    """Children of ``from_age`` to ``to_age`` full years at departure pay that much less."""

    from_age: int
    to_age: int
    discount_percent: Decimal


@dataclass(frozen=True)
class Rates:
    """The prices of one package on one departure.

    ``occupancy`` has the price per adult by adults in a room, ``child_bands`` the discounts
    by age; either is empty when the package does not have them.
    """

    adult: Money
    child_discount_percent: Decimal
    single_supplement: Money
    nights: int
    max_travellers: int
    addons: tuple[AddonRate, ...]
    deposit_percent: int | None
    balance_due_days: int
    child_bands: tuple[ChildBand, ...] = ()
    occupancy: Mapping[int, Money] = field(default_factory=dict)

    @property
    def sharing(self) -> Money:
        """What an adult pays who shares a double room: the price that is shown for a date."""
        return self.occupancy.get(2, self.adult)

    def on(self, adult: Money | None) -> "Rates":
        """These rates on a departure with its own price per adult, or without one.

        Occupancy prices move by the same difference; a room that comes to nothing or less
        makes the departure one that can't be sold.
        """
        if adult is None or adult == self.adult:
            return self
        moved = {size: each + adult - self.adult for size, each in self.occupancy.items()}
        return replace(self, adult=adult, occupancy=moved)

    def times(self, factor: Decimal) -> "Rates":
        """These rates with every amount multiplied: what an agency sells or buys them for."""
        if factor == 1:
            return self
        return replace(
            self,
            adult=self.adult.times(factor),
            single_supplement=self.single_supplement.times(factor),
            addons=tuple(replace(a, price=a.price.times(factor)) for a in self.addons),
            occupancy={size: each.times(factor) for size, each in self.occupancy.items()},
        )

    @property
    def sellable(self) -> bool:
        """Whether an adult pays something in every room."""
        return all(each.minor > 0 for each in (self.adult, *self.occupancy.values()))

    def as_json(self) -> dict[str, Any]:
        """The form a hold keeps, so that a smaller party can be priced as the whole one was."""
        return {
            "currency": self.adult.currency,
            "adult": self.adult.minor,
            "child_discount": str(self.child_discount_percent),
            "single": self.single_supplement.minor,
            "nights": self.nights,
            "most": self.max_travellers,
            "deposit": self.deposit_percent,
            "balance_days": self.balance_due_days,
            "addons": [
                [str(addon.id), addon.name, addon.price.minor, addon.unit, addon.required]
                for addon in self.addons
            ],
            "bands": [[b.from_age, b.to_age, str(b.discount_percent)] for b in self.child_bands],
            "rooms": {str(size): each.minor for size, each in self.occupancy.items()},
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Rates":
        """The inverse of ``as_json``."""
        currency = kept["currency"]
        return cls(
            adult=Money(kept["adult"], currency),
            child_discount_percent=Decimal(kept["child_discount"]),
            single_supplement=Money(kept["single"], currency),
            nights=kept["nights"],
            max_travellers=kept["most"],
            addons=tuple(
                AddonRate(UUID(key), name, Money(minor, currency), unit, required)
                for key, name, minor, unit, required in kept["addons"]
            ),
            deposit_percent=kept["deposit"],
            balance_due_days=kept["balance_days"],
            child_bands=tuple(ChildBand(a, b, Decimal(share)) for a, b, share in kept["bands"]),
            occupancy={int(size): Money(each, currency) for size, each in kept["rooms"].items()},
        )
