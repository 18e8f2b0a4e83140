"""Amounts of money, in whole minor units of one currency."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_ZERO_DECIMAL = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "JPY",
        "KMF",
        "KRW",
        "MGA",
        "PYG",
        "RWF",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_THREE_DECIMAL = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
_WHOLE_ONLY = frozenset(["ISK", "UGX"])
"""Without decimal places, and yet Stripe counts them in hundredths, of which the last two digits
are 00 (https://docs.stripe.com/currencies#special-cases)."""


def exponent(currency: str) -> int:
    """How many decimal places the minor unit has, as Stripe counts: EUR 2, JPY 0, KWD 3."""
    if currency in _ZERO_DECIMAL:
        return 0
    return 3 if currency in _THREE_DECIMAL else 2


def step(currency: str) -> int:
    """The smallest part of an amount that can be charged, in minor units.

    Cards are charged in whole hundredths: of a currency with three decimal places the last
    digit is 0 (https://docs.stripe.com/currencies#three-decimal).
    """
    if currency in _WHOLE_ONLY:
        return 100
    return 10 if currency in _THREE_DECIMAL else 1


def decimals(currency: str) -> int:
    """How many decimal places people write: those of the minor unit, but none of ISK and UGX."""
    return 0 if currency in _WHOLE_ONLY else exponent(currency)


@dataclass(frozen=True, slots=True)
class Money:
    """``minor`` whole minor units (cents, yen, fils) of ``currency``, an ISO 4217 code.

    Adding or comparing two currencies raises ``ValueError``: there is no silent
    exchange rate.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are whole numbers, not {type(self.minor).__name__}")
        if len(self.currency) != 3 or not self.currency.isupper():
            raise ValueError(f"{self.currency!r} is not an ISO 4217 code")

    @classmethod
    def from_decimal(cls, amount: Decimal, currency: str) -> "Money":
        """From a major-unit amount as ``numeric(12,2)`` holds it, rounded half up."""
        scaled = amount.scaleb(decimals(currency)).to_integral_value(ROUND_HALF_UP)
        return cls(int(scaled) * 10 ** (exponent(currency) - decimals(currency)), currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(0, currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __mul__(self, times: int) -> "Money":
        if type(times) is not int:
            raise TypeError("money is multiplied by whole numbers; use percent() for a share")
        return Money(self.minor * times, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def percent(self, share: Decimal | int) -> "Money":
        """``share`` per cent of the amount, rounded half up to what can be charged."""
        return self.times(Decimal(share) / 100)

    def times(self, factor: Decimal) -> "Money":
        """The amount multiplied by ``factor``, rounded half up to what can be charged."""
        unit = step(self.currency)
        part = Decimal(self.minor) * factor / unit
        return Money(int(part.to_integral_value(ROUND_HALF_UP)) * unit, self.currency)

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return other.minor
