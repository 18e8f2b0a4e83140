"""What a reader sees of amounts: about how much in the chosen currency, and what is charged."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ecosystem.domain.currencies import DayRates
from ecosystem.domain.money import Money
from ecosystem.state.currency import AS_CHARGED, Conversion, shown_in
from tests.product import Product

RATES = DayRates(
    date(2026, 11, 20),
    {"USD": Decimal("1.0836"), "JPY": Decimal("163.42"), "GBP": Decimal("0.83415")},
)
EURO = Money(134_000, "EUR")


class Bank:
    def fetch(self) -> DayRates:
        return RATES


class Browser:
    """A State as far as the currency's cookie goes."""

    def __init__(self, cookie: str) -> None:
        self.router: Any = type("R", (), {"headers": type("H", (), {"cookie": cookie})()})()


def test_without_a_choice_amounts_are_as_charged() -> None:
    for conversion in (AS_CHARGED, Conversion("EUR", RATES), Conversion("USD", None)):
        assert conversion.text(EURO) == "€1,340"
        assert conversion.note_for("EUR") == ""
    assert AS_CHARGED.note == ""


def test_amounts_are_about_and_the_charge_currency_is_named() -> None:
    dollars = Conversion("USD", RATES)
    assert dollars.text(EURO) == "about US$1,452"
    assert dollars.text(Money(950, "EUR")) == "about US$10.29"
    assert dollars.text(Money(95_000, "USD")) == "US$950"
    assert dollars.note_for("EUR") == "EUR 1 = USD 1.08 on 20 Nov 2026. You are charged in EUR."
    assert dollars.note_for("USD") == ""
    assert dollars.beside(Money(95_000, "USD")) == ""
    assert dollars.beside(EURO) == (
        "About US$1,452. EUR 1 = USD 1.08 on 20 Nov 2026. You are charged in EUR."
    )
    assert "USD 1.08 on 20 Nov 2026" in dollars.note
    assert "charged in the currency of the trip" in dollars.note


def test_small_rates_keep_their_digits() -> None:
    assert "JPY 1 = USD 0.006631" in Conversion("USD", RATES).note_for("JPY")
    assert "EUR 1 = JPY 163.42" in Conversion("JPY", RATES).note_for("EUR")


def test_a_currency_without_a_rate_is_shown_as_charged() -> None:
    dollars = Conversion("USD", RATES)
    assert dollars.text(Money(100_000, "KWD")) == "KWD\u00a0100"
    assert dollars.note_for("KWD") == ""


@pytest.mark.anyio
async def test_the_cookie_chooses_and_junk_does_not(installed: Product) -> None:
    assert await shown_in(Browser("currency=USD")) == AS_CHARGED  # no rates came in yet
    installed.services.exchange._source = Bank()
    installed.services.exchange.step()
    assert (await shown_in(Browser("a=b; currency=USD"))).currency == "USD"
    for junk in ("", "currency=", "currency=usd", "currency=<b>", "currency=" + "U" * 10_000):
        assert await shown_in(Browser(junk)) == AS_CHARGED
