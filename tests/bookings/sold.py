"""A sold trip whose parties can be paid, and what the books and Stripe say of it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.database.queries import bookings, ledger
from ecosystem.domain import ledger as postings
from ecosystem.domain.actor import Actor
from ecosystem.domain.ids import uuid7
from ecosystem.domain.money import Money
from ecosystem.domain.split import split
from ecosystem.services import promises
from tests.product import Offer, Product

OPS = Actor(role="ops", source="cognito", user_id=uuid7(), email="ops@example.com")


@dataclass
class Sold:
    """One confirmed booking."""

    product: Product
    offer: Offer
    booking: Any

    @property
    def id(self) -> UUID:
        return self.booking.id

    def account(self) -> str:
        return account_of(self.offer)

    def balances(self) -> dict[str, int]:
        """By account of the ledger, without those at zero."""
        rows = self.rows(
            "select account, sum(amount_minor) as rest from ledger_entries"
            " where booking_id = :id group by account having sum(amount_minor) <> 0"
        )
        return {row.account: int(row.rest) for row in rows}

    def rows(self, sql: str) -> list[Any]:
        with self.product.database.unit(RDS) as session:
            return list(session.execute(text(sql), {"id": self.id}))

    def transfers(self) -> list[Any]:
        return self.rows("select * from transfers where booking_id = :id order by created_at, id")

    def refunds(self) -> list[Any]:
        return self.rows("select * from refunds where booking_id = :id order by created_at, id")

    def reversals(self) -> list[Any]:
        return self.rows(
            "select * from transfer_reversals where booking_id = :id order by created_at, id"
        )

    def at_stripe(self, account: str = "") -> int:
        """What an account has there in the booking's currency."""
        options: Any = {"stripe_account": account or self.account()}
        found = self.product.stripe.stripe.v1.balance.retrieve(options=options)
        currency = self.booking.total.currency.lower()
        return sum(i.amount for i in [*found.available, *found.pending] if i.currency == currency)

    def pay_out_at_once(self) -> None:
        """Let the operator be paid on confirmation."""
        pay_after(self.product, self.offer, "confirmation")

    def due(self) -> None:
        """Work out what is due and carry everything out."""
        while self.product.services.transfers.step():
            pass
        self.product.work()

    def repriced(self, total: int) -> None:
        """What a change of the booking commits: another price, the rest goes back."""
        now = self.product.services.clock.now()
        with self.product.database.unit(RDS) as session:
            row = bookings.lock(session, self.id)
            assert row is not None
            before, after = Money(row.total_minor, row.currency), Money(total, row.currency)
            by_agency = row.agency_id is not None
            posting = postings.repriced(
                uuid7(),
                before,
                after,
                split(before, row.commission_percent, by_agency=by_agency),
                split(after, row.commission_percent, by_agency=by_agency),
            )
            ledger.post(session, self.id, [posting], now)
            bookings.change(session, self.id, total_minor=total)
            paid = [p for p in bookings.payments(session, [self.id]) if p.paid_at is not None]
            surplus = sum(p.amount_minor - p.refunded_minor for p in paid) - total
            for payment in reversed(paid):
                amount = min(surplus, payment.amount_minor - payment.refunded_minor)
                if amount > 0:
                    back = Money(amount, payment.currency)
                    promises.refund(session, payment, back, "change", now)
                    surplus -= amount
            promises.take_back(session, self.id, "change", now)


def account_of(offer: Offer) -> str:
    return f"acct_{offer.operator_id.hex[-12:]}"


def onboarded(product: Product, offer: Offer) -> None:
    """The operator's account exists at Stripe and can receive."""
    account = {"id": account_of(offer), "created": 1_700_000_000, "country": "IT"}
    product.stripe.control("fixtures", {"accounts": [account]})


def pay_after(product: Product, offer: Offer, moment: str, days: int = 1) -> None:
    with product.database.unit(RDS) as session:
        session.execute(
            text(
                "insert into operator_terms (operator_id, pay_after, pay_after_days)"
                " values (:id, :moment, :days) on conflict (operator_id)"
                " do update set pay_after = :moment, pay_after_days = :days"
            ),
            {"id": offer.operator_id, "moment": moment, "days": days},
        )


def sell(
    product: Product, *, pay: str = "full", card: str = "4242 4242 4242 4242", **offered: Any
) -> Sold:
    """Put a trip on sale, book it and pay its first amount."""
    made = product.offer(**offered)
    onboarded(product, made)
    booking = product.book(product.hold(made), pay=pay)
    product.pay(product.session_of(booking), card)
    product.services.payments.settle(product.session_of(booking))
    product.work()
    return Sold(product, made, booking)
