"""The currencies amounts can be shown in, and one day's rates between them.

Showing is not charging: a trip is paid in its own currency, to the minor unit. What is shown
in another one is "about", by the euro reference rates of the European Central Bank, which are
set on working days and "published for information purposes only":
https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ecosystem.domain.money import Money

EURO = "EUR"
SHOWN = (
    "EUR",
    "USD",
    "GBP",
    "CHF",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "HUF",
    "RON",
    "TRY",
    "JPY",
    "CNY",
    "INR",
    "KRW",
    "SGD",
    "AUD",
    "NZD",
    "CAD",
    "BRL",
    "MXN",
    "ZAR",
)
"""Offered to readers, in this order. Each has a reference rate."""


def shown(code: object) -> str:
    """``code`` if amounts can be shown in it, else empty: as charged. Takes anybody's input."""
    return code if isinstance(code, str) and code in SHOWN else ""


@dataclass(frozen=True)
class DayRates:
    """How many units of each currency one euro was worth on ``day``. The euro may be left out."""

    day: date
    per_euro: Mapping[str, Decimal]

    def rate(self, of: str, to: str) -> Decimal | None:
        """How many units of ``to`` one unit of ``of`` is worth; None if either is not known."""
        known = {**self.per_euro, EURO: Decimal(1)}
        if of not in known or to not in known:
            return None
        return known[to] / known[of]

    def convert(self, amount: Money, to: str) -> Money | None:
        """About as much in ``to``, rounded half up to its minor unit; None without a rate."""
        known = {**self.per_euro, EURO: Decimal(1)}
        if amount.currency not in known or to not in known:
            return None
        # One division, at the end: the rate itself may have no finite decimal form.
        return Money.from_decimal(amount.decimal * known[to] / known[amount.currency], to)
