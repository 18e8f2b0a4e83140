"""The day's rates: fetched once a day, kept when the bank is silent, rounded half up."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecosystem.database.unit_of_work import Database
from ecosystem.domain.currencies import SHOWN, DayRates, shown
from ecosystem.domain.errors import Unavailable
from ecosystem.domain.money import Money
from ecosystem.local.exchange_rates import RATES
from ecosystem.services.exchange import Exchange

FRIDAY = date(2026, 11, 20)
RATES_OF_FRIDAY = DayRates(FRIDAY, {code: Decimal(rate) for code, rate in RATES.items()})


class Bank:
    """A ``ExchangeRates`` port that answers what it is told, and counts."""

    def __init__(self) -> None:
        self.rates: DayRates | None = RATES_OF_FRIDAY
        self.asked = 0

    def fetch(self) -> DayRates:
        self.asked += 1
        if self.rates is None:
            raise Unavailable("silent")
        return self.rates


class At:
    def __init__(self, now: datetime) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def made(database: Database) -> tuple[Exchange, Bank, At, list[float]]:
    bank, clock, ticks = Bank(), At(datetime(2026, 11, 20, 9, tzinfo=UTC)), [0.0]
    return Exchange(database, bank, clock, lambda: ticks[0]), bank, clock, ticks


def test_rates_are_fetched_once_after_each_publication(made: Any) -> None:
    exchange, bank, clock, _ = made
    with pytest.raises(Unavailable, match="no exchange rates yet"):
        exchange.latest()
    assert [exchange.step() for _ in range(3)] == [1, 0, 0]
    clock.moment = datetime(2026, 11, 20, 15, 59, tzinfo=UTC)
    assert exchange.step() == 0
    clock.moment += timedelta(minutes=1)
    assert [exchange.step(), exchange.step()] == [1, 0]
    clock.moment += timedelta(hours=23, minutes=59)
    assert exchange.step() == 0
    assert bank.asked == 2
    assert exchange.latest() == RATES_OF_FRIDAY


def test_a_silent_bank_leaves_the_last_rates_with_their_day(made: Any) -> None:
    exchange, bank, clock, ticks = made
    exchange.step()
    bank.rates = None
    clock.moment += timedelta(days=3)
    for _ in range(2):
        with pytest.raises(Unavailable):
            exchange.step()
    assert exchange.latest().day == FRIDAY
    bank.rates = DayRates(FRIDAY + timedelta(days=3), {"USD": Decimal("1.1")})
    assert exchange.step() == 1
    ticks[0] += 1
    assert exchange.latest() == bank.rates


def test_rates_of_a_day_to_come_are_not_taken(made: Any) -> None:
    exchange, bank, _, _ = made
    bank.rates = DayRates(date(2036, 1, 1), {"USD": Decimal(1)})
    with pytest.raises(Unavailable):
        exchange.step()
    with pytest.raises(Unavailable):
        exchange.latest()


def test_another_process_sees_new_rates_within_a_minute(made: Any, database: Database) -> None:
    exchange, _, clock, ticks = made
    exchange.step()
    exchange.latest()
    corrected = DayRates(FRIDAY, {**RATES_OF_FRIDAY.per_euro, "USD": Decimal("1.2")})
    other, later = Bank(), At(clock.moment + timedelta(days=1))
    other.rates = corrected
    assert Exchange(database, other, later).step() == 1
    ticks[0] = 59
    assert exchange.latest() == RATES_OF_FRIDAY
    ticks[0] = 60
    assert exchange.latest() == corrected


@pytest.mark.parametrize(
    ("amount", "to", "minor"),
    [
        (Money(134_000, "EUR"), "USD", 145_202),  # 1452.024
        (Money(134_000, "EUR"), "JPY", 218_983),  # 218982.8
        (Money(218_983, "JPY"), "EUR", 134_000),
        (Money(100_000, "GBP"), "CHF", 112_114),
        (Money(0, "EUR"), "USD", 0),
        (Money(1, "EUR"), "JPY", 2),
    ],
)
def test_amounts_are_rounded_half_up_to_the_minor_unit(amount: Money, to: str, minor: int) -> None:
    assert RATES_OF_FRIDAY.convert(amount, to) == Money(minor, to)


def test_half_a_unit_goes_up() -> None:
    rates = DayRates(FRIDAY, {"USD": Decimal("1.5"), "JPY": Decimal("0.5")})
    assert rates.convert(Money(1, "EUR"), "USD") == Money(2, "USD")
    assert rates.convert(Money(100, "EUR"), "JPY") == Money(1, "JPY")


def test_a_currency_without_a_rate_is_not_converted() -> None:
    assert RATES_OF_FRIDAY.convert(Money(100, "KWD"), "EUR") is None
    assert RATES_OF_FRIDAY.convert(Money(100, "EUR"), "KWD") is None
    assert RATES_OF_FRIDAY.rate("KWD", "EUR") is None


@given(st.integers(0, 10**11), st.sampled_from(SHOWN), st.sampled_from(SHOWN))
def test_there_and_back_is_about_the_same(minor: int, one: str, other: str) -> None:
    there = RATES_OF_FRIDAY.convert(Money(minor, one), other)
    assert there is not None
    back = RATES_OF_FRIDAY.convert(there, one)
    assert back is not None
    worth = RATES_OF_FRIDAY.rate(other, one)
    assert worth is not None
    slack = worth.scaleb(2) + 1
    assert abs(back.minor - minor) <= slack


def test_only_what_is_offered_can_be_chosen() -> None:
    assert shown("USD") == "USD"
    for junk in (None, "", "usd", "XXX", "EURO", 7, ["USD"], {"USD": 1}, "U" * 100_000):
        assert shown(junk) == ""
