"""A booking's payments and refunds as lines, for whoever sees the booking."""

from dataclasses import dataclass
from datetime import date

from ecosystem.domain.booking import ACCOUNT, SOLD, UNDECIDED
from ecosystem.domain.changes import RefundView
from ecosystem.domain.language import _
from ecosystem.domain.views import BookingView, PaymentView
from ecosystem.state import formats
from ecosystem.state.booking_words import payment_kind, payment_words
from ecosystem.state.change_words import refund_kind, refund_words


@dataclass(frozen=True)
class PaymentLine:
    """``href`` leads to the payment page while it can be paid; ``tone`` is bad news or not."""

    label: str = ""
    detail: str = ""
    amount: str = ""
    href: str = ""
    tone: str = "plain"


def asked_for(booking: BookingView) -> list[PaymentView]:
    """What somebody may still pay, in the order in which it falls due."""
    stands = booking.status == "pending_payment" or booking.status in SOLD
    return [
        p
        for p in booking.payments
        if p.status in UNDECIDED and not p.closed and (stands or p.kind == ACCOUNT)
    ]


def payment_lines(booking: BookingView, today: date) -> list[PaymentLine]:
    """What was asked for, then what goes back. ``today`` is local to the destination."""
    open_ = asked_for(booking)
    lines = [_payment(p, today, alive=p in open_) for p in booking.payments]
    return lines + [_refund(refund) for refund in booking.refunds]


def _payment(payment: PaymentView, today: date, *, alive: bool) -> PaymentLine:
    amount = formats.money(payment.amount)
    label = payment_kind(payment.kind)
    if payment.status in UNDECIDED and not alive:
        return PaymentLine(label, _("not asked for any more"), amount)
    paid = formats.full_day(payment.paid_at.date()) if payment.paid_at else None
    due = formats.full_day(payment.due_on)
    said, tone = payment_words(payment.status, due=due, paid=paid), "plain"
    if payment.status == "due" and payment.due_on < today:
        said, tone = _("was due on {day}").format(day=due), "bad"
    elif payment.status == "failed":
        # Why is told to who may pay again, not to who knows the reference alone.
        said, tone = (payment.pay_path and payment.failure) or said, "bad"
    elif payment.status == "partially_refunded" and payment.refunded.minor:
        back = formats.money(payment.refunded)
        said = _("{amount} of it goes back").format(amount=back)
        said = f"{payment_words('paid', due=due, paid=paid)}, {said}"
    return PaymentLine(label, said, amount, payment.pay_path if alive else "", tone)


def _refund(refund: RefundView) -> PaymentLine:
    day = formats.full_day(refund.at.date())
    tone = "bad" if refund.state == "failed" else "plain"
    said = refund_words(refund.state, day)
    return PaymentLine(refund_kind(refund), said, formats.money(-refund.amount), "", tone)
