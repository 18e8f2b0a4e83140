"""What a party earned, was paid and is owed in a month: its account of the ledger. Pure.

Amounts are the party's: what is owed to it rises with a credit of its account and falls with a
debit. Months are UTC, as the ledger's times are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby

from ecosystem.domain.ledger import Party
from ecosystem.domain.money import Money
from ecosystem.domain.money_words import kind_of

PAYOUTS = ("transferred", "reversed")
"""Kinds of facts that are money on its way, not earnings."""

PAYMENTS = ("paid", "unwanted", "refund_owed")
"""Kinds of facts that are money on its way, of what an agency owes."""

WORDS = {
    "sold": "Booking",
    "changed": "Cancellation or change",
    "transferred": "Paid out",
    "reversed": "Payout taken back",
    "dispute_lost": "Lost dispute",
    "adjusted": "Adjustment",
    "paid": "Paid",
    "unwanted": "Paid",
    "refund_owed": "Goes back to you",
}


@dataclass(frozen=True)
class Month:
    """A calendar month in UTC, written ``2026-11``."""

    year: int
    number: int

    @classmethod
    def of(cls, at: datetime) -> "Month":
        utc = at.astimezone(UTC)
        return cls(utc.year, utc.month)

    @classmethod
    def read(cls, text: str) -> "Month | None":
        """``2026-11``; None for anything else."""
        try:
            day = date.fromisoformat(f"{text}-01")
        except ValueError:
            return None
        month = cls(day.year, day.month)
        return month if str(month) == text else None

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def first(self) -> datetime:
        return datetime(self.year, self.number, 1, tzinfo=UTC)

    @property
    def following(self) -> "Month":
        index = self.year * 12 + self.number
        return Month(index // 12, index % 12 + 1)

    @property
    def end(self) -> datetime:
        """The first moment that is not in it."""
        return self.following.first


@dataclass(frozen=True)
class Moved:
    """An entry of the party's account, as the ledger has it: debit positive."""

    at: datetime
    reference: str
    title: str
    starts_on: date
    amount: Money
    cause: str
    memo: str


@dataclass(frozen=True)
class StatementLine:
    """``amount`` changes what is owed to the party to ``balance``."""

    at: datetime
    reference: str
    title: str
    starts_on: date
    what: str
    amount: Money
    balance: Money


@dataclass(frozen=True)
class Section:
    """One currency: ``opening`` + ``earned`` − ``paid_out`` = ``closing``."""

    currency: str
    opening: Money
    earned: Money
    paid_out: Money
    closing: Money
    lines: tuple[StatementLine, ...]


@dataclass(frozen=True)
class Statement:
    """``sections`` are what is owed to the party. ``owed`` are what an agency owes for bookings
    it collects for itself: there ``earned`` is what was booked, and ``paid_out`` what it paid."""

    party: Party
    name: str
    month: Month
    sections: tuple[Section, ...]
    owed: tuple[Section, ...] = ()


def sections(
    opening: Sequence[Money], moves: Iterable[Moved], paid: Sequence[str] = PAYOUTS
) -> tuple[Section, ...]:
    """The sections of a statement, by currency.

    Args:
        opening: what was owed to the party before the month, one amount for each currency.
        moves: the entries of the month, in order.
        paid: the kinds of facts that are money on its way.
    """
    before = {amount.currency: amount for amount in opening}
    by_currency = {
        code: list(found)
        for code, found in groupby(
            sorted(moves, key=lambda move: move.amount.currency), lambda move: move.amount.currency
        )
    }
    codes = sorted({*by_currency, *(code for code, amount in before.items() if amount.minor)})
    return tuple(
        _section(before.get(code, Money.zero(code)), by_currency.get(code, []), paid)
        for code in codes
    )


def _section(opening: Money, moves: Sequence[Moved], paid: Sequence[str]) -> Section:
    zero = Money.zero(opening.currency)
    balance, earned, paid_out = opening, zero, zero
    lines: list[StatementLine] = []
    for move in moves:
        amount = -move.amount
        balance += amount
        kind = kind_of(move.cause)
        if kind in paid:
            paid_out -= amount
        else:
            earned += amount
        what = WORDS.get(kind, "")
        if kind == "adjusted" or not what:
            what = f"{what}: {move.memo}" if what else move.memo
        lines.append(
            StatementLine(
                move.at, move.reference, move.title, move.starts_on, what, amount, balance
            )
        )
    return Section(opening.currency, opening, earned, paid_out, balance, tuple(lines))
