"""Letters about money: received, due, declined, given back, and refunds that failed."""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import money_rows, seats
from ecosystem.database.tables import Booking, Payment, Refund
from ecosystem.domain import formats
from ecosystem.domain.agency_terms import ON_ACCOUNT
from ecosystem.domain.booking import SOLD
from ecosystem.domain.language import ENGLISH, N_, _, ngettext, speaking
from ecosystem.domain.money import Money
from ecosystem.services.emails.sending import Desk, amount_of, is_open, title_of, trip_facts
from ecosystem.services.emails.writing import Letter
from ecosystem.services.payments.base import by_agency


class _Said(NamedTuple):
    """Patterns with ``amount``, ``day``, ``reference`` and ``client``."""

    subject: str
    text: str


_ACCOUNT_BOOKED = _Said(
    "Booked for {client}: {reference}, {amount} due by {day}",
    "The seats are yours and the booking is confirmed. You collect from {client}; your agency owes"
    " {amount} by {day}.",
)
_ACCOUNT_DUE = _Said(
    "{amount} for {reference} is due by {day}",
    "Your agency owes {amount} for the trip of {client}, by {day}.",
)
_ACCOUNT_OVERDUE = _Said(
    "{amount} for {reference} is overdue",
    "{amount} for the trip of {client} was due on {day} and has not arrived. Until it is paid, your"
    " agency can't book with this operator on account.",
)
_ACCOUNT_RECEIVED = _Said(
    "We received {amount} for {reference}",
    "Your agency's payment of {amount} for the trip of {client} has arrived.",
)
_ACCOUNT_DECLINED = _Said(
    "Your payment for {reference} did not go through",
    "{amount} for the trip of {client} is still owed, by {day}. Try again, or with another card.",
)


class PaymentLetters:
    """Handlers of the outbox: each may be called any number of times for the same message."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def received(self, payload: dict[str, Any]) -> None:
        booking, payment = self._about(payload)
        if by_agency(payment):
            self._account(booking, payment, "received", _ACCOUNT_RECEIVED)
            return
        with speaking(booking.language):
            amount = amount_of(payment)
            letter = Letter(
                _("We received {amount} for {reference}").format(
                    amount=amount, reference=booking.reference
                ),
                [
                    _(
                        "Your payment of {amount} has arrived. Nothing else is needed for it."
                    ).format(amount=amount)
                ],
                trip_facts(booking),
                self._desk.trip(booking),
                self._desk.papers(booking, "invoice.pdf"),
            )
            self._desk.send(booking, f"received:{payment.id}", letter)

    def given_back(self, payload: dict[str, Any]) -> None:
        booking, _payments = self._desk.load(payload)
        with speaking(booking.language):
            amount = formats.money(Money(payload["amount"], payload["currency"]))
            slug = booking.snapshot["package"]["slug"]
            said = _(
                "We have given all of your payment of {amount} back to the card it came from;"
                " banks take 5 to 10 days to show it. You have no booking for this payment."
            ).format(amount=amount)
            letter = Letter(
                _("We gave back {amount}: {title}").format(amount=amount, title=title_of(booking)),
                [f"{_(payload['reason'])} {said}"],
                trip_facts(booking),
                (_("Find another date"), f"{self._desk.origin}/packages/{slug}"),
            )
            self._desk.send(
                booking, f"given_back:{payload['refund_id']}", letter, to=self._payer(booking)
            )

    def refund_sent(self, payload: dict[str, Any]) -> None:
        booking, refund = self._refund(payload)
        if refund.state not in ("pending", "succeeded", "by_hand"):
            return
        with speaking(booking.language):
            amount = formats.money(Money(refund.amount_minor, refund.currency))
            letter = Letter(
                _("{amount} is on its way back to you: {reference}").format(
                    amount=amount, reference=booking.reference
                ),
                [
                    _(
                        "We have sent {amount} back to the card it came from. Banks take 5 to 10"
                        " days to show it; nothing else is needed from you."
                    ).format(amount=amount)
                ],
                trip_facts(booking),
                self._desk.trip(booking),
                self._desk.papers(booking, "invoice.pdf") if booking.confirmed_at else (),
            )
            self._desk.send(
                booking, f"refund:{refund.id}:{refund.attempt}", letter, to=self._payer(booking)
            )

    def refund_failed(self, payload: dict[str, Any]) -> None:
        """To operations, in English: a person has to find another way for the money."""
        booking, refund = self._refund(payload)
        if refund.state != "failed":
            return
        with speaking(ENGLISH.code):
            amount = formats.money(Money(refund.amount_minor, refund.currency))
            letter = Letter(
                f"A refund of {amount} failed: {booking.reference}",
                [
                    f"The refund of {amount} to {booking.lead_name} could not be carried out:"
                    + f" {refund.failure or 'no reason given'}. It is still owed. Try again, or"
                    + " settle it by another way and record that."
                ],
                trip_facts(booking),
                ("See failed refunds", f"{self._desk.origin}/ops/payments"),
            )
            self._desk.send(
                booking,
                f"refund_failed:{refund.id}:{refund.attempt}",
                letter,
                to=self._desk.operations,
            )

    def balance_due(self, payload: dict[str, Any]) -> None:
        booking, payment = self._about(payload)
        if is_open(payment) and by_agency(payment):
            self._account(booking, payment, f"due:{payload['days']}", _ACCOUNT_DUE)
            return
        if not is_open(payment) or booking.status not in SOLD:
            return
        days = int(payload["days"])
        with speaking(booking.language):
            day = formats.weekday(payment.due_on)
            subject = (
                ngettext(
                    "{amount} is due in {count} day: {reference}",
                    "{amount} is due in {count} days: {reference}",
                    days,
                )
                if days
                else _("{amount} is due today: {reference}")
            )
            letter = Letter(
                subject.format(amount=amount_of(payment), count=days, reference=booking.reference),
                [
                    _("The rest of your trip's price, {amount}, is due by {day}.").format(
                        amount=amount_of(payment), day=day
                    )
                ],
                trip_facts(booking),
                (_("Pay {amount}").format(amount=amount_of(payment)), self._desk.pay_url(payment)),
                (self._desk.trip(booking),),
            )
            self._desk.send(booking, f"due:{payment.id}:{payment.due_on}:{days}", letter)

    def balance_overdue(self, payload: dict[str, Any]) -> None:
        booking, payment = self._about(payload)
        if is_open(payment) and by_agency(payment):
            self._account(booking, payment, "overdue", _ACCOUNT_OVERDUE)
            return
        if not is_open(payment) or booking.status not in SOLD:
            return
        cancels_on = payload.get("cancels_on", "")
        with speaking(booking.language):
            said = _("{amount} was due on {day} and has not arrived.").format(
                amount=amount_of(payment), day=formats.weekday(payment.due_on)
            )
            if cancels_on:
                warning = _(
                    "If it is not paid before {day}, your booking will be cancelled by its"
                    " cancellation policy."
                ).format(day=formats.weekday(date.fromisoformat(cancels_on)))
                said = f"{said} {warning}"
            letter = Letter(
                _("{amount} is overdue: {reference}").format(
                    amount=amount_of(payment), reference=booking.reference
                ),
                [said],
                trip_facts(booking),
                (_("Pay {amount}").format(amount=amount_of(payment)), self._desk.pay_url(payment)),
                (self._desk.trip(booking),),
            )
            self._desk.send(booking, f"overdue:{payment.id}:{payment.due_on}", letter)

    def declined(self, payload: dict[str, Any]) -> None:
        booking, payment = self._about(payload)
        if payment.status != "failed":
            return
        if by_agency(payment):
            self._account(booking, payment, f"declined:{payment.attempt}", _ACCOUNT_DECLINED)
            return
        with speaking(booking.language):
            reason = payment.failure or N_("The bank gave no reason.")
            paragraphs = [
                _("Your payment of {amount} did not go through: {reason}").format(
                    amount=amount_of(payment), reason=_(reason)
                )
            ]
            until = self._held_until(booking)
            if until:
                paragraphs.append(
                    _("Your seats stay yours until {moment}; try again, with another card.").format(
                        moment=until
                    )
                )
            letter = Letter(
                _("Your payment did not go through: {title}, {reference}").format(
                    title=title_of(booking), reference=booking.reference
                ),
                paragraphs,
                trip_facts(booking),
                (_("Pay {amount}").format(amount=amount_of(payment)), self._desk.pay_url(payment)),
            )
            self._desk.send(booking, f"declined:{payment.id}:{payment.attempt}", letter)

    def booked_on_account(self, payload: dict[str, Any]) -> None:
        """To the agency that collects from its client: what it owes, and by when."""
        booking, payments = self._desk.load(payload)
        for payment in payments:
            if by_agency(payment):
                self._account(booking, payment, "booked", _ACCOUNT_BOOKED)

    def _payer(self, booking: Booking) -> str | None:
        """Where to write about money that came from an agency which collects itself; None for
        the lead traveller."""
        return self._desk.agency(booking) if booking.agency_model == ON_ACCOUNT else None

    def _account(self, booking: Booking, payment: Payment, kind: str, said: _Said) -> None:
        """A letter to an agency about what it owes, in English as its desk."""
        with speaking(ENGLISH.code):
            values = {
                "amount": amount_of(payment),
                "day": formats.weekday(payment.due_on),
                "reference": booking.reference,
                "client": booking.lead_name,
            }
            pay = (f"Pay {values['amount']}", self._desk.pay_url(payment))
            see = ("See the booking", f"{self._desk.origin}/trips/{booking.reference}")
            letter = Letter(
                said.subject.format(**values),
                [said.text.format(**values)],
                [*trip_facts(booking), f"Client: {booking.lead_name}"],
                pay if is_open(payment) else see,
                (see,) if is_open(payment) else (),
            )
            self._desk.send(
                booking,
                f"account:{kind}:{payment.id}:{payment.due_on}",
                letter,
                to=self._desk.agency(booking),
            )

    def _held_until(self, booking: Booking) -> str:
        if booking.status != "pending_payment":
            return ""
        with self._desk.database.unit(RDS) as session:
            claim = seats.find_claim(session, booking.claim_id)
        if claim is None:
            return ""
        return formats.moment(claim.expires_at, booking.timezone)

    def _about(self, payload: dict[str, Any]) -> tuple[Booking, Payment]:
        booking, payments = self._desk.load(payload)
        return booking, next(p for p in payments if str(p.id) == payload["payment_id"])

    def _refund(self, payload: dict[str, Any]) -> tuple[Booking, Refund]:
        booking, _payments = self._desk.load(payload)
        with self._desk.database.unit(RDS) as session:
            refund = money_rows.refund(session, UUID(payload["refund_id"]))
            assert refund is not None  # refunds are never deleted
            return booking, refund
