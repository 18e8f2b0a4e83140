"""What a booking asks for: everything, or a deposit and the balance later."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import bookings, seats
from ecosystem.database.tables import Payment
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.booking import ACCOUNT
from ecosystem.domain.errors import Conflict, Unavailable
from ecosystem.domain.ids import secret_token
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price
from ecosystem.services.agency_sales import booked_price
from ecosystem.services.payments.base import by_agency
from ecosystem.services.payments.settling import Settling

OPEN = ("due", "failed")


@dataclass(frozen=True)
class Wanted:
    """What a booking cost until now, what its hold costs, and the payments that asks for."""

    price_before: dict[str, Any]
    price: dict[str, Any]
    payments: list[Payment]

    def differs(self, standing: list[Payment]) -> bool:
        """Whether all that stands is still open, and something else is wanted."""
        stands = [(payment.kind, payment.amount_minor) for payment in standing]
        wants = [(payment.kind, payment.amount_minor) for payment in self.payments]
        still_open = bool(standing) and all(payment.status in OPEN for payment in standing)
        return still_open and (stands != wants or self.price_before != self.price)


def asked(booking_id: UUID, price: Price, pay: str, now: datetime) -> list[Payment]:
    """The payments of a booking, in the order in which they fall due.

    Raises:
        Conflict: the trip costs nothing, so there is nothing to pay.
    """

    def ask(kind: str, amount: Money, due_on: date | None) -> Payment:
        return Payment(
            booking_id=booking_id,
            kind=kind,
            currency=amount.currency,
            amount_minor=amount.minor,
            due_on=due_on or now.date(),
            pay_token=secret_token(),
        )

    if pay == "deposit" and price.deposit is not None:
        return [
            ask("deposit", price.deposit, None),
            ask("balance", price.total - price.deposit, price.balance_due_on),
        ]
    if price.total.minor == 0:
        raise Conflict(_("This trip has no price yet and can't be booked."), code="no_price")
    return [ask("full", price.total, None)]


def on_account(
    booking_id: UUID, price: Price, days: int, starts_on: date, now: datetime
) -> list[Payment]:
    """What an agency owes that collects from its client itself: within ``days``, and by the
    departure at the latest.

    Raises:
        Conflict: the trip costs nothing.
    """
    [payment] = asked(booking_id, price, "full", now)
    payment.kind = ACCOUNT
    payment.due_on = min(now.date() + timedelta(days=days), starts_on)
    return [payment]


class Asking(Settling):
    """Changing what an unpaid booking asks for."""

    def ask_for(self, booking_id: UUID, pay: str) -> None:
        """Let an unpaid booking cost what its hold costs by now, asked for as ``pay`` says; what
        an agency owes on account stays as it is.

        What is shown is what is charged: the page with the old amount is ended first. If it has
        been paid meanwhile, that payment counts and nothing else changes.

        Raises:
            Unavailable: Stripe does not answer; the old page may still be open.
        """
        with self._database.unit(RDS) as session:
            before = bookings.payments(session, [booking_id])
            if any(by_agency(payment) for payment in before):
                return
            wanted = self._wanted(session, booking_id, pay)
        if not wanted.differs(before):
            return
        for payment in before:
            if payment.stripe_session_id is not None:
                self._stripe.expire_checkout(payment.stripe_session_id)
                self.settle(payment.stripe_session_id)
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            booking = self._lock_for(session, before[0].id)
            rows = bookings.payments(session, [booking_id])
            wanted = self._wanted(session, booking_id, pay)
            if booking.status != "pending_payment" or not wanted.differs(rows):
                return
            ended = {None, *(payment.stripe_session_id for payment in before)}
            if any(row.stripe_session_id not in ended for row in rows):
                # Another tab has just opened a page with the old amount.
                raise Unavailable(
                    _("This booking is being changed. Try again in a moment."), code="busy"
                )
            first, *rest = wanted.payments
            bookings.change(
                session,
                booking_id,
                price=wanted.price,
                total_minor=sum(payment.amount_minor for payment in wanted.payments),
            )
            bookings.change_payment(
                session,
                rows[0].id,
                kind=first.kind,
                amount_minor=first.amount_minor,
                due_on=first.due_on,
                status="due",
                failure=None,
                stripe_session_id=None,
                checkout_url=None,
                # The next page is another attempt, with a key of its own.
                session_expires_at=now,
                updated_at=now,
            )
            bookings.remove_payments(session, [row.id for row in rows[1:]])
            session.add_all(rest)

    def _wanted(self, session: RoutedSession, booking_id: UUID, pay: str) -> Wanted:
        booking = bookings.get(session, booking_id)
        assert booking is not None
        claim = seats.find_claim(session, booking.claim_id)
        assert claim is not None  # a booking's foreign key
        payments = asked(booking_id, Price.from_json(claim.price), pay, self._clock.now())
        return Wanted(booking.price, booked_price(claim), payments)
