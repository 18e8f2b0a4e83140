"""A booking in the words of its trip page."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from ecosystem.domain.booking import SOLD
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.domain.views import BookingView, PaymentView, Stay
from ecosystem.state import formats
from ecosystem.state.booking_words import TONES, status_words
from ecosystem.state.checkout_view import party
from ecosystem.state.package_view import PriceLine, StayLine, price_lines, stay_lines
from ecosystem.state.payment_lines import PaymentLine, asked_for, payment_lines
from ecosystem.state.policy import PolicyLine, policy_lines


@dataclass(frozen=True)
class TripPage:
    """Everything of a booking that its page shows."""

    reference: str = ""
    status: str = ""
    tone: str = "plain"
    sentence: str = ""
    title: str = ""
    package_href: str = ""
    operator: str = ""
    operator_href: str = ""
    agency: str = ""
    when: str = ""
    party: str = ""
    lead: str = ""
    reach: str = ""
    """Where the person who booked is reached: e-mail, and telephone if it was given."""
    stays: list[StayLine] = field(default_factory=list)
    lines: list[PriceLine] = field(default_factory=list)
    total: str = ""
    paid: str = ""
    kept: str = ""
    """What of a cancelled booking does not come back."""
    due: str = ""
    payments: list[PaymentLine] = field(default_factory=list)
    sending: bool = False
    """Whether a refund is being sent at this moment."""
    held: str = ""
    held_utc: str = ""
    pay_href: str = ""
    pay_label: str = ""
    policy: list[PolicyLine] = field(default_factory=list)
    masked: bool = False
    billed: str = ""
    """What is said instead of amounts to a traveller whose agency collects."""
    voucher: str = ""
    invoice: str = ""
    calendar: str = ""
    """Addresses of the documents, empty for those that there are not."""


def trip_page(booking: BookingView, now: datetime, key: str = "") -> TripPage:
    """The page of a booking at ``now``. ``key`` is the one in the page's address, if any."""
    # The difference for another date need not be paid: it is asked for beside the change.
    unpaid = next((p for p in asked_for(booking) if p.kind != "change"), None)
    today = now.astimezone(ZoneInfo(booking.timezone)).date()
    cancelled = booking.status == "cancelled"
    held = booking.held_until if booking.held_until and booking.held_until > now else None
    return TripPage(
        reference=booking.reference,
        status=status_words(booking.status),
        tone=TONES[booking.status],
        sentence=_sentence(booking, unpaid, today),
        title=booking.package_title,
        package_href=f"/packages/{booking.package_slug}",
        operator=booking.operator_name,
        operator_href=f"/operators/{booking.operator_slug}",
        agency=booking.agency_name,
        when=formats.days(booking.starts_on, booking.ends_on),
        party=party(booking.adults, booking.children),
        lead=booking.lead_name,
        reach=" · ".join(filled for filled in (booking.lead_email, booking.lead_phone) if filled),
        stays=stay_lines(stays(booking)),
        lines=price_lines(booking.price),
        total=formats.money(booking.total),
        paid="" if cancelled else formats.money(booking.paid),
        kept=formats.money(booking.paid) if cancelled else "",
        due=formats.money(booking.due) if booking.due.minor else "",
        payments=payment_lines(booking, today),
        sending=any(refund.state == "wanted" for refund in booking.refunds),
        held=held.isoformat() if held else "",
        held_utc=f"{formats.clock_time(held)} UTC" if held else "",
        pay_href=unpaid.pay_path if unpaid else "",
        pay_label=_("Pay {amount}").format(amount=formats.money(unpaid.amount)) if unpaid else "",
        policy=policy_lines(booking.cancellation, today) if booking.status in SOLD else [],
        masked=booking.masked,
        billed=_("{agency} bills this trip to you. Ask there about payments and changes.").format(
            agency=booking.agency_name
        )
        if booking.billed_by_agency
        else "",
        **_documents(booking, key),
    )


def _documents(booking: BookingView, key: str) -> dict[str, str]:
    """The addresses of the documents that there are: the first payment confirms a booking."""
    confirmed = booking.status in SOLD or (
        booking.status == "cancelled" and any(payment.paid_at for payment in booking.payments)
    )
    if booking.masked or not confirmed:
        return {}
    asked = f"?{urlencode({'key': key})}" if key else ""
    names = {"calendar": "calendar.ics"}
    if not booking.billed_by_agency:
        names["invoice"] = "invoice.pdf"
    if booking.status in SOLD:
        names["voucher"] = "voucher.pdf"
    address = f"/api/bookings/{booking.reference}"
    return {name: f"{address}/{file}{asked}" for name, file in names.items()}


def stays(booking: BookingView) -> list[Stay]:
    """The cities as they were sold."""
    known = Stay.__dataclass_fields__
    return [Stay(**{k: v for k, v in stay.items() if k in known}) for stay in booking.stays]


def waiting(booking: BookingView) -> bool:
    """Whether a payment that was just made has not arrived here yet."""
    if booking.status == "pending_payment":
        return True
    return booking.status == "confirmed" and any(
        payment.status == "processing" for payment in asked_for(booking)
    )


def _sentence(booking: BookingView, unpaid: PaymentView | None, today: date) -> str:
    """How the booking stands, and what became of money that bought nothing."""
    said = [_standing(booking, unpaid, today), *_given_back(booking)]
    if any(payment.status == "disputed" for payment in booking.payments):
        said.append(_("The bank that issued the card has questioned a payment."))
    return " ".join(said)


def _given_back(booking: BookingView) -> Iterator[str]:
    for refund in booking.refunds:
        amount = formats.money(refund.amount)
        if refund.reason == "late":
            yield _(
                "A payment came after the seats had gone: all of it, {amount}, goes back to the card."
            ).format(amount=amount)
        elif refund.reason == "twice":
            yield _(
                "It was paid twice: the second payment, {amount}, goes back to the card."
            ).format(amount=amount)
        if refund.state == "failed":
            yield _(
                "The bank sent a refund of {amount} back. We are looking into it and will write"
                " to you."
            ).format(amount=amount)


def _standing(booking: BookingView, unpaid: PaymentView | None, today: date) -> str:
    match booking.status:
        case "pending_payment":
            if unpaid is not None and unpaid.status == "processing":
                return _("The bank is processing the payment. The seats stay yours meanwhile.")
            known = unpaid is not None and not booking.masked
            refused = f"{unpaid.failure} " if known and unpaid and unpaid.failure else ""
            return refused + _("Nothing has been paid yet.")
        case "confirmed" if unpaid is not None:
            amount, day = formats.money(unpaid.amount), formats.full_day(unpaid.due_on)
            if unpaid.status == "processing":
                return _(
                    "The seats are yours. The bank is processing the payment of {amount}."
                ).format(amount=amount)
            if unpaid.due_on < today:
                return _(
                    "The seats are yours, but {amount} was due by {day}. Pay it to keep them."
                ).format(amount=amount, day=day)
            return _("The seats are yours. {amount} is due by {day}.").format(
                amount=amount, day=day
            )
        case "confirmed" if booking.billed_by_agency:
            return _("The seats are yours.")
        case "confirmed":
            return _("Everything is paid and the seats are yours.")
        case "completed":
            return _("This trip is over. We hope it was a good one.")
        case "cancelled":
            return _cancelled(booking)
        case _:
            return _("It was not paid in time, so its seats are on sale again. Nothing is owed.")


def _cancelled(booking: BookingView) -> str:
    zero = Money.zero(booking.total.currency)
    back = sum((r.amount for r in booking.refunds if r.reason == "change"), zero)
    if back.minor and booking.paid.minor:
        return _(
            "This booking was cancelled. {back} goes back to the card, {kept} is kept."
        ).format(back=formats.money(back), kept=formats.money(booking.paid))
    if back.minor:
        return _("This booking was cancelled. {back} goes back to the card.").format(
            back=formats.money(back)
        )
    if booking.paid.minor:
        return _("This booking was cancelled. By its terms {kept} is kept.").format(
            kept=formats.money(booking.paid)
        )
    return _("This booking was cancelled. Nothing is owed.")
