"""The invoice of a booking, and a correction for each change of its price.

Prices include tax: of an amount with ``p`` per cent in it, ``amount × p / (100 + p)`` is tax,
rounded half up to a minor unit.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ecosystem.database.tables import BookingChange
from ecosystem.domain import formats
from ecosystem.domain.agency_terms import ON_ACCOUNT
from ecosystem.domain.changes import subject_of
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.domain.price import Line, Price
from ecosystem.domain.price_words import what
from ecosystem.services.documents.booking_file import BookingFile
from ecosystem.services.documents.paper import Column, Paper
from ecosystem.services.places.countries import country_name


def included_tax(amount: Money, percent: Decimal) -> Money:
    """The tax inside an amount that includes it."""
    return Money.from_decimal(amount.decimal * percent / (100 + percent), amount.currency)


def invoice(file: BookingFile, origin: str) -> bytes:
    """A PDF in the language of the context: the booking as it was sold, corrections on pages
    of their own, then what was paid and what went back."""
    booking = file.booking
    title = _("Invoice {number}").format(number=booking.reference)
    paper = Paper(
        title,
        made=booking.updated_at,
        sender=_seller(file),
        foot=booking.reference,
        code=f"{origin}/trips/{booking.reference}",
    )
    paper.below_code()
    assert booking.confirmed_at is not None  # an unconfirmed booking has no invoice
    _parties(paper, file, booking.confirmed_at)
    lines = _sold_lines(file)
    paper.heading(_("What was booked"))
    paper.table(
        _columns(),
        [
            (_capital(what(line)), formats.number(line.quantity), formats.money(line.amount))
            for line in lines
        ],
        totals=_totals(file, file.sold_for),
    )
    for number, change in enumerate(_priced(file.changes), start=1):
        paper.new_page()
        _correction(paper, file, change, number)
    _settlement(paper, file)
    return paper.finished()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _seller(file: BookingFile) -> str:
    return file.terms.invoice_name or str(file.booking.snapshot["operator"]["name"])


def _parties(paper: Paper, file: BookingFile, at: datetime) -> None:
    booking, operator, terms = file.booking, file.operator, file.terms
    address = terms.invoice_address or f"{operator.city}, {country_name(operator.country)}"
    tax_number = _("Tax number {number}").format(number=terms.tax_number)
    seller = [_seller(file), address, tax_number if terms.tax_number else ""]
    buyer = [booking.lead_name, booking.lead_email]
    if booking.agency_model == ON_ACCOUNT:
        buyer = [file.agency]
    paper.facts(
        [
            (_("Date"), _day(at, booking.timezone)),
            (_("Seller"), "\n".join(part for part in seller if part)),
            (_("Buyer"), "\n".join(buyer)),
            (_("Travel agency"), file.agency),
            (_("Booking"), booking.reference),
            (_("Trip"), str(booking.snapshot["package"]["title"])),
            (_("Dates"), formats.days(booking.starts_on, booking.ends_on)),
        ]
    )


def _columns() -> tuple[Column, ...]:
    return (Column(_("What"), 5), Column(_("Quantity"), 1, "end"), Column(_("Amount"), 1.6, "end"))


def _totals(file: BookingFile, total: Money) -> list[tuple[str, str, str]]:
    rows = [(_("Total"), "", formats.money(total))]
    percent = file.terms.tax_percent
    if percent:
        rows.append(
            (
                _("of which tax, {percent} %").format(percent=f"{percent.normalize():f}"),
                "",
                formats.money(included_tax(total, percent)),
            )
        )
    return rows


def _sold_lines(file: BookingFile) -> Sequence[Line]:
    """The lines that were sold. Changes replace the booking's own and the held ones: the first
    change has kept them. Where one of before did not, and no copy is left, the trip is one line."""
    was = [Price.from_json(one.detail["was"]) for one in file.changes[:1] if "was" in one.detail]
    for price in (*was, file.held, Price.from_json(file.booking.price)):
        if price is not None and price.total == file.sold_for:
            return price.lines
    title = str(file.booking.snapshot["package"]["title"])
    return (Line("trip", title, 1, file.sold_for),)


def _priced(changes: Sequence[BookingChange]) -> list[BookingChange]:
    return [change for change in changes if change.before_minor != change.after_minor]


def _correction(paper: Paper, file: BookingFile, change: BookingChange, number: int) -> None:
    less = change.after_minor < change.before_minor
    by = Money(abs(change.after_minor - change.before_minor), change.currency)
    named = f"{file.booking.reference}-{number}"
    title = _("Credit note {number}") if less else _("Additional invoice {number}")
    paper.heading(title.format(number=named))
    paper.facts(
        [
            (_("Date"), _day(change.done_at or change.created_at, file.booking.timezone)),
            (_("Seller"), _seller(file)),
            (_("Buyer"), file.booking.lead_name),
            (_("Corrects invoice"), file.booking.reference),
            (_("Reason"), _reason(change)),
            (_("Price before"), formats.money(Money(change.before_minor, change.currency))),
            (_("Price after"), formats.money(Money(change.after_minor, change.currency))),
        ]
    )
    shown = -by if less else by
    paper.gap(2)
    paper.table(
        _columns(),
        [(_reason(change), "1", formats.money(shown))],
        totals=_totals(file, shown),
    )


def _reason(change: BookingChange) -> str:
    subject = subject_of(change.kind, change.detail)
    words = {
        "cancelled": _("The booking was cancelled"),
        "traveller_cancelled": _("A traveller was cancelled"),
        "addon_cancelled": _("An extra was cancelled"),
        "date_changed": _("The dates were changed"),
    }[change.kind]
    return f"{words}: {subject}" if subject else words


def _settlement(paper: Paper, file: BookingFile) -> None:
    zone = file.booking.timezone
    rows = [
        (
            _day(payment.paid_at, zone),
            _("Paid by card"),
            formats.money(Money(payment.amount_minor, payment.currency)),
        )
        for payment in file.received
        if payment.paid_at
    ]
    rows += [
        (
            _day(refund.created_at, zone),
            _refund_words(refund.state),
            formats.money(-Money(refund.amount_minor, refund.currency)),
        )
        for refund in file.returned
    ]
    paper.heading(_("Payments"))
    if file.changes:
        now = formats.money(file.costs)
        paper.text(_("With all corrections the trip costs {amount}.").format(amount=now))
    columns = (Column(_("Date"), 1.6), Column(_("What"), 4.4), Column(_("Amount"), 1.6, "end"))
    open_ = file.open if file.open.minor > 0 else Money.zero(file.booking.currency)
    paper.table(columns, rows, totals=[(_("Still to be paid"), "", formats.money(open_))])


def _refund_words(state: str) -> str:
    match state:
        case "succeeded":
            return _("Refunded to the card")
        case "by_hand":
            return _("Refunded by another way")
        case _:
            return _("Refund on its way")


def _day(at: datetime, timezone: str) -> str:
    return formats.full_day(at.astimezone(ZoneInfo(timezone)).date())
