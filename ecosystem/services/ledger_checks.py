"""Whether the ledger, our rows and Stripe's balance say the same.

The comparisons read the whole ledger, so the worker makes them, and pages show what it found
last, with the time.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ecosystem.database.placement import RDS
from ecosystem.database.queries import ledger_checks
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.ledger_checks import Check, Difference
from ecosystem.domain.money import Money
from ecosystem.services.ops_desk import only_ops
from ecosystem.services.ports import Clock
from ecosystem.services.ports import Payments as PaymentsPort

LOOKS = 3
"""Money that moves between the two readings of the ledger makes them differ for a moment."""

OFTEN = timedelta(minutes=10)
"""How often the worker makes the checks."""

_OWN: tuple[tuple[str, str, Callable[[RoutedSession], Sequence[Any]]], ...] = (
    ("bookings", "The entries of every booking sum to zero.", ledger_checks.bookings),
    ("paid", "What came in and stays is what the payments say.", ledger_checks.paid),
    ("refunds", "Refunds owed are the refunds not carried out yet.", ledger_checks.refunds),
    ("transfers", "What was sent to the parties is what the transfers say.", ledger_checks.transfers),
    ("payables", "Nobody has more than the own part of a booking.", ledger_checks.payables),
)  # fmt: skip
CASH = ("cash", "The marketplace's cash is its balance at Stripe.")


class LedgerChecks:
    """For operations and ``ecosystem doctor``."""

    def __init__(self, database: Database, stripe: PaymentsPort, clock: Clock) -> None:
        self._database = database
        self._stripe = stripe
        self._clock = clock

    def latest(self, actor: Actor) -> tuple[Check, ...]:
        """Every check as it was last made; made now if it never was.

        Raises:
            Forbidden: not somebody of operations.
        """
        only_ops(actor)
        return self._latest() or self._made()

    def run(self, actor: Actor) -> tuple[Check, ...]:
        """Every check, made now.

        Raises:
            Forbidden: not somebody of operations.
        """
        only_ops(actor)
        return self._made()

    def step(self) -> int:
        """Make the checks when the last time was long ago; a duty of the worker."""
        before = self._clock.now() - OFTEN
        if any(check.at is not None and check.at > before for check in self._latest()):
            return 0
        return len(self._made())

    def _latest(self) -> tuple[Check, ...]:
        with self._database.unit(RDS) as session:
            kept = ledger_checks.kept(session)
        rules = [(name, rule) for name, rule, _ in _OWN] + [CASH]
        if any(name not in kept for name, _ in rules):
            return ()
        return tuple(
            Check(
                name,
                rule,
                tuple(_from_json(one) for one in kept[name].differences),
                kept[name].silent,
                kept[name].at,
            )
            for name, rule in rules
        )

    def _made(self) -> tuple[Check, ...]:
        at = self._clock.now()
        found = tuple(replace(check, at=at) for check in self.look())
        rows = [
            {
                "name": check.name,
                "silent": check.silent,
                "differences": [_as_json(one) for one in check.differences],
            }
            for check in found
        ]
        with self._database.unit(RDS) as session:
            ledger_checks.keep(session, rows, at)
        return found

    def look(self) -> tuple[Check, ...]:
        """Every check, for the command line."""
        with self._database.unit(RDS) as session:
            own = [
                Check(name, rule, tuple(_difference(row) for row in find(session)))
                for name, rule, find in _OWN
            ]
        return (*own, self._cash())

    def _cash(self) -> Check:
        try:
            books, balance = self._books(), self._stripe.balance()
            for _ in range(LOOKS):
                before, books = books, self._books()
                if before == books:
                    break
                balance = self._stripe.balance()
        except EcosystemError as error:
            return Check(*CASH, silent=error.detail)
        nothing = {currency: Money.zero(currency) for currency in (*books, *balance)}
        differences = (
            Difference("", books.get(currency, zero), balance.get(currency, zero))
            for currency, zero in nothing.items()
        )
        return Check(*CASH, tuple(one for one in differences if one.rest.minor))

    def _books(self) -> dict[str, Money]:
        with self._database.unit(RDS) as session:
            return {
                currency: Money(minor, currency)
                for currency, minor in ledger_checks.cash(session).items()
            }


def _as_json(one: Difference) -> dict[str, Any]:
    return {
        "subject": one.subject,
        "currency": one.books.currency,
        "books": one.books.minor,
        "other": one.other.minor,
    }


def _from_json(kept: dict[str, Any]) -> Difference:
    currency = kept["currency"]
    return Difference(
        kept["subject"], Money(kept["books"], currency), Money(kept["other"], currency)
    )


def _difference(row: Any) -> Difference:
    return Difference(
        row.reference, Money(int(row.books), row.currency), Money(int(row.other), row.currency)
    )
