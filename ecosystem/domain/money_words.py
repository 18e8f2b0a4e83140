"""Why these amounts: the ledger of a booking in words, for each of those it concerns. Pure.

Everybody sees the accounts that are theirs; the other parties' entries of the same posting are
folded into one, so that what is shown still sums to zero. Postings that concern only others
(their payouts, the processor's fees) are left out. Operations see everything.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Literal
from uuid import UUID

from ecosystem.domain.language import _
from ecosystem.domain.ledger import (
    AGENCY_PAYABLE,
    BANK,
    BUYER_RECEIVABLE,
    DISPUTES,
    OPERATOR_PAYABLE,
    PLATFORM_CASH,
    PLATFORM_REVENUE,
    PROCESSING_FEES,
    REFUNDS,
)
from ecosystem.domain.money import Money

Reader = Literal["buyer", "operator", "agency", "ops"]

OTHERS = "other_parties"
"""The account into which the entries of other parties are folded."""

_ALL = (
    BUYER_RECEIVABLE,
    PLATFORM_CASH,
    OPERATOR_PAYABLE,
    AGENCY_PAYABLE,
    PLATFORM_REVENUE,
    PROCESSING_FEES,
    REFUNDS,
    DISPUTES,
    BANK,
)
_BUYERS = (BUYER_RECEIVABLE, REFUNDS)
_OWN: dict[Reader, tuple[str, ...]] = {
    "buyer": _BUYERS,
    "operator": (*_BUYERS, OPERATOR_PAYABLE),
    "agency": (*_BUYERS, AGENCY_PAYABLE),
    "ops": _ALL,
}
"""What concerns a reader. Cash and bank are shown beside it, as what moved."""

_MOVED = (PLATFORM_CASH, BANK)


@dataclass(frozen=True)
class Fact:
    """One entry of the ledger: debit positive, credit negative."""

    posting: UUID
    at: datetime
    account: str
    amount: Money
    cause: str
    memo: str = ""


@dataclass(frozen=True)
class MoneyLine:
    """What happened, in words. ``amount`` is positive for what the words say."""

    at: datetime
    text: str
    amount: Money


@dataclass(frozen=True)
class MoneySum:
    label: str
    amount: Money


@dataclass(frozen=True)
class MoneyExplained:
    """``entries`` sum to zero per currency; ``lines`` tell them; ``sums`` is where it stands."""

    reference: str
    entries: tuple[Fact, ...]
    lines: tuple[MoneyLine, ...]
    sums: tuple[MoneySum, ...]


def explain(reference: str, facts: Sequence[Fact], reader: Reader) -> MoneyExplained:
    """The ledger of a booking for one of its readers.

    Args:
        facts: all entries of the booking, in order, those of a posting next to each other.
    """
    shown: list[Fact] = []
    lines: list[MoneyLine] = []
    for _posting, entries in groupby(facts, key=lambda fact: fact.posting):
        posting = _folded(list(entries), _OWN[reader])
        if posting:
            shown += posting
            lines += _told(posting, reader)
    return MoneyExplained(reference, tuple(shown), tuple(lines), tuple(_sums(shown, reader)))


def _folded(posting: list[Fact], own: Sequence[str]) -> list[Fact]:
    if not any(fact.account in own for fact in posting):
        return []
    kept = [fact for fact in posting if fact.account in own or fact.account in _MOVED]
    rest = [fact for fact in posting if fact not in kept]
    minor = sum(fact.amount.minor for fact in rest)
    if minor:
        first = rest[0]
        amount = Money(minor, first.amount.currency)
        kept.append(Fact(first.posting, first.at, OTHERS, amount, first.cause))
    return kept


def kind_of(cause: str) -> str:
    """What sort of fact a cause names: ``sold paid unwanted fee changed refund_owed
    refund_sent refund_failed refund_by_hand refund_by_bank given_back transferred reversed disputed dispute_fee
    dispute_won dispute_lost adjusted``; empty for none of them."""
    what, *rest = cause.split(":")
    last = rest[-1] if rest else ""
    match what:
        case "booking":
            return {"sold": "sold", "cancelled": "changed"}.get(last, "")
        case "payment" if last == "paid":
            # A payment page in the cause: money that came for nothing.
            return "paid" if len(rest) == 2 else "unwanted"
        case "payment":
            return "fee" if last == "fee" else ""
        case "change":
            return "changed"
        case "refund":
            word = f"refund_{last}"
            return word if word in _WORDS else "given_back"
        case "dispute":
            named = {"opened": "disputed"}.get(last, f"dispute_{last}")
            return named if named in _WORDS else ""
        case "transfer" | "reversal" | "adjustment":
            return {"transfer": "transferred", "reversal": "reversed"}.get(what, "adjusted")
    return ""


def _told(posting: list[Fact], reader: Reader) -> Iterator[MoneyLine]:
    by_account = {fact.account: fact for fact in posting}
    kind = kind_of(posting[0].cause)
    if kind in ("adjusted", ""):
        yield from _noted(posting)
        return
    account, sign, words = _WORDS[kind]
    main = by_account.get(account)
    if main is not None:
        yield MoneyLine(main.at, words(), main.amount * sign)
    for party, (earned, moved) in _shares().items():
        fact = by_account.get(party)
        if fact is None or fact is main or reader == "buyer":
            continue
        ours = reader != "ops"
        if kind in ("transferred", "reversed"):
            yield MoneyLine(fact.at, moved[kind][0 if ours else 1], fact.amount * _TAKEN[kind])
        else:
            yield MoneyLine(fact.at, earned[0 if ours else 1], -fact.amount)
    revenue = by_account.get(PLATFORM_REVENUE)
    if revenue is not None:
        yield MoneyLine(revenue.at, _("The marketplace's share of it"), -revenue.amount)


def _noted(posting: list[Fact]) -> Iterator[MoneyLine]:
    """What people of operations booked, in their words: less owed by the buyer, or more to one
    of the parties, is a credit."""
    for fact in posting:
        if fact.memo and fact.account not in _MOVED:
            owed_by_buyer = fact.account == BUYER_RECEIVABLE
            yield MoneyLine(fact.at, fact.memo, fact.amount if owed_by_buyer else -fact.amount)


_TAKEN = {"transferred": 1, "reversed": -1}

_WORDS: dict[str, tuple[str, int, Callable[[], str]]] = {
    "sold": (BUYER_RECEIVABLE, 1, lambda: _("The price of the trip as it was booked")),
    "paid": (PLATFORM_CASH, 1, lambda: _("Paid")),
    "unwanted": (PLATFORM_CASH, 1, lambda: _("Paid, but too late or twice: it goes back")),
    "fee": (PROCESSING_FEES, 1, lambda: _("Kept by the payment processor")),
    "changed": (BUYER_RECEIVABLE, 1, lambda: _("The price changed by a cancellation or change")),
    "refund_owed": (REFUNDS, -1, lambda: _("Promised back to the buyer")),
    "refund_sent": (REFUNDS, 1, lambda: _("Sent back to the card")),
    "refund_failed": (REFUNDS, -1, lambda: _("The bank sent the refund back: it is still owed")),
    "refund_by_hand": (REFUNDS, 1, lambda: _("Given back by another way than the card")),
    "refund_by_bank": (REFUNDS, 1, lambda: _("Given back by another way than the card")),
    "given_back": (BUYER_RECEIVABLE, 1, lambda: _("Sent back to the card")),
    "disputed": (DISPUTES, 1, lambda: _("Taken by the buyer's bank, which disputes the payment")),
    "dispute_fee": (PROCESSING_FEES, 1, lambda: _("Kept by the processor for the dispute")),
    "dispute_won": (DISPUTES, -1, lambda: _("The dispute was won: the money is back")),
    "dispute_lost": (DISPUTES, -1, lambda: _("The dispute was lost")),
    "transferred": ("", 1, lambda: ""),
    "reversed": ("", 1, lambda: ""),
}
"""For each kind: the account whose entry tells it, its sign, and the words. The last two are
told by the parties' own accounts."""


def _shares() -> dict[str, tuple[tuple[str, str], dict[str, tuple[str, str]]]]:
    """For each party's account: its share of a fact, and payouts; to itself, and to operations."""
    return {
        OPERATOR_PAYABLE: (
            (_("Your share of it"), _("The operator's share of it")),
            {
                "transferred": (_("Paid out to you"), _("Paid out to the operator")),
                "reversed": (_("Taken back from you"), _("Taken back from the operator")),
            },
        ),
        AGENCY_PAYABLE: (
            (_("Your commission on it"), _("The agency's commission on it")),
            {
                "transferred": (_("Paid out to you"), _("Paid out to the agency")),
                "reversed": (_("Taken back from you"), _("Taken back from the agency")),
            },
        ),
    }


def _sums(shown: Sequence[Fact], reader: Reader) -> Iterator[MoneySum]:
    """Where it stands, by the balances of the accounts that are shown, per currency."""
    for currency in dict.fromkeys(fact.amount.currency for fact in shown):

        def over(account: str, *kinds: str, code: str = currency) -> Money:
            return Money(
                sum(
                    fact.amount.minor
                    for fact in shown
                    if fact.account == account
                    and fact.amount.currency == code
                    and (not kinds or kind_of(fact.cause) in kinds)
                ),
                code,
            )

        price = over(BUYER_RECEIVABLE, "sold", "changed")
        paid = over(PLATFORM_CASH, "paid", "unwanted")
        back = -over(PLATFORM_CASH, "refund_sent", "refund_failed", "given_back") - over(
            BANK, "refund_by_hand"
        )
        coming = -over(REFUNDS)
        open_ = over(BUYER_RECEIVABLE)
        yield MoneySum(_("Price"), price)
        yield MoneySum(_("Paid"), paid)
        if back.minor:
            yield MoneySum(_("Sent back"), back)
        if coming.minor:
            yield MoneySum(_("On its way back"), coming)
        yield MoneySum(_("Still to be paid"), open_)
        for party in (OPERATOR_PAYABLE, AGENCY_PAYABLE):
            if party in _OWN[reader]:
                yield from _party(party, reader, over)


def _party(account: str, reader: Reader, over: Callable[..., Money]) -> Iterator[MoneySum]:
    out = over(account, "transferred", "reversed")
    owed = -over(account)
    earned = owed + out
    if not (out.minor or earned.minor):
        return
    if reader == "ops":
        labels = {
            OPERATOR_PAYABLE: (_("Operator: earned"), _("Operator: paid out"), _("Operator: owed")),
            AGENCY_PAYABLE: (_("Agency: earned"), _("Agency: paid out"), _("Agency: owed")),
        }[account]
    else:
        labels = (_("Earned by you"), _("Paid out to you"), _("Still owed to you"))
    for label, amount in zip(labels, (earned, out, owed), strict=True):
        yield MoneySum(label, amount)
