"""What a booking asks for: everything, or a deposit and the balance later."""

from datetime import date, datetime
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import bookings
from ecosystem.database.tables import Payment
from ecosystem.domain.errors import Conflict
from ecosystem.domain.ids import secret_token
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price
from ecosystem.services.payments.settling import Settling

OPEN = ("due", "failed")


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


class Asking(Settling):
    """Changing what an unpaid booking asks for."""

    def ask_for(self, booking_id: UUID, pay: str) -> None:
        """Let an unpaid booking ask for the other amount: what is shown is what is charged.

        The page with the old amount is ended first. If it has been paid meanwhile, that
        payment counts and nothing else changes.

        Raises:
            Unavailable: Stripe does not answer; the old page may still be open.
        """
        with self._database.unit(RDS) as session:
            before = bookings.payments(session, [booking_id])
        if not _differs(before, pay):
            return
        for payment in before:
            if payment.stripe_session_id is not None:
                self._stripe.expire_checkout(payment.stripe_session_id)
                self.settle(payment.stripe_session_id)
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            booking = self._lock_for(session, before[0].id)
            rows = bookings.payments(session, [booking_id])
            if booking.status != "pending_payment" or not _differs(rows, pay):
                return
            first, *rest = asked(booking_id, Price.from_json(booking.price), pay, now)
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


def _differs(payments: list[Payment], pay: str) -> bool:
    """Whether all of it is still open and was chosen otherwise."""
    chosen = "full" if [p.kind for p in payments] == ["full"] else "deposit"
    return bool(payments) and chosen != pay and all(p.status in OPEN for p in payments)
