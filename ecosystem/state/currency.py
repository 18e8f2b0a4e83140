"""Amounts in the currency a reader chose. What is charged stays in its own.

    conversion = await shown_in(self)
    conversion.text(card.price_from)      "about US$1,447", or "€1,340" as it is charged
    conversion.note_for("EUR")            "EUR 1 = USD 1.08 on 20 Nov 2026. You are charged in EUR."
    conversion.note                       the same for a list with prices in several currencies

Where money is asked for (checkout, pay, a booked trip) amounts are shown as they are charged,
with ``formats.money``, never through this.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from ecosystem.domain import cookies
from ecosystem.domain.currencies import EURO, DayRates, shown
from ecosystem.domain.errors import Unavailable
from ecosystem.domain.language import _, language
from ecosystem.domain.money import Money
from ecosystem.state import formats
from ecosystem.state.calling import call
from ecosystem.wiring import services

COOKIE = "currency"
DIGITS = 4
"""Significant digits of a rate that is below one: enough to check a price by."""


@dataclass(frozen=True)
class Conversion:
    """``currency`` is what amounts are shown in; empty: each as it is charged."""

    currency: str = ""
    rates: DayRates | None = None

    def shown(self, amount: Money) -> Money:
        """The amount in the chosen currency; as it is charged without one."""
        return self._converted(amount) or amount

    def text(self, amount: Money) -> str:
        """``about US$1,447``; the amount itself when it is charged in the chosen currency."""
        found = self._converted(amount)
        if found is None:
            return formats.money(amount)
        return _("about {amount}").format(amount=formats.money(_rounded(found)))

    @property
    def note(self) -> str:
        """What a list of converted prices has to say; empty while prices are as charged."""
        if not self.currency or self.rates is None:
            return ""
        base = EURO if self.currency != EURO else "USD"
        return " ".join(
            (
                self._rate(base),
                _("You are charged in the currency of the trip, as its page says."),
            )
        )

    def note_for(self, charged: str) -> str:
        """The rate, its day, and the currency in which ``charged`` is really paid; may be empty."""
        if self._converted(Money.zero(charged)) is None:
            return ""
        paid = _("You are charged in {currency}.").format(currency=charged)
        return f"{self._rate(charged)} {paid}"

    def beside(self, charged: Money) -> str:
        """What stands beside an amount that is about to be paid: about how much that is, by
        which rate, and that it is charged as it stands; empty without another currency."""
        note, about = self.note_for(charged.currency), self.text(charged)
        return f"{about[:1].upper()}{about[1:]}. {note}" if note else ""

    def _converted(self, amount: Money) -> Money | None:
        if self.rates is None or self.currency in ("", amount.currency):
            return None
        return self.rates.convert(amount, self.currency)

    def _rate(self, of: str) -> str:
        rate = self.rates.rate(of, self.currency) if self.rates else None
        if rate is None or self.rates is None:
            return ""
        return _("{of} 1 = {to} {rate} on {day}.").format(
            of=of,
            to=self.currency,
            rate=_rate_text(rate),
            day=format_date(self.rates.day, "d MMM y", locale=language().locale),
        )


AS_CHARGED = Conversion()


def chosen(state: Any) -> str:
    """The currency this browser asked for when its socket was opened; empty: as charged."""
    return shown(cookies.read_cookie(state.router.headers.cookie, COOKIE))


async def shown_in(state: Any) -> Conversion:
    """How this reader sees amounts. Without rates they are shown as they are charged."""
    currency = chosen(state)
    if not currency:
        return AS_CHARGED
    try:
        return Conversion(currency, await call(services().exchange.latest))
    except Unavailable:
        return AS_CHARGED


def _rounded(amount: Money) -> Money:
    """Whole units from a hundred on: cents of an "about" say nothing."""
    if amount.decimal < 100:
        return amount
    whole = amount.decimal.to_integral_value(ROUND_HALF_UP)
    return Money.from_decimal(whole, amount.currency)


def _rate_text(rate: Decimal) -> str:
    """``1.08``, ``163.42``, ``0.006119``: two decimals, more when it is small."""
    places = 2 if rate >= 1 else DIGITS - 1 - rate.adjusted()
    rounded = rate.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return format_decimal(
        rounded,
        format="#,##0." + "0" * places,
        locale=language().locale,
        decimal_quantization=False,
    )
