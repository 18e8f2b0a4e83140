"""What is charged, and beside it the public price. Pure; see docs/algorithms/agency-money.md.

An agency may be charged another price than everybody sees, or charge one: the public rates times
a factor, rounded for one of each. The public price can't be worked out back from that to the
cent, so both are priced, changed and kept together, each at its own rates.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from ecosystem.domain.agency_terms import PUBLIC
from ecosystem.domain.price import Price
from ecosystem.domain.rates import Rates


@dataclass(frozen=True)
class Priced:
    """A price and the rates it was made at; None where those were not kept."""

    price: Price
    rates: Rates | None


@dataclass(frozen=True)
class Prices:
    """The two prices of one party; at the factor 1 they are the same.

    Attributes:
        factor: what is charged is priced at so much of the public rates.
        charged: what is paid through the marketplace.
        public: what everybody sees. Nothing may be paid of it in parts where another price is
            charged.
    """

    factor: Decimal
    charged: Priced
    public: Priced

    def as_json(self) -> dict[str, Any]:
        """The frozen form that a hold and a booking keep: what is charged, and the public price
        only where that is another one."""
        kept = self.charged.price.as_json()
        if self.charged.rates is not None:
            kept["rates"] = self.charged.rates.as_json()
        if self.factor == PUBLIC:
            return kept
        if self.public.rates is not None:
            kept["public"] = self.public.rates.as_json()
        return kept | {"public_price": self.public.price.as_json()}

    @classmethod
    def from_json(cls, kept: dict[str, Any], factor: Decimal) -> "Prices":
        """The inverse of ``as_json``.

        Rows of before kept no public price: it is worked out back, a cent off for some prices.
        """
        charged = Priced(Price.from_json(kept), _rates(kept.get("rates")))
        if factor == PUBLIC:
            return cls(factor, charged, charged)
        own, rates = kept.get("public_price"), _rates(kept.get("public"))
        price = charged.price.times(1 / factor) if own is None else Price.from_json(own)
        if rates is None and charged.rates is not None:
            rates = charged.rates.times(1 / factor)
        return cls(factor, charged, Priced(price, rates))


def priced(rates: Rates, factor: Decimal, cost: Callable[[Rates], Price]) -> Prices:
    """Price a party at ``factor`` of the public ``rates``, and at those themselves.

    ``cost`` gives the price at the rates it is given, and raises what that raises.
    """
    own = rates.times(factor)
    charged = Priced(cost(own), own)
    if factor == PUBLIC:
        return Prices(factor, charged, charged)
    return Prices(factor, charged, Priced(_in_full(cost(rates)), rates))


def changed(before: Prices, change: Callable[[Priced], Price]) -> Prices:
    """Both prices after the same change, at the rates they were made at."""
    return moved(before, before, lambda was, _there: change(was))


def moved(before: Prices, there: Prices, change: Callable[[Priced, Priced], Price]) -> Prices:
    """Both prices after a change to other rates: those of ``there``, which ``change`` is given
    second."""
    charged = Priced(change(before.charged, there.charged), there.charged.rates)
    if before.factor == PUBLIC:
        return Prices(before.factor, charged, charged)
    public = _in_full(change(before.public, there.public))
    return Prices(before.factor, charged, Priced(public, there.public.rates))


def _in_full(price: Price) -> Price:
    return replace(price, deposit=None, balance_due_on=None)


def _rates(kept: dict[str, Any] | None) -> Rates | None:
    return None if kept is None else Rates.from_json(kept)
